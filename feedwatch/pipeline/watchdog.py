"""What systemd's watchdog hears: that work goes on, not that a process is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.edges import systemd

if TYPE_CHECKING:
    from feedwatch.store.writer import Store

PINGS = 4
"""Signs of life within the time that systemd's watchdog allows: a late one or two end nobody."""


class Watchdog:
    """Tells systemd that feedwatch works: ticks come, so the event loop turns, and the writer thread takes its work.

    Not proved by commits: an idle night, a locked database and a full disk are no reason to be killed.
    """

    def __init__(self, store: Store, limit: float | None) -> None:
        self._store, self._pause = store, limit and limit / PINGS  # seconds; None: nobody watches
        self._due = 0.0
        self._asked: int | None = None  # the writer's turns when it was asked for a sign of life

    def look(self, clock: float) -> None:
        """What every tick does; it waits for nothing. A ping follows the writer's answer at the next tick."""
        if self._pause is None or clock < self._due:
            return
        if self._asked is None:
            self._asked = self._store.turns
            self._store.knock()
        elif self._store.turns != self._asked:
            systemd.watchdog()
            self._asked, self._due = None, clock + self._pause
