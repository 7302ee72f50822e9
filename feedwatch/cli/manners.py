"""A channel's manners in words: how loud it is, and when it sends next, by its own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.hold import next_send
from feedwatch.alerts.outgoing import counted
from feedwatch.alerts.timetable import spoken

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.alerts.hold import Policy


def said(policy: Policy) -> str:
    """All of it on a line; empty where everything goes out at once."""
    digest = f"digest {spoken(policy.digest)}{', also empty' if policy.empty else ''}" if policy.digest else ""
    quiet = f"quiet {', '.join(map(str, policy.quiet))}" if policy.quiet else ""
    budget = f"{counted(policy.per_hour, 'message')} an hour" if policy.per_hour is not None else ""
    through = [name for name, breaks in _breaks(policy) if breaks]
    urgent = f"urgent breaks {' and '.join(through)}" if through else ""
    return "; ".join(filter(None, (digest, quiet, budget, urgent)))


def _breaks(policy: Policy) -> tuple[tuple[str, bool], ...]:
    return ("quiet", policy.urgent_breaks_quiet), ("digest", policy.urgent_breaks_digest)


def next_said(policy: Policy, at: datetime) -> str:
    """When what happens now is told, by the channel's clock."""
    due = next_send(policy, at)
    return "at once" if due is None else by_its_clock(policy, due)


def by_its_clock(policy: Policy, moment: datetime) -> str:
    """A time in the channel's zone; the zone is named where it is not the system's."""
    named = f" {policy.zone}" if policy.zone is not None else ""
    return f"{moment.astimezone(policy.zone):%a %Y-%m-%d %H:%M}{named}"
