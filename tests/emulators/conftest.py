import pytest
import requests

from synctool.emulators.filevine import FilevineEmulator

NOON = 1_790_000_000_123_456_789


class Clock:
    def __init__(self):
        self.ns = NOON

    def __call__(self):
        return self.ns

    def tick(self, seconds):
        self.ns += int(seconds * 10**9)


class Api(requests.Session):
    """A signed-in caller: paths are below the base path, answers are responses."""

    def __init__(self, fv, base="/fv-app/v2"):
        super().__init__()
        self.fv, self.base = fv, base
        self.headers.update({"x-fv-orgid": str(fv.org), "x-fv-userid": str(fv.user)})
        self.sign_in()

    def sign_in(self):
        self.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def token(self, **changes):
        known = self.fv.credentials
        form = {
            "grant_type": "personal_access_token",
            "client_id": known.client_id,
            "client_secret": known.client_secret,
            "token": known.pat,
            "scope": "fv.api.gateway.access tenant filevine.v2.api.* openid email fv.auth.tenant.read "
            "filevine.v2.webhooks",
        }
        return requests.post(f"{self.fv.url}/connect/token", data=form | changes)

    def request(self, method, path, *args, **named):
        url = path if path.startswith("http") else self.fv.url + self.base + path
        return super().request(method, url, *args, **named)

    def begin(self, name, data, project, folder=None, **more):
        body = {"Filename": name, "Size": len(data), "ProjectId": {"Native": project}, **more}
        body |= {"FolderId": {"Native": folder}} if folder else {}
        link = self.post("/Documents", json=body).json()
        stored = requests.put(link["url"], data, headers={"Content-Type": link["contentType"]})
        assert stored.status_code == 200
        return link["documentId"]["native"]

    def upload(self, name, data, project, folder=None):
        number = self.begin(name, data, project, folder)
        answer = self.post(f"/Projects/{project}/Documents/{number}", params={"folderId": folder})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def download(self, number):
        return requests.get(self.get(f"/Documents/{number}/locator").json()["url"])


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fv(clock):
    with FilevineEmulator(clock=clock, requests_per_minute=None) as emulator:
        yield emulator


@pytest.fixture
def api(fv):
    with Api(fv) as caller:
        yield caller


@pytest.fixture
def project(fv):
    return fv.colleague.add_project("Example v. Example")


@pytest.fixture
def people(fv):
    return fv.colleague
