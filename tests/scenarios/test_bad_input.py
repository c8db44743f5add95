"""Breaks what synctool depends on: each failure is one clear line, and leaves every document as it was."""

import re
import shutil
import time

import pytest

from synctool.sides.base import RESERVED


class Hurried:
    """The time of this computer, on which waiting takes no time."""

    def now_ns(self):
        return time.time_ns()

    def monotonic(self):
        return time.monotonic()

    def sleep(self, seconds):
        """Go on at once."""


@pytest.fixture
def busy(office):
    """A case in which there is work for every side."""
    for n in range(4):
        office.filevine.put(f"Letters/{n}.txt", b"letter %d" % n)
    office.zdrive.put("Letters/From the drive.txt", b"from the drive")
    office.s3.put("Letters/From the bucket.txt", b"from the bucket")
    return office


@pytest.fixture
def synced(busy):
    """A case that is in sync, and somebody has edited since."""
    busy.done()
    busy.filevine.put("Letters/0.txt", b"edited in Filevine")
    busy.zdrive.put("Letters/1.txt", b"edited on the drive")
    return busy


def lines(text):
    """Lines as they were meant: a page of text breaks long ones, and indents the rest."""
    return [line for line in re.sub(r"\n {4,}", " ", text).splitlines() if line.strip()]


def everything_written(office):
    return b"".join(file.read_bytes() for file in office.state.rglob("*") if file.is_file())


def assert_no_secret(office, out, err):
    known = office.fv.credentials
    secrets = (known.client_secret, known.pat, known.api_key, known.api_secret, office.weed.secret_key)
    secrets += tuple(office.secrets)
    written = out.encode() + err.encode() + everything_written(office)
    assert not [secret for secret in secrets if secret.encode() in written]
    assert b"Bearer " not in written
    assert "Traceback" not in out + err
    assert not list(office.state.glob("crash-*"))


def holdings(office):
    return {name: person.tree() for name, person in office.people.items() if name not in office.away}


def apply(office, code, *words):
    """``apply`` ends with this code, and one line says all these words."""
    mine = {"FILEVINE_CLIENT_ID", "AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED", "HOME"}
    office.secrets = [value for name, value in office.environ.items() if name not in mine]
    ended, out, err = office.command("apply", str(office.file), "--yes")
    assert ended == code, out + err
    told = [line for line in lines(out + err) if all(word in line for word in words)]
    assert len(told) == 1, (words, out + err)
    assert_no_secret(office, out, err)
    return told[0]


def refuses(office, *words):
    """``apply`` does nothing at all: the profile is wrong."""
    before = holdings(office)
    line = apply(office, 2, *words)
    assert holdings(office) == before
    assert not office.state.exists()
    return line


def goes_without(office, side, *words):
    """``apply`` leaves this side as it was, says why, and lets the others go on without losing anything."""
    before = holdings(office)
    line = apply(office, 5, side, *words)
    after = holdings(office)
    assert side in office.away or after[side] == before[side]
    for name in after:
        gone = {path: data for path, data in before[name].items() if after[name].get(path) != data}
        assert set(gone.values()) <= office.people[name].kept()
        assert before[name].keys() <= after[name].keys()
    return line


def test_a_broken_profile_says_where_and_what_is_meant(busy):
    busy.says(brakez={"shrunk": 0.5})
    line = refuses(busy, str(busy.file), "brakez", "brakes")
    assert re.match(r":\d+:\d+: ", line.removeprefix(f"synctool: {busy.file}"))


def test_a_profile_that_is_no_yaml_says_where(busy):
    file = busy.file
    file.write_text("sides: [", encoding="utf-8")
    ended, out, err = busy.command("apply", str(file), "--yes")
    assert (ended, out) == (2, "")
    assert lines(err)[0].startswith(f"synctool: {file}:")
    assert "Traceback" not in err


def test_a_profile_that_is_not_there_says_so(busy):
    missing = busy.file.with_name("nobody.yaml")
    ended, out, err = busy.command("apply", str(missing), "--yes")
    assert (ended, out) == (2, "")
    assert str(missing) in err
    assert "Traceback" not in err


def test_a_missing_variable_is_named(busy):
    del busy.environ["FILEVINE_PAT"]
    line = refuses(busy, str(busy.file), "FILEVINE_PAT", "not set")
    assert ".env" in line


def test_a_wrong_token_is_named_as_filevines(busy):
    busy.environ["FILEVINE_PAT"] = "WRONG-TOKEN-OF-SOMEBODY"
    goes_without(busy, "filevine")


def test_a_wrong_client_secret_is_named_as_filevines(busy):
    busy.environ["FILEVINE_CLIENT_SECRET"] = "wrong+secret&of%somebody"
    goes_without(busy, "filevine")


def test_a_wrong_key_is_named_as_filevines(busy):
    auth = {"mode": "key", "session_url": f"{busy.fv.url}/session"}
    auth |= {"api_key": "${FILEVINE_KEY}", "api_secret": "${FILEVINE_KEY_SECRET}"}
    busy.says(sides={"filevine": {"auth": auth}})
    busy.environ["FILEVINE_KEY_SECRET"] = "wrong-key-secret-of-somebody"
    goes_without(busy, "filevine")


def test_a_wrong_secret_key_is_named_as_the_buckets(busy):
    busy.environ["AWS_SECRET_ACCESS_KEY"] = "wrong/aws/secret/of/somebody"
    goes_without(busy, "s3")


def test_without_aws_credentials_the_line_says_how_to_give_them(busy):
    del busy.environ["AWS_SECRET_ACCESS_KEY"], busy.environ["AWS_ACCESS_KEY_ID"]
    busy.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(busy.folder)}
    goes_without(busy, "s3", "AWS_ACCESS_KEY_ID")


def test_an_unknown_project_is_named(busy):
    busy.says(project=987654321)
    goes_without(busy, "filevine", "987654321")


def test_a_missing_bucket_is_named(busy):
    busy.says(sides={"s3": {"bucket": "nobodys-bucket"}})
    goes_without(busy, "s3", "nobodys-bucket")


def test_a_missing_drive_is_named(synced):
    synced.zdrive.root.rename(synced.folder / "unplugged")
    synced.away.add("zdrive")
    goes_without(synced, "zdrive", str(synced.zdrive.root), "connected")
    assert synced.s3.tree()["Letters/0.txt"] == b"edited in Filevine"


def test_an_emptied_drive_is_not_believed(synced):
    for each in synced.zdrive.root.iterdir():
        if each.name != RESERVED:
            shutil.rmtree(each)
    before = synced.filevine.tree().keys()
    synced.secrets = []
    ended, out, err = synced.command("apply", str(synced.file), "--yes")
    assert ended == 6
    assert "zdrive" in out
    assert_no_secret(synced, out, err)
    assert synced.filevine.tree().keys() == before


@pytest.mark.parametrize("route", ["/Projects", "/Folders", "/DocumentSeries"])
def test_a_page_where_a_list_was_due_changes_nothing_in_filevine_and_deletes_nothing(synced, route):
    synced.fv.strike("html", route=route, times=None)
    before = holdings(synced)
    outcome = synced.run(clock=Hurried())
    assert outcome.exit_code == 5
    (why,) = outcome.planned.plan.unknown["filevine"]
    assert "html" in why
    assert why.count("\n") == 0
    assert {done.step.side for done in outcome.done} <= {"s3", "zdrive"}
    after = holdings(synced)
    assert after["filevine"] == before["filevine"]
    assert after["zdrive"] == before["zdrive"]
    assert after["s3"] == before["s3"] | {"Letters/1.txt": b"edited on the drive"}


def test_a_download_that_breaks_off_is_not_taken_for_the_document(synced):
    synced.done()
    synced.filevine.put("Letters/0.txt", b"edited again in Filevine")
    synced.fv.strike("truncated", method="GET", route="/s3/", times=None)
    before = holdings(synced)
    outcome = synced.run(clock=Hurried())
    assert outcome.exit_code == 5
    assert {failed.step.side for failed in outcome.failed} == {"s3", "zdrive"}
    for failed in outcome.failed:
        assert failed.reason.startswith(f"{failed.step.side}: Letters/0.txt: ")
        assert "filevine: the download ended" in failed.reason
    assert holdings(synced) == before


def test_a_download_with_other_bytes_than_were_read_before_is_not_taken_for_the_document(synced):
    synced.done()
    synced.zdrive.delete("Letters/2.txt")
    synced.s3.delete("Letters/2.txt")
    synced.says(deletes={"from": ["filevine"]})
    synced.fv.strike("wrong bytes", method="GET", route="/s3/", times=None)
    before = holdings(synced)
    outcome = synced.run()
    assert outcome.exit_code == 5
    assert {failed.step.side for failed in outcome.failed} == {"s3", "zdrive"}
    assert all("Letters/2.txt" in failed.reason for failed in outcome.failed)
    assert holdings(synced) == before


def test_what_failed_is_made_good_by_the_next_run(synced):
    synced.fv.strike("truncated", method="GET", route="/s3/", times=None)
    assert synced.run(clock=Hurried()).exit_code == 5
    synced.fv.clear_up()
    synced.done()
    assert synced.settled()["Letters/0.txt"] == b"edited in Filevine"
