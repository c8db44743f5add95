"""Asks where a case lies, and reaches each place at once."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from synctool.config.drafting import SIGN_IN
from synctool.config.profile import DriveSettings, FilevineSettings, KeyAuth, S3Settings, Settings, TokenAuth
from synctool.config.secrets import Secret, bucket_keys, environment
from synctool.core.model import SideName
from synctool.engine import founding
from synctool.engine.tools import Tools
from synctool.entry.cli.questions import Questions
from synctool.entry.cli.session import Session
from synctool.entry.show.visible import counted, visible
from synctool.errors import Denied, Misuse
from synctool.sides.filevine.projects import Project

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ADDRESSES = ("api_url", "identity_url", "base_path", "org")
SESSIONS = "https://api.filevine.io/session"
NONE = "Enter: none"


class Places:
    """The places of a new profile, in rank order; an empty answer leaves one out.

    said: what the profile says of each; tops: the folders at the top of each; project: that in Filevine; typed: secrets
    that a person typed, by variable. given: the answers of options.
    """

    def __init__(
        self, questions: Questions, session: Session, given: Mapping[str, str | None], tools: Tools
    ) -> None:
        self._questions = questions
        self._folder = session.profiles
        self._given = {option: text for option, text in given.items() if text}
        self._tools = tools
        self.said: dict[SideName, dict[str, Any]] = {}
        self.tops: dict[SideName, frozenset[str]] = {}
        self.project: Project | None = None
        self.typed: dict[str, str] = {}
        self._words: dict[str, str] = {}

    @property
    def title(self) -> str:
        """What the profile is about, in one line."""
        what = visible(self.project.name) if self.project else "One case"
        return f"{what}: the same documents in {', '.join(self.said)}."

    @property
    def variables(self) -> Mapping[str, str]:
        """What the environment, a ``.env`` and a person say, the last one first."""
        return {**environment(self._folder), **self.typed}

    def ask_project(self) -> None:
        """Ask for the project. Raises Misuse when nobody can be asked."""
        self._questions.answer("project", f"Project in Filevine, number or name ({NONE})", self._filevine, "")

    def ask_others(self, name: str) -> None:
        """Ask for the others. name: of the profile. Raises Misuse when they are less than two, or nobody can be asked."""
        self._words["name"] = name
        self._questions.answer("drive", f"Folder on the drive or share ({NONE})", self._drive, "")
        self._questions.answer("bucket", f"Bucket in S3 ({NONE})", self._bucket, "")
        if len(self.said) < 2:  # noqa: PLR2004 - what one place holds is the same everywhere
            raise Misuse("there must be two places at least", hint="name a project, a folder or a bucket")
        self.said = {side: self.said[side] for side in ("filevine", "s3", "zdrive") if side in self.said}

    def _filevine(self, text: str) -> None:
        if not text:
            return
        how = self._sign_in()
        own = {name: self._given[name] for name in ADDRESSES if name in self._given}
        said: dict[str, Any] = _older(how) | own | ({"org": _number(own["org"])} if "org" in own else {})
        settings = FilevineSettings(auth=self._auth(how), project=None, **said)
        try:
            founding.sign_in(settings, self._tools)
        except Denied:
            for variable in SIGN_IN[how["mode"]].values():
                self.typed.pop(variable, None)
            raise
        self.project = _only(founding.found(settings, text, self._tools))
        reached = FilevineSettings(auth=settings.auth, project=self.project.id, **said)
        self._words["project"] = str(self.project.id)
        self._take(
            "filevine",
            reached,
            {"kind": "filevine", **said, "auth": how},
            f"project {self.project.id} {self.project.name}",
        )

    def _sign_in(self) -> dict[str, str]:
        """How to sign in but for the secrets: as an option says, by what is at hand, or as a person says."""
        known = [mode for mode, named in SIGN_IN.items() if all(map(self.variables.get, named.values()))]
        mode = "key" if "session_url" in self._given else known[0] if known else ""
        mode = mode or self._questions.answer("auth", "Sign in to Filevine by token or key", _mode, "token")
        if mode == "token":
            return {"mode": mode}
        url = self._questions.answer("session_url", "Address where a session is made", _url, SESSIONS)
        return {"mode": mode, "session_url": url}

    def _auth(self, how: Mapping[str, str]) -> TokenAuth | KeyAuth:
        """How to sign in: what the variables say, and what a person types for those that are not set."""
        named = SIGN_IN[how["mode"]]
        for variable in named.values():
            if not self.variables.get(variable):
                self.typed[variable] = self._questions.secret(variable, str(self._folder / ".env"))
        known = {field: self.variables[variable] for field, variable in named.items()}
        if how["mode"] == "key":
            key, shared = Secret(known["api_key"]), Secret(known["api_secret"])
            return KeyAuth(session_url=how["session_url"], api_key=key, api_secret=shared)
        client, secret, token = (known[field] for field in ("client_id", "client_secret", "token"))
        return TokenAuth(client_id=client, client_secret=Secret(secret), token=Secret(token))

    def _drive(self, root: str) -> None:
        if root:
            root = os.path.abspath(root)  # noqa: PTH100 -- for a service, that starts elsewhere; links stay links
            place = self._placed(root)
            self._take("zdrive", DriveSettings(root=place), {"kind": "drive", "root": root}, place)

    def _bucket(self, bucket: str) -> None:
        if not bucket:
            return
        said = {
            "kind": "s3",
            "bucket": bucket,
            "prefix": self._questions.answer(
                "prefix", "Prefix in the bucket", str, f"cases/{{{'project' if self.project else 'name'}}}/"
            ),
            "region": self._questions.answer("region", "Region of the bucket", str, "us-east-1"),
            **{name: self._given[name] for name in ("endpoint_url",) if name in self._given},
        }
        place = f"{self._placed(said['prefix']).rstrip('/')}/"
        own: dict[str, Any] = {key: value for key, value in said.items() if key != "kind"} | {"prefix": place}
        try:
            self._take("s3", S3Settings(**own | self._keys()), said, f"{bucket}/{place}")
        except Denied as error:
            if not self._questions.asks or self.typed.keys() & KEYS or "no AWS credentials" not in error.what:
                raise
            self._questions.tell(str(error))
            self.typed |= {key: self._questions.secret(key, "") for key in KEYS}
            self._take("s3", S3Settings(**own | self._keys()), said, f"{bucket}/{place}")

    def _placed(self, text: str) -> str:
        for word, meant in self._words.items():
            text = text.replace(f"{{{word}}}", meant)
        return text

    def _keys(self) -> dict[str, Secret]:
        if self.typed.keys() & KEYS:
            return dict(
                zip(("access_key", "secret_key"), map(Secret, map(self.typed.__getitem__, KEYS)), strict=True)
            )
        return dict(bucket_keys(self._folder, self.variables))

    def _take(self, side: SideName, settings: Settings, said: Mapping[str, Any], where: str) -> None:
        """Reach a place, and remember what it says and holds."""
        self.tops[side] = founding.folders(side, settings, self._tools)
        self.said[side] = dict(said)
        self._questions.tell(
            f"  {side}: {where} answers, {counted(len(self.tops[side]), 'folder')} at its top"
        )


def _only(found: list[Project]) -> Project:
    """The one project that was meant. Raises Misuse when there is none, or more than one."""
    if len(found) == 1:
        return found[0]
    choices = ", ".join(f"{each.id} {each.name}" for each in found)
    raise Misuse(
        "more than one project may be meant" if found else "no project is called so",
        hint=f"say its number: {choices}" if found else "say its number, or another part of its name",
    )


def _mode(text: str) -> str:
    if text not in SIGN_IN:
        raise Misuse(f"{text!r} is no way to sign in", hint="say token or key")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise Misuse(f"{text!r} is no address", hint=f"such as {SESSIONS}")
    return text


def _older(how: Mapping[str, str]) -> dict[str, str]:
    """Where the older API lies that goes with a key: on the server that makes the session."""
    if how["mode"] == "token":
        return {}
    parts = urlsplit(how["session_url"])
    return {"api_url": f"{parts.scheme}://{parts.netloc}", "base_path": "/core"}


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Misuse(f"{text!r} is no number of an organisation", hint="--org takes a number")
    return int(text)
