"""What a channel's manners hold back, until when, and when the next message goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.budget import BURST, Bucket, full
from feedwatch.alerts.hold import (
    BUDGET,
    DIGEST,
    MERGED,
    QUIET,
    Hold,
    Policy,
    Standing,
    closes,
    hold,
    next_digest,
    next_send,
)
from feedwatch.alerts.hours import parse_hours, quiet_until
from feedwatch.alerts.timetable import next_of, parse_times, spoken
from feedwatch.alerts.updates import FIRST, LONGEST, batch_closes

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds
kinds = st.sampled_from(["first", "raise", "update", "revision", "surge", "digest", "health"])
urgency = st.sampled_from([{}, {"urgent": True}])
policies = st.builds(
    Policy,
    per_hour=st.none() | st.integers(1, 60),
    quiet=st.sampled_from([(), (parse_hours("22:00-07:00"),), (parse_hours("sat-sun 00:00-24:00"),)]),
    digest=st.sampled_from([(), parse_times("02:30"), parse_times("1h"), parse_times("mon-fri 07:30")]),
    empty=st.booleans(),
    urgent_breaks_quiet=st.booleans(),
    urgent_breaks_digest=st.booleans(),
    zone=st.sampled_from([UTC, BERLIN, ZoneInfo("America/Bogota")]),
)
standings = st.builds(
    Standing,
    bucket=st.builds(Bucket, tokens=st.floats(-BURST, BURST), at=moments),
    digest=st.none() | moments,
)


@given(policies, standings, kinds, moments, urgency)
def test_what_is_held_is_held_until_a_time_within_eight_days(
    policy: Policy, standing: Standing, kind: str, now: datetime, wish: dict[str, bool]
) -> None:
    held = hold(policy, standing, kind, now, **wish)
    if held is not None:
        assert now < held.until <= now + 8 * DAY


@given(policies, standings, kinds, moments)
def test_nothing_goes_out_in_quiet_hours_unless_it_is_urgent_and_may(
    policy: Policy, standing: Standing, kind: str, now: datetime
) -> None:
    if quiet_until(policy.quiet, now, policy.zone) is None:
        return
    assert hold(policy, standing, kind, now) is not None
    if hold(policy, standing, kind, now, urgent=True) is None:
        assert policy.urgent_breaks_quiet


@given(policies, standings, kinds, moments, urgency)
def test_what_is_no_article_waits_for_quiet_hours_and_for_nothing_else(
    policy: Policy, standing: Standing, kind: str, now: datetime, wish: dict[str, bool]
) -> None:
    held = hold(policy, standing, kind, now, **wish)
    if kind not in MERGED and held is not None:
        assert held.kind == QUIET


@given(policies, standings, moments)
def test_urgent_is_never_later_than_what_is_not(policy: Policy, standing: Standing, now: datetime) -> None:
    plain, urgent = (hold(policy, standing, "first", now, urgent=each) for each in (False, True))
    if plain is None:
        assert urgent is None
    elif urgent is not None and urgent.kind != BUDGET:
        assert urgent.until <= plain.until or policy.urgent_breaks_digest


@given(policies, standings, moments)
def test_after_a_reload_an_open_window_ends_when_a_new_one_would(
    policy: Policy, standing: Standing, now: datetime
) -> None:
    held = hold(policy, standing, "first", now)
    far = now + 30 * DAY
    if held is not None:
        assert closes(policy, standing, held.kind, far, now) == held.until
    for kind in (DIGEST, QUIET, BUDGET):
        if held is None:
            assert closes(policy, standing, kind, far, now) <= now + DAY or policy.digest


@given(policies, moments)
def test_the_next_send_is_never_in_quiet_hours(policy: Policy, now: datetime) -> None:
    due = next_send(policy, now)
    assert quiet_until(policy.quiet, due or now, policy.zone) is None
    assert due is None or now < due <= now + 16 * DAY


MAIL = Policy(digest=parse_times("07:30"), zone=BERLIN)
FRESH = Standing(bucket=full(NOON))


def test_a_digest_is_asked_before_quiet_hours_and_these_before_the_limit() -> None:
    empty = Standing(bucket=Bucket(tokens=0, at=NOON))
    noon = (parse_hours("11:00-13:30"),)
    every = Policy(digest=parse_times("15:00"), quiet=noon, per_hour=6, zone=UTC)
    assert hold(every, empty, "first", NOON) == Hold(kind=DIGEST, until=NOON + 3 * HOUR)
    assert hold(replace(every, digest=()), empty, "first", NOON) == Hold(kind=QUIET, until=NOON + 1.5 * HOUR)
    assert hold(replace(every, digest=(), quiet=()), empty, "first", NOON) == Hold(kind=BUDGET, until=NOON + HOUR / 4)
    assert hold(Policy(), empty, "first", NOON) is None


def test_a_digest_that_was_sent_is_not_due_again_because_the_clock_was_corrected() -> None:
    sent = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 07:30 in Berlin
    known = replace(FRESH, digest=sent)
    assert next_digest(MAIL, known, sent - timedelta(seconds=20)) == sent + DAY


def test_a_clock_that_goes_back_a_day_makes_no_day_of_silence() -> None:
    sent = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    known = replace(FRESH, digest=sent)
    assert next_digest(MAIL, known, sent - DAY) == sent
    assert next_digest(MAIL, known, sent - DAY - HOUR) == sent - DAY


@pytest.mark.parametrize(
    ("evening", "times"),
    [
        ("2026-10-24T20:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),  # 02:30 the first time, then 02:30 in winter
        ("2026-03-28T20:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),  # 03:00, since 02:30 never comes
    ],
)
def test_a_digest_at_half_past_two_comes_once_in_nights_of_a_clock_change(evening: str, times: list[str]) -> None:
    table, at = parse_times("02:30"), datetime.fromisoformat(evening).replace(tzinfo=UTC)
    found = []
    for _ in times:
        at = next_of(table, at, BERLIN)
        found.append(at.replace(tzinfo=None).isoformat(timespec="minutes"))
    assert found == times


def test_periods_are_times_of_the_day() -> None:
    assert len(parse_times("1h")) == 24
    assert len(parse_times("30m")) == 48
    assert next_of(parse_times("6h"), NOON, UTC) == NOON + 6 * HOUR
    assert spoken(parse_times("1h")) == "24 times a day"
    assert spoken((*parse_times("mon-fri 07:30"), *parse_times("sun 09:00"))) == "mon-fri 07:30, sun 09:00"


@pytest.mark.parametrize("text", ["7h", "5m", "0h", "1d", "7:30", "noon", "1h30m"])
def test_what_is_no_time_of_a_digest_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_times(text)


# Updates ------------------------------------------------------------------------------------------------


@given(st.integers(0, 400), st.none() | moments, moments)
def test_an_update_waits_no_longer_than_three_hours_and_never_ends_before_it_begins(
    updates: int, told: datetime | None, now: datetime
) -> None:
    assert now <= batch_closes(told, updates, now) <= now + LONGEST


def test_updates_of_a_story_come_ever_more_rarely() -> None:
    waits = [batch_closes(NOON, n, NOON) - NOON for n in range(7)]
    assert waits == [FIRST, FIRST * 2, FIRST * 4, FIRST * 8, LONGEST, LONGEST, LONGEST]


def test_a_report_that_comes_later_than_that_is_told_at_once() -> None:
    assert batch_closes(NOON, 0, NOON + HOUR) == NOON + HOUR
