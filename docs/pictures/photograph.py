"""Photographs the web page for docs/page.md: a made-up case in three real places, in a real browser.

Started by ``python dev.py docs --pictures``; writes the ``.png`` files beside this one. Needs Chromium.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from docs.pictures.draw import Desk
from synctool.entry.cli.session import Session
from synctool.entry.demo.stage import staged
from synctool.entry.demo.telling import Teller
from synctool.entry.web.serving import showing

HERE = Path(__file__).resolve().parent
WIDE, PHONE = {"width": 1000, "height": 700}, {"width": 390, "height": 760}
SETS = {
    "": ("light", WIDE, ("profiles", "conflict", "decision", "plan", "runs")),
    "-dark": ("dark", WIDE, ("conflict",)),
    "-phone": ("light", PHONE, ("profile", "conflict")),
}
"""What is photographed, and how, by the ending of the file's name."""

LETTER = "Dear Ms. Jones,\n\nthank you for your letter.\n{}\nPlease answer within {} days.\n\nJ. Doe\n"


def main() -> None:
    """Take every picture."""
    where = shutil.which("chromium")
    if where is None:
        raise SystemExit("no Chromium here (Debian: chromium)")
    with (
        TemporaryDirectory() as folder,
        staged(Path(folder) / "demo", Teller(Console(stderr=True))) as stage,
        sync_playwright() as player,
    ):
        desk = Desk(stage)
        _case(desk)
        session = Session(stage.profile.parent, stage.folder / "state")
        browser = player.chromium.launch(executable_path=where, args=["--no-sandbox"])
        with showing(session, ("demo",), "127.0.0.1:0", may_act=True) as address:
            for ending, (scheme, size, wanted) in SETS.items():
                page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
                page.goto(address)
                for name in _pages(page, address.partition("?")[0].rstrip("/")):
                    page.wait_for_selector("[role=status]", state="detached")
                    if name in wanted:
                        page.screenshot(path=HERE / f"page-{name}{ending}.png", full_page=True)
        browser.close()


def _case(desk: Desk) -> None:
    for number in range(1, 31):
        desk.save(f"Discovery/Exhibits/Exhibit {number:02}.pdf", f"Exhibit {number}, scanned")
    desk.save("Correspondence/Letter to Jones.txt", LETTER.format("We have read it.", 30))
    desk.apply()
    for number in range(3):
        desk.save(f"Notes/Call {number}.txt", "a note" * 40_000 * (number + 1))
        desk.apply()
    desk.asks(conflicts='[{match: "**", policy: hold}]')
    desk.edit("Correspondence/Letter to Jones.txt", LETTER.format("We have read it with care.", 14))
    desk.save("Correspondence/Letter to Jones.txt", LETTER.format("We have read it.", 21))
    desk.apply()
    desk.save("Pleadings/Answer.docx", "Answer, first draft")
    (desk.stage.drive / "Discovery/Exhibits/Exhibit 07.pdf").unlink()


def _pages(page: Page, root: str) -> Iterator[str]:
    """Go through the pages; the name of each."""
    yield "profiles"
    page.get_by_role("link", name="demo", exact=True).click()
    yield "profile"
    page.get_by_role("link", name="Letter to Jones").click()
    page.wait_for_selector("text=What differs")
    yield "conflict"
    page.get_by_role("button", name="Take this one").last.click()
    page.wait_for_selector("h1:text-is('What this does')")
    yield "decision"
    page.goto(f"{root}/p/demo")
    page.get_by_role("button", name="Make a plan").click()
    page.wait_for_selector("text=Make a new plan")
    yield "plan"
    page.goto(f"{root}/p/demo/runs")
    yield "runs"


if __name__ == "__main__":
    main()
