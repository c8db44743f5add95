"""Makes the sides that a profile speaks of, and reaches them."""

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from synctool.config.profile import DriveSettings, FilevineSettings, Profile, S3Settings, Settings
from synctool.core.model import SideName, Sides, Traits
from synctool.core.policy import Role
from synctool.engine.clock import Clock
from synctool.engine.tools import Tools
from synctool.errors import Misuse, SideError
from synctool.sides.base import Side
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.hardened import Hardened
from synctool.store.turns import Turns

TURNS = "_turns.db"
"""Where the state's folder remembers the requests of the last minute; no profile can be called so."""

UNMET = Traits(lasting_refs=False)
"""What is assumed of a side that cannot be reached: nothing is done to it anyway."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The sides of a run. open: those that answer; closed: the others, and why."""

    open: Mapping[SideName, Side]
    closed: Mapping[SideName, str] = field(default_factory=dict)

    @property
    def traits(self) -> Sides:
        """What every side is like."""
        return {s: side.traits for s, side in self.open.items()} | dict.fromkeys(self.closed, UNMET)


@contextmanager
def connected(profile: Profile, without: frozenset[SideName], tools: Tools) -> Iterator[Connected]:
    """Reach every side of a profile but those left out; a side that does not answer is named, not raised."""
    unknown = sorted(without - set(profile.policy.ranks))
    if unknown:
        raise Misuse(
            f"{profile.name} has no side {unknown[0]!r}", hint=f"it has {', '.join(profile.policy.ranks)}"
        )
    with ExitStack() as stack:
        pacer = stack.enter_context(pacing(tools))
        reached: dict[SideName, Side] = {}
        closed = {
            side: "left out" for side in profile.policy.ranks if side in without or side not in profile.sides
        }
        for name, settings in profile.sides.items():
            if name in closed:
                continue
            side = make_side(name, settings, tools, pacer, read_only=profile.policy.role(name) is Role.SOURCE)
            stack.callback(side.close)
            try:
                side.open()
            except SideError as error:
                closed[name] = str(error)
            else:
                reached[name] = side
        yield Connected(reached, closed)


def reached(profile: Profile, without: frozenset[SideName], tools: Tools) -> dict[SideName, str]:
    """Why each side that takes part does not answer; "" if it does. One cheap request each."""
    found: dict[SideName, str] = {}
    with connected(profile, without, tools) as sides:
        for name in profile.sides:
            found[name] = sides.closed.get(name, "")
            try:
                if name in sides.open:
                    sides.open[name].marker()
            except SideError as error:
                found[name] = str(error)
    return found


@contextmanager
def pacing(tools: Tools) -> Iterator[Pacer]:
    """One pace for all profiles, threads and processes of a machine: the limits are an organisation's."""
    with Turns(tools.state / TURNS) as turns:
        clock = tools.clock
        yield Pacer(
            book=turns, share=tools.rate_share, clock=clock.monotonic, sleep=clock.sleep, tally=tools.tally
        )


def make_side(name: SideName, settings: Settings, tools: Tools, pacer: Pacer, *, read_only: bool) -> Side:
    """The side that these settings describe, with patience and, for a source, without the power to write."""
    clock = tools.clock
    if isinstance(settings, DriveSettings):
        side = _drive(name, settings, clock)
    elif isinstance(settings, S3Settings):
        side = _s3(name, settings, clock)
    else:
        side = _filevine(name, settings, tools, pacer)
    patience = 2 if isinstance(settings, FilevineSettings) else 5  # its client tries again by itself
    return Hardened(side, sleep=clock.sleep, random=random.random, attempts=patience, read_only=read_only)


def _drive(name: SideName, settings: DriveSettings, clock: Clock) -> Side:
    from synctool.sides.drive import DriveSide  # noqa: PLC0415 - a side costs its import only where it is used

    names = cast("Literal['windows', 'posix']", settings.names)
    return DriveSide(name, root=Path(settings.root), trash=settings.trash, names=names, clock=clock.now_ns)


def _s3(name: SideName, settings: S3Settings, clock: Clock) -> Side:
    from synctool.sides.s3 import S3Side  # noqa: PLC0415 - see above

    return S3Side(
        name,
        bucket=settings.bucket,
        prefix=settings.prefix,
        clock=lambda: clock.now_ns() / 1e9,
        region=settings.region or "us-east-1",
        endpoint_url=settings.endpoint_url,
        encryption=settings.encryption,
        kms_key_id=settings.kms_key_id,
        role_arn=settings.role_arn,
        expected_owner=settings.expected_owner,
        storage_class=settings.storage_class,
        access_key=settings.access_key.reveal(),
        secret_key=settings.secret_key.reveal(),
    )


def _filevine(name: SideName, settings: FilevineSettings, tools: Tools, pacer: Pacer) -> Side:
    from synctool.engine.accounts import client_of  # noqa: PLC0415 - see above
    from synctool.sides.filevine.side import FilevineSide  # noqa: PLC0415

    if settings.project is None:
        raise Misuse("a template profile stands for no project yet", side=name)
    return FilevineSide(
        name,
        client=client_of(settings, tools, pacer),
        project=settings.project,
        clock=tools.clock.now_ns,
        trash=cast("Literal['folder', 'delete']", settings.trash),
        protected=cast("Literal['exclude', 'include']", settings.protected),
    )
