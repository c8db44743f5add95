"""Says what a profile comes to: fragments put together, places and defaults filled in; secrets stay references."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from difflib import ndiff
from pathlib import Path
from typing import Any

from synctool.config import layers
from synctool.config.document import Place, dump, mistake, plain
from synctool.config.filling import fill
from synctool.config.loading import load, words
from synctool.config.profile import DriveSettings, FilevineSettings, Notices, S3Settings, Watch
from synctool.core.policy import Brakes, Role

ORDER = (
    "version", "name", "enabled", "mode", "project", "timezone", "sides", "adopt", "folders", "only_folders", "rules",
    "conflicts", "deletes", "brakes", "holds", "watch", "max_age", "notices",
)  # fmt: skip
SIDES = {"filevine": FilevineSettings, "s3": S3Settings, "drive": DriveSettings}


def effective(path: Path) -> dict[str, Any]:
    """The whole of a profile as one document, in a fixed order; it loads to the same profile. Raises ProfileError."""
    policy = load(path, sides=()).policy
    top, _ = layers.read(path)
    said = plain(fill(top, {}, words(plain(top)), ())[0])
    peers = [side for side in policy.ranks if policy.role(side) is Role.PEER]
    sides = {
        name: _over({"kind": side["kind"], "role": "peer", **_defaults(SIDES[side["kind"]])}, side)
        for name, side in said["sides"].items()
    }
    whole = _over({**DEFAULTS, "deletes": {"from": peers, **DEFAULTS["deletes"]}}, said) | {"sides": sides}
    return {key: whole[key] for key in ORDER if key in whole}


def composed(path: Path) -> dict[str, Any]:
    """What a profile and the fragments that it extends say together, as they say it. Raises ProfileError."""
    load(path, sides=())
    said = plain(layers.read(path)[0])
    return {key: said[key] for key in ORDER if key in said}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two such documents, a line each: ``max_age: 24h -> 2h``, ``rules: + exclude: '*.tmp'``."""
    for key in dict.fromkeys((*before, *after)):
        yield from _changed(str(key), before.get(key), after.get(key))


def places(path: Path) -> Callable[[Place, str], str]:
    """What says of a value in a profile where it was written, as mistakes are told: ``file:line:column: text``."""
    top, _ = layers.read(path)
    return lambda place, text: str(mistake(top, place, text))


def _changed(key: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for inner in dict.fromkeys((*before, *after)):
            yield from _changed(f"{key}.{inner}", before.get(inner), after.get(inner))
    elif isinstance(before, list) or isinstance(after, list):
        lines = ndiff([_flow(line) for line in before or ()], [_flow(line) for line in after or ()])
        yield from (f"{key}: {line}" for line in lines if line[0] in "+-")
    else:
        yield f"{key}: {_flow(before)} -> {_flow(after)}"


def _flow(value: Any) -> str:
    """A value on one line."""
    return "nothing" if value is None else dump(value, one_line=True)


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Both as one; own wins."""
    joined = {
        key: _over(base[key], value) if isinstance(base.get(key), dict) and isinstance(value, dict) else value
        for key, value in own.items()
    }
    return {**base, **joined}


def _defaults(settings: type) -> dict[str, Any]:
    """What is not said of a side, where that is not nothing."""
    found = {each.name: each.default for each in fields(settings) if each.default is not MISSING}
    return {
        name: value for name, value in found.items() if isinstance(value, str | int | float) and value != ""
    }


_BRAKES = Brakes()
DEFAULTS: dict[str, Any] = {
    "enabled": True,
    "mode": "sync",
    "timezone": "UTC",
    "adopt": "content",
    "only_folders": False,
    "deletes": {"refused": "restore", "trash_days": 30},
    "brakes": {
        "deletes": {"count": _BRAKES.deletes_count, "share": _BRAKES.deletes_share},
        "overwrites": {"share": _BRAKES.overwrites_share},
        "shrunk": _BRAKES.shrunk,
    },
    "watch": {
        "settle_seconds": Watch().settle_seconds,
        "poll": "adaptive",
        "full_look_minutes": Watch().full_look_minutes,
    },
    "max_age": "24h",
    "notices": {"names": Notices().names},
}
"""What a profile means that says nothing; a test holds it against what loading makes of such a one."""
