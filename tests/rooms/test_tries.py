"""When a page is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.articles.tries import POISON, next_try
from feedwatch.model import Failure, Reason

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLOW = Failure(reason=Reason.TIMEOUT, detail="slow")


@pytest.mark.parametrize(("tries", "minutes"), [(1, 2), (2, 13)])
def test_a_page_is_tried_again_two_minutes_and_thirteen_more_after_its_failures(tries: int, minutes: int) -> None:
    assert next_try(NOW, tries, SLOW) == NOW + timedelta(minutes=minutes)


@given(st.integers(3, 1000), st.sampled_from(Reason))
def test_after_the_third_failure_it_is_given_up(tries: int, reason: Reason) -> None:
    assert next_try(NOW, tries, Failure(reason=reason, detail="")) is None


@pytest.mark.parametrize("reason", sorted(POISON))
def test_a_poison_page_is_tried_twice(reason: Reason) -> None:
    failure = Failure(reason=reason, detail="")
    assert next_try(NOW, 1, failure) is not None
    assert next_try(NOW, 2, failure) is None


@given(st.integers(1, 10), st.sampled_from(Reason))
def test_a_final_failure_is_never_tried_again(tries: int, reason: Reason) -> None:
    assert next_try(NOW, tries, Failure(reason=reason, detail="", final=True)) is None


@pytest.mark.parametrize(("asked", "given"), [("1m", 2), ("30m", 30), ("9h", 60)])
def test_a_server_that_asks_for_a_pause_gets_it_up_to_an_hour(asked: str, given: int) -> None:
    minutes = {"1m": 1, "30m": 30, "9h": 540}[asked]
    busy = Failure(reason=Reason.REFUSED, detail="429", retry_after=timedelta(minutes=minutes))
    assert next_try(NOW, 1, busy) == NOW + timedelta(minutes=given)
