"""Sees to it that nothing takes the place of bytes, or removes them, before they are kept elsewhere."""

from dataclasses import replace

from synctool.core.brakes import withhold_items
from synctool.core.plan import Layer, Notice, Plan, Step

UNKEPT = "left as it is: its bytes could not be kept elsewhere first"


def takes(step: Step, keeping: Step) -> bool:
    """Whether a step would take away the bytes that another one keeps elsewhere: of its origin, or of another copy."""
    if step.layer not in (Layer.WRITE, Layer.REMOVE):
        return False
    digest = step.entry.sha256 if step.entry else ""
    return step.item == keeping.origin or (keeping.content is not None and keeping.content.digest == digest)


def without_unkept(before: Plan, after: Plan) -> Plan:
    """What is left of a plan, but for what would take away bytes that a step should keep which is not left."""
    carried = {(step.item, step.origin) for step in after.steps}
    missing = [s for s in before.steps if s.origin and (s.item, s.origin) not in carried]
    unkept = [step for step in missing if not _is_held(before, step)]
    taking = {step.item: step for step in after.steps if any(takes(step, each) for each in unkept)}
    if not taking:
        return after
    notices = (Notice(step.to_path, UNKEPT, step.side) for step in taking.values())
    return replace(withhold_items(after, taking), notices=(*after.notices, *notices))


def _is_held(plan: Plan, step: Step) -> bool:
    """Whether some side holds already, as its item, what a step brings to another."""
    rows = (row for each in plan.decisions if each.item == step.item for row in each.rows.values())
    return any(row.held is not None and row.value.content == step.content for row in rows)
