"""Spends a day at a Filevine with a client that others wrote; says what it saw as JSON.

A process of its own, because the client reads its settings from the environment when it is imported.
"""

import json
import os
import sys
import tempfile

import requests

facts = json.loads(sys.argv[1])
os.environ |= {
    "HOME": tempfile.mkdtemp(),
    "FILEVINE_CLIENT_ID": facts["client_id"],
    "FILEVINE_CLIENT_SECRET": facts["client_secret"],
    "FILEVINE_PAT": facts["pat"],
    "FILEVINE_ORG_ID": str(facts["org"]),
    "FILEVINE_REGION": "us",
    "FILEVINE_MCP_USE_KEYRING": "0",
}

from filevine_mcp import client as vendor  # noqa: E402

vendor.BASE_URL = facts["url"]
vendor.TOKEN_URL = f"{facts['url']}/connect/token"
client = vendor.FileVineClient()
project = facts["project"]


def upload(name, data):
    asked = client.create_document(Filename=name, Size=len(data), ProjectId={"Native": project})
    requests.put(
        asked["url"], data, headers={"Content-Type": asked["contentType"]}, timeout=10
    ).raise_for_status()
    return asked["documentId"]["native"]


def refused(act, *arguments):
    try:
        act(*arguments)
    except vendor.FilevineClientError as error:
        return str(error)
    return ""


def download(number):
    return requests.get(client.get_document_download_locator(number)["url"], timeout=10).text


saw = {}
saw["me"] = client.get_me()["user"]["userId"]["native"]
saw["projects"] = [found["projectName"] for found in client.list_projects()["items"]]
saw["root"] = client.get_project(project)["rootDocFolderId"]["native"]
document = upload("brief.txt", b"one")
saw["pending"] = client.list_documents()["items"]
saw["committed"] = client.add_document_to_project(project, document)["filename"]
folder = client.create_folder(
    Name="Discovery", ProjectId={"Native": project}, ParentId={"Native": saw["root"]}
)
into = folder["folderId"]["native"]
second = upload("second.txt", b"two")
saw["into"] = client.post(f"Projects/{project}/Documents/{second}?folderId={into}")["folderName"]
saw["listed"] = [found["filename"] for found in client.list_documents()["items"]]
saw["series"] = [found["filename"] for found in client.list_document_series(last_id=document)["items"]]
saw["search"] = [found["filename"] for found in client.search_documents("BRIEF", project)["items"]]
saw["revised"] = client.add_document_revision(document, Native=upload("other.txt", b"three"))[
    "currentVersion"
]
saw["text"] = download(document)
saw["renamed"] = client.update_document(document, Filename="final", FolderId={"Native": into})["filename"]
saw["locked"] = client.lock_document(document)["documentId"]["native"] == document
saw["unlocked"] = client.unlock_document(document)["documentId"]["native"] == document
saw["folder"] = client.update_folder(into, Name="Disclosure", ParentId={"Native": saw["root"]})["name"]
saw["folders"] = [found["name"] for found in client.get("Folders/list", {"projectId": project})["items"]]
saw["links"] = len(client.batch_download_documents([document, second]))
files = [{"FileName": "b.txt", "ProjectId": project, "SizeInBytes": 1, "SizeInBits": 8}]
(batch,) = client.batch_upload_documents(Files=files)
requests.put(
    batch["uploadUrl"], b"b", headers={"Content-Type": batch["contentType"]}, timeout=10
).raise_for_status()
saw["confirmed"] = client.confirm_batch_upload(DocumentIds=[batch["documentId"]])
saw["wrong body"] = refused(client.move_documents, [document], saw["root"])
saw["no such path"] = refused(client.get_document_series, document)
saw["deleted"] = client.delete_document(second)
saw["gone"] = refused(client.get_document, second)
requests.post(f"{facts['url']}/_backdoor/expire_tokens", timeout=10)
saw["signed in again"] = client.get_document(document)["filename"]
requests.post(f"{facts['url']}/_backdoor/switch", json={"requests_per_minute": 60, "burst": 1}, timeout=10)
saw["waited"] = [client.get_me()["isActive"] for _ in range(2)]
client.delete_folder(into)
saw["left"] = [found["filename"] for found in client.list_documents()["items"]]
sys.stdout.write(json.dumps(saw))
