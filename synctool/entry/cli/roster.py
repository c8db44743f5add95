"""Says which profiles are to be watched, and reads them again when their files change."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from synctool.config import check_overlaps, find, for_project, load
from synctool.config.profile import TEMPLATE, FilevineSettings, Profile
from synctool.core.events import Home
from synctool.engine.watching.loop import Watched
from synctool.entry.cli.choosing import Source, named, opened
from synctool.entry.cli.ending import complain
from synctool.entry.cli.projects import Projects
from synctool.entry.cli.session import Session
from synctool.errors import Misuse


class Roster:
    """Every enabled profile, or those that are named; of a template the projects that have a state already.

    What cannot be read stays as it was, and is told once.
    """

    def __init__(self, session: Session, names: Collection[str]) -> None:
        self._session = session
        self._names = names
        self._projects = Projects(session)
        self._seen: object = None
        self._said: dict[Path, str] = {}
        self._files: dict[Path, tuple[Watched, ...]] = {}
        self._present: dict[str, Watched] = {}
        self._templates: dict[Path, Profile] = {}
        self._welcomed: frozenset[tuple[str, int]] = frozenset()

    def __call__(self) -> Mapping[str, Watched]:
        """Who is to be watched now, by name."""
        seen = self._signs()
        if seen != self._seen:
            self._seen = seen
            self._read()
        return self._present

    def find(self, name: str) -> Watched | None:
        """One of those; a project of a template is, from now on, when it is asked for."""
        template, _, project = name.rpartition("-")
        if name not in self() and project.isdecimal():
            self.welcome(template, int(project))
        return self().get(name)

    def profiles(self) -> list[Profile]:
        """Those, and the templates."""
        return [*(watched.profile for watched in self._present.values()), *self._templates.values()]

    @property
    def mistakes(self) -> list[str]:
        """What is wrong with profiles that cannot be watched as they are."""
        return [line for text in self._said.values() for line in text.splitlines()]

    def homes(self) -> Collection[Home]:
        """The Filevine sides of those, and of templates."""
        return [
            Home(profile.name, side, settings.org, settings.project)
            for profile in self.profiles()
            for side, settings in profile.sides.items()
            if isinstance(settings, FilevineSettings)
        ]

    def welcome(self, template: str, project: int) -> str:
        """Watch a project of a template from now on; the name under which it is."""
        self._welcomed |= {(template, project)}
        return f"{template}-{project}"

    def _signs(self) -> object:
        """What is another when a profile, what it extends, its variables or the projects of a template are."""
        folders = {self._session.profiles, *(file.parent for file in self._files)}
        files = [file for each in folders for pattern in ("*.y*ml", ".env") for file in each.glob(pattern)]
        stats = {file: file.stat() for file in files if file.exists()}
        changed = {(file, each.st_mtime_ns, each.st_size) for file, each in stats.items()}
        return changed, self._projects.states(), self._welcomed

    def _read(self) -> None:
        files = [named(self._session.profiles, name) for name in self._names] or find(self._session.profiles)
        self._templates = {file: each for file, each in self._templates.items() if file in files}
        self._said = {
            file: said for file, said in self._said.items() if file in {*files, self._session.profiles}
        }
        self._files = {file: self._of(file) for file in dict.fromkeys(files)}
        present = [watched for each in self._files.values() for watched in each]
        overlaps = check_overlaps(watched.profile for watched in present)
        if not overlaps:
            self._present = {watched.profile.name: watched for watched in present}
        self._say(self._session.profiles, "\n".join(overlaps))

    def _of(self, file: Path) -> tuple[Watched, ...]:
        """Whom a file wants to be watched; as it last said, when it says nothing sound."""
        try:
            found = tuple(self._wanted(file))
        except Misuse as error:
            self._say(file, str(error))
            return self._files.get(file, ())
        self._say(file, "")
        return found

    def _wanted(self, file: Path) -> Iterator[Watched]:
        self._templates.pop(file, None)
        if not (self._names or load(file, sides=()).enabled):
            return
        profile, left_out = opened(Source(file))
        if profile.project != TEMPLATE:
            yield Watched(profile, left_out)
            return
        self._templates[file] = profile
        for project in self._known(profile):
            yield Watched(for_project(profile, project), left_out)

    def _known(self, template: Profile) -> list[int]:
        """The projects of a template that have a state, or were welcomed."""
        welcomed = {project for name, project in self._welcomed if name == template.name}
        return sorted(welcomed.union(self._projects.of(template.name)))

    def _say(self, file: Path, text: str) -> None:
        """Say what is wrong with a file, once."""
        if self._said.get(file, "") != text:
            self._said[file] = text
            for line in text.splitlines():
                complain(f"{line}; what it said before still holds" if self._present else line)
