"""When a permanent redirect is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedwatch.feeds.moves import is_learnt, sighted
from feedwatch.model import Move

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW, OTHER = "https://new.example/rss", "https://other.example/rss"


def after(*sightings: tuple[timedelta, str | None]) -> Move | None:
    move = None
    for when, to in sightings:
        move = sighted(move, to, NOW + when)
    return move


def test_three_sightings_over_a_day_are_an_address() -> None:
    move = after((0 * HOUR, NEW), (12 * HOUR, NEW), (24 * HOUR, NEW))
    assert is_learnt(move, NOW + 24 * HOUR)


def test_two_sightings_or_less_than_a_day_are_not_enough() -> None:
    assert not is_learnt(after((0 * HOUR, NEW), (48 * HOUR, NEW)), NOW + 48 * HOUR)
    assert not is_learnt(after(*((n * HOUR, NEW) for n in range(24))), NOW + 23 * HOUR)
    assert not is_learnt(None, NOW)


def test_an_answer_without_the_redirect_or_with_another_begins_anew() -> None:
    assert after((0 * HOUR, NEW), (12 * HOUR, None)) is None
    assert after((0 * HOUR, NEW), (12 * HOUR, OTHER)) == Move(to=OTHER, times=1, since=NOW + 12 * HOUR)


def test_a_clock_that_went_back_delays_nothing() -> None:
    move = after((0 * HOUR, NEW), (-24 * HOUR, NEW), (0 * HOUR, NEW))
    assert is_learnt(move, NOW)
