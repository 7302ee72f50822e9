"""Channels' manners that are allowed and yet hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from feedwatch.alerts.hours import quiet_until
from feedwatch.config.places import Found
from feedwatch.config.settings import Channel, Settings

_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Of any week without a change of clocks."""


def doubtful(settings: Settings) -> Iterator[Found]:
    """What says nothing beside the channel's other keys, or otherwise than it seems."""
    urgent = any(watchlist.urgent for watchlist in settings.watchlists)
    for name, channel in settings.channels.items():
        for key, text in _doubts(channel, urgent=urgent):
            yield ("channels", name, key), f"{key}: {text}"


def _doubts(channel: Channel, *, urgent: bool) -> Iterator[tuple[str, str]]:
    written = channel.model_fields_set
    if "empty" in written and not channel.digest:
        yield "empty", "the channel has no digest (add one, or remove empty)"
    for key, manner in (("urgent_breaks_quiet", channel.quiet), ("urgent_breaks_digest", channel.digest)):
        if getattr(channel, key) and not manner:
            yield key, f"there is no {key.removeprefix('urgent_breaks_')} to break (remove {key})"
        elif getattr(channel, key) and not urgent:
            yield key, "no watchlist is urgent (write urgent = true in one)"
    if "max_per_hour" in written and channel.digest and not channel.urgent_breaks_digest:
        yield "max_per_hour", "everything waits for the digest anyway (remove max_per_hour)"
    late = _late(channel)
    if late is not None:
        yield "digest", f"{late[0]:%H:%M} lies in the quiet hours, so it is sent when they end, at {late[1]:%H:%M}"


def _late(channel: Channel) -> tuple[datetime, datetime] | None:
    """The first digest of the week that falls into quiet hours, and their end."""
    for table in channel.digest:
        for day in sorted(table.days):
            moment = datetime.combine(_MONDAY + timedelta(days=day), table.at, UTC)
            end = quiet_until(channel.quiet, moment, UTC)
            if end is not None:
                return moment, end
    return None
