import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core.events import Aimed, Event, Home, event_of, hints_of, unclaimed
from synctool.core.pacing import Hint

NOW_MS = 1_654_733_926_323
TOLD = {
    "Timestamp": NOW_MS,
    "Object": "Document",
    "Event": "Updated",
    "OrgId": 6001,
    "ProjectId": 77,
    "UserId": 9,
}
DOCUMENT = Event(6001, 77, "document", "updated", 123, NOW_MS * 10**6)
HOME = Home("smith", "filevine", 6001, 77)
OTHER = Home("jones", "fv", 6001, 78)
ANY_ORG = Home("anywhere", "filevine", None, 77)
TEMPLATE = Home("every", "filevine", 6001, None)
LOOSE = Home("loose", "filevine", None, None)


@pytest.mark.parametrize(
    "concerned",
    [
        123,
        "123",
        {"DocumentId": 123},
        {"documentId": {"native": 123}},
        {"DocumentId": {"Native": "123", "Partner": None}, "Id": 5},
        {"Native": 123, "Partner": "x"},
        {"id": 123, "somethingNew": [1, 2]},
    ],
)
def test_a_document_is_found_however_its_number_is_told(concerned):
    assert event_of({**TOLD, "ObjectId": concerned, "Other": {}}) == DOCUMENT


@pytest.mark.parametrize("place", [{"DocumentId": 123}, {"Other": {"documentid": "123"}}])
def test_a_document_is_found_wherever_its_number_is_told(place):
    assert event_of({**TOLD, **place}) == DOCUMENT


def test_the_case_of_names_does_not_matter():
    told = {**TOLD, "ObjectId": 123}
    assert event_of({name.lower(): value for name, value in told.items()}) == DOCUMENT
    assert event_of({name.upper(): value for name, value in told.items()}) == DOCUMENT


def test_an_event_may_be_told_as_its_id():
    told = {"event": "Folder.Created", "objectId": 5, "projectId": {"native": 77}}
    assert event_of(told) == Event(None, 77, "folder", "created", 5, 0)


def test_a_document_named_by_an_event_of_another_kind_is_a_document():
    told = {**TOLD, "Object": "Comment", "ObjectId": 5, "Other": {"DocumentId": 123}}
    assert event_of(told) == DOCUMENT


def test_an_event_of_another_kind_is_one_of_its_project():
    told = {**TOLD, "Object": "CollectionItem", "ObjectId": {"SectionSelector": "x", "Id": 4}}
    assert event_of(told) == Event(6001, 77, "", "updated", None, NOW_MS * 10**6)


def test_a_project_is_its_own_object():
    told = {
        "Object": "Project",
        "Event": "PhaseChanged",
        "ObjectId": {"ProjectTypeId": 1, "PhaseId": 2},
        "ProjectId": 77,
    }
    assert event_of(told) == Event(None, 77, "project", "phasechanged", 77, 0)
    assert event_of({"Object": "Project", "ObjectId": {"Id": 78}}) == Event(None, 78, "project", "", 78, 0)


def test_what_is_no_number_of_filevine_is_not_taken_for_one():
    for odd in (
        True,
        0,
        -1,
        10**12,
        "1" * 13,
        "\uff11\uff12",
        "",
        None,
        1.5,
        [123],
        {"Native": {"Native": 123}},
    ):
        assert event_of({**TOLD, "ObjectId": odd}).number is None, odd
    assert event_of({**TOLD, "ObjectId": 10**12 - 1}).number == 10**12 - 1


def test_a_time_that_nanoseconds_cannot_hold_is_not_said():
    for odd in (True, -1, 10**16, "1" * 5000, "x", None, 1.5):
        assert event_of({**TOLD, "Timestamp": odd}).at_ns == 0
    assert event_of({**TOLD, "Timestamp": str(NOW_MS)}).at_ns == NOW_MS * 10**6


def test_a_word_is_short_and_plain():
    for odd in ("a b", "x" * 41, "Folder.Created.Twice", 5, None, "é"):
        assert event_of({**TOLD, "Event": odd}).what == "", odd


@pytest.mark.parametrize("body", [None, 5, "x", [TOLD]])
def test_what_is_no_object_is_no_event(body):
    assert event_of(body) is None


words = st.sampled_from(
    [*TOLD, "ObjectId", "documentId", "Native", "id", "Other", "", "Folder", "created", "x.y"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=9)
bodies = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=7),
    max_leaves=20,
)


@given(st.dictionaries(words, bodies, max_size=9))
def test_whatever_is_told_becomes_an_event_that_fits_a_message(body):
    event = event_of(json.loads(json.dumps(body)))
    assert Event._make(json.loads(json.dumps(event))) == event
    assert all(value is None or 0 < value < 10**12 for value in (event.org, event.project, event.number))
    assert 0 <= event.at_ns < 2**63
    hints = hints_of(event, [HOME, OTHER, TEMPLATE])
    assert bool(hints) or event.project is None or event.org != 6001


@pytest.mark.parametrize(
    "what", ["created", "updated", "versioned", "deleted", "reverted", "undeleted", "moved", ""]
)
def test_whatever_happens_to_a_document_is_looked_at_there(what):
    assert hints_of(DOCUMENT._replace(what=what), [HOME, OTHER]) == [
        Aimed("smith", 77, Hint("filevine", "d000000000123"))
    ]


@pytest.mark.parametrize(
    ("what", "handle"),
    [("created", "f000000000123"), ("updated", "f000000000123")]
    + [(what, "") for what in ("deleted", "archived", "undeleted", "moved", "")],
)
def test_a_folder_that_may_take_its_documents_along_means_the_whole_side(what, handle):
    event = DOCUMENT._replace(kind="folder", what=what)
    assert hints_of(event, [HOME]) == [Aimed("smith", 77, Hint("filevine", handle))]


@pytest.mark.parametrize("change", [{"number": None}, {"kind": "project"}, {"kind": "", "number": None}])
def test_what_names_no_document_means_the_whole_side(change):
    assert hints_of(DOCUMENT._replace(**change), [HOME]) == [Aimed("smith", 77, Hint("filevine", ""))]


def test_every_profile_of_the_project_is_told_each_on_its_own_side():
    twin = HOME._replace(profile="twin", side="fv")
    assert [
        (aimed.profile, aimed.hint.side) for aimed in hints_of(DOCUMENT, [HOME, OTHER, twin, ANY_ORG])
    ] == [
        ("smith", "filevine"),
        ("twin", "fv"),
        ("anywhere", "filevine"),
    ]


def test_a_template_stands_for_projects_that_have_no_profile():
    assert hints_of(DOCUMENT, [TEMPLATE, HOME])[0].profile == "smith"
    assert hints_of(DOCUMENT._replace(project=79), [TEMPLATE, HOME]) == [
        Aimed("every", 79, Hint("filevine", "d000000000123"))
    ]


def test_a_template_is_meant_only_by_its_own_organisation():
    assert hints_of(DOCUMENT, [LOOSE]) == []
    assert hints_of(DOCUMENT._replace(org=None), [TEMPLATE]) == []


def test_another_organisation_means_nobody():
    assert hints_of(DOCUMENT._replace(org=6002), [HOME, TEMPLATE]) == []
    assert hints_of(DOCUMENT._replace(org=None), [HOME]) != []


def test_no_project_means_nobody():
    assert hints_of(DOCUMENT._replace(project=None), [HOME, TEMPLATE]) == []


def test_a_project_that_nobody_has_is_noticed_in_an_organisation_of_ours():
    lost = DOCUMENT._replace(project=79)
    assert unclaimed(lost, [HOME])
    assert not unclaimed(DOCUMENT, [HOME])
    assert not unclaimed(lost, [HOME, TEMPLATE])
    assert not unclaimed(lost._replace(org=6002), [HOME])
    assert not unclaimed(lost._replace(org=None), [HOME])
    assert not unclaimed(lost._replace(project=None), [HOME])
