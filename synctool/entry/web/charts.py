"""Draws what runs did over time as bars."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 120
GAP = 1.5
LEAST = 2.0
"""The height of the smallest bar that is no nothing."""


class Bar(NamedTuple):
    """One run: its value, what a reader is told of it, and whether it failed."""

    value: float
    label: str
    failed: bool = False


def bars(title: str, values: Sequence[Bar], most: str, ends: Sequence[str]) -> Markup:
    """A picture of these values, oldest first. most: the largest of them in words; ends: when the first and the last were."""
    top = max((bar.value for bar in values), default=0) or 1
    width = WIDTH / max(len(values), 20)
    drawn = "".join(
        _bar(bar, at * width, width - GAP, HEIGHT * bar.value / top) for at, bar in enumerate(values)
    )
    span = "".join(f"<span>{escape(end)}</span>" for end in dict.fromkeys(ends))
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<figure><figcaption>{escape(title)} <span class="dim">{escape(most)}</span></figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}, {len(values)} runs, {escape(most)}">{drawn}</svg>'
        f'<p class="ends dim">{span}</p></figure>'
    )


def _bar(bar: Bar, x: float, width: float, height: float) -> str:
    """A bar on a ground that can be pointed at where it is nothing."""
    height = max(LEAST, height) if bar.value else 0.0
    return (
        f'<g class="{"failed" if bar.failed else "bar"}"><title>{escape(bar.label)}</title>'
        f'<rect class="ground" x="{x:.1f}" y="0" width="{width:.1f}" height="{HEIGHT}"/>'
        f'<rect x="{x:.1f}" y="{HEIGHT - height:.1f}" width="{width:.1f}" height="{height:.1f}"/></g>'
    )
