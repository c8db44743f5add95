"""Keeps what was measured, one file a case, so that the page can be made without measuring."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.contest import Case, Found
from benchmarks.tools import WANTED, version

LOAD = round(os.getloadavg()[0], 1)
"""How busy the machine was in the minute before we began."""

KEPT = Path(__file__).parent / "results"


def keep(case: Case, found: Found) -> None:
    """Write what one case found; a result it had before is replaced."""
    tools = {run.split()[0] for run in found.runs} & set(WANTED)
    document = {
        "case": case.name,
        "title": case.title,
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": machine(),
        "versions": {tool: version(tool) for tool in sorted(tools)},
        "missing": found.missing,
        "runs": {name: [run.told() for run in runs] for name, runs in found.runs.items()},
    }
    KEPT.mkdir(exist_ok=True)
    path(case.name).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept(name: str) -> dict[str, Any] | None:
    """What a case found, if it was measured."""
    file = path(name)
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else None


def path(name: str) -> Path:
    """Where the result of a case lies."""
    return KEPT / f"{name.replace(':', '-')}.json"


def machine() -> dict[str, object]:
    """What it was measured on, and how busy that was with other things."""
    return {
        "cores": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load": LOAD,
    }
