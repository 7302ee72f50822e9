"""Far more than usual, by the watchlist's own rhythm."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.surge import HISTORY, LEARNT, LEAST, rhythm, surge, tail

QUIET = [0, 1, 0, 0, 2, 1] * (HISTORY // 6)


def test_far_more_than_usual_is_a_surge_with_its_numbers() -> None:
    seen = surge([30, 2, 1], rhythm(QUIET))
    assert seen is not None
    assert (seen.hits, seen.hours, seen.usual) == (30, 1, 0.67)


def test_a_slow_surge_shows_in_three_hours() -> None:
    seen = surge([12, 13, 14], rhythm([1, 2, 3] * (HISTORY // 3)))
    assert seen is not None
    assert (seen.hits, seen.hours) == (39, 3)


def test_small_counts_are_none_however_rare() -> None:
    assert surge([LEAST - 1, 0, 0], rhythm([0] * HISTORY)) is None
    assert surge([LEAST + 8, 0, 0], rhythm([0] * HISTORY)) is not None


def test_twice_as_many_is_none_however_sure() -> None:
    assert surge([2000, 2000, 2000], rhythm([1000] * HISTORY)) is None


def test_a_watchlist_without_a_rhythm_has_no_surge() -> None:
    assert surge([500, 0, 0], rhythm([0] * (LEARNT - 1))) is None


def test_days_and_nights_are_no_surge() -> None:
    day = [round(10 + 9 * math.sin(hour / 24 * 2 * math.pi)) for hour in range(24)]
    usual = rhythm(day * 14)
    assert all(surge([day[h], day[h - 1], day[h - 2]], usual) is None for h in range(24))


def test_the_tail_is_that_of_the_negative_binomial() -> None:
    # mean 4 and variance 8: size 4, success 1/2; P(X >= 10) of NB(4, 1/2) = P(Binomial(13, 1/2) <= 3)
    exact = sum(math.comb(13, k) for k in range(4)) / 2**13
    assert tail(10, 4.0, 2.0) == pytest.approx(exact)


@given(st.integers(0, 300), st.floats(0.01, 100), st.floats(1.5, 30))
def test_a_tail_is_a_chance_and_falls(count: int, mean: float, dispersion: float) -> None:
    assert 0 <= tail(count + 1, mean, dispersion) <= tail(count, mean, dispersion) <= 1
