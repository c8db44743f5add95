"""Leaves the demo's places to people, with a word on how to use them."""

import json
from contextlib import suppress

from synctool.engine.clock import SYSTEM
from synctool.entry.demo.stage import BUCKET, Stage
from synctool.entry.demo.story import ANSWER, NOTE
from synctool.entry.demo.telling import Teller

SECOND = "Doe v Roe"
"""The case that is left to people."""


def farewell(stage: Stage, teller: Teller) -> None:
    """Say what is left to look at when the servers have ended."""
    teller.chapter(
        "What is left to look at", "The case on the Z-Drive, the trash in it, and what was written down:"
    )
    teller.lines([f"  {stage.drive}", f"  {_synctool(stage)} log demo"])
    teller.lines(["", "With --serve everything keeps running, for trying it yourself."])


def attend(stage: Stage, teller: Teller) -> None:
    """Say how to use the places, and leave them running until interrupted."""
    teller.chapter("Now you", "Everything keeps running until Ctrl-C. Be the people of the firm!")
    teller.paragraph("On the Z-Drive: work in this folder, with whatever you like.")
    teller.lines([f"  {stage.drive}"])
    teller.paragraph(
        "In Filevine: with curl, in a Unix shell or in cmd.exe on Windows. The first line lists all that can be done."
    )
    teller.lines(_acts(stage))
    teller.paragraph("In S3: with any client; the keys are in the file .env beside the profile.")
    teller.lines([f"  {stage.s3.endpoint}, bucket {BUCKET}, below {stage.prefix}"])
    teller.paragraph("Then, in another terminal (no variables need be set: the file .env has them):")
    teller.lines([f"  {_synctool(stage)} {command} demo" for command in ("plan", "apply")])
    teller.paragraph(
        f"{SECOND} is a case that has no profile yet: docs/quickstart.md goes on with it, from init to a conflict."
    )
    teller.lines(_founding(stage))
    with suppress(KeyboardInterrupt):
        while True:
            SYSTEM.sleep(3600)
    teller.lines(["Ending the servers."])


def _founding(stage: Stage) -> list[str]:
    """How a second case, in Filevine and on the drive, gets a profile; and how a colleague edits what is there."""
    project = stage.filevine.colleague.add_project(SECOND)
    document = stage.filevine.colleague.upload(project, "Discovery/Questions.txt", b"1. Where were you?\n")
    exhibits = stage.drive.parent / SECOND / "02 Discovery" / "Exhibits.txt"
    exhibits.parent.mkdir(parents=True)
    exhibits.write_bytes(b"A: a photograph\n")
    addresses = f"--api-url {stage.filevine.url} --identity-url {stage.filevine.url} --endpoint-url {stage.s3.endpoint}"
    return [
        f'  cd "{stage.folder}"',
        f'  synctool init --project "{SECOND}" --drive "Z-Drive/{SECOND}" --bucket {BUCKET} {addresses}',
        _posted(
            f"  curl {stage.filevine.url}/_backdoor/revise",
            document=document,
            text="1. Where were you in May?",
        ),
    ]


def _acts(stage: Stage) -> list[str]:
    ids = {leaf.path: leaf.id for leaf in stage.filevine.colleague.tree(stage.project)}
    door = f"  curl {stage.filevine.url}/_backdoor"
    return [
        door,
        _posted(f"{door}/tree", project=stage.project),
        _posted(
            f"{door}/upload", project=stage.project, path="Medical/Bills/May.txt", text="Dr. Roe: 90 dollars"
        ),
        _posted(f"{door}/revise", document=ids[NOTE], text="Call Smith on Tuesday."),
        _posted(f"{door}/rename", document=ids[ANSWER], name="Answer, amended.docx"),
        _posted(f"{door}/delete", document=ids[NOTE]),
    ]


def _posted(address: str, **fields: object) -> str:
    """A line for curl, quoted so that both cmd.exe and a Unix shell read it."""
    body = json.dumps(fields).replace('"', '\\"')
    return f'{address} -d "{body}"'


def _synctool(stage: Stage) -> str:
    return f'synctool --profiles "{stage.profile.parent}" --state "{stage.tools.state}"'
