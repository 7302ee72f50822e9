"""When a delivery is tried again."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=4)
"""With its jitter less than five minutes: so soon after a channel is back all that waits for it is there."""

ASKED_AT_MOST = timedelta(days=1)
"""No service means longer; its queue would be as good as removed."""

REFUSALS = 10
"""A message that a healthy target refuses this often is dead: it would block all behind it."""


def send_again_after(attempts: int, jitter: float, asked: timedelta | None = None) -> timedelta:
    """10 s after the first failed attempt, doubling to 4 min, up to a fifth longer by `jitter` in [0, 1).

    A service that asked for a longer wait gets it, up to a day. Nothing expires.
    """
    doubled = FIRST_WAIT * (1 << min(attempts - 1, 10))
    wait = min(doubled, LONGEST_WAIT) * (1 + jitter / 5)
    return max(wait, min(asked or wait, ASKED_AT_MOST))
