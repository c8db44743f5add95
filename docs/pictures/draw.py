"""Draws the pictures of docs/conflicts.md: real commands, on a made-up case in three real places, in a real terminal.

Started by ``python dev.py docs --pictures``; writes the ``.svg`` files beside this one. Dates and times in them are of the day.
"""

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from synctool.entry.demo.stage import Stage, staged
from synctool.entry.demo.telling import Teller

HERE = Path(__file__).resolve().parent
COLUMNS = 80
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""What rich would have a picture ask of another server; the reader's own fonts do."""


class Desk:
    """Somebody at a terminal, and somebody at each place; every path is that of the case."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def save(self, path: str, text: str) -> None:
        """Save a file on the drive."""
        file = self.stage.drive / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def rename(self, old: str, new: str) -> None:
        """Rename or move something on the drive."""
        (self.stage.drive / new).parent.mkdir(parents=True, exist_ok=True)
        (self.stage.drive / old).rename(self.stage.drive / new)

    def edit(self, path: str, text: str) -> None:
        """Save a new version in Filevine."""
        self.stage.filevine.colleague.revise(self._documents()[path], text.encode())

    def rename_in_filevine(self, path: str, name: str) -> None:
        """Rename a document in Filevine."""
        self.stage.filevine.colleague.rename(self._documents()[path], name)

    def rename_folder(self, path: str, name: str) -> None:
        """Rename a folder in Filevine."""
        colleague = self.stage.filevine.colleague
        colleague.rename_folder(colleague.folders(self.stage.project)[path], name)

    def bucket(self, path: str, text: str) -> None:
        """Put a new version into the bucket."""
        self.stage.client.put_object(Bucket="firm-cases", Key=self.stage.prefix + path, Body=text.encode())

    def asks(self, **lines: str) -> None:
        """Change lines of the profile: ``conflicts``, ``brakes``, ``holds``."""
        text = self.stage.profile.read_text("utf-8")
        for key, value in lines.items():
            text = re.sub(rf"^{key}:.*(\n +.*)*\n", "", text, flags=re.MULTILINE) + f"{key}: {value}\n"
        self.stage.profile.write_text(text, "utf-8")

    def run(self, *words: str) -> str:
        """What a command shows on a terminal of 80 columns, colours and all."""
        return _in_terminal([sys.executable, "-m", "synctool.entry.cli", *words], self.stage.folder)

    def apply(self, *words: str) -> str:
        """One run, unseen."""
        return self.run("apply", "demo", "--yes", *words)

    def draw(self, picture: str, *commands: tuple[str, ...]) -> None:
        """Run commands and draw what they show."""
        shown = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True)
        for words in commands:
            shown.print(Text("$ " + " ".join(["synctool", *map(_quoted, words)]), style="bold"))
            shown.print(Text.from_ansi(self.run(*words).replace("\r", "").rstrip("\n")), highlight=False)
            shown.print()
        svg = FONTS.sub("", shown.export_svg(title="", theme=MONOKAI, unique_id=picture))
        (HERE / f"{picture}.svg").write_text(svg, "utf-8")

    def _documents(self) -> dict[str, int]:
        return {leaf.path: leaf.id for leaf in self.stage.filevine.colleague.tree(self.stage.project)}


def main() -> None:
    """Draw every picture."""
    with TemporaryDirectory() as folder, staged(Path(folder) / "demo", Teller(Console(stderr=True))) as stage:
        desk = Desk(stage)
        _beginning(desk)
        _moves(desk)
        _both_kept(desk)
        _held(desk)
        _braked(desk)
        _undone(desk)


def _beginning(desk: Desk) -> None:
    for number in range(1, 41):
        desk.save(f"Discovery/Exhibits/Exhibit {number:02}.pdf", f"Exhibit {number}, scanned")
    for name in ("Complaint", "Answer", "Reply", "Brief"):
        desk.save(f"Pleadings/{name}.docx", f"{name}, first draft")
    desk.apply()


def _moves(desk: Desk) -> None:
    desk.rename_folder("Discovery/Exhibits", "Exhibits A-Z")
    desk.save("Discovery/Exhibits/Exhibit 41.pdf", "Exhibit 41, scanned")
    desk.rename_in_filevine("Pleadings/Brief.docx", "Trial brief.docx")
    desk.save("Pleadings/Brief.docx", "Brief, second draft")
    desk.draw("moves", ("plan", "demo"))
    desk.apply()


def _both_kept(desk: Desk) -> None:
    desk.edit("Pleadings/Answer.docx", "Answer: Jones denies it, and blames the wind")
    desk.save("Pleadings/Answer.docx", "Answer: Jones denies it, and offers a settlement")
    desk.draw("both-kept", ("plan", "demo"))
    desk.apply()
    desk.draw("conflicts", ("conflicts", "demo"))


def _held(desk: Desk) -> None:
    desk.asks(conflicts='[{match: "Pleadings/**", policy: hold}]')
    desk.edit("Pleadings/Reply.docx", "Reply: Smith insists")
    desk.bucket("Pleadings/Reply.docx", "Reply: Smith insists")
    desk.save("Pleadings/Reply.docx", "Reply: Smith insists, and asks for costs")
    desk.apply()
    desk.draw("held", ("explain", "demo", "Pleadings/Reply.docx"))
    choice = ("resolve", "demo", "Pleadings/Reply.docx", "--take", "zdrive")
    desk.draw("resolve", choice, (*choice, "--yes"), ("apply", "demo", "--yes"))


def _braked(desk: Desk) -> None:
    desk.asks(brakes="{deletes: {share: 0.25}}")
    for file in sorted((desk.stage.drive / "Discovery/Exhibits A-Z").glob("*.pdf"))[:15]:
        file.unlink()
    desk.draw("brake", ("apply", "demo", "--yes"))
    code = re.search(r"--accept (\w+)", desk.run("plan", "demo"))
    assert code, "a third of the documents trips the brake"
    desk.apply("--accept", code[1])


def _undone(desk: Desk) -> None:
    desk.draw("undo", ("undo", "demo", "Discovery"))


def _in_terminal(command: list[str], folder: Path) -> str:
    """What a command writes to a terminal."""
    reader, writer = pty.openpty()
    settings = {
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
        "LINES": "50",
        "PYTHONPATH": str(HERE.parents[1]),
    }
    started = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
    os.close(writer)
    shown = b""
    with suppress(OSError), os.fdopen(reader, "rb", buffering=0) as terminal:  # a terminal ends with EIO
        while piece := terminal.read(1 << 16):
            shown += piece
    started.wait()
    return shown.decode("utf-8", "replace")


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


if __name__ == "__main__":
    main()
