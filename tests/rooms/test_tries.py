"""When a page is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.articles.tries import TRIES, next_try
from feedwatch.model import Failure, Reason

TURN = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLOW = Failure(reason=Reason.TIMEOUT, detail="slow")


@pytest.mark.parametrize(("tries", "minutes"), [(1, 2), (2, 15)])
def test_a_page_is_tried_again_after_two_and_fifteen_minutes(tries: int, minutes: int) -> None:
    assert next_try(TURN, tries, SLOW) == TURN + timedelta(minutes=minutes)


@given(st.integers(3, 1000), st.sampled_from(Reason))
def test_after_the_third_failure_it_is_given_up(tries: int, reason: Reason) -> None:
    assert next_try(TURN, tries, Failure(reason=reason, detail="")) is None


@given(st.integers(1, 10), st.sampled_from(Reason))
def test_a_final_failure_is_never_tried_again(tries: int, reason: Reason) -> None:
    assert next_try(TURN, tries, Failure(reason=reason, detail="", final=True)) is None


def test_tries_come_in_order_and_the_first_at_once() -> None:
    assert TRIES[0] == timedelta(0)
    assert list(TRIES) == sorted(TRIES)
