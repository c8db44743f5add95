"""Lets people work on all sides at once while a real watch runs, is told badly, and is killed: ``python -m tests.reliability.soak``.

What a person wrote, and no person overwrote, renamed away or deleted, must be in sight or kept at the end, and all sides
must hold the same.
"""

import argparse
import contextlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from botocore.exceptions import ClientError

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.filevine.news import IDS
from synctool.emulators.filevine.records import Refusal
from synctool.emulators.seaweedfs import SeaweedFS
from tests.scenarios.office import MAIN, VERSIONED, Office

NAMES = [
    f"{folder}{name}"
    for folder in ("", "Pleadings/", "Discovery/Exhibits/")
    for name in ("a.docx", "b.pdf", "c.txt")
]
ACTS = ("put", "put", "put", "rename", "delete")
NEWS = ("prompt", "prompt", "lost", "doubled", "reordered", "delayed")
QUICKER = (OSError, LookupError, Refusal, ClientError)
"""What a person gets whom somebody else was quicker than."""

WATCH = {"settle_seconds": 0.2, "poll": "2s", "full_look_minutes": 1}
FREE = {"deletes": {"count": 100_000, "share": 1.0}, "overwrites": {"share": 1.0}, "shrunk": 0.0}


class Soak:
    """An office in which somebody does something all the time, by one seed.

    did: how often each thing was done; rested: seconds after which all sides held the same.
    """

    def __init__(self, office, seed, acts=ACTS):
        self.office, self.acts = office, acts
        self.draw = random.Random(seed)
        self.written, self.did, self.rested = 0, {}, 0.0
        self.alive = set()  # texts that a person wrote and nobody took away
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = office.folder / "watch.log"
        office.says(watch=WATCH, brakes=FREE)
        office.fv.colleague._org.news.subscribe("Ours", "", IDS, f"http://127.0.0.1:{self.port}/filevine")
        office.fv.switch(late_seconds=1.0)

    def run(self, seconds):
        """Work for so long; then let the watch come to rest."""
        try:
            self.work(time.monotonic() + seconds)
        finally:
            self.watch.kill()
            self.watch.wait()

    def work(self, end):
        self.watch = self.start()
        while time.monotonic() < end:
            time.sleep(self.draw.random() * 0.3)
            self.act()
            if self.draw.random() < 0.01:
                self.count(stop := self.draw.choice(["SIGTERM", "SIGKILL"]))
                self.watch.send_signal(getattr(signal, stop))
                self.watch.wait(60)
                self.watch = self.start()
            if self.draw.random() < 0.05:
                news = self.draw.choice(NEWS)
                self.count(f"news {news}")
                self.office.fv.switch(deliveries=news)
        self.office.fv.switch(deliveries="prompt")
        self.rest(120)
        self.watch.send_signal(signal.SIGTERM)
        assert self.watch.wait(60) == 0, self.log.read_text()[-2000:]

    def start(self):
        """The watch, as a service starts it."""
        words = ("--profiles", self.office.file.parent, "watch", "--webhook", f"127.0.0.1:{self.port}")
        environ = self.office.environ | {"SYNCTOOL_STATE": str(self.office.state), "PATH": "/usr/bin:/bin"}
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-c", MAIN, *map(str, words)],
                cwd=Path(__file__).parents[2],
                env=environ,
                stdout=log,
                stderr=log,
            )

    def act(self):
        """One person does one thing on one side; what cannot be done, as somebody was quicker, is not done."""
        side = self.draw.choice(sorted(self.office.people))
        person, path = self.office.people[side], self.draw.choice(NAMES)
        what = self.draw.choice(self.acts)
        with contextlib.suppress(*QUICKER):
            there = person.tree()
            if what == "put":
                self.written += 1
                text = f"{self.written} by somebody on {side}".encode()
                person.put(path, text)
                self.alive.add(text)
                self.alive.discard(there.get(path))
            elif path in there and what == "delete":
                gone = self.versions(side, path) | {there[path]}
                person.delete(path)
                self.alive -= gone
            elif path in there:
                folder, _, name = path.rpartition("/")
                to = f"{folder}/moved {self.draw.randrange(5)} {name}".lstrip("/")
                if to not in there:
                    person.rename(path, to)
            self.count(what)

    def versions(self, side, path):
        """What goes with a document: in Filevine also its versions, which may hold what we came in between with."""
        fv = self.office.filevine
        return set(fv.door.versions(fv.document(path))) if side == "filevine" else set()

    def tidy(self):
        """Somebody in Filevine tells documents of one name apart, as people met there at once; elsewhere none is called the same."""
        door, paths = self.office.fv.colleague, set()
        for leaf in door.tree(self.office.project):
            if leaf.path in paths:
                self.count("tidied")
                door.rename(leaf.id, f"{leaf.id} {leaf.path.rpartition('/')[2]}")
            paths.add(leaf.path)

    def rest(self, seconds):
        """Wait until all sides hold the same and stay so."""
        began, same = time.monotonic(), 0
        while same < 3:
            self.tidy()
            trees = []
            with contextlib.suppress(*QUICKER):
                trees = list(self.office.trees().values())
            same = same + 1 if trees and all(tree == trees[0] for tree in trees) else 0
            self.rested = time.monotonic() - began if same < 2 else self.rested
            assert self.rested < seconds, (
                f"the sides do not become the same: {trees}\n{self.log.read_text()[-3000:]}"
            )
            time.sleep(1)

    def count(self, what):
        self.did[what] = self.did.get(what, 0) + 1

    def judge(self):
        """Raise AssertionError for what is lost or not the same; texts in sight, of how many, and those there twice."""
        tree = self.office.settled()
        texts = [text for path, text in tree.items() if not path.endswith("/")]
        kept = set().union(*(person.kept() for person in self.office.people.values()))
        lost = self.alive - set(texts) - kept
        assert not lost, f"lost: {lost}"
        return len(self.alive & set(texts)), len(self.alive), len(texts) - len(set(texts))


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=60.0)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name, FilevineEmulator(requests_per_minute=None) as fv:
        folder = Path(name)
        with SeaweedFS(folder / "weed") as weed:
            weed.make_bucket(VERSIONED, versioned=True)
            client = weed.client()
            soak = Soak(Office(folder, fv, weed, client), asked.seed)
            soak.run(asked.minutes * 60)
            sight, all_, twice = soak.judge()
            client.close()
    print(
        f"{asked.minutes:g} minutes, seed {asked.seed}: {soak.did}; {sight} of {all_} texts in sight, the others kept; "
        f"{twice} there twice; the same everywhere after {soak.rested:.0f} s"
    )


if __name__ == "__main__":
    main()
