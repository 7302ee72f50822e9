"""Times and sizes in words, for people."""

from __future__ import annotations

from datetime import timedelta

MINUTE = 60  # seconds
_SPANS = ((timedelta(days=2), timedelta(days=1), "days"), (timedelta(hours=2), timedelta(hours=1), "h"))
_SIZES = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def lasting(span: timedelta) -> str:
    """Whole days from two on, hours from two on, else minutes or seconds: "3 days", "26 h", "90 min", "40 s"."""
    for least, unit, word in _SPANS:
        if span >= least:
            return f"{span // unit} {word}"
    seconds = int(span.total_seconds())
    return f"{seconds // MINUTE} min" if seconds >= MINUTE else f"{seconds} s"


def size(octets: int) -> str:
    """Rounded down to whole units counted in thousands: "380 MB"."""
    for unit, word in _SIZES:
        if octets >= unit:
            return f"{octets // unit} {word}"
    return f"{octets} B"
