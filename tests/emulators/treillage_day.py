"""Spends a day at a Filevine with an older client that others wrote, by its first API and key mode; says what it saw as JSON."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import aiohttp
from treillage import Treillage, TreillageHTTPException
from treillage.endpoints import delete_document, get_document, get_document_list

facts = json.loads(sys.argv[1])
project = facts["project"]
key = Path(tempfile.mkdtemp()) / "key.yml"
key.write_text(json.dumps({"key": facts["api_key"], "secret": facts["api_secret"]}))


async def upload(conn, name, data, folder):
    body = {"filename": name, "size": len(data), "projectId": {"native": project}}
    asked = await conn.post("/core/documents", body)
    async with aiohttp.request(
        "PUT", asked["url"], data=data, headers={"Content-Type": asked["contentType"]}
    ) as stored:
        stored.raise_for_status()
    number = asked["documentId"]["native"]
    return await conn.post(f"/core/projects/{project}/documents/{number}?folderId={folder}", {})


async def download(conn, number):
    link = await conn.get(f"/core/documents/{number}/locator")
    async with aiohttp.request("GET", link["url"]) as response:
        return await response.text()


async def refused(act):
    try:
        await act
    except TreillageHTTPException as error:
        return error.code


async def door(act, **body):
    async with aiohttp.request("POST", f"{facts['url']}/_backdoor/{act}", json=body) as response:
        response.raise_for_status()


async def spend(firm):
    conn, saw = firm.conn, {}
    saw["project"] = (await conn.get(f"/core/projects/{project}"))["projectName"]
    folder = (
        await conn.post(
            "/core/folders", {"name": "Letters", "projectId": {"native": project}, "parentId": {}}
        )
    )["folderId"]["native"]
    made = [await upload(conn, f"{n}.txt", f"letter {n}".encode(), folder) for n in range(3)]
    numbers = [document["documentId"]["native"] for document in made]
    saw["uploaded"] = [document["folderName"] for document in made]
    saw["listed"] = [found["filename"] async for found in get_document_list(conn, folder_id=str(folder))]
    saw["one"] = await get_document(conn, str(numbers[0]), ["filename", "size"])
    saw["text"] = await download(conn, numbers[1])
    saw["renamed"] = (await conn.patch(f"/core/documents/{numbers[1]}", {"filename": "final"}))["filename"]
    try:
        await delete_document(conn, str(numbers[2]))
    except aiohttp.ContentTypeError as error:  # it looks for JSON in an empty answer
        saw["deleted"] = error.status
    saw["gone"] = await refused(get_document(conn, str(numbers[2])))
    await door("strike", fault="429", times=2, route="/Documents")
    saw["waited"] = [found["filename"] async for found in get_document_list(conn, folder_id=str(folder))]
    await conn.token_manager.refresh_access_token()
    saw["with the session"] = (await conn.get(f"/core/folders/{folder}"))["name"]
    await door("expire_tokens")
    saw["without a session"] = await refused(conn.get(f"/core/folders/{folder}"))
    return saw


async def main():
    async with Treillage(str(key), base_url=facts["url"], max_connections=4) as firm:
        return await spend(firm)


sys.stdout.write(json.dumps(asyncio.run(main())))
