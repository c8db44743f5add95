"""Keeps the ids that callers choose for documents, folders and projects."""

from synctool.emulators.filevine.records import Refusal

UNREGISTERED = -1
"""Stands for a partner id that nobody has; no document, folder or project has this number."""


class Partners:
    """Partner ids both ways, per scope (``document``, ``folder``, ``project`` …)."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._partners: dict[tuple[str, int], str] = {}

    def number(self, scope: str, partner: str) -> int:
        """The number behind a partner id, or UNREGISTERED."""
        return self._numbers.get((scope, partner), UNREGISTERED)

    def partner(self, scope: str, number: int) -> str | None:
        """The partner id of a number."""
        return self._partners.get((scope, number))

    def register(self, scope: str, number: int, partner: str) -> None:
        """Set or change a partner id; raises Refusal(400) when another one has it."""
        if self.number(scope, partner) not in {UNREGISTERED, number}:
            raise Refusal(400, "The partner id is taken.")
        self.forget(scope, number)
        self._numbers[scope, partner] = number
        self._partners[scope, number] = partner

    def forget(self, scope: str, number: int) -> None:
        """Remove a partner id, if there is one."""
        self._numbers.pop((scope, self._partners.pop((scope, number), "")), None)
