"""Where secrets and variables come from, and what never shows them."""

import dataclasses
import json
import sys

import boto3
import pytest
from moto import mock_aws

from synctool.config.secrets import Secret, bucket_keys, environment, filled, resolve
from synctool.errors import Misuse


def test_a_secret_is_shown_only_on_request():
    secret = Secret("hush")
    assert secret.reveal() == "hush"
    assert "hush" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(dataclasses.FrozenInstanceError):
        secret._text = ""


def test_variables_come_from_the_environment_and_beneath_it_from_a_file_beside_the_profile(tmp_path):
    lines = ["# words", "A=1", "export B = two words ", "C='q=\"'", 'D="x"', "", "no variable", "E=", "A=3"]
    (tmp_path / ".env").write_text("\ufeff" + "\r\n".join(lines), "utf-8")
    found = environment(tmp_path, {"D": "own"})
    assert found == {"A": "3", "B": "two words", "C": 'q="', "D": "own", "E": ""}
    assert environment(tmp_path / "nowhere", {}) == {}


def test_without_another_it_is_the_environment_of_the_process(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNCTOOL_TEST", "here")
    assert environment(tmp_path)["SYNCTOOL_TEST"] == "here"


def test_an_unreadable_file_of_variables_is_refused(tmp_path):
    (tmp_path / ".env").write_bytes(b"A=\xff")
    with pytest.raises(Misuse, match=r"\.env: cannot be read"):
        environment(tmp_path, {})


def test_variables_are_filled_in_anywhere_and_once():
    assert filled("a${X}b${Y}$Z${", {"X": "${Y}", "Y": "2"}) == "a${Y}b2$Z${"


def test_all_missing_variables_are_named():
    with pytest.raises(Misuse, match=r"^\$\{A\} and \$\{B\} is not set"):
        filled("${A}${B}${C}", {"C": "c"})


def test_a_secret_is_read_from_the_environment(tmp_path):
    assert resolve("${A}", {"A": "hush"}, tmp_path).reveal() == "hush"
    assert resolve("Bearer ${A}", {"A": "file:x"}, tmp_path).reveal() == "Bearer file:x"
    assert resolve("${A}", {"A": "file:x"}, tmp_path).reveal() == "file:x"


def test_a_secret_is_read_from_a_file(tmp_path):
    (tmp_path / "pat").write_text(" hush \r\n", "utf-8")
    assert resolve("file:pat", {}, tmp_path).reveal() == " hush "
    assert resolve("file:${DIR}/pat", {"DIR": str(tmp_path)}, tmp_path / "other").reveal() == " hush "


def test_an_empty_secret_is_refused(tmp_path):
    (tmp_path / "pat").touch()
    with pytest.raises(Misuse, match="file:pat is empty"):
        resolve("file:pat", {}, tmp_path)


def test_a_secret_put_where_its_place_belongs_is_not_shown(tmp_path):
    with pytest.raises(Misuse) as told:
        resolve("file:${PAT}", {"PAT": "hunter2"}, tmp_path)
    assert "file:${PAT}: cannot be read" in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("library", ["keyring", "boto3"])
def test_a_library_that_is_not_installed_is_named(tmp_path, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    reference = {"keyring": "keyring:synctool/pat", "boto3": "aws-sm:pat"}[library]
    with pytest.raises(Misuse, match=rf"the library {library} is not installed; pip install {library}"):
        resolve(reference, {}, tmp_path)


@pytest.fixture
def secrets_manager(monkeypatch):
    for name, value in {
        "ACCESS_KEY_ID": "id",
        "SECRET_ACCESS_KEY": "key",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="firm/filevine", SecretString=json.dumps({"pat": "hush", "id": 7}))
        client.create_secret(Name="plain", SecretString="all of it")
        yield


def test_a_secret_is_read_from_the_secrets_manager(tmp_path, secrets_manager):
    assert resolve("aws-sm:firm/filevine#pat", {}, tmp_path).reveal() == "hush"
    assert resolve("aws-sm:plain", {}, tmp_path).reveal() == "all of it"


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("aws-sm:nobody#pat", "cannot be read"),
        ("aws-sm:firm/filevine#nothing", "there is no text under this key"),
        ("aws-sm:plain#pat", "there is no text under this key"),
    ],
)
def test_what_the_secrets_manager_does_not_have_is_said(tmp_path, secrets_manager, reference, why):
    with pytest.raises(Misuse, match=f"^{reference}: {why}"):
        resolve(reference, {}, tmp_path)


@pytest.fixture
def keyring():
    library = pytest.importorskip("keyring")

    class InMemory(library.backend.KeyringBackend):
        priority = 1

        def __init__(self):
            super().__init__()
            self.kept = {}

        def get_password(self, service, username):
            if service == "locked":
                raise library.errors.KeyringLocked("the keyring is locked")
            return self.kept.get((service, username))

        def set_password(self, service, username, password):
            self.kept[service, username] = password

        def delete_password(self, service, username):
            del self.kept[service, username]

    former = library.get_keyring()
    library.set_keyring(InMemory())
    yield library
    library.set_keyring(former)


def test_a_secret_is_read_from_the_keyring(tmp_path, keyring):
    keyring.set_password("firm/synctool", "pat", "hush")
    assert resolve("keyring:firm/synctool/pat", {}, tmp_path).reveal() == "hush"


def test_what_the_keyring_does_not_have_is_said(tmp_path, keyring):
    with pytest.raises(Misuse, match="keyring:synctool/nobody is empty"):
        resolve("keyring:synctool/nobody", {}, tmp_path)
    with pytest.raises(Misuse, match="keyring:locked/pat: cannot be read: the keyring is locked"):
        resolve("keyring:locked/pat", {}, tmp_path)


def test_keys_for_s3_come_from_the_file_beside_the_profile(tmp_path):
    (tmp_path / ".env").write_text("AWS_ACCESS_KEY_ID=made-up\nAWS_SECRET_ACCESS_KEY=hush\n", "utf-8")
    found = bucket_keys(tmp_path, environment(tmp_path, {}))
    assert {field: secret.reveal() for field, secret in found.items()} == {
        "access_key": "made-up",
        "secret_key": "hush",
    }


@pytest.mark.parametrize(
    ("beside", "own"),
    [
        ("AWS_ACCESS_KEY_ID=made-up\n", {}),
        ("AWS_ACCESS_KEY_ID=made-up\nAWS_SECRET_ACCESS_KEY=\n", {}),
        ("AWS_ACCESS_KEY_ID=made-up\nAWS_SECRET_ACCESS_KEY=hush\n", {"AWS_ACCESS_KEY_ID": "own"}),
        ("", {"AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "own"}),
    ],
)
def test_half_a_key_or_one_of_the_environment_is_left_to_the_tools_of_aws(tmp_path, beside, own):
    (tmp_path / ".env").write_text(beside, "utf-8")
    assert bucket_keys(tmp_path, environment(tmp_path, own)) == {}
