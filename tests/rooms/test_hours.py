"""Quiet hours, in every zone and over clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.hours import Hours, never_ends, parse_hours, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [UTC, BERLIN, *map(ZoneInfo, ("America/Bogota", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"))]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds
clocks = st.times().map(lambda each: each.replace(second=0, microsecond=0))
spans = st.builds(Hours, days=st.frozensets(st.integers(0, 6), min_size=1), begin=clocks, end=clocks).filter(
    lambda each: each.begin != each.end
)
plans = st.lists(spans, min_size=1, max_size=3).filter(lambda each: not never_ends(each))


def berlin(text: str) -> datetime:
    """A time by Berlin's clock; "+" after it: the second time that the clock shows it."""
    naive = datetime.fromisoformat(text.rstrip("+"))
    return naive.replace(tzinfo=BERLIN, fold=int(text.endswith("+"))).astimezone(UTC)


@given(plans, moments, zones)
def test_when_quiet_hours_end_it_is_not_quiet(hours: list[Hours], now: datetime, zone: ZoneInfo) -> None:
    end = quiet_until(hours, now, zone)
    if end is not None:
        assert end > now
        assert quiet_until(hours, end, zone) is None
        assert end - now <= 8 * DAY
        assert quiet_until(hours, now + (end - now) / 2, zone) == end, "quiet all the time until then"


@given(plans, moments, zones)
def test_it_is_quiet_while_the_clock_says_so(hours: list[Hours], now: datetime, zone: ZoneInfo) -> None:
    """By the clock on the wall, on days without a change of clocks."""
    wall = now.astimezone(zone)
    if {(wall + n * DAY).utcoffset() for n in range(-3, 4)} != {wall.utcoffset()}:
        return
    minute, today = wall.time().replace(second=0, microsecond=0), wall.weekday()
    quiet = any(_holds(each, minute, today) for each in hours)
    assert (quiet_until(hours, now, zone) is not None) is quiet


def _holds(hours: Hours, minute: time, today: int) -> bool:
    if hours.begin < hours.end:
        return today in hours.days and hours.begin <= minute < hours.end
    evening = today in hours.days and minute >= hours.begin
    return evening or ((today - 1) % 7 in hours.days and minute < hours.end)


@given(spans)
def test_hours_are_written_as_they_are_read(hours: Hours) -> None:
    days = sorted(hours.days)
    run = next((day for day in days if (day - 1) % 7 not in hours.days), 0)
    if {(run + n) % 7 for n in range(len(days))} == hours.days:  # days that one can write in one go
        assert parse_hours(str(hours)) == hours


NIGHT = (parse_hours("22:00-07:00"),)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-10-24T21:59", None),
        ("2026-10-24T22:00", "2026-10-25T07:00"),  # the night has ten hours
        ("2026-10-25T02:30", "2026-10-25T07:00"),
        ("2026-10-25T02:30+", "2026-10-25T07:00"),
        ("2026-10-25T07:00", None),
        ("2026-03-28T23:00", "2026-03-29T07:00"),  # and eight
        ("2026-03-29T06:59", "2026-03-29T07:00"),
    ],
)
def test_a_night_of_a_clock_change_is_quiet_until_the_clock_shows_its_end(now: str, end: str | None) -> None:
    assert quiet_until(NIGHT, berlin(now), BERLIN) == (berlin(end) if end else None)


def test_an_end_that_comes_twice_is_the_first_and_one_that_never_comes_is_the_end_of_the_gap() -> None:
    hours = (parse_hours("22:00-02:30"),)
    assert quiet_until(hours, berlin("2026-10-24T23:00"), BERLIN) == berlin("2026-10-25T02:30")
    assert quiet_until(hours, berlin("2026-10-25T02:30+"), BERLIN) is None
    assert quiet_until(hours, berlin("2026-03-28T23:00"), BERLIN) == berlin("2026-03-29T03:00")


def test_hours_that_follow_each_other_are_one() -> None:
    hours = tuple(map(parse_hours, ("fri 18:00-24:00", "sat-sun 00:00-24:00", "mon 00:00-08:00")))
    friday = datetime(2026, 11, 20, 19, tzinfo=UTC)
    assert quiet_until(hours, friday, UTC) == datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["22:00", "22-07", "24:00-07:00", "xyz 22:00-07:00", "07:00-07:00", "22:00-25:00", ""])
def test_what_is_no_span_of_hours_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_hours(text)


def test_a_week_without_an_hour_left_is_seen() -> None:
    assert never_ends([parse_hours("00:00-24:00")])
    assert never_ends([parse_hours("22:00-07:00"), parse_hours("07:00-22:00")])
    assert not never_ends([parse_hours("22:00-07:00"), parse_hours("07:01-22:00")])
    assert not never_ends([parse_hours("mon-sat 00:00-24:00")])
