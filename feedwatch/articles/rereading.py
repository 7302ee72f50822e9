"""When is a page read again? After 10 minutes, 1, 6 and 24 hours; a live page as long as it has news."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

AGES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""Of an article since people were told of it: most corrections come within hours."""

APART = timedelta(minutes=5)
"""Between two looks at the least, for a machine that slept over one."""

GONE_AFTER = timedelta(hours=1)
"""Two sightings of a missing page lie so far apart: a server that is being mended says 404, too."""

LIVE_FOR = timedelta(days=3)
"""A page of posts is followed no longer: a thread that never ends is a forum."""

LONGEST = AGES[-1]
"""No look is further off."""


def next_look(since: datetime, now: datetime) -> datetime | None:
    """The first age of the schedule that is still to come; None: it is over."""
    return next((since + age for age in AGES if since + age >= now + APART), None)


def is_gone(missing: datetime | None, now: datetime) -> bool:
    """Whether this is the second sighting of a missing page; the first one was at `missing`."""
    return missing is not None and now - missing >= GONE_AFTER
