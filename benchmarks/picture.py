"""Draws, for some cases, how long everybody took: one bar each, in a drawing that suits light and dark pages."""

from xml.sax.saxutils import escape

from benchmarks.cases import CASES
from benchmarks.figures import Figures, figures

SHOWN = {
    "unchanged-drives:100k": ("synctool apply", "unison", "rsync", "rclone sync", "rclone bisync"),
    "unchanged-s3:100k": ("synctool apply", "rclone sync", "rclone bisync", "s5cmd sync", "aws s3 sync"),
    "unchanged-thin:1M": ("synctool plan", "rclone sync"),
    "changed-s3:100k": ("synctool apply", "rclone sync", "s5cmd sync", "aws s3 sync"),
    "first-s3:10k": ("synctool apply", "s5cmd cp", "rclone sync", "aws s3 sync"),
    "first-thin:10k": ("synctool apply", "s5cmd cp", "rclone sync", "aws s3 sync"),
}
WIDTH, LEFT, RIGHT, BAR, GAP, HEAD = 760, 130, 70, 16, 6, 34  # units of the drawing
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 }
.name { text-anchor: end }
.bar { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #58a6ff } }
"""


def draw() -> str:
    """The drawing, as SVG."""
    parts, height = [], 8
    for case, names in SHOWN.items():
        found = figures(case)
        present = {name: found[name] for name in names if name in found and not found[name].trouble}
        if present:
            parts += _group(CASES[case].title, present, height)
            height += HEAD + len(present) * (BAR + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 8}" role="img" '
        f'aria-label="Seconds of synctool and of its peers">\n<style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _group(title: str, present: dict[str, Figures], top: int) -> list[str]:
    """One case: its title, and a bar for everybody, as long as the seconds it took."""
    longest = max(one.wall.middle for one in present.values())
    parts = [f'<text class="head" x="8" y="{top + 20}">{escape(title)}, seconds</text>']
    for place, (name, one) in enumerate(present.items()):
        y = top + HEAD + place * (BAR + GAP) - 4
        long = max(2.0, (WIDTH - LEFT - RIGHT) * one.wall.middle / longest)
        kind = "bar ours" if name.startswith("synctool") else "bar"
        parts += [
            f'<text class="name" x="{LEFT - 8}" y="{y + 13}">{escape(name)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{long:.0f}" height="{BAR}" rx="2"/>',
            f'<text x="{LEFT + long + 6:.0f}" y="{y + 13}">{one.wall.middle:.{1 if one.wall.middle >= 10 else 2}f}</text>',
        ]
    return parts
