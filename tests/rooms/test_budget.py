"""The token bucket, over any times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.budget import (
    BURST,
    GATHER,
    Bucket,
    full,
    gathered_until,
    has_one,
    refilled,
    without_one,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

rates = st.integers(1, 60)
gaps = st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), max_size=60)


def sent(per_hour: int, waits: list[timedelta]) -> list[datetime]:
    """When messages went out of all that were asked for, one after each wait."""
    bucket, at, out = full(NOON), NOON, []
    for wait in waits:
        at += wait
        bucket = refilled(bucket, per_hour, at)
        if has_one(bucket):
            bucket = without_one(bucket)
            out.append(at)
    return out


@given(rates, gaps)
def test_no_stretch_of_time_has_more_than_the_burst_and_its_share(per_hour: int, waits: list[timedelta]) -> None:
    out = sent(per_hour, waits)
    for first, begin in enumerate(out):
        for last in range(first, len(out)):
            allowed = BURST + (out[last] - begin) / HOUR * per_hour
            assert last - first + 1 <= allowed + 1e-6


@given(rates, st.integers(0, 200))
def test_the_first_five_always_go_out_and_who_asks_rarely_is_never_refused(per_hour: int, count: int) -> None:
    assert len(sent(per_hour, [timedelta(0)] * count)) == min(count, BURST)
    assert len(sent(per_hour, [HOUR / per_hour] * count)) == count


@given(rates, st.floats(-BURST, BURST), st.timedeltas(-timedelta(days=2), timedelta(days=2)))
def test_what_is_over_waits_a_quarter_of_an_hour_and_until_there_is_a_token(
    per_hour: int, tokens: float, gone: timedelta
) -> None:
    bucket = Bucket(tokens=tokens, at=NOON)
    at = NOON + gone
    until = gathered_until(bucket, per_hour, at)
    assert until >= at + GATHER
    later = refilled(refilled(bucket, per_hour, at), per_hour, until + timedelta(milliseconds=1))
    assert has_one(later)
    assert until - at <= max(GATHER, HOUR * (1 + BURST) / per_hour) + timedelta(seconds=1)


@given(rates, st.floats(-BURST, BURST), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_clock_that_goes_back_takes_nothing_and_gives_nothing(per_hour: int, tokens: float, back: timedelta) -> None:
    assert refilled(Bucket(tokens=tokens, at=NOON), per_hour, NOON - back).tokens == tokens


@given(st.floats(-BURST, BURST))
def test_debts_have_an_end(tokens: float) -> None:
    assert -BURST <= without_one(Bucket(tokens=tokens, at=NOON)).tokens <= BURST - 1
