"""Shows plans as one page that needs nothing else: to mail, to attach to a pull request, to print."""

from collections.abc import Iterable
from datetime import tzinfo
from html import escape

from synctool.core.plan import Brake, Plan
from synctool.engine.outcome import Planned
from synctool.entry.show.plan import Section, compared, kept, last, put_off, refused, sections, told, unseen
from synctool.entry.show.visible import moment, visible

OPEN = 50
"""A group with more rows is folded; a click, or printing, opens it."""

TONES = {"+": "new", "-": "gone", "!": "alarm", "?": "unknown", "~": "edit", ">": "move", "=": "quiet"}


def plan_page(planned: Planned, then: str, zone: tzinfo) -> str:
    """A whole HTML document. then: what to run next; zone: of the time it was made."""
    plan = planned.plan
    parts = [
        f"<h1>{_text(planned.profile)}</h1>",
        f"<p class=made>Plan of {_text(moment(planned.made_ns, zone))}</p>",
        *(f"<p class=summary>{_text(line)}</p>" for line in told(planned)),
        *_compared(planned),
        *map(_brake, plan.brakes),
        *_first(plan),
        *map(_section, sections(plan)),
        "<footer>",
        *(f"<p>{_text(line)}</p>" for line in (*kept(plan.steps), last(planned, then))),
        "</footer>",
    ]
    title = _text(f"Plan of {planned.profile}")
    return _FRAME.format(title=title, style=_STYLE, body="\n".join(parts))


def _compared(planned: Planned) -> Iterable[str]:
    if lines := compared(planned):
        yield f"<p>{_text(' '.join(line.strip() for line in lines))}</p>"


def _brake(brake: Brake) -> str:
    text = f"{brake.side} {brake.text}" if brake.side else brake.text
    if brake.accepted:
        return f"<p class=brake>Brake {_text(brake.rule)}, accepted: {_text(text)}</p>"
    return (
        f"<div class=brake role=alert><strong>Brake {_text(brake.rule)}:</strong> {_text(text)}"
        f"<br>If that is right: <code>--accept {_text(brake.code)}</code></div>"
    )


def _first(plan: Plan) -> Iterable[str]:
    found = {"Not seen": unseen(plan), "In use": put_off(plan), "Refused": refused(plan)}
    for heading, rows in found.items():
        if rows:
            yield _section(Section(heading, rows))


def _section(section: Section) -> str:
    folded = "" if len(section.rows) <= OPEN else " class=long"
    rows = "\n".join(_row(*row) for row in section.rows)
    return (
        f"<details{' open' * (len(section.rows) <= OPEN)}{folded}><summary><h2>{_text(section.heading)} "
        f"<span class=count>{len(section.rows):,}</span></h2></summary>\n<table>\n{rows}\n</table></details>"
    )


def _row(what: str, effect: str) -> str:
    symbol, _, path = what.partition(" ") if what[1:2] == " " else ("", "", what)
    tone = TONES.get(symbol, "quiet")
    return f"<tr class={tone}><td>{_text(symbol)}</td><td>{_text(path.strip())}</td><td>{_text(effect)}</td></tr>"


def _text(text: str) -> str:
    return escape(visible(text))


_STYLE = """
:root { color-scheme: light dark; --line: #d8dce2; --dim: #5c6670; --alarm: #b3261e; --new: #1a7f37; --edit: #0b6bcb; --back: #fff; --fore: #1c2127 }
@media (prefers-color-scheme: dark) { :root { --line: #363c45; --dim: #9aa5b1; --alarm: #ff8a80; --new: #57d38c; --edit: #7cb7ff; --back: #14171b; --fore: #e4e8ec } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--back); color: var(--fore); font: 16px/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 1.6rem } h2 { display: inline; font-size: 1.1rem }
.made, .count, footer { color: var(--dim) } .count { font-weight: normal } .summary { margin: .3rem 0; font-size: 1.05rem }
.brake { margin: 1rem 0; padding: .7rem 1rem; border-left: .3rem solid var(--alarm); background: color-mix(in srgb, var(--alarm) 9%, transparent) }
details { margin: 1.2rem 0 } summary { cursor: pointer; padding: .2rem 0 }
table { width: 100%; border-collapse: collapse; margin-top: .4rem }
td { padding: .3rem .5rem; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
td:first-child { width: 1ch; font-family: ui-monospace, monospace; font-weight: bold } td:last-child { color: var(--dim); width: 38% }
.new td:first-child { color: var(--new) } .gone td:first-child, .alarm td:first-child { color: var(--alarm) }
.edit td:first-child, .move td:first-child { color: var(--edit) }
footer { margin-top: 2rem; border-top: 1px solid var(--line) }
@media (max-width: 40rem) { tr { display: grid; grid-template-columns: 2ch 1fr; border-top: 1px solid var(--line); padding: .3rem 0 } td { border: 0; padding: 0 .3rem } td:last-child { grid-column: 2; width: auto } }
@media print { body { margin: 0; max-width: none; font-size: 10pt } details::details-content { content-visibility: visible; height: auto } tr { break-inside: avoid } summary { list-style: none; break-after: avoid } }
"""

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
