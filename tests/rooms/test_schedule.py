"""When a feed is asked again: every rule with its times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.schedule import after_failure, after_first, after_success, interval_of
from feedwatch.model import Failure, Reason

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

jitters = st.floats(0, 1, exclude_max=True)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    interval: timedelta = 15 * MINUTE
    min_interval: timedelta = 5 * MINUTE


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


def test_success_waits_the_interval_spread_by_a_tenth() -> None:
    assert after_success(NOW, None, PACE, 0.5) == NOW + 15 * MINUTE
    assert after_success(NOW, None, PACE, 0.0) == NOW + 13.5 * MINUTE
    assert after_success(NOW, HOUR, PACE, 0.999) > NOW + 65 * MINUTE


@given(spans, spans, jitters)
def test_success_never_comes_back_before_the_least_interval(own: timedelta, least: timedelta, jitter: float) -> None:
    assert after_success(NOW, own, Pace(min_interval=least), jitter) >= NOW + least


def test_the_second_polls_of_feeds_added_together_are_spread_over_the_interval() -> None:
    waits = [(after_first(NOW, HOUR, PACE, f"https://site{n}.example/rss") - NOW) / HOUR for n in range(1_000)]
    assert min(waits) >= 5 / 60
    assert max(waits) < 1
    assert all(sum(n / 10 <= wait < (n + 1) / 10 for wait in waits) >= 50 for n in range(1, 10))


def test_the_phase_of_an_address_is_the_same_in_every_process() -> None:
    assert after_first(NOW, HOUR, PACE, "https://a.example/") == after_first(NOW, HOUR, PACE, "https://a.example/")
    assert after_first(NOW, HOUR, PACE, "https://a.example/") == NOW + timedelta(seconds=PHASE_OF_A)


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
