"""The template is deployed, with every policy enforced, and does on AWS what it says."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.filevine.news import IDS
from tests.aws.ministack import ENVIRONMENT, REGION, Lacking, MiniStack

pytestmark = [pytest.mark.slow, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "deploy/aws/template.yaml"
PROFILE = """
version: 1
name: smith
project: {project}
sides:
  filevine:
    kind: filevine
    api_url: {filevine}
    identity_url: {filevine}
    org: 6001
    auth: {{mode: token, client_id: {client}, client_secret: "aws-sm:filevine#secret", token: "aws-sm:filevine#token"}}
  s3: {{kind: s3, bucket: documents, prefix: "cases/{{project}}/", endpoint_url: {aws}}}
  zdrive: {{kind: drive, root: "{drive}"}}
"""


class Door(BaseHTTPRequestHandler):
    """Hands what it is sent to the address that only AWS's own names lead to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        with contextlib.closing(http.client.HTTPConnection(*self.server.inside, timeout=60)) as connection:
            connection.request("POST", self.path, body, headers | {"Host": self.server.host})
            self.send_response(connection.getresponse().status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


class Cloud:
    """The deployed stack, and who looks at it from outside."""

    def __init__(self, aws, filevine, folder):
        self.aws = aws
        self.filevine = filevine
        self.project = filevine.colleague.add_project("Smith v Jones")
        self.folder, self.drive = folder, folder / "Z-Drive"
        self.drive.mkdir()
        self.s3 = aws.client("s3")
        for bucket in ("code", "documents", "state"):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket="documents", VersioningConfiguration={"Status": "Enabled"})
        known = filevine.credentials
        secret = json.dumps({"secret": known.client_secret, "token": known.pat})
        self.secret = aws.client("secretsmanager").create_secret(Name="filevine", SecretString=secret)["ARN"]
        self._put_code(folder, known.client_id)
        self.outputs = self._deploy()

    def _put_code(self, folder, client):
        profiles = folder / "profiles"
        profiles.mkdir()
        text = PROFILE.format(
            project=self.project,
            filevine=self.filevine.url,
            aws=self.aws.url,
            client=client,
            drive=self.drive,
        )
        (profiles / "smith.yaml").write_text(text)
        out = folder / "synctool.zip"
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        options = ("--profiles", profiles, "--out", out, "--python", python)
        subprocess.run(
            [sys.executable, ROOT / "deploy/aws/build.py", *options], check=True, capture_output=True
        )
        self.s3.upload_file(out, "code", "synctool.zip")

    def _deploy(self):
        stacks = self.aws.client("cloudformation")
        said = {
            "CodeBucket": "code",
            "DocumentsBucket": "documents",
            "StateBucket": "state",
            "Secrets": self.secret,
            "OfficeQueue": "yes",
        }
        stacks.create_stack(
            StackName="synctool",
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in said.items()],
        )
        stacks.get_waiter("stack_create_complete").wait(StackName="synctool", WaiterConfig={"Delay": 1})
        found = stacks.describe_stacks(StackName="synctool")["Stacks"][0]["Outputs"]
        return {each["OutputKey"]: each["OutputValue"] for each in found}

    def documents(self):
        """The documents in the bucket, by name."""
        found = self.s3.list_objects_v2(Bucket="documents", Prefix=f"cases/{self.project}/").get(
            "Contents", ()
        )
        names = (each["Key"].removeprefix(f"cases/{self.project}/") for each in found)
        return {name for name in names if not name.startswith(".") and not name.endswith(".placeholder")}

    def text(self, name):
        return self.s3.get_object(Bucket="documents", Key=f"cases/{self.project}/{name}")["Body"].read()

    def until(self, what):
        """Wait until something is so."""
        end = time.monotonic() + 90
        while not what():
            assert time.monotonic() < end, f"it did not come; the functions said:\n{self.logs()}"
            time.sleep(0.1)

    @property
    def environ(self):
        """What the office signs in to AWS with."""
        own = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        return os.environ | own | {"AWS_ENDPOINT_URL": self.aws.url}

    def command(self, *words):
        """A command of the office, which shares the state with the functions."""
        places = ("--profiles", self.folder / "profiles", "--state", "s3://state/synctool/")
        return [sys.executable, "-m", "synctool.entry.cli", *map(str, (*places, *words))]

    @contextlib.contextmanager
    def office(self):
        """The office is open: what waited is made good, and its queue is followed."""
        done = subprocess.run(
            self.command("apply", "--yes"), env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 8), done.stdout + done.stderr
        said = self.folder / "worker.log"
        with said.open("a") as log:
            begun = said.read_text().count("working;")
            words = self.command("worker", "--queue", self.outputs["OfficeQueue"])
            worker = subprocess.Popen(words, env=self.environ, stdout=log, stderr=log)
            # before it says so, it does not hear SIGTERM
            self.until(lambda: said.read_text().count("working;") > begun)
            yield
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0

    def on_drive(self):
        """The documents on the drive, by name, and their texts."""
        found = {
            path.relative_to(self.drive).as_posix(): path for path in self.drive.rglob("*") if path.is_file()
        }
        return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".")}

    def in_filevine(self):
        return {
            leaf.path: leaf.bytes
            for leaf in self.filevine.colleague.tree(self.project)
            if not leaf.path.startswith(".")
        }

    def in_bucket(self):
        return {name: self.text(name) for name in self.documents()}

    def agrees(self):
        return self.on_drive() == self.in_filevine() == self.in_bucket()

    def logs(self):
        logs = self.aws.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        events = [each for group in groups for each in logs.filter_log_events(logGroupName=group)["events"]]
        return "\n".join(each["message"] for each in events)[-6000:]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory, lacking):
    folder = tmp_path_factory.mktemp("cloud")
    try:
        with MiniStack(tmp_path_factory.mktemp("aws"), enforcing=True) as aws, FilevineEmulator() as filevine:
            yield Cloud(aws, filevine, folder)
    except Lacking as reason:
        lacking(str(reason))


@pytest.fixture(scope="module")
def subscribed(cloud):
    """Webhooks reach the receiver."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.inside, server.host = ("127.0.0.1", cloud.aws.port), urlsplit(cloud.outputs["WebhookUrl"]).netloc
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/filevine"
    subscribe(cloud.filevine, url)
    yield cloud
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(filevine, url):
    known = filevine.credentials
    said = {
        "grant_type": "personal_access_token",
        "token": known.pat,
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "scope": "fv.api.gateway.access filevine.v2.webhooks",
    }
    token = requests.post(f"{filevine.url}/connect/token", data=said).json()["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "x-fv-orgid": str(filevine.org),
        "x-fv-userid": str(filevine.user),
    }
    wanted = {"Name": "synctool", "EventIds": list(IDS), "Endpoint": url}
    answer = requests.post(f"{filevine.url}/fv-app/v2/webhooks/subscription", json=wanted, headers=headers)
    assert answer.status_code == 200, answer.text


def test_the_template_is_sound():
    done = subprocess.run(
        [ENVIRONMENT / "bin/cfn-lint", TEMPLATE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_document_is_in_the_bucket_when_filevine_has_told_of_it(subscribed):
    subscribed.filevine.colleague.upload(subscribed.project, "Pleadings/Answer.pdf", b"answer")
    subscribed.until(lambda: "Pleadings/Answer.pdf" in subscribed.documents())
    assert subscribed.text("Pleadings/Answer.pdf") == b"answer"


def test_what_is_edited_renamed_and_deleted_in_filevine_is_so_in_the_bucket(subscribed):
    document = subscribed.filevine.colleague.upload(subscribed.project, "Motions/Motion.docx", b"first")
    subscribed.until(lambda: "Motions/Motion.docx" in subscribed.documents())
    subscribed.filevine.colleague.revise(document, b"second")
    subscribed.until(lambda: subscribed.text("Motions/Motion.docx") == b"second")
    subscribed.filevine.colleague.rename(document, "Motion to Dismiss.docx")
    subscribed.until(lambda: "Motions/Motion to Dismiss.docx" in subscribed.documents())
    subscribed.filevine.colleague.delete(document)
    subscribed.until(lambda: not any("Motion" in name for name in subscribed.documents()))


def test_a_week_in_which_the_office_is_closed(subscribed):
    cloud, colleague, drive = subscribed, subscribed.filevine.colleague, subscribed.drive
    ids = {
        name: colleague.upload(cloud.project, f"Week/{name}", b"monday")
        for name in (
            "both.docx",
            "edited here.docx",
            "deleted there.docx",
            "deleted here.docx",
            "renamed.docx",
        )
    }
    with cloud.office():  # on Monday all is the same everywhere
        cloud.until(lambda: len([name for name in cloud.on_drive() if name.startswith("Week/")]) == len(ids))
        cloud.until(cloud.agrees)
    colleague.upload(cloud.project, "Week/new there.docx", b"tuesday")
    colleague.revise(ids["both.docx"], b"theirs")
    colleague.rename(ids["renamed.docx"], "got a name.docx")
    colleague.delete(ids["deleted there.docx"])
    cloud.until(lambda: cloud.documents() >= {"Week/new there.docx", "Week/got a name.docx"})
    cloud.until(lambda: cloud.text("Week/both.docx") == b"theirs")
    cloud.until(lambda: "Week/deleted there.docx" not in cloud.documents())
    (drive / "Week/both.docx").write_bytes(b"ours")  # meanwhile on the drive, which nobody sees
    (drive / "Week/edited here.docx").write_bytes(b"edited")
    (drive / "Week/new here.docx").write_bytes(b"new")
    (drive / "Week/renamed.docx").write_bytes(b"edited under its old name")
    (drive / "Week/deleted here.docx").unlink()
    with cloud.office():
        cloud.until(cloud.agrees)
        colleague.upload(cloud.project, "Week/friday.docx", b"friday")
        cloud.until(lambda: "Week/friday.docx" in cloud.on_drive())
        cloud.until(cloud.agrees)
    week = {
        name.removeprefix("Week/"): text
        for name, text in cloud.on_drive().items()
        if name.startswith("Week/")
    }
    both = {name: week.pop(name) for name in list(week) if name.startswith("both")}
    assert len(both) == 2
    assert set(both.values()) == {b"theirs", b"ours"}
    assert week == {
        "edited here.docx": b"edited",
        "new there.docx": b"tuesday",
        "new here.docx": b"new",
        "got a name.docx": b"edited under its old name",
        "friday.docx": b"friday",
    }
