"""The one place that knows what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def uptime() -> float:
    """Seconds since the machine was started, sleep included: moved by nobody who sets the clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
