import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from synctool.core.model import Content, Kind
from synctool.core.plan import Action, Brake, Notice, Plan, Why
from synctool.core.policy import Settle
from synctool.engine.conflicts import Contested
from synctool.engine.explain import Explanation, Holding
from synctool.engine.inquire import Event
from synctool.engine.outcome import Done, Failed, Outcome
from synctool.entry.cli.progress import Bar
from synctool.entry.show.conflicts import conflict_lines
from synctool.entry.show.explaining import explanation_lines
from synctool.entry.show.inquiry import history_lines
from synctool.entry.show.outcome import outcome_lines
from synctool.entry.show.plan import plan_lines
from synctool.store.disputes import Dispute, Version
from tests.entry.plans import NOON, entry, planned, standoff, steps
from tests.entry.profiles import PROFILE

DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
NASTY = st.text(
    st.one_of(
        st.sampled_from("a/.[]\x1b\r\n\t\x07\x9b\u202e\u2066\u200b\ufeff\u2028\udc80"),
        st.characters(),
    ),
    min_size=1,
)


def dangerous(lines):
    return [char for line in lines for char in line if unicodedata.category(char) in DANGEROUS]


@given(NASTY, NASTY, st.sampled_from(list(Why)), st.sampled_from(list(Action)), st.sampled_from(list(Settle)))
def test_no_name_puts_a_control_or_bidi_character_into_a_plan_or_an_outcome(name, other, why, action, how):
    taken = steps(name, why, action, ["s3"], to_path=other, name=name, causes=("zdrive",))
    notice = Notice(name, other, "zdrive")
    what = planned(
        taken,
        standoffs=(standoff(name, how, (other,)),),
        notices=(notice,),
        put_off=(notice,),
        refused=(notice,),
        brakes=(Brake("deletes", name, "00ff", "zdrive"),),
        unknown={"s3": (name,)},
    )
    outcome = Outcome(what, 1, 1.0, (Done(taken[0], 5),), (Failed(taken[0], other, 5),), (name,))
    assert not dangerous(plan_lines(what, other))
    assert not dangerous(outcome_lines(outcome))


@given(NASTY, NASTY)
def test_no_name_puts_a_control_or_bidi_character_into_a_history_or_an_explanation(name, other):
    event = Event(NOON, 3, name, "s3", "write", other, "ab" * 32)
    assert not dangerous(history_lines([event], PROFILE))
    plan = Plan(
        steps=steps(name, Why.MOVED, Action.MOVE, ["s3"], to_path=other), notices=(Notice(name, other, "s3"),)
    )
    held = Holding(entry(other), called=other, unseen=name)
    said = Explanation(path=name, kind=Kind.FILE, holdings={"s3": held}, plan=plan)
    assert not dangerous(explanation_lines(said, PROFILE))


@given(NASTY, NASTY)
def test_no_name_puts_a_control_or_bidi_character_into_a_list_of_conflicts(name, other):
    versions = (Version(Content(1, "ab" * 32), {"s3": NOON}, 1), Version(Content(2, "cd" * 32), {}, 2))
    dispute = Dispute(1, 1, name, Settle.KEEP_BOTH, versions, 1, NOON, None, "")
    assert not dangerous(conflict_lines([Contested(dispute, name, (name, other))], PROFILE, " ".join))


def test_no_name_of_a_large_document_reaches_a_terminal_raw_while_it_is_on_its_way():
    out = io.StringIO()
    with Bar(Console(file=out, force_terminal=True, force_interactive=True, width=200)) as bar:
        bar.planned(1, 10**10)
        bar.carrying("case/\x1b]0;lie\x07\u202efilm.mp4", 2 * 10**9)
    shown = out.getvalue()
    assert "film.mp4: 2.0 GB" in shown
    assert not [each for each in ("\x1b]", "\x07", "\u202e") if each in shown]


def test_the_search_for_dangerous_characters_finds_them():
    assert dangerous(["a\x1b", "\u202e", "\n"]) == ["\x1b", "\u202e", "\n"]
    assert planned().plan == Plan()
