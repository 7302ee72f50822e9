"""How often does the server want to be asked? What the HTTP headers and the feed document say about it."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from feedwatch.model import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})", re.IGNORECASE)
_STALE_AT_ONCE = re.compile(r"(?:^|[\s,])(?:no-cache|no-store)(?:$|[\s,=])", re.IGNORECASE)

_PERIODS = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 30, "yearly": 24 * 365}
"""Hours of a sy:updatePeriod (RSS 1.0 Syndication module)."""

_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_HOURS = {str(hour): hour % 24 for hour in range(25)} | {f"0{hour}": hour for hour in range(10)}
_SKIPPED = re.compile(rb"<skip(Hours|Days)\b[^>]*>(.{0,2000}?)</skip\1>", re.IGNORECASE | re.DOTALL)
_SKIP = re.compile(rb"<(?:hour|day)\b[^>]*>\s*(\w+)", re.IGNORECASE)
_FIRST_ITEM = re.compile(rb"<(?:item|entry)\b", re.IGNORECASE)
_HEAD = 65_536  # bytes; what a channel says of itself stands before its items


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How much longer the answer stays fresh: max-age, else Expires, less its Age (RFC 9111, 4.2); None: unsaid."""
    control = headers.get("cache-control", "")
    if _STALE_AT_ONCE.search(control):
        return None
    lifetime = _max_age(control) or _expires(headers, now)
    left = lifetime - timedelta(seconds=_seconds(headers.get("age", ""))) if lifetime else timedelta(0)
    return left if left > timedelta(0) else None


def asked(channel: Mapping[str, Any], body: bytes) -> Asked:
    """What the feed document asks: `channel` is feedparser's feed, `body` the document (for skipHours, skipDays)."""
    hours, days = _skips(body)
    return Asked(wait=_ttl(channel) or _syndication(channel), hours=hours, days=days)


def _max_age(control: str) -> timedelta | None:
    found = _MAX_AGE.search(control)
    return timedelta(seconds=int(found[1])) if found else None


def _expires(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """From the server's own clock where it tells it: ours may be off."""
    until = _moment(headers.get("expires", ""), now)
    return until - (_moment(headers.get("date", ""), now) or now) if until else None


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _seconds(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() else 0


def _ttl(channel: Mapping[str, Any]) -> timedelta | None:
    """RSS 2.0: minutes."""
    text = str(channel.get("ttl", "")).strip()
    minutes = int(text[:6]) if text.isascii() and text.isdigit() else 0
    return timedelta(minutes=minutes) if minutes else None


def _syndication(channel: Mapping[str, Any]) -> timedelta | None:
    """sy:updatePeriod through sy:updateFrequency; "hourly, once" is what WordPress writes for everybody: no hint."""
    hours = _PERIODS.get(str(channel.get("sy_updateperiod", "")).strip().lower())
    text = str(channel.get("sy_updatefrequency", "1")).strip()
    times = int(text[:6]) if text.isascii() and text.isdigit() else 1
    if hours is None or (hours, times) == (1, 1):
        return None
    return timedelta(hours=hours) / max(times, 1)


def _skips(body: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """Hours in GMT (24 is 0) and weekdays (Monday is 0); feedparser keeps but the last of each."""
    item = _FIRST_ITEM.search(body, 0, _HEAD)
    head = body[: item.start() if item else _HEAD]
    words: dict[bytes, list[str]] = {b"hours": [], b"days": []}
    for kind, block in _SKIPPED.findall(head):
        words[kind.lower()] += [text.decode("ascii", "replace").lower() for text in _SKIP.findall(block)]
    hours = frozenset(_HOURS[word] for word in words[b"hours"] if word in _HOURS)
    days = frozenset(_DAYS[word[:3]] for word in words[b"days"] if word[:3] in _DAYS)
    return hours, days
