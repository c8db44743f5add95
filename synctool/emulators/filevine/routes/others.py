"""Answers for projects, people and partner ids."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.binding import Call, native, registered, required, text, whole
from synctool.emulators.filevine.records import ACCOUNT, Project, Refusal
from synctool.emulators.filevine.reply import Reply

ORDERS: dict[str, Callable[[Project], Any]] = {
    "projectid": lambda project: project.id,
    "projectname": lambda project: project.name.casefold(),
    "createddate": lambda project: project.created_ns,
    "lastactivity": lambda project: project.created_ns,
}


def projects(call: Call) -> dict[str, Any]:
    """GET /Projects; an activity date that cannot be read is ignored, as live."""
    since = _day(text(call.query, "latestActivitySince") or "")
    number = whole(call.query, "projectID")
    term = (text(call.query, "searchTerm") or text(call.query, "name") or "").casefold()
    found = [
        project
        for project in call.org.cabinet.projects.values()
        if term in project.name.casefold()
        and number in {None, project.id}
        and text(call.query, "number") in {None, str(project.id)}
        and project.created_ns >= since
    ]
    order = ORDERS.get((text(call.query, "sortBy") or "projectid").lower(), ORDERS["projectid"])
    found.sort(key=order, reverse=(text(call.query, "orderBy") or "asc").lower() == "desc")
    return shapes.page(call, found, lambda project: shapes.project(call.org, project))


def project(call: Call) -> dict[str, Any]:
    """GET /Projects/{projectId}."""
    number = required(native(call.org, "project", call.path["projectid"]))
    return shapes.wanted(call, shapes.project(call.org, call.org.cabinet.project(number)))


def me(call: Call) -> dict[str, Any]:
    """GET /Users/Me."""
    person = shapes.user()
    return shapes.wanted(
        call,
        {
            "orgUserId": {"native": ACCOUNT, "partner": None},
            "userName": person["username"],
            "isActive": True,
            "email": person["email"],
            "org": _org(call),
            "user": person,
            "links": {},
        },
    )


def orgs(call: Call) -> dict[str, Any]:
    """POST /utils/GetUserOrgsWithToken: the numbers that every other call needs in its headers."""
    return {"user": shapes.user(), "orgs": [_org(call)]}


def get_partner(call: Call) -> dict[str, Any]:
    """GET /PartnerIdentifiers/{scope}/{id}."""
    scope, number = _entity(call)
    return shapes.named(call.org, scope, number)


def put_partner(call: Call) -> dict[str, Any]:
    """PUT /PartnerIdentifiers/{scope}/{id}."""
    scope, number = _entity(call)
    partner = text(call.body, "Partner")
    if not partner:
        raise Refusal(400, "Partner is required.")
    call.org.partners.register(scope, number, partner)
    return shapes.named(call.org, scope, number)


def delete_partner(call: Call) -> Reply:
    """DELETE /PartnerIdentifiers/{scope}/{id}."""
    call.org.partners.forget(*_entity(call))
    return Reply(200)


def _entity(call: Call) -> tuple[str, int]:
    scope = call.path["scope"].lower()
    number = registered(required(native(call.org, scope, call.path["id"])))
    known = {
        "document": call.org.documents.find(number),
        "folder": call.org.cabinet.folders.get(number),
        "project": call.org.cabinet.projects.get(number),
    }
    if known.get(scope) is None:
        raise Refusal(404, f"There is no {scope} {number}.")
    return scope, number


def _org(call: Call) -> dict[str, Any]:
    kinds = [{"projectTypeId": {"native": 1, "partner": None}, "name": "Litigation"}]
    return {"orgId": call.org.number, "name": "Example Firm", "pdfEditEnabled": True, "projectTypes": kinds}


def _day(value: str) -> int:
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return int(datetime.strptime(value[:10], form).replace(tzinfo=UTC).timestamp()) * 10**9
        except ValueError:
            continue
    return 0
