import pytest

from synctool.emulators.filevine import FilevineEmulator
from tests.entry.conftest import firm

__all__ = ["firm", "fv", "office"]

TEMPLATE = """\
version: 1
timezone: America/Denver
project: {project}
sides:
  filevine:
    kind: filevine
    api_url: {url}
    identity_url: {url}
    requests_per_second: 100
    org: {org}
    auth: {auth}
  left: {{kind: drive, root: '{root}', names: posix}}
"""
TOKEN = '{mode: token, client_id: "${FV_CLIENT}", client_secret: "${FV_SECRET}", token: "${FV_PAT}"}'
KEY = '{mode: key, session_url: %s/session, api_key: "${FV_KEY}", api_secret: "${FV_KEY_SECRET}"}'


@pytest.fixture
def fv():
    with FilevineEmulator(requests_per_minute=None) as emulator:
        yield emulator


@pytest.fixture
def office(firm, fv, monkeypatch):
    """A working folder whose profiles have a project in Filevine."""
    known = fv.credentials
    names = ("FV_CLIENT", "FV_SECRET", "FV_PAT", "FV_KEY", "FV_KEY_SECRET")
    for name, value in zip(names, known, strict=True):
        monkeypatch.setenv(name, value)

    def case(name, project, *, auth=TOKEN, org=fv.org):
        root = firm.folder / name
        root.mkdir()
        at = root / "{project}" if "*" in str(project) else root
        said = TEMPLATE.format(project=project, url=fv.url, org=org, auth=auth, root=at)
        return firm.write(f"profiles/{name}.yaml", said.replace("    org: None\n", ""))

    firm.case = case
    return firm
