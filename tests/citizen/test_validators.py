"""Conditional requests for life: rules 1 to 5 of docs/politeness.md."""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Migrations

from feedwatch.store import database
from tests.citizen.simulated import DAY, HOUR, MINUTE, ONE, Simulation, entry, rss
from tests.edges.recorder import Asked, reply
from tests.edges.test_http import ODD_DATES, ODD_ETAGS

ETAG, DATE = '"one"', "Mon, 02 Nov 2026 05:00:00 GMT"


async def test_a_week_with_ten_restarts_has_one_unconditional_request_per_feed(town: Simulation) -> None:
    """G1."""
    feeds = ["/0", "/1"]
    for feed in feeds:
        town.say(feed, honest)
    town.polling = 'interval = "2h"\nmax_interval = "2h"\n'
    for _ in range(11):
        async with town.running(*feeds) as life:
            await life.live(DAY * 7 / 11)
    for feed in feeds:
        visits = town.of(feed)
        assert len(visits) > 70
        assert [visit.conditional for visit in visits[:2]] == [False, True]
        assert sum(not visit.conditional for visit in visits) == 1


def honest(asked: Asked) -> bytes:
    """A server that compares validators and has nothing new."""
    if asked.header("if-none-match") == ETAG.encode():
        return b"HTTP/1.1 304 Not Modified\r\n\r\n"
    return reply(ONE, etag=ETAG, last_modified=DATE)


async def test_failures_in_between_do_not_cost_the_condition(town: Simulation) -> None:
    """G1."""
    town.say("/feed", honest)
    async with town.running() as life:
        await life.poll()
        for trouble in (reply(b"", "500 x"), reply(b"", "404 x"), reply(b"<html>oh</html>"), b"HTTP/1.1 200 OK\r\n"):
            town.say("/feed", trouble)
            await life.live(3 * HOUR)
        town.say("/feed", honest)
        await life.live(2 * DAY)
    assert len(town.visits) > 20
    assert sum(not visit.conditional for visit in town.visits) == 1


def test_an_upgrade_keeps_the_validators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G1."""
    path, first = tmp_path / "feedwatch.db", Migrations("feedwatch")
    first(name="0001_initial")(database.migrations._migrations[0].fn)
    with monkeypatch.context() as old:
        old.setattr(database, "migrations", first)
        with database.locked(path):
            database.prepare(path)
    with closing(database.connect(path)) as db:
        db.execute(
            "INSERT INTO feeds(address, url, host, name, next_check_at, etag, last_modified)"
            " VALUES ('https://a/', 'http://a/', 'a', '', 5, ?, ?)",
            (ETAG, DATE),
        )
    with database.locked(path):
        database.prepare(path)
    with closing(database.connect_readonly(path)) as db:
        assert tuple(db.execute("SELECT etag, last_modified FROM feeds").fetchone()) == (ETAG, DATE)


async def test_forty_odd_validators_come_back_byte_for_byte_also_after_a_restart(town: Simulation) -> None:
    """G2."""
    odd = {f"/etag{n}": ("etag", value) for n, value in enumerate(ODD_ETAGS)}
    odd |= {f"/date{n}": ("last_modified", value) for n, value in enumerate(ODD_DATES)}
    assert len(odd) >= 40
    for path, (name, value) in odd.items():
        town.say(path, reply(ONE, "200 OK", **{name: value}))
    for _ in range(2):
        async with town.running(*odd) as life:
            await life.poll()
        town.at += 2 * HOUR
    sent = {"etag": "if-none-match", "last_modified": "if-modified-since"}
    changed = {
        path: (value, town.of(path)[1].asked.header(sent[name]))
        for path, (name, value) in odd.items()
        if town.of(path)[1].asked.header(sent[name]) != value
    }
    assert changed == {}


def sent(town: Simulation) -> list[tuple[bytes | None, bytes | None]]:
    return [(one.asked.header("if-none-match"), one.asked.header("if-modified-since")) for one in town.visits]


async def told(town: Simulation, *answers: bytes) -> None:
    """One poll an hour with each of these answers."""
    async with town.running() as life:
        for answer in answers:
            town.say("/feed", answer)
            await life.poll()
            town.at += 2 * HOUR


async def test_both_validators_are_sent_and_what_the_server_drops_is_dropped(town: Simulation) -> None:
    """G3."""
    both, etag, date = {"etag": ETAG, "last_modified": DATE}, {"etag": ETAG}, {"last_modified": DATE}
    none: dict[str, str] = {}
    await told(town, *(reply(ONE, "200 OK", **given) for given in (both, etag, both, date, none, none)))
    e, d = ETAG.encode(), DATE.encode()
    assert sent(town) == [(None, None), (e, d), (e, None), (e, d), (None, d), (None, None)]


@pytest.mark.parametrize(
    "second", [reply(ONE, etag='"two"', last_modified=DATE), b'HTTP/1.1 304 Not Modified\r\nETag: "two"\r\n\r\n']
)
async def test_new_validators_of_an_old_body_are_the_next_ones_sent(town: Simulation, second: bytes) -> None:
    """G4."""
    await told(town, reply(ONE, etag=ETAG, last_modified=DATE), second, second)
    assert sent(town)[1:] == [(ETAG.encode(), DATE.encode()), (b'"two"', DATE.encode())]


TWO = rss(entry("two"), entry("one"))
PACKED = gzip.compress(TWO)
CUT = {
    "short": reply(TWO, etag='"two"').removesuffix(TWO[-40:]),
    "gzip": reply(PACKED[:-30], etag='"two"', content_encoding="gzip"),
    "chunked": b'HTTP/1.1 200 OK\r\nETag: "two"\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n' + TWO[:64] + b"\r\n",
    "a maintenance page": reply(b"<html><body>Back soon</body></html>", etag='"two"'),
    "half a document": reply(TWO[:70], etag='"two"'),
}


@pytest.mark.parametrize("how", CUT)
async def test_a_cut_or_unreadable_body_stores_no_validator_and_loses_no_item(town: Simulation, how: str) -> None:
    """G5."""
    town.say("/feed", reply(ONE, etag=ETAG))
    async with town.running() as life:
        await life.poll()
        town.server.hang_up = True
        town.say("/feed", CUT[how])
        town.at += 20 * MINUTE + HOUR
        await life.poll()
        town.server.hang_up = False
        town.say("/feed", revised)
        await life.live(DAY)
        assert await life.rows("SELECT title FROM entries ORDER BY id") == [("one",), ("two",)]
    assert sent(town)[1:3] == [(ETAG.encode(), None)] * 2


def revised(asked: Asked) -> bytes:
    """Whoever claims to know the second document gets nothing."""
    if asked.header("if-none-match") == b'"two"':
        return b"HTTP/1.1 304 Not Modified\r\n\r\n"
    return reply(TWO, etag='"two"')
