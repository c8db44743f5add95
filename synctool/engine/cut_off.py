"""Tells of runs that never ended: the program died in them, or could go on no longer."""

from datetime import UTC, datetime

from synctool.store.audit import Audit
from synctool.store.journal import Happening
from synctool.store.ledger import Ledger

CUT_OFF = "the run was cut off here; whether it was done, the next run saw"


def tell_of_cut_off(ledger: Ledger, audit: Audit, run: int, now_ns: int) -> None:
    """Put on record what earlier runs than this had begun and could not say the end of, once for each."""
    for former in ledger.journal.cut_off(run):
        for step in ledger.journal.unfinished(former):
            audit.record(_facts(step, now_ns))
        ledger.journal.close_off(former, now_ns, CUT_OFF)


def _facts(step: Happening, now_ns: int) -> dict[str, object]:
    return {
        "at": datetime.fromtimestamp(now_ns // 10**9, UTC).isoformat(),
        "run": step.run,
        "side": step.side,
        "action": step.action,
        "path": step.path,
        "to_path": step.to_path,
        "why": step.why,
        "uncertain": CUT_OFF,
    }
