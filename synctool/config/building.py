"""Builds settings and a policy out of what a checked document says."""

import re
from collections.abc import Mapping
from typing import Any

from synctool.config.meaning import Said
from synctool.config.profile import (
    TEMPLATE,
    DriveSettings,
    FilevineSettings,
    KeyAuth,
    Notices,
    S3Settings,
    Settings,
    TokenAuth,
    Watch,
)
from synctool.config.secrets import Secret
from synctool.core.patterns import Pattern
from synctool.core.policy import (
    Adopt,
    Brakes,
    ConflictRule,
    MappedFolder,
    Policy,
    Refused,
    Role,
    Rule,
    Settle,
)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_COMMON = {"kind", "role", "max_size"}


def build_settings(side: Said, project: str, secrets: Mapping[str, Secret]) -> Settings:
    """The settings of one side. project: the one at the top; secrets: those it signs in with, by field."""
    own: dict[str, Any] = {key: value for key, value in side.items() if key not in _COMMON}
    if side["kind"] == "drive":
        return DriveSettings(**own)
    if side["kind"] == "s3":
        prefix = own.get("prefix", "").rstrip("/")
        return S3Settings(**own | dict(secrets) | {"prefix": prefix and f"{prefix}/"})
    auth = own["auth"] | secrets
    sign_in = TokenAuth if auth.pop("mode") == "token" else KeyAuth
    number = str(own.get("project", project))
    urls = {key: value.rstrip("/") for key, value in own.items() if key.endswith("_url")}
    found = None if number in {"", TEMPLATE} else int(number)
    return FilevineSettings(**own | urls | {"auth": sign_in(**auth), "project": found})


def build_policy(said: Said) -> Policy:
    """Everything that the core decides by."""
    sides, deletes = said["sides"], said.get("deletes", {})
    return Policy(
        ranks=tuple(sides),
        roles={name: Role(side["role"]) for name, side in sides.items() if "role" in side},
        max_sizes={name: _bytes(side["max_size"]) for name, side in sides.items() if "max_size" in side},
        rules=tuple(_rule(line) for line in said.get("rules", ())),
        conflicts=tuple(_conflict(line) for line in said.get("conflicts", ())),
        deletes_from=frozenset(deletes["from"]) if "from" in deletes else None,
        refused=Refused(deletes.get("refused", "restore")),
        brakes=_brakes(said.get("brakes", {})),
        holds=tuple(map(Pattern, said.get("holds", ()))),
        folders=tuple(_folder(line) for line in said.get("folders", ())),
        only_folders=said.get("only_folders", False),
        adopt=Adopt(said.get("adopt", "content")),
        timezone=said.get("timezone", "UTC"),
    )


def build_watch(said: Said) -> Watch:
    """How to watch; ``poll: adaptive`` is no fixed time."""
    own = dict(said)
    poll = own.pop("poll", "adaptive")
    return Watch(**own, poll_seconds=None if poll == "adaptive" else seconds(poll))


def build_notices(said: Said) -> Notices:
    """Who is told of what needs a person; addresses stay references until one is written to."""
    return Notices(to=tuple(said.get("to", ())), names=said.get("names", False))


def seconds(text: str) -> int:
    """The seconds in a time such as ``15m``."""
    return int(text[:-1]) * _SECONDS[text[-1]]


def _bytes(size: str | int) -> int:
    """The bytes in a size such as ``50GB`` (powers of 1000) or ``2TiB`` (of 1024)."""
    number, unit = re.findall(r"[0-9]+|[A-Z]i?", f"{size}B")[:2]
    factor = 1024 if unit.endswith("i") else 1000
    return int(number) * int(factor ** "BKMGT".index(unit[0]))


def _rule(line: Said) -> Rule:
    ((word, text),) = line.items()
    return Rule(Pattern(text), word == "include")


def _conflict(line: Said) -> ConflictRule:
    return ConflictRule(Pattern(line["match"]), Settle(line["policy"]), line.get("side", ""))


def _brakes(said: Said) -> Brakes:
    shares = {key: value for key, value in said.items() if not isinstance(value, dict)}
    limits = {f"{key}_{limit}": value for key in said.keys() - shares for limit, value in said[key].items()}
    return Brakes(**shares, **limits)


def _folder(line: Said) -> MappedFolder:
    paths = {key: path and path.strip("/") for key, path in line.items()}
    return MappedFolder(paths.pop("at"), paths)
