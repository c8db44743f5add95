"""An editor with yaml-language-server, given the published schema, marks the lines that ``load`` marks."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
NODE = ROOT / "build" / f"node-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"  # workers install at once
SERVER = NODE / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
SETTINGS = {"schemas": {(ROOT / "schemas/profile.schema.json").as_uri(): "*.yaml"}, "validate": True}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


class Editor:
    """Speaks the language server protocol with yaml-language-server over its standard streams."""

    def __init__(self):
        command = [shutil.which("node"), SERVER, "--stdio"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self.send(
            "initialize", {"processId": os.getpid(), "rootUri": ROOT.as_uri(), "capabilities": {}}, number=1
        )
        self.receive_until(lambda message: message.get("id") == 1 and "result" in message)
        self.send("initialized", {})
        self.send("workspace/didChangeConfiguration", {"settings": {"yaml": SETTINGS}})

    def send(self, method, params, number=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
        self.write(message)

    def write(self, message):
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive_until(self, wanted):
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert length, "the editor's server has ended"
            message = json.loads(self.process.stdout.read(length))
            if "method" in message and "id" in message:
                items = (
                    message["params"].get("items", ())
                    if message["method"] == "workspace/configuration"
                    else ()
                )
                answers = [SETTINGS if each.get("section") == "yaml" else None for each in items]
                self.write({"jsonrpc": "2.0", "id": message["id"], "result": answers or None})
            elif wanted(message):
                return message

    def marked_lines(self, path):
        uri = path.as_uri()
        text = path.read_text("utf-8")
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        told = self.receive_until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
            )
        )
        return {each["range"]["start"]["line"] + 1: each["message"] for each in told["params"]["diagnostics"]}

    def close(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def editor(lacking):
    if not shutil.which("node") or not shutil.which("npm"):
        lacking("no editor to compare with: node and npm are not installed")
    if not SERVER.exists():
        command = ["npm", "install", "--prefix", str(NODE), "yaml-language-server@1.25"]
        installed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if installed.returncode:
            lacking(f"no editor to compare with: {installed.stderr}")
    editor = Editor()
    yield editor
    editor.close()


def expected_lines(path):
    said = [line.removeprefix("# says: ").split(":") for line in path.read_text("utf-8").splitlines()]
    return {int(parts[0]) for parts in said if parts[0].isdigit()}


@pytest.mark.parametrize("path", sorted((CORPUS / "bad").glob("[!_]*.yaml")), ids=lambda path: path.stem)
def test_the_editor_marks_the_lines_of_bad_profiles(editor, path):
    assert editor.marked_lines(path).keys() == expected_lines(path)


GOOD = [*(CORPUS / "good").glob("[!_]*.yaml"), *(ROOT / "profiles").glob("*.yaml")]


@pytest.mark.parametrize("path", sorted(GOOD), ids=lambda path: path.stem)
def test_the_editor_marks_nothing_in_good_profiles(editor, path):
    assert not editor.marked_lines(path)
