"""Serves an empty Filevine until interrupted: ``python -m synctool.emulators.filevine --port N``."""

import argparse
import json
import sys
import threading

from synctool.emulators.filevine.emulator import FilevineEmulator

parser = argparse.ArgumentParser(prog="synctool.emulators.filevine", description=__doc__)
parser.add_argument("--port", type=int, default=8080)
with FilevineEmulator(port=parser.parse_args().port) as filevine:
    project = filevine.colleague.add_project("Example v. Example")
    facts = {"url": filevine.url, "org": filevine.org, "user": filevine.user, "project": project}
    sys.stdout.write(json.dumps(facts | filevine.credentials._asdict()) + "\n")
    sys.stdout.flush()
    threading.Event().wait()
