"""Quiet hours by a zone's wall clock: is it quiet now, and until when? Pure; `zone` None is the system's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.timetable import DAYS, days_of, days_spoken, wall_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

_SHAPE = re.compile(
    r"(?:([a-z]{3})(?:-([a-z]{3}))? )?([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)"
)
_DAY = timedelta(days=1)
_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From a time on some days of the week (Monday is 0) to a later time of the day or, if earlier, of the next."""

    days: frozenset[int]
    begin: time
    end: time  # midnight: that at the end of the day

    def __str__(self) -> str:
        end = "24:00" if self.end == time() else f"{self.end:%H:%M}"
        return f"{days_spoken(self.days)}{self.begin:%H:%M}-{end}"


def parse_hours(text: str) -> Hours:
    """Reads "22:00-07:00", "sat 00:00-24:00" and "mon-fri 22:00-07:00"; raises ValueError with the cure."""
    found = _SHAPE.fullmatch(text)
    if found is None or not {found[1], found[2]} <= {None, *DAYS}:
        raise ValueError(f'"{text}" is no span of hours (write "22:00-07:00" or "mon-fri 22:00-07:00")')
    first, last, *clock = found.groups()
    hour, minute, to_hour, to_minute = (int(each or 0) for each in clock)
    if (hour, minute) == (to_hour, to_minute) and not text.endswith("24:00"):
        raise ValueError(f'"{text}" has no length (for a whole day write "00:00-24:00")')
    return Hours(days=days_of(first, last), begin=time(hour, minute), end=time(to_hour, to_minute))


def quiet_until(hours: Sequence[Hours], now: datetime, zone: tzinfo | None) -> datetime | None:
    """When the quiet hours end that `now` lies in, in UTC, those that follow without a pause included; None: it is not.

    They begin and end when the clock first shows the time; where it never does, at the end of the gap.
    """
    end = _end_of(hours, now, zone)
    while end is not None and end - now < timedelta(days=8) and (further := _end_of(hours, end, zone)) is not None:
        end = further
    return end


def _end_of(hours: Sequence[Hours], now: datetime, zone: tzinfo | None) -> datetime | None:
    """The latest end of the spans that hold `now`."""
    today = now.astimezone(zone).date()
    spans = (
        _span(each, day, zone)
        for each in hours
        for day in (today - _DAY, today, today + _DAY)  # tomorrow's: where midnight lies in a gap
        if day.weekday() in each.days
    )
    return max((end for begin, end in spans if begin <= now < end), default=None)


def _span(hours: Hours, day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    last = day if hours.end > hours.begin else day + _DAY
    return wall_moment(day, hours.begin, zone), wall_moment(last, hours.end, zone)


def never_ends(hours: Sequence[Hours]) -> bool:
    """Whether all the week is quiet."""
    quiet = {minute for each in hours for day in each.days for minute in _minutes(each, day)}
    return len(quiet) == _WEEK


def _minutes(hours: Hours, day: int) -> list[int]:
    begin, end = (each.hour * 60 + each.minute for each in (hours.begin, hours.end))
    length = (end - begin) % (24 * 60) or 24 * 60
    return [(day * 24 * 60 + begin + n) % _WEEK for n in range(length)]
