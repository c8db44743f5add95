"""Names what a checked profile says, as frozen values with every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synctool.config.secrets import Secret
from synctool.core.model import SideName
from synctool.core.policy import Policy

NONE = Secret("")
"""No secret: the AWS tools' own chain is asked for one."""

TEMPLATE = "*"
"""The project of a profile that stands for any project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAuth:
    """A personal access token."""

    client_id: str
    client_secret: Secret
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAuth:
    """The older sign-in with key, timestamp and secret."""

    session_url: str
    api_key: Secret
    api_secret: Secret
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilevineSettings:
    """Where and how to reach a project in Filevine; addresses have no slash at the end."""

    auth: TokenAuth | KeyAuth
    project: int | None  # None: a template that stands for no project yet
    api_url: str = "https://api.filevineapp.com"
    identity_url: str = "https://identity.filevine.com"
    base_path: str = "/fv-app/v2"
    org: int | None = None  # None: the only one the account sees
    requests_per_second: float = 4
    trash: str = "folder"  # folder | delete
    protected: str = "exclude"  # exclude | include


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where and how to reach a bucket; None leaves it to AWS's own settings."""

    bucket: str
    prefix: str = ""  # ends with / unless empty
    region: str | None = None
    endpoint_url: str | None = None
    encryption: str | None = None  # AES256 | aws:kms
    kms_key_id: str | None = None
    role_arn: str | None = None
    expected_owner: str | None = None
    storage_class: str | None = None
    access_key: Secret = NONE
    secret_key: Secret = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveSettings:
    """Where a folder on a drive is, as the profile spells it."""

    root: str
    trash: str = ".synctool/trash"  # relative to the root, or absolute on the same volume
    names: str = "windows"  # windows | posix


Settings = FilevineSettings | S3Settings | DriveSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How ``synctool watch`` looks."""

    settle_seconds: float = 3
    poll_seconds: int | None = None  # None: adaptive
    full_look_minutes: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Who is told when something needs a person. to: references to addresses; names: whether documents are named."""

    to: tuple[str, ...] = ()
    names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One checked profile."""

    name: str
    file: Path
    enabled: bool
    mode: str  # sync | observe
    project: str  # "*": a template; "": no side of it has a project
    policy: Policy
    sides: Mapping[SideName, Settings]  # the sides in use, in rank order; policy.ranks has all
    trash_days: int
    watch: Watch
    max_age: int  # seconds
    notices: Notices
    digest: str  # hex SHA-256 of all that the profile says but secrets, the same whatever sides are in use
    rules_digest: str  # hex SHA-256 of rules and folders
    warnings: tuple[str, ...]  # as mistakes read, for what is allowed and surely not meant
