"""When is a story's next update due? A watchlist that knows of a story hears further reports of it in batches."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(minutes=15)
LONGEST = timedelta(hours=3)


def batch_closes(told: datetime | None, updates: int, now: datetime) -> datetime:
    """When a report that came now is told, after so many updates: some time after the story was last told.

    That time is a quarter of an hour at first and doubles with each update, up to three hours. `told` in the future
    comes from a clock that went back.
    """
    wait = min(FIRST * (1 << min(updates, 10)), LONGEST)
    return max(now, min(told or now, now) + wait)
