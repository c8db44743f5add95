"""Holds the emulator to the vendor's own description of the API, as far as the emulator goes."""

import json
import os
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import response_schema_conformance

from synctool.emulators.filevine.routes.table import ROUTES

BASE = "/fv-app/v2"
REPOSITORY = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("SYNCTOOL_VENDOR_DOCS", REPOSITORY.parent / "shared" / "reference"))
REFUSALS = {400, 403, 404, 409}
"""Refusals that the description often leaves out."""


def bodies(numbers):
    """A body that each route should accept."""
    native = {scope: {"Native": number} for scope, number in numbers.items()}
    fresh, into = f"New {numbers['document']}", native["folder"]
    file = {"FileName": "a.txt", "ProjectId": numbers["project"], "SizeInBytes": 1, "SizeInBits": 8}
    wanted = {"Name": "x", "EventIds": ["Document.Created"], "Endpoint": "https://example.com/filevine"}
    both = {"DestinationFolderId": into, "DocumentIds": [native["document"]]}
    return {
        "/Documents": {"Filename": "a.txt", "Size": 1, "ProjectId": native["project"], "FolderId": into},
        "/Documents/move": both,
        "/Documents/copy": both,
        "/Documents/batch/upload": {"Files": [file]},
        "/Documents/batch/upload/confirm": {"DocumentIds": [numbers["document"]]},
        "/Documents/batch/download": {"DocumentIds": [numbers["document"]]},
        "/Documents/{documentId}/Revisions": native["pending"],
        "/Documents/{documentId}": {"Filename": fresh, "Hashtags": ["x"]},
        "/Folders": {"Name": fresh, "ParentId": into, "ProjectId": native["project"], "IsArchived": False},
        "/Folders/{folderId}": {"Name": fresh, "ParentId": native["top"], "IsArchived": False},
        "/PartnerIdentifiers/{scope}/{id}": {"Partner": fresh},
        "/webhooks/subscription": wanted,
        "/webhooks/subscription/{subscriptionId}": wanted,
    }


def loosened(node):
    """The description never says what may be null and asks for tags and types where a firm may have none."""
    if isinstance(node, dict):
        node.pop("minItems", None)
        for value in [*node.get("properties", {}).values(), node.get("additionalProperties")]:
            if isinstance(value, dict) and "$ref" not in value:
                value["x-nullable"] = True
        for value in node.values():
            loosened(value)
    return node


@pytest.fixture(scope="module")
def described():
    """Schemathesis operations by method and lower-case path, of the routes that are here."""
    path = FOLDER / "filevine-openapi.json"
    if not path.exists():
        pytest.skip(f"the vendor's API description is not at {path}; set SYNCTOOL_VENDOR_DOCS to its folder")
    raw = json.loads(path.read_text(encoding="utf-8"))
    here = {(BASE + route.template).lower() for route in ROUTES}
    raw["paths"] = {path: methods for path, methods in raw["paths"].items() if path.lower() in here}
    loosened(raw["definitions"])
    found = [result.ok() for result in schemathesis.openapi.from_dict(raw).get_all_operations()]
    return {(operation.method.upper(), operation.path.lower()): operation for operation in found}


def world(people, project, api):
    """Numbers of things that are there, fresh for each example."""
    top = people.add_folder(project, "Folder")
    document = people.upload(project, "Folder/a.txt", b"x")
    folder = people.add_folder(project, f"Folder/{document}")
    pending = api.begin("r.txt", b"x", project)
    wanted = {"Name": "x", "Endpoint": "https://example.com/filevine"}
    subscription = api.post("/webhooks/subscription", json=wanted).json()["id"]
    return {
        "project": project,
        "top": top,
        "folder": folder,
        "document": document,
        "pending": pending,
        "subscription": subscription,
    }


def aim(case, route, numbers):
    """Point a generated case at things that are there."""
    ids = {f"{scope}id": str(numbers[scope]) for scope in ("project", "folder", "document", "subscription")}
    here = ids | {"scope": "Document", "id": ids["documentid"], "searchterm": "a", "limit": 1000}
    case.path_parameters = {name: here[name.lower()] for name in case.path_parameters or {}}
    asked = [parameter.name for parameter in case.operation.query]
    case.query = {name: here[name.lower()] for name in asked if name.lower() in here}
    case.body = bodies(numbers).get(route.template, case.body) if route.method != "GET" else case.body


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_answers_are_what_the_vendor_describes(fv, api, people, project, described, route):
    operation = described[route.method, (BASE + route.template).lower()]
    headers = {name: value for name, value in api.headers.items() if name.lower() != "accept"}
    statuses = set()

    def told(case):
        fv.switch(pascal_case=True)
        response = case.call(base_url=fv.url, headers=headers)
        fv.switch(pascal_case=False)
        if str(response.status_code) in operation.definition.raw["responses"]:
            case.validate_response(response, checks=[response_schema_conformance])
        else:
            assert response.status_code == 200 or (
                response.status_code in REFUSALS and response.json()["Message"]
            )
        return response.status_code

    def one(case):
        told(case)
        aim(case, route, world(people, project, api))
        statuses.add(told(case))

    settings = hypothesis.settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    settings(hypothesis.given(case=operation.as_strategy())(one))()
    assert statuses <= {200, 201, 204}
