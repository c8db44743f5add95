"""Measures how long a change takes to arrive while ``synctool watch`` runs, and what watching costs when nothing happens.

``python -m benchmarks.latency --profiles 1 200`` lets a colleague upload documents to a Filevine that tells of them by
webhook, until their bytes lie on the Z-Drive, and saves files on the Z-Drive until Filevine has committed them; each document
in a case drawn anew. Filevine and SeaweedFS run beside it; CPU and memory are those of the watch alone.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.seaweedfs import SeaweedFS

PATIENCE = 300.0  # seconds
CHECKOUT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
"""What is measured is the synctool beside this, installed or not."""

PROFILE = """
version: 1
name: {name}
project: {project}
sides:
  filevine:
    kind: filevine
    api_url: {filevine}
    identity_url: {filevine}
    org: {org}
    auth: {{mode: token, client_id: "${{ID}}", client_secret: "${{SECRET}}", token: "${{PAT}}"}}
  s3: {{kind: s3, bucket: cases, prefix: "cases/{{project}}/", endpoint_url: {s3}}}
  zdrive: {{kind: drive, root: "{root}"}}
watch: {{settle_seconds: {settle}}}
"""


class Firm(NamedTuple):
    """The servers, the cases by their project's number, and the folder that holds all else."""

    filevine: FilevineEmulator
    s3: SeaweedFS
    folder: Path
    cases: dict[int, Path]


class Figures(NamedTuple):
    """What was measured: seconds until documents arrived, either way; the watch's CPU while idle, as a part of a core; its MiB."""

    to_drive: list[float]
    to_filevine: list[float]
    idle: float
    memory: float


def main() -> None:
    """Measure, and print a table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--profiles", type=int, nargs="+", default=[1, 200])
    words.add_argument("--events", type=int, default=30, help="documents either way")
    words.add_argument(
        "--settle", type=float, nargs="+", default=[3.0], help="settle_seconds of the profiles"
    )
    words.add_argument("--idle", type=float, default=60.0, help="seconds of watching nothing")
    asked = words.parse_args()
    print(
        "| profiles | settle_seconds | Filevine to Z-Drive, p50 / p95 | Z-Drive to Filevine, p50 / p95 | idle CPU | memory |"
    )
    print("|---|---|---|---|---|---|")
    for settle in asked.settle:
        for count in asked.profiles:
            with TemporaryDirectory() as folder, firm(Path(folder), count, settle) as there:
                found = measured(there, asked.events, asked.idle)
            print(
                f"| {count} | {settle:g} s | {_quantiles(found.to_drive)} | {_quantiles(found.to_filevine)} | "
                f"{found.idle:.1%} of a core | {found.memory:.0f} MiB |",
                flush=True,
            )


@contextmanager
def firm(folder: Path, count: int, settle: float) -> Iterator[Firm]:
    """A Filevine, an S3 server and so many cases with a profile each."""
    with FilevineEmulator() as filevine, SeaweedFS(folder / "weed") as s3:
        s3.make_bucket("cases", versioned=True)
        (folder / "profiles").mkdir()
        cases = {}
        for number in range(count):
            project = filevine.colleague.add_project(f"Case {number}")
            filevine.colleague.upload(project, "Pleadings/Complaint.pdf", b"complaint")
            root = cases[project] = folder / "drive" / str(project)
            root.mkdir(parents=True)
            text = PROFILE.format(
                name=f"case-{project}",
                project=project,
                filevine=filevine.url,
                org=filevine.org,
                s3=s3.endpoint,
                root=root,
                settle=settle,
            )
            (folder / "profiles" / f"case-{project}.yaml").write_text(text)
        known = filevine.credentials
        secrets = {"ID": known.client_id, "SECRET": known.client_secret, "PAT": known.pat}
        secrets |= {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
        (folder / ".env").write_text("\n".join(f"{name}={value}" for name, value in secrets.items()))
        (folder / "profiles/.env").write_text((folder / ".env").read_text())
        yield Firm(filevine, s3, folder, cases)


def measured(there: Firm, events: int, idle: float) -> Figures:
    """Watch, wait until everything was looked at, do nothing for a while, then change documents one after the other."""
    with watching(there) as pid:
        until(lambda: all((root / "Pleadings/Complaint.pdf").exists() for root in there.cases.values()))
        time.sleep(10)  # what was written is announced, and looked at once more
        before = cpu(pid)
        time.sleep(idle)
        rest = (cpu(pid) - before) / idle
        draw = random.Random(7)
        to_drive = [_to_drive(there, draw, number) for number in range(events)]
        to_filevine = [_to_filevine(there, draw, number) for number in range(events)]
        return Figures(to_drive, to_filevine, rest, memory(pid))


@contextmanager
def watching(there: Firm) -> Iterator[int]:
    """A watch that hears of Filevine's changes; its process."""
    command = [sys.executable, "-m", "synctool.entry.cli", "watch", "--webhook", "127.0.0.1:8448"]
    with (there.folder / "watch.log").open("w") as log:
        process = subprocess.Popen(command, cwd=there.folder, env=CHECKOUT, stdout=log, stderr=log)
        try:
            _subscribe(there)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()


def _subscribe(there: Firm) -> None:
    name = f"case-{next(iter(there.cases))}"
    words = ["webhooks", "subscribe", "http://127.0.0.1:8448/filevine", "--profile", name]
    done = subprocess.run(
        [sys.executable, "-m", "synctool.entry.cli", *words],
        cwd=there.folder,
        env=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)


def _to_drive(there: Firm, draw: random.Random, number: int) -> float:
    project = draw.choice(list(there.cases))
    data = draw.randbytes(100_000)
    begun = time.monotonic()
    there.filevine.colleague.upload(project, f"Pleadings/Motion {number}.pdf", data)
    place = there.cases[project] / "Pleadings" / f"Motion {number}.pdf"
    until(lambda: place.exists() and place.stat().st_size == len(data))
    return time.monotonic() - begun


def _to_filevine(there: Firm, draw: random.Random, number: int) -> float:
    project = draw.choice(list(there.cases))
    name = f"Letter {number}.docx"
    begun = time.monotonic()
    (there.cases[project] / "Pleadings" / name).write_bytes(draw.randbytes(100_000))
    until(lambda: any(leaf.path.endswith(name) for leaf in there.filevine.colleague.tree(project)))
    return time.monotonic() - begun


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            raise SystemExit("it did not arrive")
        time.sleep(0.01)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """The most memory a process has held, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _quantiles(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s / {statistics.quantiles(seconds, n=20)[-1]:.1f} s"


if __name__ == "__main__":
    main()
