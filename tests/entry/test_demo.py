"""The demo tells its story on real servers, and notices when it is not true."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from synctool.entry import demo
from synctool.entry.demo import papers, spare, witness
from synctool.entry.demo.stage import BUCKET, MARKER, staged
from synctool.entry.demo.story import ANSWER, tell
from synctool.entry.demo.telling import Teller
from synctool.errors import Busy, Missing, Misuse, SyncError

START = """
import signal, sys
from synctool.entry.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore ^C
sys.exit(main())
"""
SYNCTOOL = [sys.executable, "-c", START]
ROOT = Path(__file__).parents[2]
TICKS = 26  # one for each claim of the story


def silent():
    return Teller(Console(file=io.StringIO()))


@contextmanager
def serving(state):
    """The demo as people start it, told to go on; yields the process and what it said."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    variables |= {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [*SYNCTOOL, "--state", str(state), "demo", "--serve"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env=variables,
        start_new_session=True,
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Where were you in May?" in line:  # the last that it says
                break
        yield process, "".join(said)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def children(pid):
    """Every process that came from this one, by number; Linux knows."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


@pytest.mark.slow
@pytest.mark.server
def test_the_story_is_true_in_every_point_and_fits_a_small_terminal(tmp_path, capsys):
    assert demo.run(tmp_path, serve=False) == 0
    told = capsys.readouterr().out
    assert told.count("\n✓ ") == TICKS
    assert "✗" not in told
    own_lines = [line for line in told.splitlines() if not line.startswith("  ")]
    assert max(map(len, own_lines)) <= 80
    assert "\x1b" not in told
    kept = list((tmp_path / "demo" / "Z-Drive").rglob(".synctool/trash/*/Pleadings/Complaint.docx"))
    assert len(kept) == 1


@pytest.mark.slow
@pytest.mark.server
def test_a_story_that_is_not_true_ends_and_says_what_differs(tmp_path):
    console = Console(file=io.StringIO(), width=80)
    with staged(tmp_path / "demo", Teller(console)) as stage:
        (stage.drive / "Stray.txt").write_bytes(b"nobody told of it")
        with pytest.raises(
            SyncError, match=r"hold the same .*; filevine: Stray.txt should not be there"
        ) as ended:
            tell(stage, Teller(console))
        assert not list(witness.unlabelled(stage))
        stage.client.delete_object_tagging(Bucket=BUCKET, Key=f"{stage.prefix}{ANSWER}")
        (unlabelled,) = witness.unlabelled(stage)
        assert unlabelled.startswith(f"{ANSWER}: says")
    assert ended.value.exit_code == 1
    assert "✗ Filevine, S3 and the Z-Drive hold the same" in console.file.getvalue()


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes where Linux shows them")
def test_served_it_answers_people_until_interrupted_and_leaves_no_process(tmp_path):
    with serving(tmp_path) as (process, said):
        servers = children(process.pid)
        assert servers
        lines = re.findall(r"^  curl (\S+)(?: -d (\".*\"))?$", said, re.MULTILINE)
        assert [address.rpartition("/")[2] for address, _ in lines] == [
            *("_backdoor", "tree", "upload", "revise", "rename", "delete", "revise"),
        ]
        for address, body in lines:
            data = json.loads(body).encode() if body else None
            with urllib.request.urlopen(address, data) as answer:
                assert answer.status == 200
        plan = re.findall(r"^  (synctool .* plan demo)$", said, re.MULTILINE)[-1]
        options = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', plan)][1:]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        asked = subprocess.run(
            [*SYNCTOOL, *options], capture_output=True, check=False, cwd=ROOT, env=variables
        )
        assert asked.returncode == 0, asked.stderr
        assert b"Medical/Bills/May.txt" in asked.stdout
        with pytest.raises(Busy):
            demo.run(tmp_path, serve=False)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        for pid in servers:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


@pytest.mark.slow
@pytest.mark.server
def test_where_there_is_no_weed_moto_stands_in(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)
    with staged(tmp_path / "demo", silent()) as stage:
        assert isinstance(stage.s3, spare.SpareS3)
        tell(stage, silent())


def test_where_there_is_no_server_at_all_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)
    monkeypatch.setitem(sys.modules, "moto.server", None)
    console = Console(file=io.StringIO())
    former = tmp_path / "demo" / "former.txt"
    former.parent.mkdir()
    former.write_text("of an earlier demo")
    (tmp_path / "demo" / MARKER).touch()
    with (
        pytest.raises(Missing, match=r"moto.server.*pip install 'synctool\[demo\]'") as ended,
        staged(tmp_path / "demo", Teller(console)),
    ):
        pass
    assert ended.value.exit_code == 5
    assert not former.exists()
    assert "weed" in console.file.getvalue()


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "brief.docx").write_bytes(b"mine")
    with pytest.raises(Misuse, match="was not made by the demo"):
        demo.run(tmp_path, serve=False)
    assert [each.name for each in (tmp_path / "demo").iterdir()] == ["brief.docx"]


def test_every_kind_of_difference_is_named():
    found = {"s3": {"a": b"1", "b": b"2"}, "zdrive": {"a": b"1", "c": b"3"}}
    assert list(witness.differences({"a": b"1", "c": b"4"}, found)) == [
        "s3: b should not be there",
        "s3: c is not there",
        "zdrive: c holds other bytes",
    ]


@pytest.mark.parametrize(
    "data", [papers.docx("Smith & Jones", "2"), papers.xlsx(("Item", "<1>"), ("a", "b"))]
)
def test_an_office_file_is_a_whole_package(data):
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: ET.fromstring(package.read(name)) for name in package.namelist()}
    types = {each.get("PartName") for each in parts["[Content_Types].xml"]}
    targets = {
        "/" + (name.partition("_rels/")[0] + each.get("Target"))
        for name, part in parts.items()
        if name.endswith(".rels")
        for each in part
    }
    assert targets
    assert targets <= {f"/{name}" for name in parts} & types
    text = "".join("".join(part.itertext()) for part in parts.values())
    assert text in {"Smith & Jones2", "Item<1>ab"}


def test_a_pdf_points_at_its_objects():
    data = papers.pdf("Exhibit (1) \\ one")
    assert b"(Exhibit \\(1\\) \\\\ one)" in data
    start = int(data.split(b"startxref\n")[1].split()[0])
    assert data[start:].startswith(b"xref\n0 7\n")
    entries = data[start:].splitlines()[3:9]
    for number, entry in enumerate(entries, 1):
        assert data[int(entry[:10]) :].startswith(b"%d 0 obj" % number)
        assert len(entry) + 1 == 20


def test_the_length_of_a_pdfs_stream_is_what_it_says():
    data = papers.pdf("Exhibit")
    length = int(re.search(rb"/Length (\d+)", data)[1])
    assert data.split(b"stream\n")[1][length:] == b"\nend"


def test_the_same_paper_has_the_same_bytes_at_any_time():
    first = papers.docx("x")
    time.sleep(2.1)  # a zip's own times are even seconds
    assert papers.docx("x") == first
