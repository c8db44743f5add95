"""Who is let in to the page, and what pages may do in a browser."""

import hashlib

import pytest
import requests

from synctool.entry.web.drawing import HERE


def asked(visitor, path="/", method="GET", **headers):
    return requests.request(
        method,
        visitor.root + path,
        headers=headers,
        cookies=visitor.requests.cookies,
        timeout=30,
        allow_redirects=False,
    )


def test_only_the_token_opens_the_page(firm, visit):
    with visit() as visitor:
        assert visitor.answer.ok
        assert "token" not in visitor.answer.url
        for path in ("/", "/p/case-1", "/static/page.css", "/?token=", "/?token=wrong", "/nowhere"):
            refused = requests.get(visitor.root + path, timeout=30)
            assert (refused.status_code, refused.text) == (
                403,
                "synctool: open the address that synctool serve printed; it holds the token\n",
            )
        assert requests.get(visitor.root, cookies={visitor.cookie: "wrong"}, timeout=30).status_code == 403


def test_the_cookie_is_for_this_page_alone(firm, visit):
    with visit() as visitor:
        said = requests.get(visitor.address, timeout=30, allow_redirects=False)
        assert (said.status_code, said.headers["location"]) == (303, "/")
        assert {"HttpOnly", "SameSite=strict"} <= {*said.headers["set-cookie"].split("; ")}


@pytest.mark.parametrize("theirs", ["a/b=1", 'a={"b": 1}', "=", "x"])
def test_cookies_of_other_programs_on_this_machine_do_not_shut_us_out(firm, visit, theirs):
    with visit() as visitor:
        ours = f"{visitor.cookie}={visitor.requests.cookies[visitor.cookie]}"
        for said in (f"{theirs}; {ours}", f"{ours}; {theirs}"):
            assert requests.get(visitor.root, headers={"Cookie": said}, timeout=30).ok


def test_two_pages_in_one_browser_leave_each_other_alone(firm, visit):
    with visit() as one, visit() as other:
        assert one.requests.get(other.address, timeout=30).ok
        assert one.get("/").answer.ok


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", ""])
def test_another_name_for_this_machine_is_refused(firm, visit, host):
    with visit() as visitor:
        assert asked(visitor, Host=host).status_code in {400, 421}


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": "http://127.0.0.1"}]
)
def test_what_another_page_sends_is_refused(firm, visit, origin):
    firm.profile("case-1")
    with visit(may_act=True) as visitor:
        assert asked(visitor, "/p/case-1/plan", "POST", **origin).status_code == 403
        assert asked(visitor, "/p/case-1/plan", "POST", Origin=visitor.root).status_code == 303


def test_nothing_changes_by_being_looked_at(firm, visit):
    firm.profile("case-1")
    with visit(may_act=True) as visitor:
        for path in ("/p/case-1/plan", "/p/case-1/apply", "/p/case-1/undo", "/p/case-1/conflicts/1/decide"):
            assert asked(visitor, path).status_code == 405


def test_every_answer_forbids_the_browser_to_reach_out(firm, visit):
    with visit() as visitor:
        for path in ("/", "/nowhere", "/static/page.css"):
            headers = asked(visitor, path).headers
            assert headers["content-security-policy"].startswith("default-src 'none'; ")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert "server" not in headers


def test_the_library_that_pages_use_is_the_one_that_was_published():
    script = HERE / "static/htmx-2.0.11.min.js"
    assert (
        hashlib.sha256(script.read_bytes()).hexdigest()
        == "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
    )
