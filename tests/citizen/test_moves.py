"""Redirects: rules 10 and 16 of docs/politeness.md."""

from __future__ import annotations

import pytest

from tests.citizen.simulated import BEGAN, DAY, HOUR, ONE, Simulation
from tests.edges.recorder import Recorder, always, reply


def moved(status: int, to: str) -> bytes:
    return reply(b"", f"{status} x", location=to)


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_move_is_learnt_after_three_sightings_over_a_day_also_across_restarts(
    town: Simulation, status: int
) -> None:
    """G10."""
    town.say("/feed", moved(status, "/new"))
    town.say("/new", reply(ONE, etag='"e"'))
    for _ in range(6):
        async with town.running() as life:
            await life.live(8 * HOUR)
    last = town.times("/feed")[-1]
    assert DAY <= last - BEGAN <= DAY + HOUR
    assert town.times("/new")[-1] - last > 20 * HOUR


async def test_two_sightings_in_three_days_teach_nothing(town: Simulation) -> None:
    """G10."""
    town.say("/feed", moved(301, "/new"))
    town.say("/new", reply(ONE, etag='"e"'))
    async with town.running() as life:
        for _ in range(2):
            await life.poll()
            town.at += 30 * HOUR
        town.say("/feed", reply(ONE, etag='"e"'))
        await life.live(DAY)
        assert await life.rows("SELECT asks, moved_to FROM feeds") == [(None, None)]


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_passing_redirect_is_never_learnt(town: Simulation, status: int) -> None:
    """G10."""
    town.say("/feed", moved(status, "/new"))
    town.say("/new", reply(ONE, etag='"e"'))
    async with town.running() as life:
        await life.live(1.5 * DAY)
    assert len(town.times("/feed")) == len(town.times("/new")) > 30


async def test_a_move_to_something_else_than_a_feed_is_not_learnt(town: Simulation) -> None:
    """G10: a login page, a captive portal."""
    town.say("/feed", moved(301, "/login"))
    town.say("/login", reply(b"<html><form>Log in</form></html>", content_type="text/html"))
    async with town.running() as life:
        await life.live(4 * DAY)
        assert await life.rows("SELECT asks, moved_to, outcome FROM feeds") == [(None, None, "not_a_feed")]
    assert len(town.times("/feed")) == len(town.times("/login"))


async def test_a_move_to_an_address_that_may_not_be_asked_is_not_learnt(town: Simulation) -> None:
    """G10."""
    town.say("/feed", moved(301, "http://10.0.0.1/feed"))
    async with town.running() as life:
        await life.live(4 * DAY)
        assert await life.rows("SELECT asks, moved_to, outcome FROM feeds") == [(None, None, "refused")]


async def test_a_loop_costs_six_requests_a_poll(town: Simulation) -> None:
    """G10."""
    town.say("/feed", moved(302, "/feed"))
    async with town.running() as life:
        await life.poll()
        assert await life.rows("SELECT outcome FROM feeds") == [("server_error",)]
    assert len(town.visits) == 6


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_password_never_follows_to_another_origin_however_long_the_redirect_stands(
    town: Simulation, status: int
) -> None:
    """G16."""
    async with Recorder(always(reply(ONE, etag='"e"'))) as other:
        town.say("/feed", moved(status, other.url("/feed").replace("http://", "http://thief:taken@")))
        async with town.running(town.url("/feed").replace("http://", "http://jo:secret@")) as life:
            await life.live(1.5 * DAY)
    assert len(other.asked) == len(town.visits) > 30
    assert {visit.asked.header("authorization") for visit in town.visits} == {b"Basic am86c2VjcmV0"}
    assert [asked for asked in other.asked if asked.header("authorization") is not None] == []
    assert [asked for asked in other.asked if b"secret" in b"".join(asked.lines) or "secret" in asked.target] == []
