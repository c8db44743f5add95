"""A profile that is taken out of service: nothing of people's is touched, and another installation may take over."""

import pytest


@pytest.fixture
def agreed(firm):
    firm.profile("case-1")
    firm.write("case-1/left/a.txt", "hello")
    assert firm.run("apply", "--yes").code == 0
    return firm


def marks(firm):
    return sorted(str(path.parents[1].name) for path in firm.folder.glob("case-1/*/.synctool/marker.json"))


def test_what_it_does_is_shown_first_and_nothing_is_done(agreed):
    shown = agreed.run("detach", "case-1")
    assert (shown.code, shown.out) == (
        0,
        (
            "case-1: detaching leaves every document where it is\n"
            "  left    its mark is taken away; its trash stays\n"
            "  right   its mark is taken away; its trash stays\n"
            "  state   is put aside; the audit log stays\n\n"
            "Next: synctool detach case-1 --yes\n"
        ),
    )
    assert marks(agreed) == ["left", "right"]
    assert agreed.run("plan", "--exit-code").code == 0


def test_marks_go_documents_stay_and_the_state_is_put_aside(agreed):
    done = agreed.run("detach", "case-1", "--yes")
    assert done.code == 0
    assert (
        "Next: remove profiles/case-1.yaml or set enabled: false, or the next apply begins anew\n" in done.out
    )
    assert marks(agreed) == []
    assert agreed.read("case-1/left/a.txt") == agreed.read("case-1/right/a.txt") == "hello"
    [aside] = (agreed.folder / "state").glob("case-1.db.*.aside")
    assert aside.name in done.out
    assert agreed.run("audit", "verify").code == 0
    assert "taken out of service" in agreed.run("audit", "verify").out


def test_another_installation_takes_over(agreed):
    agreed.run("detach", "case-1", "--yes")
    former = agreed.run("audit", "verify").out
    assert agreed.run("--state", "elsewhere", "apply", "--yes").code == 0
    assert marks(agreed) == ["left", "right"]
    assert agreed.run("audit", "verify").out == former


def test_it_waits_for_a_side_that_does_not_answer(agreed):
    (agreed.folder / "case-1/right").rename(agreed.folder / "case-1/gone")
    assert "? right\n      does not answer: " in agreed.run("detach", "case-1").out
    ran = agreed.run("detach", "case-1", "--yes")
    assert ran.code == 5
    assert ran.err.startswith("synctool: right: ")
    assert ran.err.endswith("; its mark would stay there; bring it back first\n")
    assert marks(agreed) == ["gone", "left"]


def test_a_place_that_another_installation_took_keeps_its_mark(agreed):
    marker = agreed.folder / "case-1/left/.synctool/marker.json"
    marker.write_text(marker.read_text().replace('"state": "', '"state": "0'))
    assert agreed.run("detach", "case-1", "--yes").code == 0
    assert marks(agreed) == ["left"]


def test_a_profile_without_a_state_has_nothing_to_detach(firm):
    firm.profile("case-1")
    assert firm.run("detach", "case-1").err == "synctool: case-1 has no state, and so nothing to detach\n"
