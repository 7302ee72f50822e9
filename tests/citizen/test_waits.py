"""When a feed is asked again: rules 6 to 9, 12, 13 and 17 of docs/politeness.md, on simulated days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from tests.citizen.simulated import BEGAN, DAY, HOUR, MINUTE, ONE, Simulation, entry, rss
from tests.edges.recorder import reply

WEEK = 7 * DAY
SYNDICATION = "<sy:updatePeriod>{}</sy:updatePeriod><sy:updateFrequency>{}</sy:updateFrequency>"


def minutes(before: datetime, after: datetime) -> float:
    return (after - before) / MINUTE


def gaps(town: Simulation, path: str = "/feed") -> list[float]:
    """Minutes between the polls, the first gap left out: it is spread by the feed's address."""
    return [minutes(before, after) for before, after in list(pairwise(town.times(path)))[1:]]


def steadily(gap: timedelta, number: int) -> str:
    return "".join(entry(f"e{n}", BEGAN - n * gap) for n in range(number))


CASES: dict[str, tuple[dict[str, str], str, str, float, float]] = {
    "nothing is said": ({}, ONE.decode(), "", 13.5, 16.5),
    "max-age is longer": ({"cache_control": "public, max-age=1800"}, ONE.decode(), "", 30, 33),
    "max-age is five hours": ({"cache_control": "max-age=18000"}, ONE.decode(), "", 60, 66),
    "max-age is a minute": ({"cache_control": "max-age=60"}, ONE.decode(), "", 13.5, 16.5),
    "Expires": (
        {"date": "Mon, 02 Nov 2026 06:00:00 GMT", "expires": "Mon, 02 Nov 2026 06:40:00 GMT"},
        ONE.decode(),
        "",
        40,
        44,
    ),
    "ttl": ({}, rss(entry("one"), channel="<ttl>30</ttl>").decode(), "", 30, 33),
    "ttl is five hours": ({}, rss(entry("one"), channel="<ttl>300</ttl>").decode(), "", 60, 66),
    "ttl, but the owner says": ({}, rss(entry("one"), channel="<ttl>300</ttl>").decode(), 'interval = "20m"', 18, 22),
    "hourly, once: everybody's": (
        {},
        rss(entry("one"), channel=SYNDICATION.format("hourly", 1)).decode(),
        "",
        13.5,
        16.5,
    ),
    "daily, 48 times": ({}, rss(entry("one"), channel=SYNDICATION.format("daily", 48)).decode(), "", 30, 33),
    "daily": ({}, rss(entry("one"), channel=SYNDICATION.format("daily", 1)).decode(), "", 60, 66),
    "the owner wants it every second": ({}, ONE.decode(), 'interval = "1s"', 5, 5.5),
    "quiet": ({}, rss(steadily(9 * HOUR, 20)).decode(), "", 54, 66),
    "busy, then silent": ({}, rss(steadily(6 * MINUTE, 100)).decode(), "", 5, 66),
    "what it shows spans an hour": ({}, rss(steadily(3 * MINUTE, 20)).decode(), 'interval = "2h"', 12, 16),
}


@pytest.mark.parametrize("case", CASES)
async def test_an_interval_follows_owner_server_and_document_in_their_bounds(town: Simulation, case: str) -> None:
    """G6."""
    headers, document, line, least, most = CASES[case]
    town.say("/feed", reply(document.encode(), "200 OK", etag='"e"', **headers))
    async with town.running(f"/feed {line}") as life:
        await life.live(8 * HOUR)
        ((late,),) = await life.rows("SELECT late FROM feeds")
    found = gaps(town)
    assert len(found) >= 3
    assert least - 0.01 <= min(found), found
    assert max(found) <= most + 0.01, found
    assert max(found) <= late / 60e6 + 0.01, "it said how late it may be"


def test_there_are_twelve_cases_of_intervals() -> None:
    """G6."""
    assert len(CASES) >= 12


async def test_a_busy_feed_slows_down_as_it_falls_silent(town: Simulation) -> None:
    """G6."""
    town.say("/feed", reply(rss(steadily(6 * MINUTE, 100)), etag='"e"'))
    async with town.running() as life:
        await life.live(8 * HOUR)
    found = gaps(town)
    assert found[0] < 6
    assert found[-1] > 50


async def test_a_feed_asks_to_skip_an_hour_and_is_not_asked_in_it(town: Simulation) -> None:
    """G6."""
    skip = "<skipHours><hour>9</hour><hour>15</hour></skipHours>"
    town.say("/feed", reply(rss(entry("one"), channel=skip), etag='"e"'))
    async with town.running() as life:
        await life.live(1.5 * DAY)
    hours = Counter(at.hour for at in town.times("/feed"))
    assert hours[9] == hours[15] == 0
    assert len(hours) == 22


async def test_a_document_that_shows_few_hours_is_asked_four_times_within_them(town: Simulation) -> None:
    """G6: twenty entries of 5.7 hours are a real feed's."""
    span, number = timedelta(hours=5.7), 20

    def sliding(_: object) -> bytes:
        items = (entry(f"e{town.at - n * span / 19:%d%H}", town.at - n * span / 19) for n in range(number))
        return reply(rss(*items), etag=f'"{town.at:%d%H%M}"')

    town.say("/feed", sliding)
    town.polling = 'interval = "6h"\nmax_interval = "6h"\n'
    async with town.running() as life:
        await life.live(1.2 * DAY)
    assert max(gaps(town)) <= 5.7 * 60 / 4 * 1.1


# Servers without validators


@pytest.mark.parametrize(("line", "least", "most"), [("", 54, 66), ('interval = "10m"', 9, 11)])
async def test_a_server_without_validators_is_asked_hourly_unless_the_owner_says_otherwise(
    town: Simulation, line: str, least: float, most: float
) -> None:
    """G7."""
    town.say("/feed", reply(ONE))
    async with town.running(f"/feed {line}") as life:
        await life.poll()
        life.workers.failing["parse_feed"] = RuntimeError("a body that was seen is not parsed")
        await life.live(DAY)
        assert await life.rows("SELECT outcome, failures FROM feeds") == [("nothing new", 0)]
    assert least <= min(gaps(town)) <= max(gaps(town)) <= most


# Refusals


def in_two_hours() -> str:
    return format_datetime(datetime.now(UTC) + 2 * HOUR, usegmt=True)


RETRY: dict[str, tuple[str, str, timedelta, timedelta]] = {
    "seconds": ("429 x", "7200", 2 * HOUR, 2.2 * HOUR),
    "a date": ("503 x", in_two_hours(), 1.9 * HOUR, 2.2 * HOUR),
    "the past": ("429 x", "Sun, 06 Nov 1994 08:49:37 GMT", 15 * MINUTE, 16.5 * MINUTE),
    "huge": ("503 x", "99999999", WEEK, 1.1 * WEEK),
    "junk": ("429 x", "soon", 4 * HOUR, 4.4 * HOUR),
    "none": ("429 x", "", 4 * HOUR, 4.4 * HOUR),
    "forbidden": ("403 x", "", 4 * HOUR, 4.4 * HOUR),
    "an error that asks": ("500 x", "7200", 2 * HOUR, 2.2 * HOUR),
}


@pytest.mark.parametrize("case", RETRY)
async def test_nothing_is_asked_inside_the_pause_that_a_server_wants_whatever_is_restarted(
    town: Simulation, case: str
) -> None:
    """G8."""
    status, header, least, most = RETRY[case]
    town.say("/feed", reply(ONE, etag='"e"'))
    async with town.running() as life:
        await life.poll()
        town.say("/feed", reply(b"", status, retry_after=header))
        await life.live(90 * MINUTE)
    refused = town.times("/feed")[1]
    for _ in range(9):
        async with town.running() as life:
            await life.live(least / 9)
    async with town.running() as life:
        await life.live(most)
    again = town.times("/feed")[2]
    assert least * 0.999 <= again - refused <= most


async def test_what_a_feed_earns_the_pages_of_its_host_wait_for_and_what_a_page_earns_no_feed(
    town: Simulation,
) -> None:
    """G8."""
    town.say("/feed", reply(rss(), etag='"e"'))
    town.say("/robots.txt", reply(b"", "404 x"))
    town.say("/page", reply(b"", "429 x", retry_after="14400"))
    async with town.running() as life:
        await life.poll()
        town.say("/feed", reply(rss(entry("page", link=town.url("/page"))), etag='"f"'))
        await life.live(8 * HOUR, reading=True)
        feed_polls = gaps(town)
        assert max(feed_polls) <= 66, "the page's refusal delays no feed"
        town.say("/feed", reply(b"", "429 x", retry_after="14400"))
        await life.live(70 * MINUTE, reading=True)
        refused = town.times("/feed")[-1]
        before = len(town.visits)
        await life.store.write(lambda db: db.execute("UPDATE articles SET page_state = 'pending', due_at = 0") and None)
        await life.live(refused + 4 * HOUR - town.at, reading=True)
        assert len(town.visits) == before, "neither feed nor page nor robots.txt"


# Failures, counted over a week; a healthy feed is asked 672 times


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [("404 Not Found", 10, 13), ("500 x", 12, 16), ("502 x", 12, 16), ("410 Gone", 1, 1), ("429 x", 38, 42)],
)
async def test_a_week_of_failures_costs_few_requests(town: Simulation, answer: str, least: int, most: int) -> None:
    """G9."""
    town.say("/feed", reply(b"", answer))
    async with town.running() as life:
        await life.live(WEEK)
    assert least <= len(town.visits) <= most


async def test_a_feed_that_is_gone_is_said_to_be_so_once(town: Simulation) -> None:
    """G9."""
    town.polling = '\n[health]\nnotify = ["desk"]\n'
    town.say("/feed", reply(ONE, etag='"e"'))
    async with town.running() as life:
        await life.poll()
        town.say("/feed", reply(b"", "410 Gone"))
        for _ in range(7 * 24):
            await life.live(HOUR)
            await life.look()
        assert await life.rows("SELECT worded, count(*) FROM deliveries GROUP BY 1") == [("health", 1)]
    assert len(town.visits) == 2


async def test_a_week_without_a_server_costs_few_tries(town: Simulation) -> None:
    """G9."""
    await town.server.close()
    async with town.running() as life:
        await life.live(WEEK)
        ((failures, outcome),) = await life.rows("SELECT failures, outcome FROM feeds")
    assert 12 <= failures <= 16
    assert outcome == "network"


async def test_errors_double_the_wait_up_to_a_day_and_success_begins_anew(town: Simulation) -> None:
    """G9."""
    town.say("/feed", reply(b"", "500 x"))
    async with town.running() as life:
        await life.live(WEEK)
        steps = [minutes(before, after) for before, after in pairwise(town.times("/feed"))]
        assert all(1.6 <= after / before <= 2.5 for before, after in pairwise(steps[:6]))
        assert max(steps) <= 24 * 60
        town.say("/feed", reply(ONE, etag='"e"'))
        await life.live(2 * DAY)
    assert minutes(*town.times("/feed")[-2:]) < 17


# Spreading, restarts, sleep


async def test_new_feeds_are_polled_at_once_and_spread_afterwards(town: Simulation) -> None:
    """G12."""
    feeds = [f"/{n}" for n in range(60)]
    for feed in feeds:
        town.say(feed, reply(ONE, etag='"e"'))
    async with town.running(*feeds) as life:
        await life.live(HOUR)
    assert Counter(at for at in (town.times(feed)[0] for feed in feeds)) == {BEGAN: 60}
    later = Counter((at - BEGAN) // MINUTE for visit in town.visits if (at := visit.at) > BEGAN + 20 * MINUTE)
    assert max(later.values()) <= 15, "of sixty feeds asked every quarter of an hour, four a minute are fair"
    assert len(later) >= 25, "no rush: most minutes have their polls"


async def test_twenty_restarts_in_an_interval_poll_nothing_twice(town: Simulation) -> None:
    """G12."""
    town.say("/feed", reply(ONE, etag='"e"'))
    town.say("/dead", reply(b"", "500 x"))
    for _ in range(20):
        async with town.running("/feed", "/dead") as life:
            await life.poll()
            town.at += timedelta(seconds=12)
    assert Counter(visit.path for visit in town.visits) == {"/feed": 1, "/dead": 1}


async def test_a_day_asleep_is_followed_by_one_fetch(town: Simulation) -> None:
    """G13."""
    town.say("/feed", reply(ONE, etag='"e"'))
    async with town.running() as life:
        await life.live(2 * HOUR)
        before = len(town.visits)
        town.at += DAY
        await life.live(MINUTE)
        assert len(town.visits) == before + 1
        await life.live(2 * HOUR)
    assert min(minutes(a, b) for a, b in pairwise(town.times("/feed"))) >= 5


@pytest.mark.parametrize("jump", [-30 * DAY, -HOUR, DAY, 400 * DAY])
async def test_a_clock_that_jumps_costs_one_fetch_at_the_most(town: Simulation, jump: timedelta) -> None:
    """G13."""
    town.say("/feed", reply(ONE, etag='"e"'))
    async with town.running() as life:
        await life.live(2 * HOUR)
    before = len(town.visits)
    town.at += jump
    async with town.running() as life:
        await life.live(4 * MINUTE)
        assert len(town.visits) <= before + 1
        await life.live(HOUR)
    assert 2 <= len(town.visits) - before <= 6, "and it is asked on"


# Lost entries


async def test_a_poll_that_shares_no_entry_with_the_last_is_flagged_and_the_feed_asked_sooner(town: Simulation) -> None:
    """G17."""
    town.say("/feed", reply(rss(entry("a"), entry("b")), etag='"1"'))
    async with town.running() as life:
        await life.live(HOUR)
        assert await life.rows("SELECT missed_at FROM feeds") == [(None,)]
        town.say("/feed", reply(rss(entry("y"), entry("z")), etag='"2"'))
        asked = len(town.visits)
        while len(town.visits) == asked:
            await life.live(MINUTE)
        ((detail, because, missed),) = await life.rows("SELECT detail, because, missed_at FROM feeds")
        assert "items may have been missed" in detail
        assert "items may have been missed" in because
        assert missed
        found = town.times("/feed")[-1]
        await life.live(6 * MINUTE)
        assert minutes(found, town.times("/feed")[-1]) <= 5.6
        await life.live(2 * HOUR)
    assert gaps(town)[-1] > 13, "then at its pace again"
