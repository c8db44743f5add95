"""Runs a program and says what that took."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTER = str(Path(__file__).with_name("starter.py"))
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which the system tells of memory


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: seconds, seconds of CPU, bytes of memory (of the largest process), requests to the S3 server.

    requests: None where nobody counted them; trouble: why the run does not count, if it does not; facts: what else it told.
    """

    wall: float
    cpu: float
    memory: int
    requests: int | None = None
    trouble: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)

    def told(self) -> dict[str, object]:
        """As it is kept; rounded to what a clock can tell."""
        told = {
            "wall": round(self.wall, 4),
            "cpu": round(self.cpu, 4),
            "memory": self.memory,
            "requests": self.requests,
        }
        told |= {name: round(value, 4) for name, value in self.facts.items()}
        return told | ({"trouble": self.trouble} if self.trouble else {})


def run(
    command: Sequence[str],
    settings: Mapping[str, str],
    log: Path,
    limit: float,
    codes: frozenset[int] = frozenset({0}),
) -> Run:
    """Run a program to its end, or for so many seconds; what it says goes to the log.

    What it writes to the file that MEASURED names counts instead of what was measured from without.
    """
    report = log.with_name("measured.json")
    report.unlink(missing_ok=True)
    with log.open("ab") as said:
        said.write(f"\n$ {' '.join(command)}\n".encode())
        said.flush()
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", STARTER, *command],
            env={**os.environ, **settings, "MEASURED": str(report)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        )
        try:
            said_at_end, _ = child.communicate(timeout=limit)
        except BaseException as error:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Run(limit, 0.0, 0, trouble=f"over {limit:.0f} s")
    wall, cpu, memory, code = said_at_end.split()
    trouble = "" if int(code) in codes else f"ended with {int(code)}"
    found = Run(float(wall), float(cpu), int(memory) * UNIT, trouble=trouble)
    told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    own = {name: told.pop(name) for name in ("wall", "cpu") if name in told}
    return replace(found, facts=told, **own)
