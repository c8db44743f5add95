"""Reads what does not stand in a profile: the environment, and secrets from where they are kept."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType

from synctool.errors import Misuse

FIELDS = frozenset({"client_secret", "token", "api_key", "api_secret"})
"""The fields of ``sides.*.auth`` that hold secrets."""

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that no log, error or repr shows."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The secret itself, for the one who signs in with it."""
        return self._text


def environment(folder: Path, environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The variables of the environment, and beneath them those of a ``.env`` in the folder.

    environ stands in for the environment of this process. Raises Misuse when ``.env`` cannot be read.
    """
    file = folder / ".env"
    try:
        lines = file.read_text("utf-8-sig").splitlines() if file.is_file() else []
    except (OSError, UnicodeError) as error:
        raise Misuse(f"{file}: cannot be read") from error
    found = filter(None, map(_LINE.fullmatch, lines))
    return {each[1]: _unquoted(each[2]) for each in found} | dict(os.environ if environ is None else environ)


def bucket_keys(folder: Path, variables: Mapping[str, str]) -> Mapping[str, Secret]:
    """The keys for S3 that a ``.env`` in the folder holds, by field, unless the environment has its own.

    variables: what ``environment`` found. All else that signs in to AWS is found by the AWS tools' own chain.
    """
    beside = environment(folder, {})
    fields = {"access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY"}
    if any(not beside.get(name) or variables[name] != beside[name] for name in fields.values()):
        return {}
    return {field: Secret(beside[name]) for field, name in fields.items()}


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def filled(text: str, environ: Mapping[str, str]) -> str:
    """The text with every ``${NAME}`` replaced. Raises Misuse naming the variables that are not set."""
    missing = [name for name in _NAME.findall(text) if name not in environ]
    if missing:
        raise Misuse(
            " and ".join(f"${{{name}}}" for name in missing) + " is not set",
            hint="set it, or put it into .env",
        )
    return _NAME.sub(lambda found: environ[found[1]], text)


def resolve(reference: str, environ: Mapping[str, str], folder: Path) -> Secret:
    """The secret that a reference names; ``file:`` is relative to the folder.

    Raises Misuse, which tells the reference and never the secret, when it cannot be had.
    """
    whole = filled(reference, environ)
    read = _KEPT.get(reference.partition(":")[0])
    try:
        secret = read(whole.partition(":")[2], folder) if read else whole
    except Misuse as error:
        raise Misuse(f"{reference}: {error.what}", hint=error.hint) from error
    if not secret:
        raise Misuse(f"{reference} is empty")
    return Secret(secret)


def _from_file(name: str, folder: Path) -> str:
    try:
        return (folder / name).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise Misuse("cannot be read", hint="is it there, and may this account read it?") from error


def _from_keyring(name: str, _folder: Path) -> str:
    service, _, user = name.rpartition("/")
    keyring = _library("keyring")
    try:
        return keyring.get_password(service, user) or ""
    except keyring.errors.KeyringError as error:
        raise Misuse(f"cannot be read: {error}") from error


def _from_secrets_manager(name: str, _folder: Path) -> str:
    secret_id, _, key = name.partition("#")
    boto3, botocore = _library("boto3"), _library("botocore.exceptions")
    try:
        text: str = boto3.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
        return str(json.loads(text)[key]) if key else text
    except (botocore.BotoCoreError, botocore.ClientError) as error:
        raise Misuse(f"cannot be read: {error}") from error
    except (KeyError, ValueError, TypeError) as error:
        raise Misuse("there is no text under this key") from error


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise Misuse(
            f"the library {name} is not installed", hint=f"pip install {name.partition('.')[0]}"
        ) from error


_KEPT: Mapping[str, Callable[[str, Path], str]] = {
    "file": _from_file,
    "keyring": _from_keyring,
    "aws-sm": _from_secrets_manager,
}
