"""What a person is told of one document: the whole text, in the situations they ask about."""

from pathlib import Path

import pytest

from synctool.core.patterns import Pattern
from synctool.core.policy import Brakes, ConflictRule, MappedFolder, Refused, Role, Rule, Settle
from synctool.engine.explain import explain_round
from synctool.entry.show.explaining import explanation_lines
from tests.properties.people import DRIVE, FILEVINE, S3, house

BRIEF = "Pleadings/brief.docx"
TEXTS = Path(__file__).with_name("explained.txt").read_text("utf-8")
EXPECTED = dict(section.split("\n", 1) for section in TEXTS.split("== ")[1:])


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.sides["filevine"].put(BRIEF, b"agreed")
    rig.run()
    yield rig
    rig.ledger.close()


def told(rig, path=BRIEF):
    return "\n".join(explanation_lines(explain_round(rig.round(), path), rig.profile)) + "\n"


def put(rig, **texts):
    for side, text in texts.items():
        rig.clock.tick()
        rig.sides[side].put(BRIEF, text.encode())


def hold(rig):
    rig.policy(conflicts=(ConflictRule(Pattern("**"), Settle.HOLD),))


def agreed(rig):
    return BRIEF


def folder(rig):
    return "/Pleadings/"


def never_seen(rig):
    return "nowhere.docx"


def temporary(rig):
    return "Pleadings/~$brief.docx"


def excluded(rig):
    rig.policy(rules=(Rule(Pattern("*.pst"), include=False),))
    return "mail.pst"


def outside_the_folders(rig):
    rig.policy(folders=(MappedFolder("Pleadings", {}),), only_folders=True)
    return "Private/a.txt"


def new(rig):
    rig.sides["zdrive"].put("new.docx", b"new one")
    return "new.docx"


def edited(rig):
    put(rig, zdrive="edited")
    return BRIEF


def renamed(rig):
    rig.sides["filevine"].rename(BRIEF, "Pleadings/Motion.docx")
    return BRIEF


def two_against_one_held(rig):
    hold(rig)
    put(rig, filevine="this", zdrive="this", s3="that one")
    return BRIEF


def three_versions_kept(rig):
    put(rig, filevine="this", zdrive="that", s3="yet another")
    return BRIEF


def conflict_copy(rig):
    put(rig, filevine="this", zdrive="that one")
    rig.run()
    return next(path for path in rig.sides["s3"].tree() if "conflict" in path)


def contested_beside_a_copy(rig):
    conflict_copy(rig)
    return BRIEF


def being_deleted(rig):
    rig.sides["s3"].delete(BRIEF)
    return BRIEF


def deleted(rig):
    rig.sides["s3"].delete(BRIEF)
    rig.run()
    return BRIEF


def withheld_by_a_brake(rig):
    rig.policy(brakes=Brakes(deletes_count=0))
    rig.sides["zdrive"].delete(BRIEF)
    return BRIEF


def under_a_stand_in(rig):
    rig.sides["filevine"].put("Re: Smith?.txt", b"re")
    rig.run()
    return "Re%3A Smith%3F.txt"


def in_a_mapped_folder(rig):
    rig.policy(folders=(MappedFolder("Discovery", {"zdrive": "02 Discovery"}),))
    rig.sides["filevine"].put("Discovery/a.txt", b"a")
    rig.run()
    return "02 Discovery/a.txt"


def a_side_is_away(rig):
    rig.down = {"zdrive"}
    put(rig, s3="edited")
    return BRIEF


def never_seen_and_a_side_is_away(rig):
    rig.down = {"zdrive"}
    return "nowhere.docx"


def kept_in_an_archive(rig):
    rig.policy(roles={"s3": Role.ARCHIVE})
    rig.sides["filevine"].delete(BRIEF)
    rig.run()
    return BRIEF


def a_source_differs(rig):
    rig.policy(roles={"s3": Role.SOURCE})
    put(rig, filevine="edited")
    return BRIEF


def an_edit_outvotes_a_delete(rig):
    rig.sides["filevine"].delete(BRIEF)
    put(rig, zdrive="edited")
    return BRIEF


def a_delete_is_not_obeyed(rig):
    rig.policy(deletes_from=frozenset({"filevine"}), refused=Refused.LEAVE)
    rig.sides["s3"].delete(BRIEF)
    return BRIEF


def under_a_legal_hold(rig):
    rig.policy(holds=(Pattern("Pleadings/**"),))
    rig.sides["s3"].delete(BRIEF)
    return BRIEF


def too_large_for_a_side(rig):
    rig.policy(max_sizes={"s3": 3})
    rig.sides["filevine"].put("big.txt", b"a big one")
    return "big.txt"


def open_in_word(rig):
    rig.sides["zdrive"].put("Pleadings/~$brief.docx", b"\x03Kim")
    put(rig, filevine="edited")
    return BRIEF


SITUATIONS = (
    *(agreed, folder, never_seen, temporary, excluded, outside_the_folders, new, edited, renamed),
    *(
        two_against_one_held,
        three_versions_kept,
        conflict_copy,
        contested_beside_a_copy,
        being_deleted,
        deleted,
    ),
    *(
        withheld_by_a_brake,
        under_a_stand_in,
        in_a_mapped_folder,
        a_side_is_away,
        never_seen_and_a_side_is_away,
    ),
    *(kept_in_an_archive, a_source_differs, an_edit_outvotes_a_delete, a_delete_is_not_obeyed),
    *(under_a_legal_hold, too_large_for_a_side, open_in_word),
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_a_document_is_explained(rig, situation):
    text = told(rig, situation(rig))
    assert text == EXPECTED[situation.__name__]
    assert all(len(line) <= 80 for line in text.splitlines())


def test_every_text_belongs_to_a_situation():
    assert [*EXPECTED] == [situation.__name__ for situation in SITUATIONS]
