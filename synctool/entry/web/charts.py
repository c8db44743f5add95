"""Draws what runs did as bars."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 120
GAP = 1.5


class Bar(NamedTuple):
    """One run: its value, what a reader is told of it, and whether it failed."""

    value: float
    label: str
    failed: bool = False


def bars(title: str, values: Sequence[Bar], most: str) -> Markup:
    """A picture of these values, oldest first. most: the largest of them in words."""
    top = max((bar.value for bar in values), default=0) or 1
    width = WIDTH / max(len(values), 20)
    drawn = "".join(
        f'<g class="{"failed" if bar.failed else "bar"}"><title>{escape(bar.label)}</title>'
        f'<rect x="{at * width:.1f}" y="{HEIGHT - _height(bar, top):.1f}" width="{width - GAP:.1f}" height="{_height(bar, top):.1f}"/></g>'
        for at, bar in enumerate(values)
    )
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<figure><figcaption>{escape(title)} <span class="dim">at most {escape(most)}</span></figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}, {len(values)} runs">{drawn}</svg></figure>'
    )


def _height(bar: Bar, top: float) -> float:
    return max(2.0, HEIGHT * bar.value / top)
