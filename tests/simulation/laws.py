"""Holds a world to the promises: during every call, after every run, and when it has come to rest."""

import json
from collections import Counter
from hashlib import sha256

from synctool.core.model import TEMPORARY, TRASH, Kind
from synctool.core.names import identity
from synctool.core.plan import Action, Why
from synctool.core.policy import Refused, Role, Settle
from synctool.store.audit import verify
from synctool.store.journal import DAY_NS
from tests.properties.houses import HELD

CHANGES = {*(action.value for action in Action), "purge", "sweep"}


class Broken(AssertionError):
    """A law was broken: which one, and how."""


def hold(law, true, *facts):
    """A law and whether it holds; the facts are told when it does not."""
    if not true:
        raise Broken(f"{law}: {' '.join(map(str, facts))}")


class Laws:
    """Knows what the world has been through, as far as the laws speak of it."""

    def __init__(self, world):
        self._world = world
        self._purged = set()
        self._removals = []
        self._lines = 0

    def may_change(self, side, verb):
        role = self._world.profile.policy.role(side.name)
        hold("a source is never written", role is not Role.SOURCE or verb == "mark", side.name, verb)
        hold("an archive never loses", role is not Role.ARCHIVE or verb != "purge", side.name, verb)

    def may_purge(self, side, kept):
        world = self._world
        age = world.clock.now_ns() - kept.at_ns
        hold("trash is kept as long as promised", age >= world.profile.trash_days * DAY_NS, kept)
        held = world.profile.policy.holds and not side.traits.lasting_refs and HELD.matches(kept.was)
        hold("what is held is never purged", not held, kept)
        self._purged.add(side.trash.get(kept.entry.handle.removeprefix(f"{TRASH}/")))

    def after_any_run(self):
        """Whatever happened to the run, also if it was cut short."""
        world = self._world
        self._nothing_lost()
        self._copies_are_single()
        for item in world.ledger.remembered().everything():
            for name in world.sides:
                self._row_is_honest(name, world.ledger.row(item, name))

    def after_a_run(self, outcome, changes):
        """A run that came to its end; changes: how often it changed which side how."""
        world = self._world
        done = [d.step for d in outcome.done if d.step.kind is Kind.FILE]
        removed = [step for step in done if step.action is Action.REMOVE]
        unasked = [step for step in removed if step.why is not Why.DECIDED]
        if world.profile.policy.holds:
            for step in removed:
                hold("nothing is removed past a hold", not HELD.matches(step.path), step)
        hold("an exit code is one of those published", outcome.exit_code in (0, 4, 5, 6), outcome.exit_code)
        self._within_brakes(outcome, unasked)
        self._on_record(outcome, changes)

    def as_saved(self, saved, outcome):
        """A run of a saved plan that came to its end."""
        done, failed = ({result.step.id for result in results} for results in (outcome.done, outcome.failed))
        hold("only what a saved plan says is done", done <= saved.steps, *(done - saved.steps))
        untold = saved.steps - done - failed - {*outcome.dropped}
        hold("what is not done of a saved plan is told", not untold, *untold)

    def at_rest(self, outcome):
        """People and weather have rested, and a last run was made."""
        world, plan = self._world, outcome.planned.plan
        hold("a world at rest has nothing to do", not outcome.done, *outcome.done)
        unruly = [f for f in outcome.failed if f.exit_code != 4]
        hold("a world at rest has no failures", not unruly, *unruly)
        hold("a world at rest is settled", outcome.exit_code in (0, 4), outcome.exit_code, plan.unknown)
        for side in world.sides.values():
            for path in side.tree():
                left = TEMPORARY in path or ("(moving " in path and not world.forgot)
                hold("nothing half-done is left", not left, side.name, path)
        if self._all_agree():
            trees = [_shape(side.tree()) for side in world.sides.values()]
            undone = world.ledger.disputes.decided()
            hold("what a person decided is done, or fits no more", not undone, undone)
            hold("all sides hold the same", all(t == trees[0] for t in trees), *trees)

    def _all_agree(self):
        """Whether nothing in the profile lets the sides differ, nor in what happened."""
        policy = self._world.profile.policy
        leaves = policy.deletes_from is not None and policy.refused is Refused.LEAVE
        holds = any(rule.settle is Settle.HOLD for rule in policy.conflicts)
        return not (policy.roles or leaves or holds or self._world.rejected)

    def _nothing_lost(self):
        world, policy = self._world, self._world.profile.policy
        seen = {data for side in world.sides.values() for data in side.tree().values()}
        lost = world.people.made - world.people.excused - seen
        roles, settles = set(policy.roles.values()), {rule.settle for rule in policy.conflicts}
        if not (roles & {Role.MIRROR, Role.ARCHIVE} or settles & {Settle.PREFER, Settle.NEWEST}):
            hold("what nobody took away is in sight", not lost, *lost)
        kept = {data for side in world.sides.values() for data in side.trash.values()}
        lost -= kept | self._purged
        hold("what nobody took away is in sight or in trash", not lost, *lost)

    def _copies_are_single(self):
        """Nobody but synctool makes conflict copies, so one text has one in a folder, however often a run is repeated.

        What was once a copy, and waits for another text that was agreed, is none.
        """
        for side in self._world.sides.values():
            copies, waits = Counter(), self._waiting(side)
            for path, data in side.tree().items():
                stem, conflict, _ = path.partition(" (conflict ")
                copies[stem, data] += (
                    bool(conflict) and data not in self._world.repeated and path not in waits
                )
            hold(
                "conflict copies never multiply",
                max(copies.values(), default=0) <= 1,
                side.name,
                copies.most_common(1),
            )

    def _waiting(self, side):
        """The paths at which a side holds another text than was agreed."""
        known, waits = self._world.ledger.remembered(), set()
        for path, data in side.tree().items():
            if path.endswith("/") or " (conflict " not in path:
                continue
            item = known.at_handle(side.name, side._nodes.handle(side._nodes.descend(path)))
            content = item and known.item(item).value.content
            if content and self._true(content) != sha256(data).hexdigest():
                waits.add(path)
        return waits

    def _true(self, content):
        """The SHA-256 of a content; of one that nobody has read, of what its side showed there."""
        if content.read:
            return content.digest
        side, where = content.digest[1:].split("/", 1)
        return self._world.sides[side].shown[where.rpartition("/")[2]]

    def _row_is_honest(self, name, row):
        side = self._world.sides[name]
        if row is None:
            return
        if row.held is not None and row.held.kind is Kind.FILE:
            digest = side.shown.get(row.held.stamp)
            hold("a row claims what was seen", digest and row.held.sha256 in ("", digest), name, row)
        content = row.value.content
        given = row.assumed or not row.versions.content  # taken for equal by size, or found not to be
        true = content is None or not content.read or given or content.digest in side.shown.values()
        hold("a row stands for bytes that were there", true, name, row)

    def _within_brakes(self, outcome, removed):
        """What a person decided about is not counted: they have looked at it."""
        world = self._world
        now = world.clock.now_ns()
        if any(brake.accepted for brake in outcome.planned.plan.brakes):
            return
        seen = {sha256(data).hexdigest() for side in world.sides.values() for data in side.tree().values()}
        shown = {name: side.shown for name, side in world.sides.items()}
        gone = [s for s in removed if shown[s.side].get(s.entry.stamp) not in seen]
        self._removals = [(at, item) for at, item in self._removals if at > now - DAY_NS]
        self._removals += [(now, step.item) for step in gone]
        removals = {item for _, item in self._removals}
        limit = world.profile.policy.brakes.deletes_count
        hold("no more is removed in a day than the brake lets pass", len(removals) <= limit, removals)

    def recorded(self):
        """How many records were made since it was last asked; the chain is sound."""
        path = self._world.tools.state / f"{self._world.profile.name}.audit.jsonl"
        path.touch()
        verify(path)
        lines = path.read_text("utf-8").splitlines()
        before, self._lines = self._lines, len(lines)
        told = [json.loads(line) for line in lines[before:]]
        done = sum(fact["action"] in CHANGES and "outcome" not in fact for fact in told)
        return done - sum(fact["action"] == "purge failed" for fact in told)

    def _on_record(self, outcome, changes):
        """Every change of a side is one record; that of a document by another is two changes."""
        new, made = self.recorded(), sum(changes.values())
        made -= sum(d.step.action is Action.REPLACE for d in outcome.done)
        half = sum(f.step.action is Action.REPLACE for f in outcome.failed)
        told = f"{new} records of {made} changes"
        hold("every change is on record once", made - half <= new <= made, told)


def _shape(tree):
    """What a side holds, but for the spelling of names."""
    return sorted((identity(path).count("/"), data) for path, data in tree.items())
