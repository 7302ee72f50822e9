"""Has a feed moved for good? Permanent redirects are believed when they stay (RFC 9110, 15.4.2 and 15.4.9).

One 301 may be a captive portal or a slip of the server's: three sightings over a day are an address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.model import Move

if TYPE_CHECKING:
    from datetime import datetime

SIGHTINGS = 3
OVER = timedelta(hours=24)


def sighted(before: Move | None, to: str | None, now: datetime) -> Move | None:
    """What is known of a feed's move after an answer that came by way of permanent redirects to `to`."""
    if to is None:
        return None
    if before is None or before.to != to:
        return Move(to=to, times=1, since=now)
    return Move(to=to, times=before.times + 1, since=min(before.since, now))


def is_learnt(move: Move | None, now: datetime) -> bool:
    return move is not None and move.times >= SIGHTINGS and now - move.since >= OVER
