"""Serves a Filevine whose one project holds a tree: ``python -m benchmarks.firm TREE``.

It says how to reach it and the last document, as JSON.
"""

import json
import sys
from pathlib import Path

from synctool.emulators.filevine import FilevineEmulator


def main(root: Path) -> None:
    """Upload the tree behind everybody's back, then serve until nobody holds our stdin."""
    with FilevineEmulator(requests_per_minute=None) as filevine:
        people = filevine.colleague
        project = people.add_project("Measured v Measuring")
        document = 0
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            document = people.upload(project, file.relative_to(root).as_posix(), file.read_bytes())
        facts = {"url": filevine.url, "org": filevine.org, "project": project, "document": document}
        sys.stdout.write(json.dumps(facts | filevine.credentials._asdict()) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
