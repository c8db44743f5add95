"""Plays days of a law firm between a Filevine over real HTTP and a share in memory, in any weather."""

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.filevine.server import RESET
from synctool.errors import SideError
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.side import FilevineSide
from synctool.sides.hardened import Hardened
from synctool.sides.memory import MemorySide
from tests.conformance.makers.filevine import Colleague
from tests.engine.rig import Rig, StillClock

BASE = {
    "Pleadings/complaint.txt": b"we complain",
    "Pleadings/answer.txt": b"they answer",
    "Discovery/exhibit 1.txt": b"a photograph",
    "Discovery/exhibit 2.txt": b"a contract",
    "Letters/old.txt": b"an old letter",
    "Letters/keep.txt": b"a letter to keep",
    "Notes/call.txt": b"they called",
    "Notes/Deep/thought.txt": b"it occurred to us",
    "Closed/last.txt": b"the last of it",
    "memo.txt": b"remember this",
}


def busy_day(people):
    """What somebody may do in one day: everything that synctool has to carry over."""
    people.put("Medical/scan.txt", b"a scan")
    people.put("Medical/Bones/x-ray.txt", b"an x-ray")
    people.put("Medical/Empty/", b"")
    people.put("Pleadings/complaint.txt", b"we complain, amended")
    people.rename("Pleadings/answer.txt", "Pleadings/answer, final.txt")
    people.rename("Discovery/exhibit 1.txt", "Letters/exhibit 1.txt")
    people.rename("Notes/", "Remarks/")
    people.delete("Letters/old.txt")
    people.delete("Closed/")


class Died(BaseException):
    """The program is gone."""


class Firm:
    """One case on two sides. agreed: the state of a firm whose sides agreed on BASE; without it they have never met."""

    def __init__(self, folder, agreed=None):
        self.clock = StillClock()
        self.dead = False
        self.protected = "exclude"
        self.fv = FilevineEmulator(clock=self.clock.now_ns, requests_per_minute=None)
        self.project = self.fv.colleague.add_project("Smith v Jones")
        self.share = MemorySide("share", clock=self.clock.now_ns)
        self.people = {"filevine": Colleague(self.fv, self.project), "share": self.share}
        for people in self.people.values():
            for path, data in BASE.items():
                people.put(path, data)
        self.folder = folder
        folder.mkdir(parents=True)
        if agreed:
            state, marker = agreed
            (folder / "case.db").write_bytes(state)
            self.share.mark(marker)

    def __enter__(self):
        self.fv.start()
        return self

    def __exit__(self, *error):
        self.fv.stop()

    def run(self):
        """One apply by a fresh program; None when it died of it."""
        self.dead = False
        side = self._filevine()
        rig = Rig(self.folder, {"filevine": side, "share": self.share}, self.clock)
        try:
            try:
                side.open()
            except SideError:
                rig.down.add("filevine")
            return rig.run()
        except Died:
            return None
        finally:
            side.close()
            rig.ledger.close()

    def agreed(self):
        """What lets another firm begin where this one is."""
        return (self.folder / "case.db").read_bytes(), self.share.marker()

    def seen(self):
        """How many requests came since the last ``forget_requests``."""
        return sum(self.fv.requests_seen.values())

    def leaves(self):
        """Number → path, bytes and version of every document in Filevine, also in trash."""
        return {
            leaf.id: (leaf.path, leaf.bytes, leaf.version) for leaf in self.fv.colleague.tree(self.project)
        }

    def trees(self):
        return {name: dict(people.tree()) for name, people in self.people.items()}

    def kept(self):
        """Former bytes: in the trash of both sides, and as versions in Filevine."""
        return set(self.share.trash.values()) | self.people["filevine"].kept()

    def contents(self):
        """Every content that anybody still has."""
        return self.kept().union(*(tree.values() for tree in self.trees().values()))

    def die(self, request, answer):
        """A fault: the program dies before a request has done anything, and none comes after it."""
        self.dead = True
        return RESET

    def die_after(self, request, answer):
        """A fault: a request does its work, but the program dies before it hears of it."""
        if not self.dead:
            answer(request)
        return self.die(request, answer)

    def token_ends(self, request, answer):
        """A fault: the sign-in is worth nothing from this request on."""
        self.fv.expire_tokens()
        return answer(request)

    def permission_ends(self, request, answer):
        """A fault: from this request on the account sees no protected folder."""
        self.fv.switch(hide_protected=True)
        return answer(request)

    def _sleep(self, seconds):
        if self.dead:
            raise Died
        self.clock.sleep(seconds)

    def _filevine(self):
        known = self.fv.credentials
        sign_in = TokenSignIn(
            identity_url=self.fv.url,
            client_id=known.client_id,
            client_secret=known.client_secret,
            token=known.pat,
        )
        client = FilevineClient(
            api_url=self.fv.url,
            sign_in=sign_in,
            pacer=Pacer(clock=self.clock.monotonic, sleep=self._sleep),
            requests_per_second=1e6,
            clock=self.clock.monotonic,
            sleep=self._sleep,
        )
        side = FilevineSide(
            "filevine",
            client=client,
            project=self.project,
            clock=self.clock.now_ns,
            protected=self.protected,
        )
        return Hardened(side, sleep=self._sleep, random=lambda: 0.5, attempts=2)
