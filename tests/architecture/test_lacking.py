import pytest


def test_ci_fails_for_want_of_what_a_test_needs(lacking, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no such server"):
        lacking("no such server")


def test_other_machines_skip_and_say_why(lacking, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such server"):
        lacking("no such server")
