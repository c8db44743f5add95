"""Describes dense days at the office: what is there and agreed, what people do then, and what the run after it is asked."""

from dataclasses import dataclass, field

from synctool.core.patterns import Pattern
from synctool.core.policy import ConflictRule, MappedFolder, Role, Rule, Settle
from synctool.core.ruling import Word
from synctool.engine.former import Undo
from synctool.engine.resolve import Choice

HOLD = (ConflictRule(Pattern("**"), Settle.HOLD),)


@dataclass(frozen=True)
class Scene:
    """first: deeds that a run then agrees on, once for every list of them; now: deeds of which the sides know nothing yet.

    A deed is ``SIDE VERB PATH [TO or TEXT]``, or ``wait DAYS``. then: what of the policy changes with ``now``; ask: what
    the run is asked; decide: a conflict that is decided before the run, (path, choice); ends: how the run ends.
    runs: how many runs it takes where a second is needed, and why is said there; purged: bytes whose time in trash is over.
    """

    now: tuple = ()
    first: tuple = ()
    policy: dict = field(default_factory=dict)
    then: dict = field(default_factory=dict)
    ask: dict = field(default_factory=dict)
    decide: tuple = ()
    ends: int = 0
    runs: int = 1
    purged: frozenset = frozenset()


SCENES = {
    "a first run over copies that overlap": Scene(
        now=(
            "filevine put A/same.txt same",
            "s3 put A/same.txt same",
            "filevine put A/other.txt of Filevine",
            "zdrive put A/other.txt of the drive",
            "s3 put B/only.txt only",
            "zdrive put Empty/",
        )
    ),
    "new, edited and deleted documents, both ways": Scene(
        first=(("filevine put A/1.txt one", "filevine put A/2.txt two", "filevine put A/3.txt three"),),
        now=(
            "zdrive put A/1.txt edited on the drive",
            "filevine delete A/2.txt",
            "s3 delete A/3.txt",
            "filevine put A/4.txt four",
            "zdrive put B/5.txt five",
        ),
    ),
    "renamed here, edited there, and a folder renamed with a new document": Scene(
        first=(("filevine put A/brief.txt brief", "filevine put F/x.txt x", "filevine put F/y.txt y"),),
        now=(
            "filevine rename A/brief.txt A/final.txt",
            "zdrive put A/brief.txt edited",
            "filevine rename F/ G/",
            "zdrive put F/new.txt new",
        ),
    ),
    "a swap and a circle": Scene(
        first=(
            (
                "filevine put 1.txt one",
                "filevine put 2.txt two",
                "filevine put a.txt aa",
                "filevine put b.txt bb",
                "filevine put c.txt cc",
            ),
        ),
        now=(
            *("zdrive rename 1.txt x", "zdrive rename 2.txt 1.txt", "zdrive rename x 2.txt"),
            *("filevine rename a.txt z.txt", "filevine rename c.txt a.txt", "filevine rename b.txt c.txt"),
            "filevine rename z.txt b.txt",
        ),
    ),
    "edited on two sides, kept both": Scene(
        first=(("filevine put brief.txt agreed", "filevine put note.txt note"),),
        now=(
            "filevine put brief.txt of Filevine",
            "zdrive put brief.txt of the drive",
            "s3 put brief.txt of the bucket",
        ),
    ),
    "names that need stand-ins": Scene(
        first=(("filevine put Motion: re.txt motion",),),
        now=(
            "filevine put Motion: re.txt edited",
            "filevine put CON.txt con",
            "filevine put a?.txt a",
            "zdrive put b.txt b",
        ),
    ),
    "an undo": Scene(
        first=(
            ("filevine put A/1.txt one", "filevine put A/2.txt two", "filevine put 3.txt three"),
            ("zdrive put A/1.txt edited", "zdrive delete A/2.txt"),
        ),
        ask={"undo": Undo()},
    ),
    "a held conflict that is decided": Scene(
        policy={"conflicts": HOLD},
        first=(
            ("filevine put brief.txt agreed", "filevine put other.txt other"),
            ("filevine put brief.txt of Filevine", "zdrive put brief.txt of the drive"),
        ),
        now=("filevine put other.txt edited",),
        decide=("brief.txt", Choice(Word.TAKE, "zdrive")),
    ),
    "trash whose time is over, and a hold": Scene(
        policy={"holds": (Pattern("Held/"),)},
        first=(
            ("filevine put 1.txt one", "filevine put 2.txt two", "filevine put Held/3.txt three"),
            ("filevine delete 1.txt", "zdrive put 2.txt edited", "zdrive put Held/3.txt edited too"),
        ),
        now=("wait 31", "zdrive delete Held/3.txt", "filevine put 4.txt four"),
        purged=frozenset((b"one", b"two")),
    ),
    "a mapped folder, and a filter that changes": Scene(
        policy={"folders": (MappedFolder("Discovery", {"zdrive": "02 Discovery"}),)},
        first=(
            (
                "filevine put Discovery/1.txt one",
                "filevine put Discovery/2.txt two",
                "filevine put x.log log",
            ),
        ),
        then={"rules": (Rule(Pattern("*.log"), include=False),)},
        now=(
            "zdrive put 02 Discovery/1.txt edited",
            "filevine delete Discovery/2.txt",
            "zdrive put 02 Discovery/sub/3.txt three",
        ),
    ),
    "a mirror and an archive": Scene(
        policy={"roles": {"s3": Role.MIRROR, "zdrive": Role.ARCHIVE}},
        first=(("filevine put A/1.txt one", "filevine put A/2.txt two", "filevine put 3.txt three"),),
        now=(
            "filevine put A/1.txt edited",
            "filevine delete A/2.txt",
            "filevine rename 3.txt A/three.txt",
            "s3 delete A/1.txt",
        ),
    ),
}
