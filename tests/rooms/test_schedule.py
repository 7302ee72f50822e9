"""When a feed is asked again: every rule with its times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.schedule import (
    SPREAD,
    Known,
    Plan,
    after_failure,
    after_first,
    after_success,
    interval_of,
    rhythm,
    slowest,
)
from feedwatch.model import Asked, Failure, Reason, Rhythm

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

jitters = st.floats(0, 1, exclude_max=True)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    interval: timedelta = 15 * MINUTE
    min_interval: timedelta = 5 * MINUTE
    max_interval: timedelta = HOUR


PACE = Pace()
PHASE_OF_A = 1916.4989817056717  # seconds; written down once, so that a change of the hash is seen


def wait_after(failure: Failure, failures: int = 1, own: timedelta | None = None, jitter: float = 0.5) -> timedelta:
    at = after_failure(NOW, own, PACE, failures, failure, jitter)
    assert at is not None
    return at - NOW


def failed(reason: Reason, status: int | None = None, retry_after: timedelta | None = None) -> Failure:
    return Failure(reason=reason, detail="", status=status, retry_after=retry_after)


def test_a_feeds_own_interval_counts_and_the_least_one_bounds_it() -> None:
    assert interval_of(None, PACE) == 15 * MINUTE
    assert interval_of(HOUR, PACE) == HOUR
    assert interval_of(MINUTE, PACE) == 5 * MINUTE
    assert interval_of(timedelta(0), PACE) == 5 * MINUTE


def known(own: timedelta | None = None, **more: Any) -> Known:
    return Known(own=own, **more)


def plan(own: timedelta | None = None, *, jitter: float = 0.5, pace: Pace = PACE, **more: Any) -> Plan:
    return after_success(NOW, known(own, **more), pace, jitter)


def wait(own: timedelta | None = None, *, pace: Pace = PACE, **more: Any) -> timedelta:
    return plan(own, pace=pace, **more).at - NOW


def every(gap: timedelta, *, quiet: timedelta = timedelta(0), span: timedelta | None = None) -> Rhythm:
    return Rhythm(newest=NOW - quiet, gap=gap, span=span)


def test_success_waits_the_interval_spread_by_a_tenth() -> None:
    assert wait() == 15 * MINUTE
    assert plan(jitter=0.0).at == NOW + 13.5 * MINUTE
    assert plan(HOUR, jitter=0.999).at > NOW + 65 * MINUTE


@given(spans, spans, jitters)
def test_success_never_comes_back_before_the_least_interval(own: timedelta, least: timedelta, jitter: float) -> None:
    assert plan(own, pace=Pace(min_interval=least), jitter=jitter).at >= NOW + least


# The rhythm of a feed


def test_a_busy_feed_is_asked_more_often_and_a_quiet_one_less() -> None:
    assert wait(rhythm=every(20 * MINUTE)) == 10 * MINUTE
    assert wait(rhythm=every(MINUTE)) == 5 * MINUTE, "min_interval bounds it"
    assert wait(rhythm=every(50 * MINUTE)) == 25 * MINUTE
    assert wait(rhythm=every(DAY)) == HOUR, "max_interval bounds it"


def test_silence_since_the_newest_entry_slows_a_feed_that_was_busy() -> None:
    assert wait(rhythm=every(2 * MINUTE, quiet=80 * MINUTE)) == 20 * MINUTE
    assert "about every 40 min" in plan(rhythm=every(2 * MINUTE, quiet=80 * MINUTE)).because


def test_a_short_general_interval_is_never_stretched_more_than_fourfold() -> None:
    assert wait(rhythm=every(DAY), pace=Pace(interval=5 * MINUTE)) == 20 * MINUTE
    assert wait(rhythm=every(DAY), pace=Pace(max_interval=6 * MINUTE)) == 15 * MINUTE, "but it is always allowed"


def test_the_owners_interval_for_a_feed_outranks_its_rhythm_and_the_documents_wishes() -> None:
    quiet = wait(30 * MINUTE, rhythm=every(DAY), asked=Asked(wait=5 * HOUR, hours=frozenset(range(24))))
    assert quiet == 30 * MINUTE


def test_the_rhythm_comes_from_the_dates_of_the_document() -> None:
    times = [NOW - n * 30 * MINUTE for n in range(20)]
    found = rhythm([None, NOW + DAY, *times], NOW)
    assert found == Rhythm(newest=NOW, gap=27 * MINUTE, span=19 * 30 * MINUTE)
    assert rhythm([NOW, NOW - MINUTE, None], NOW) == Rhythm(), "two dates are no rhythm"
    assert rhythm([NOW] * 9, NOW).span is None, "one moment for all is no span"


# What may be lost


def test_a_feed_that_shows_only_its_last_hours_is_asked_four_times_within_them() -> None:
    assert wait(rhythm=every(3 * HOUR, span=2 * HOUR)) == 30 * MINUTE
    assert wait(3 * HOUR, rhythm=every(3 * HOUR, span=2 * HOUR)) == 30 * MINUTE
    assert wait(validators=False, rhythm=every(3 * HOUR, span=2 * HOUR)) == 30 * MINUTE
    assert "no more than the last 2 h" in plan(rhythm=every(3 * HOUR, span=2 * HOUR)).because


def test_after_a_gap_a_feed_is_asked_as_often_as_allowed() -> None:
    assert wait(missed=True) == 5 * MINUTE
    assert "may have been missed" in plan(missed=True).because


# What the server asks


def test_headers_are_obeyed_up_to_an_hour_also_against_the_owners_interval() -> None:
    assert wait(fresh_for=40 * MINUTE) == 40 * MINUTE * (1 + SPREAD / 2)
    assert plan(fresh_for=40 * MINUTE, jitter=0).at == NOW + 40 * MINUTE, "never before its time"
    assert plan(fresh_for=DAY, jitter=0).at == NOW + HOUR
    assert plan(20 * MINUTE, fresh_for=40 * MINUTE, jitter=0).at == NOW + 40 * MINUTE
    assert wait(fresh_for=MINUTE) == 15 * MINUTE, "a short freshness hastens nothing"


def test_a_documents_ttl_is_obeyed_up_to_an_hour() -> None:
    assert plan(asked=Asked(wait=30 * MINUTE), jitter=0).at == NOW + 30 * MINUTE
    assert plan(asked=Asked(wait=5 * HOUR), jitter=0).at == NOW + HOUR
    assert "ttl" in plan(asked=Asked(wait=5 * HOUR)).because


def test_hours_and_days_to_skip_are_skipped_if_that_costs_an_hour_at_most() -> None:
    noon = Asked(hours=frozenset({12}))
    assert plan(asked=noon).at == NOW + HOUR
    assert plan(asked=noon).late > HOUR
    assert plan(asked=Asked(hours=frozenset(range(24)))).at == NOW + HOUR
    assert plan(asked=Asked(days=frozenset({NOW.weekday()}))).at == NOW + HOUR
    assert plan(asked=Asked(hours=frozenset({3}))).at == NOW + 15 * MINUTE


def test_a_server_without_validators_is_asked_hourly_unless_the_owner_says_otherwise() -> None:
    assert wait(validators=False) == HOUR
    assert wait(20 * MINUTE, validators=False) == 20 * MINUTE
    assert wait(validators=False, pace=Pace(max_interval=20 * MINUTE)) == 20 * MINUTE


@given(st.timedeltas(min_value=timedelta(0), max_value=2 * DAY), spans, st.sampled_from(["", "ETag"]), jitters)
def test_whatever_is_known_a_wait_keeps_its_bounds(
    gap: timedelta, fresh: timedelta, lacking: str, jitter: float
) -> None:
    found = plan(rhythm=every(gap), fresh_for=fresh, validators=not lacking, jitter=jitter)
    assert NOW + PACE.min_interval <= found.at <= NOW + HOUR * (1 + SPREAD)
    assert found.at - NOW <= found.late
    assert found.because


def test_the_slowest_wait_of_a_healthy_feed() -> None:
    assert slowest(None, PACE) == HOUR
    assert slowest(None, Pace(interval=MINUTE, min_interval=MINUTE)) == 4 * MINUTE
    assert slowest(2 * HOUR, PACE) == 2 * HOUR


def test_the_second_polls_of_feeds_added_together_are_spread_over_the_interval() -> None:
    sites = [f"https://site{n}.example/rss" for n in range(1_000)]
    waits = [(after_first(NOW, known(HOUR), PACE, site).at - NOW) / HOUR for site in sites]
    assert min(waits) >= 5 / 60
    assert max(waits) < 1
    assert all(sum(n / 10 <= wait < (n + 1) / 10 for wait in waits) >= 50 for n in range(1, 10))


def test_the_phase_of_an_address_is_the_same_in_every_process() -> None:
    first = after_first(NOW, known(HOUR), PACE, "https://a.example/")
    assert first == after_first(NOW, known(HOUR), PACE, "https://a.example/")
    assert first.at == NOW + timedelta(seconds=PHASE_OF_A)


# Failures


@pytest.mark.parametrize("reason", [Reason.NETWORK, Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.NOT_A_FEED])
def test_errors_double_the_wait_up_to_a_day(reason: Reason) -> None:
    waits = [wait_after(failed(reason), failures) for failures in range(1, 12)]
    assert waits[:4] == [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR]
    assert waits[-1] == DAY


def test_not_found_slows_down_faster() -> None:
    waits = [wait_after(failed(Reason.NOT_FOUND, 404), failures) for failures in range(1, 7)]
    assert waits == [15 * MINUTE, HOUR, 4 * HOUR, 16 * HOUR, DAY, DAY]


def test_gone_stops_the_feed() -> None:
    assert after_failure(NOW, None, PACE, 1, failed(Reason.GONE, 410), 0.5) is None


@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_that_says_no_time_waits_four_hours(status: int) -> None:
    assert wait_after(failed(Reason.REFUSED, status), jitter=0) == 4 * HOUR
    assert wait_after(failed(Reason.REFUSED, status), failures=30, jitter=0) == 4 * HOUR


def test_a_refusal_never_hastens_a_slow_feed() -> None:
    assert wait_after(failed(Reason.REFUSED, 403), own=12 * HOUR, jitter=0) == 12 * HOUR
    assert wait_after(failed(Reason.REFUSED, 429, timedelta(seconds=1)), own=HOUR, jitter=0) == HOUR


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        (2 * HOUR, 2 * HOUR),
        (timedelta(0), 15 * MINUTE),
        (timedelta(days=-3), 15 * MINUTE),
        (timedelta(days=900), timedelta(days=7)),
    ],
)
@pytest.mark.parametrize(("reason", "status"), [(Reason.REFUSED, 429), (Reason.SERVER_ERROR, 503)])
def test_retry_after_is_obeyed_within_bounds(said: timedelta, waited: timedelta, reason: Reason, status: int) -> None:
    assert wait_after(failed(reason, status, said), jitter=0) == waited


@given(spans, st.integers(1, 10_000), st.sampled_from(sorted(set(Reason) - {Reason.GONE})), jitters)
def test_no_failure_is_answered_sooner_than_the_interval(
    own: timedelta, failures: int, reason: Reason, jitter: float
) -> None:
    assert wait_after(failed(reason), failures, own, jitter) >= interval_of(own, PACE)


@given(st.timedeltas(min_value=timedelta(0)), jitters)
def test_nothing_is_asked_inside_retry_after(said: timedelta, jitter: float) -> None:
    wait = wait_after(failed(Reason.REFUSED, 429, said), jitter=jitter)
    assert wait >= min(said, timedelta(days=7))


@given(st.integers(1, 10_000), jitters)
def test_our_own_counting_never_waits_longer_than_a_day(failures: int, jitter: float) -> None:
    assert wait_after(failed(Reason.NETWORK), failures, jitter=jitter) <= DAY


def test_seven_days_of_a_dead_server_cost_few_requests() -> None:
    now, polls = NOW, 0
    while now < NOW + 7 * DAY:
        polls += 1
        at = after_failure(now, None, PACE, polls, failed(Reason.NETWORK), 0.5)
        assert at is not None
        now = at
    assert polls <= 14
