"""When a loop makes room for a row that is worked on alone.

A row that was interrupted too often waits until its loop is idle. A loop with thousands of feeds never is: so from time
to time one that has waited long is let in first. Not soon after a start, or a row that kills the process would do so
again before anything else is done; and not one after the other, or many of them would hold up all the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(minutes=10)
"""From a start to the first of them."""

NEXT = timedelta(minutes=1)
"""From one to the next."""


class Turns:
    """Remembers when the next one may come; asked at every claim."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def come(self, at: datetime) -> bool:
        """Whether a row that waits alone comes before the others now."""
        self._next = self._next or at + FIRST
        return at >= self._next

    def claimed(self, at: datetime, *, rows: int, in_flight: int) -> None:
        """What a claim gave; nothing while others are in flight may be the room that is being made."""
        if self.come(at) and (rows or not in_flight):
            self._next = at + NEXT
