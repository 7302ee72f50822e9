"""Times of day and week by a zone's wall clock: when is the next one? Pure; `zone` None is the system's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MANY = 4
_PERIOD = re.compile(r"([0-9]{1,4})(h|m)")
_SHAPE = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_SHORTEST = 15
"""Minutes between two digests at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A wall-clock time on some days of the week, Monday is 0."""

    days: frozenset[int]
    at: time


def parse_timetable(text: str) -> Timetable:
    """Reads "08:00", "mon 08:00" and "mon-fri 07:30"; raises ValueError with the cure."""
    found = _SHAPE.fullmatch(text)
    if found is None or not {found[1], found[2]} <= {None, *DAYS}:
        raise ValueError(f'"{text}" is no time (write "08:00", "mon 08:00" or "mon-fri 07:30")')
    first, last, hour, minute = found.groups()
    return Timetable(days=days_of(first, last), at=time(int(hour), int(minute)))


def parse_times(text: str) -> tuple[Timetable, ...]:
    """Reads what `parse_timetable` reads, and "1h": every hour of the day from midnight on; raises ValueError."""
    period = _PERIOD.fullmatch(text)
    if period is None:
        try:
            return (parse_timetable(text),)
        except ValueError:
            raise ValueError(f'"{text}" is no time (write "07:30", "mon-fri 07:30" or "1h")') from None
    minutes = int(period[1]) * (60 if period[2] == "h" else 1)
    if minutes < _SHORTEST or 24 * 60 % minutes:
        raise ValueError(
            f'"{text}" is no part of a day (write "15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h" or "12h")'
        )
    every_day = days_of(None, None)
    return tuple(Timetable(days=every_day, at=time(begin // 60, begin % 60)) for begin in range(0, 24 * 60, minutes))


def spoken(tables: Sequence[Timetable]) -> str:
    """Times as one writes them; more than four a day are counted."""
    tables = tuple(dict.fromkeys(tables))  # "1h" and "07:00" have one in common
    if len(tables) > MANY and len({table.days for table in tables}) == 1:
        return f"{len(tables)} times a day"
    return ", ".join(f"{days_spoken(table.days)}{table.at:%H:%M}" for table in tables)


def days_spoken(days: frozenset[int]) -> str:
    if len(days) == len(DAYS):
        return ""
    first = next(day for day in sorted(days) if (day - 1) % 7 not in days)
    last = (first + len(days) - 1) % 7
    return f"{DAYS[first]} " if first == last else f"{DAYS[first]}-{DAYS[last]} "


def next_of(tables: Sequence[Timetable], after: datetime, zone: tzinfo | None) -> datetime:
    """The first time of any of the tables that is later than `after`, in UTC."""
    return min(next_time(table, after, zone) for table in tables)


def days_of(first: str | None, last: str | None) -> frozenset[int]:
    """The days from `first` to `last`, over the week's end if need be: "sat-mon" is three days."""
    if first is None:
        return frozenset(range(7))
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((begin + n) % 7 for n in range((end - begin) % 7 + 1))


def next_time(table: Timetable, after: datetime, zone: tzinfo | None) -> datetime:
    """The first time of the table that is later than `after`, in UTC.

    A time that comes twice, when clocks go back, is meant the first time only; one that the clocks skip is moved to
    the end of the gap (02:30 becomes 03:00).
    """
    day = after.astimezone(zone).date() - _DAY
    while True:
        if day.weekday() in table.days and (moment := wall_moment(day, table.at, zone)) > after:
            return moment
        day += _DAY


def latest_time(table: Timetable, before: datetime, zone: tzinfo | None) -> datetime:
    """The last time of the table that is not later than `before`, in UTC."""
    day = before.astimezone(zone).date() + _DAY
    while True:
        if day.weekday() in table.days and (moment := wall_moment(day, table.at, zone)) <= before:
            return moment
        day -= _DAY


def wall_moment(day: date, at: time, zone: tzinfo | None) -> datetime:
    """The moment at which the wall clock first shows `at`; where it never does, the first one that it shows later."""
    wall = datetime.combine(day, at)
    while _shown(_in_utc(wall, zone), zone) != wall:
        wall += _MINUTE  # gaps last an hour, seldom a day
    return _in_utc(wall, zone)


def _in_utc(wall: datetime, zone: tzinfo | None) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _shown(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
