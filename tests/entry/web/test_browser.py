"""The page in a real browser: with keys alone, on a phone, and without any script."""

import shutil
from urllib.parse import urlencode

import pytest

playwright = pytest.importorskip("playwright.sync_api")

HOLD = 'conflicts: [{match: "**", policy: hold}]\n'
PHONE = {"width": 360, "height": 740}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium(lacking):
    where = shutil.which("chromium") or lacking("Chromium (Debian: chromium)")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=where, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def contested(firm):
    firm.profile("case-1", HOLD)
    firm.write("case-1/left/Pleadings/A brief with a name that is rather long for a phone.txt", "one\ntwo\n")
    firm.run("apply", "--yes")
    for side in ("left", "right"):
        firm.write(
            f"case-1/{side}/Pleadings/A brief with a name that is rather long for a phone.txt",
            f"one\n{side}\n",
        )
    assert firm.run("apply", "--yes").code == 4
    return firm


def complaints(page):
    """What the browser has to complain about: a broken script, a forbidden request."""
    found = []
    page.on("console", lambda told: found.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def names_of(firm):
    """The paths of the documents of a case."""
    return [
        str(path.relative_to(firm.folder / "case-1/left"))
        for path in (firm.folder / "case-1/left").rglob("*.txt")
    ]


def see(page, *, hidden):
    """Go to another window, or come back."""
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{value: {str(hidden).lower()}, configurable: true}})"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def pressed(page, label):
    """Go to a button or link by the tabulator key alone, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == label:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{label} cannot be reached by keys")


def test_a_conflict_is_settled_by_keys_alone(contested, visit, chromium):
    with visit(may_act=True) as visitor:
        page = chromium.new_page()
        found = complaints(page)
        page.goto(visitor.address)
        pressed(page, "case-1")
        pressed(page, "Pleadings/A brief with a name that is rather long for a phone.txt")
        page.wait_for_selector("text=What differs")
        pressed(page, "Take this one")
        page.wait_for_selector("h1:text-is('What this does')")
        pressed(page, "Decide so")
        page.wait_for_selector("text=Written down")
        pressed(page, "Make a plan")
        page.wait_for_selector("text=Do this")
        pressed(page, "Do this")
        page.wait_for_selector("text=No content was lost")
        page.close()
    assert found == []
    [name] = [path.name for path in (contested.folder / "case-1/right/Pleadings").iterdir()]
    assert contested.read(f"case-1/right/Pleadings/{name}") == "one\nleft\n"


def test_who_waits_for_what_fails_is_told_so(contested, visit, chromium):
    name = "Pleadings/A brief with a name that is rather long for a phone.txt"
    with visit() as visitor:
        page = chromium.new_page()
        page.goto(visitor.address)
        page.goto(f"{visitor.root}/p/case-1/document?{urlencode({'path': name})}")
        page.get_by_role("button", name="Show what undoing").click()
        page.wait_for_selector("h1:text-is('It did not work')")
        page.close()


def test_the_profiles_are_brought_up_to_date_while_somebody_looks(contested, visit, chromium):
    with visit() as visitor:
        page = chromium.new_page()
        found = complaints(page)
        page.clock.install()
        page.goto(visitor.address)
        pill = page.locator(".pill")
        assert pill.inner_text() == "1 conflict to decide"
        page.get_by_role("link", name="case-1").focus()
        contested.run("resolve", "case-1", "--take", "left", "--yes", *names_of(contested))
        contested.run("apply", "--yes")
        see(page, hidden=True)
        page.clock.run_for(60_000)
        assert pill.inner_text() == "1 conflict to decide"
        see(page, hidden=False)
        page.wait_for_selector(".pill:text-is('all sides agreed')")
        (contested.folder / "case-1/right").rename(contested.folder / "case-1/gone")
        contested.run("apply", "--yes")
        page.clock.run_for(11_000)
        page.wait_for_selector(".pill:text-is('not all could be done yet')")
        assert page.evaluate("document.activeElement.textContent") == "case-1"
        page.close()
    assert found == []


def test_no_page_is_wider_than_a_phone(contested, visit, chromium):
    with visit() as visitor:
        page = chromium.new_page(viewport=PHONE)
        page.goto(visitor.address)
        for path in (
            "/",
            "/p/case-1",
            "/p/case-1/conflicts/1",
            "/p/case-1/runs",
            "/p/case-1/document?path=a",
        ):
            page.goto(visitor.root + path)
            page.wait_for_selector("[role=status]", state="detached")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        page.close()


def test_it_works_without_scripts(contested, visit, chromium):
    with visit() as visitor:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(visitor.root + "/p/case-1")
        assert "open the address" in page.content()
        page.goto(visitor.address)
        page.get_by_role("link", name="case-1").click()
        page.get_by_role("button", name="Make a plan").click()
        page.wait_for_selector("text=Make a new plan")
        context.close()


def test_every_page_can_be_heard_in_order(contested, visit, chromium):
    with visit() as visitor:
        page = chromium.new_page()
        page.goto(visitor.address)
        for path in (
            "/",
            "/p/case-1",
            "/p/case-1/conflicts/1",
            "/p/case-1/runs",
            "/p/case-1/document?path=a",
        ):
            page.goto(visitor.root + path)
            page.wait_for_selector("[role=status]", state="detached")
            assert page.locator("h1").count() == 1
            assert page.locator("html[lang=en]").count() == 1
            assert page.locator("input:not([type=hidden])").count() == page.locator("label input").count()
            assert page.locator("table:has(thead) th:not([scope])").count() == 0
        page.close()
