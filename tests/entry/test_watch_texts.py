from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from synctool.core.pacing import Ended
from synctool.core.plan import Brake, Notice
from synctool.core.policy import Settle
from synctool.engine.clock import SYSTEM
from synctool.engine.outcome import Done, Failed, Outcome
from synctool.engine.watching.loop import Told
from synctool.engine.watching.pulse import Health, Pulse, ailing, read, write
from synctool.entry.cli.listening import listening
from synctool.entry.show.watching import has_news, metrics, round_lines, watch_document, watched_lines
from synctool.sides.filevine.pacing import Crowd
from tests.entry.plans import DELETE, NEW, NOON, planned, standoff, steps
from tests.entry.test_watch_command import asked, free_port

ZONE = timezone(timedelta(hours=-7))
MINUTE = 60 * 10**9


def told(what=None, code=0, trouble=(), places=None):
    return Told("case-1", NOON, 1.25, places, code, what, trouble)


def of(*groups, failed=(), done=(), **plan):
    made = planned(*groups)
    return Outcome(replace(made, plan=replace(made.plan, **plan)), 12, 1.0, done, failed)


def test_a_round_that_did_something_is_one_line():
    new, gone = steps("a.pdf", *NEW, ["s3", "zdrive"]), steps("b.pdf", *DELETE, ["zdrive"])
    outcome = of(new, gone, done=(Done(new[0], 1_000_000), Done(new[1], 1_000_000), Done(gone[0])))
    assert round_lines(told(outcome), ZONE) == ["05:00:00 case-1: 1 remove, 2 write, 2.0 MB (1.2 s)"]
    assert round_lines(told(of()), ZONE) == ["05:00:00 case-1: all is well (1.2 s)"]


(STEP,) = steps("a.pdf", *NEW, ["s3"])
UNKNOWN = {"zdrive": ("the folder is not there", "somewhere else")}
BRAKE = Brake(rule="deletes", text="60 deletes", code="0123456789")


@pytest.mark.parametrize(
    ("outcome", "code", "line"),
    [
        (of(unknown={"zdrive": ("zdrive: away",)}), 5, "zdrive: away"),
        (of(unknown=UNKNOWN), 5, "zdrive: the folder is not there; and 1 more, see synctool status"),
        (of(brakes=(BRAKE,)), 6, "60 deletes (--accept 0123456789)"),
        (of(failed=(Failed(STEP, "no answer", 5),)), 5, "s3: a.pdf: no answer; the next run tries again"),
        (of(put_off=(Notice("b.docx", "is open", "zdrive"),)), 5, "zdrive: b.docx: is open"),
        (of(standoffs=(standoff("x.docx", how=Settle.HOLD),)), 4, "x.docx: waits for a person, see synctool conflicts"),
        (of(), 4, "something waits for a person"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_few_words(outcome, code, line):
    assert (
        " ".join(" ".join(round_lines(told(outcome, code), ZONE)).split())
        == f"05:00:00 case-1: {line} (1.2 s)"
    )


def test_lines_that_are_long_go_on_below():
    lines = round_lines(told(code=5, trouble=("filevine: " + "no answer " * 12,)), ZONE)
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith(" " * 9)


def test_what_was_said_is_not_said_again_until_it_is_otherwise():
    well, ill, worse = told(of()), told(code=5, trouble=("away",)), told(code=5, trouble=("gone",))
    assert not has_news(well, None)
    assert has_news(ill, None)
    assert not has_news(ill, ill)
    assert has_news(worse, ill)
    assert has_news(well, ill)
    did = told(of((STEP,), done=(Done(STEP, 3),)))
    assert has_news(did, did)
    assert not has_news(well, did)
    assert has_news(told(planned((STEP,)), 3), well)


def test_a_round_says_what_it_means_for_those_to_come():
    glanced = replace(planned(), again=frozenset(("zdrive",)))
    did = Outcome(glanced, 1, 1.0, done=(Done(STEP, 3),))
    assert told(did).ended == Ended(0, frozenset(("zdrive",)), acted=True)
    assert told(code=7).ended == Ended(7)
    assert told(planned()).ended == Ended(0)


@pytest.mark.parametrize(
    ("what", "passing"),
    [
        (of(), False),
        (of(failed=(Failed(STEP, "open", 5, in_use=True), Failed(STEP, "changed", 5, moved=True))), True),
        (of(failed=(Failed(STEP, "open", 5, in_use=True), Failed(STEP, "no answer", 5))), False),
        (of(unknown={"zdrive": ("a.pdf: Ann is at work on it; put off",)}), True),
        (of(unknown={"zdrive": ("the folder is not there",)}), False),
        (of(put_off=(Notice("b.docx", "is open", "zdrive"),)), True),
        (replace(of(unknown=UNKNOWN), left_out=frozenset(("zdrive",))), False),
        (
            replace(
                of(unknown=UNKNOWN, put_off=(Notice("b.docx", "is open", "s3"),)),
                left_out=frozenset(("zdrive",)),
            ),
            True,
        ),
    ],
)
def test_a_round_says_whether_what_hindered_it_may_soon_be_over(what, passing):
    assert told(what).ended.passing is passing


WELL = Health(due_ns=NOON + MINUTE, agreed_ns=NOON, max_age_ns=60 * MINUTE, exit_code=0, size=3)
PULSE = Pulse(42, "J. Deer", NOON, NOON, {"case-1": WELL}, {"6001": Crowd(2, 1.5)})


@pytest.mark.parametrize(
    ("health", "minutes", "wrong"),
    [
        (WELL, 0.9, []),
        (WELL, 1.1, ["the watch hangs: it has not moved for more than a minute"]),
        (replace(WELL, exit_code=5), 0, []),
        (replace(WELL, exit_code=7), 0, ["case-1: the last round ended with 7"]),
        (replace(WELL, agreed_ns=NOON - 61 * MINUTE), 0, ["case-1: the sides have not agreed for longer than max_age"]),
        (replace(WELL, agreed_ns=None), 0, []),
        (replace(WELL, due_ns=NOON - 16 * MINUTE), 0, ["case-1: a round has been due for more than 15 minutes"]),
        (replace(WELL, due_ns=None, going_on_ns=NOON - 60 * MINUTE), 0, []),
    ],
)  # fmt: skip
def test_it_says_what_ails_it(health, minutes, wrong):
    now_ns = NOON + int(minutes * MINUTE)
    assert ailing(replace(PULSE, profiles={"case-1": health}), now_ns) == wrong


def test_a_pulse_is_read_as_it_was_written(tmp_path):
    write(tmp_path, PULSE)
    assert read(tmp_path) == PULSE


def test_metrics_name_profiles_as_the_format_wants_and_leave_out_what_is_not_known():
    lines = list(metrics(replace(PULSE, profiles={'a"b\\c': WELL, "new": Health()}), NOON + MINUTE))
    assert lines[2] == r'synctool_seconds_since_agreed{profile="a\"b\\c"} 60.0'
    assert 'synctool_filevine_refused_requests_total{org="6001"} 2' in lines
    assert 'synctool_filevine_waited_seconds_total{org="6001"} 1.5' in lines
    assert r'synctool_copied_bytes_total{profile="a\"b\\c"} 3' in lines
    assert r'synctool_seconds_since_agreed{profile="a\"b\\c"} 60.0' in lines
    assert not [line for line in lines if "agreed" in line and "new" in line]


def test_status_tells_of_a_round_that_goes_on_and_of_profiles_that_are_not_watched():
    busy = replace(PULSE, profiles={"case-1": replace(WELL, due_ns=None, going_on_ns=NOON)})
    [line] = watched_lines(busy, "case-1", NOON + 10**9, ZONE)
    assert "a round goes on" in line
    assert watched_lines(PULSE, "case-2", NOON, ZONE) == []
    assert watch_document(busy, NOON)["profiles"]["case-1"]["next_round"] is None


def test_it_answers_that_it_is_ill_until_it_is_stopped():
    port = free_port()
    with listening(f"127.0.0.1:{port}", lambda: PULSE, SYSTEM):
        assert asked(port, "/healthz") == (503, "\n".join(ailing(PULSE, SYSTEM.now_ns())) + "\n")
        assert "synctool_rounds_total" in asked(port, "/metrics")[1]
        assert '"pid": 42' in asked(port, "/status")[1]
        assert asked(port, "/etc/passwd")[0] == 404
