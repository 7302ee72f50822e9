from __future__ import annotations

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.timetable import Timetable, latest_time, next_time, parse_timetable

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [UTC, BERLIN, ZoneInfo("America/Bogota"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")]

moments = st.integers(946_684_800, 2_114_380_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
timetables = st.builds(
    lambda days, hour, minute: Timetable(days=frozenset(days), at=time(hour, minute)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 23),
    st.integers(0, 59),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("08:00", {0, 1, 2, 3, 4, 5, 6}),
        ("mon 08:00", {0}),
        ("mon-fri 08:00", {0, 1, 2, 3, 4}),
        ("sat-mon 08:00", {5, 6, 0}),
    ],
)
def test_days_are_read(text: str, days: set[int]) -> None:
    assert parse_timetable(text) == Timetable(days=frozenset(days), at=time(8, 0))


@pytest.mark.parametrize("text", ["", "8:00", "24:00", "08:60", "monday 08:00", "Mon 08:00", "mon- 08:00", "08:00 mon"])
def test_what_is_no_time_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match="mon-fri 07:30"):
        parse_timetable(text)


def test_the_next_monday_comes_after_this_one() -> None:
    table = parse_timetable("mon 08:00")
    assert next_time(table, at("2026-11-22T12:00+01:00"), BERLIN) == at("2026-11-23T08:00+01:00")
    assert next_time(table, at("2026-11-23T08:00+01:00"), BERLIN) == at("2026-11-30T08:00+01:00")
    assert latest_time(table, at("2026-11-23T08:00+01:00"), BERLIN) == at("2026-11-23T08:00+01:00")
    assert latest_time(table, at("2026-11-23T07:59+01:00"), BERLIN) == at("2026-11-16T08:00+01:00")


def test_in_autumn_the_first_of_two_comes_and_the_second_does_not() -> None:
    table = parse_timetable("02:30")
    first = next_time(table, at("2026-10-24T12:00+02:00"), BERLIN)
    assert first == at("2026-10-25T02:30+02:00")
    assert next_time(table, first, BERLIN) == at("2026-10-26T02:30+01:00")
    assert latest_time(table, at("2026-10-25T02:45+01:00"), BERLIN) == first


def test_in_spring_a_time_that_the_clocks_skip_is_moved_to_the_end_of_the_gap() -> None:
    table = parse_timetable("02:30")
    moved = next_time(table, at("2026-03-28T12:00+01:00"), BERLIN)
    assert moved == at("2026-03-29T03:00+02:00")
    assert next_time(table, moved, BERLIN) == at("2026-03-30T02:30+02:00")


def test_a_day_that_a_country_skipped_moves_to_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")  # there was no Friday, 30 December 2011
    moved = next_time(parse_timetable("fri 08:00"), at("2011-12-29T12:00-10:00"), apia)
    assert moved == at("2011-12-31T00:00+14:00")


@given(timetables, moments, st.sampled_from(ZONES))
def test_the_next_time_is_later_and_the_latest_one_before_it_is_not(
    table: Timetable, now: datetime, zone: ZoneInfo
) -> None:
    coming = next_time(table, now, zone)
    assert now < coming <= now + timedelta(days=9)
    last = latest_time(table, now, zone)
    assert last <= now
    assert next_time(table, last, zone) == coming
    assert latest_time(table, coming, zone) == coming


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    clock.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_without_a_zone_the_systems_holds() -> None:
    table = parse_timetable("02:30")
    for day in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        after = at(f"{day}T12:00+01:00") - timedelta(days=1)
        assert next_time(table, after, None) == next_time(table, after, BERLIN)
