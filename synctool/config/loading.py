"""Loads profiles: from a file to a document, to plain values, to one frozen Profile."""

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from synctool.config import layers, meaning, schema
from synctool.config.building import build_notices, build_policy, build_settings, build_watch, seconds
from synctool.config.document import Mistake, mistake, plain
from synctool.config.filling import fill
from synctool.config.meaning import Said
from synctool.config.places import overlapping, place
from synctool.config.profile import TEMPLATE, DriveSettings, FilevineSettings, Profile, S3Settings, Settings
from synctool.config.secrets import FIELDS, Secret, bucket_keys, environment, resolve
from synctool.core.model import SideName
from synctool.errors import Misuse, ProfileError

PROJECT = "{project}"


def find(folder: Path) -> list[Path]:
    """The profiles in a folder, by name; ``_*.yaml`` are fragments and no profiles."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))


def load(
    path: Path, *, sides: Collection[SideName] | None = None, environ: Mapping[str, str] | None = None
) -> Profile:
    """The profile in a file.

    sides: those in use, default all; only their variables and secrets are needed. environ stands in for the
    environment of this process. Raises ProfileError with all mistakes, Misuse for sides the profile does not have.
    """
    top, mistakes = layers.read(path)
    against, broken = schema.check(top)
    raw = plain(top)
    used = _used(raw.get("sides"), sides)
    variables = environment(path.parent, environ)
    filled, unfilled = fill(top, variables, words(raw), used)
    said = plain(filled)
    mistakes += against + unfilled + [mistake(top, *remark) for remark in meaning.check(said, broken)]
    if broken & {"sides", "project"}:
        raise _error(path, mistakes)
    settings, more = _settings(top, said, variables, path.parent, used)
    if mistakes + more:
        raise _error(path, mistakes + more)
    return _profile(path, top, said, settings, used)


def for_project(template: Profile, project: int) -> Profile:
    """What a template says for one project: places filled in, and a name and a digest of its own.

    Raises Misuse for a profile that is no template.
    """
    if template.project != TEMPLATE:
        raise Misuse(f"{template.name} is no template, it is for project {template.project!r} alone")
    text = str(project)

    def placed(settings: Settings) -> Settings:
        match settings:
            case FilevineSettings():
                return replace(settings, project=settings.project or project)
            case S3Settings():
                return replace(settings, prefix=settings.prefix.replace(PROJECT, text))
            case DriveSettings():
                return replace(settings, root=settings.root.replace(PROJECT, text))

    return replace(
        template,
        name=f"{template.name}-{text}",
        project=text,
        sides={name: placed(settings) for name, settings in template.sides.items()},
        digest=_digest([template.digest, text]),
    )


def _used(declared: object, wanted: Collection[SideName] | None) -> Collection[SideName]:
    known = declared if isinstance(declared, dict) else {}
    for name in wanted or ():
        if name not in known:
            raise Misuse(f"no side is called {name!r}{schema.meant(name, known)}")
    return known if wanted is None else wanted


def words(said: Said) -> dict[str, str]:
    """What placeholders stand for in a document; that of a template's project stays, for the project to come."""
    sides = said.get("sides")
    places = [said, *(sides.values() if isinstance(sides, dict) else ())]
    projects = (each["project"] for each in places if isinstance(each, dict) and "project" in each)
    project = next(projects, None)
    words = {"name": str(said["name"])}
    return words if project is None else words | {"project": PROJECT if project == TEMPLATE else str(project)}


def _settings(
    top: yaml.Node, said: Said, variables: Mapping[str, str], folder: Path, used: Collection[SideName]
) -> tuple[dict[SideName, Settings], list[Mistake]]:
    """Every side's settings, with secrets for those in use, and the mistakes found on the way."""
    settings, mistakes = {}, []
    for name, side in said["sides"].items():
        secrets = {field: Secret("") for field in FIELDS & side.get("auth", {}).keys()}
        for field in secrets if name in used else ():
            try:
                secrets[field] = resolve(side["auth"][field], variables, folder)
            except Misuse as error:
                mistakes.append(mistake(top, ("sides", name, "auth", field), str(error)))
        if side["kind"] == "s3" and name in used:
            secrets |= bucket_keys(folder, variables)
        settings[name] = build_settings(side, str(said.get("project", "")), secrets)
    doubled = overlapping((place(each), name) for name, each in settings.items())
    mistakes += [mistake(top, ("sides", inner), f"overlaps sides.{outer}") for outer, inner in doubled]
    return settings, mistakes


def _error(path: Path, mistakes: list[Mistake]) -> ProfileError:
    ordered = sorted(set(mistakes), key=lambda each: (each.file != str(path), each))
    return ProfileError(*map(str, ordered))


def _profile(
    path: Path, top: yaml.Node, said: Said, settings: Mapping[SideName, Settings], used: Collection[SideName]
) -> Profile:
    policy = build_policy(said)
    whole = Profile(
        name=said["name"],
        file=path,
        enabled=said.get("enabled", True),
        mode=said.get("mode", "sync"),
        project=words(said).get("project", "").replace(PROJECT, TEMPLATE),
        policy=policy,
        sides=settings,
        trash_days=said.get("deletes", {}).get("trash_days", 30),
        watch=build_watch(said.get("watch", {})),
        max_age=seconds(said.get("max_age", "24h")),
        notices=build_notices(said.get("notices", {})),
        digest="",
        rules_digest=_digest([policy.rules, policy.folders, policy.only_folders]),
        warnings=tuple(str(mistake(top, *remark)) for remark in meaning.warnings(said)),
    )
    digest = _digest(replace(whole, file=Path(), warnings=()))
    return replace(whole, digest=digest, sides={name: settings[name] for name in settings if name in used})


def _digest(value: object) -> str:
    return sha256(json.dumps(value, default=_canonical, sort_keys=True).encode()).hexdigest()


def _canonical(value: Any) -> object:
    """What JSON can hold of a value: secrets are left out."""
    match value:
        case Secret():
            return None
        case Enum():
            return value.value
        case frozenset():
            return sorted(value)
        case Path():
            return str(value)
        case _:
            return {each.name: getattr(value, each.name) for each in fields(value)}
