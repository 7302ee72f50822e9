"""Does feedwatch do its work, and how much of it? For `/readyz`, the heartbeat and the still-watching line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.outgoing import counted
from feedwatch.text.amounts import lasting

if TYPE_CHECKING:
    from feedwatch.alerts.troubles import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How feedwatch does, in numbers."""

    feeds: int
    failing: int  # the last poll gave nothing
    late: int  # not failing, and its next poll is overdue
    articles: int  # since `since`
    alerts: int


def watching(tally: Tally, since: str) -> str:
    """As in "27 feeds well, 1 late; 412 articles, 3 alerts since Monday 08:00"."""
    well = tally.feeds - tally.failing - tally.late
    others = [f"{n} {word}" for n, word in ((tally.late, "late"), (tally.failing, "failing")) if n]
    feeds = ", ".join([counted(well, "feed") + " well", *others])
    return f"{feeds}; {counted(tally.articles, 'article')}, {counted(tally.alerts, 'alert')} since {since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What says whether feedwatch does its work: not that the process lives, but that polls and messages go through."""

    feeds: int
    untried: int  # feeds that were not polled yet
    last_good: datetime | None
    oldest_waiting: datetime | None


def unready(state: Readiness, longest_interval: timedelta, limits: Limits, now: datetime) -> tuple[str, ...]:
    """Why it is not ready; empty: it is. The last good poll may be two intervals of the slowest feed and 5 min old."""
    reasons = []
    if state.untried:
        reasons.append(f"{counted(state.untried, 'feed')} not polled yet")
    limit = 2 * longest_interval + timedelta(minutes=5)
    if state.feeds and not state.untried and (state.last_good is None or now - state.last_good > limit):
        good = "never" if state.last_good is None else f"{lasting(now - state.last_good)} ago"
        reasons.append(f"the last good poll was {good} (at most {lasting(limit)})")
    if state.oldest_waiting is not None and now - state.oldest_waiting > limits.stuck_after:
        waits = lasting(now - state.oldest_waiting)
        reasons.append(f"a message has waited for {waits} (at most {lasting(limits.stuck_after)})")
    return tuple(reasons)
