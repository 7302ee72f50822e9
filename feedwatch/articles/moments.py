"""A page's claim of a time, made a moment."""

from __future__ import annotations

from datetime import UTC, datetime

OLDEST, YOUNGEST = 1991, 2100  # years; the web's first article, and a date nobody means


def moment(claim: str) -> datetime | None:
    """The moment that an ISO 8601 text with a zone names, in UTC; None for every other one."""
    try:
        found = datetime.fromisoformat(claim.strip())
    except ValueError:
        return None
    if found.tzinfo is None or not OLDEST <= found.year < YOUNGEST:
        return None
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


def day(date: str | None) -> datetime | None:
    """The midnight in UTC that begins a day, 2026-02-03."""
    return moment(f"{date}T00:00:00+00:00") if date else None
