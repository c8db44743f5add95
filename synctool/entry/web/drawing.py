"""Draws pages from templates, in which every text is escaped and made visible."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from synctool.entry.show.visible import visible

HERE = Path(__file__).parent


class Drawing:
    """The templates. facts: what all of them may use."""

    def __init__(self, **facts: Any) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(facts)

    def __call__(self, template: str, **facts: Any) -> str:
        """The HTML of a page."""
        return self._templates.get_template(template).render(**facts)


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
