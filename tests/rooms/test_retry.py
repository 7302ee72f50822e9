"""When a delivery is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.retry import ASKED_AT_MOST, FIRST_WAIT, LONGEST_WAIT, send_again_after

jitters = st.floats(0, 1, exclude_max=True)
attempts = st.integers(1, 100_000)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 240), (60, 240)])
def test_the_wait_doubles_from_ten_seconds_to_four_minutes(attempt: int, seconds: int) -> None:
    assert send_again_after(attempt, 0.0) == timedelta(seconds=seconds)


@given(attempts, jitters)
def test_jitter_makes_it_longer_by_up_to_a_fifth(attempt: int, jitter: float) -> None:
    plain = send_again_after(attempt, 0.0)
    assert plain <= send_again_after(attempt, jitter) <= plain * 1.2


@given(attempts, jitters)
def test_however_long_a_channel_is_down_it_is_tried_again_within_five_minutes(attempt: int, jitter: float) -> None:
    assert FIRST_WAIT <= send_again_after(attempt, jitter) <= LONGEST_WAIT * 1.2


@given(st.integers(1, 50), jitters)
def test_waits_do_not_shrink(attempt: int, jitter: float) -> None:
    assert send_again_after(attempt, jitter) <= send_again_after(attempt + 1, jitter)


@given(attempts, jitters, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_service_gets_the_longer_wait_that_it_asked_for_and_no_shorter_one(
    attempt: int, jitter: float, asked: timedelta
) -> None:
    assert send_again_after(attempt, jitter, asked) == max(asked, send_again_after(attempt, jitter))


@given(st.timedeltas(timedelta(0)))
def test_nobody_may_ask_for_longer_than_a_day(asked: timedelta) -> None:
    assert send_again_after(1, 0.0, asked) <= ASKED_AT_MOST
