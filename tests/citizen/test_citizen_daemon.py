"""The rules of docs/politeness.md once more, as a server sees a real daemon that is killed, stopped and started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from feedwatch import __version__
from tests.citizen.simulated import ONE, entry, rss
from tests.citizen.test_pages_and_bodies import FREE, PAGE
from tests.edges.recorder import Asked, Recorder, reply
from tests.harness import Daemon, Folder, count, query, start_daemon, wait_until

CONFIG = """
[polling]
interval = "3s"
min_interval = "3s"
max_interval = "3s"
host_delay = "{delay}"
contact = "desk@example.org"
allow_private = ["127.0.0.0/8"]

[channels.desk]
url = "json://127.0.0.1:9/desk"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["desk"]
"""
OURS = {"host", "user-agent", "accept", "accept-encoding", "connection"}
ODD = b'W/"a, "b"; c'
BLOCK = {"content_type": "text/html"}


def written(folder: Path, feeds: list[str], delay: str = "0s") -> Path:
    config = folder / "config.toml"
    config.write_text(CONFIG.format(delay=delay) + "".join(f'\n[[feeds]]\nurl = "{url}"\n' for url in feeds))
    config.chmod(0o600)
    return config


async def until(what: Callable[[], object], seconds: float = 40) -> None:
    await asyncio.to_thread(wait_until, what, seconds)


@asynccontextmanager
async def started(config: Path) -> AsyncIterator[Daemon]:
    daemon = start_daemon(config)
    try:
        yield daemon
    finally:
        await asyncio.to_thread(daemon.kill_tree)


@asynccontextmanager
async def server(answers: dict[str, bytes | Callable[[Asked], bytes]]) -> AsyncIterator[Recorder]:
    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        answer = answers.get(asked.target, reply(b"", "404 Not Found"))
        writer.write(answer(asked) if callable(answer) else answer)

    async with Recorder(say) as made:
        yield made


def of(recorder: Recorder, path: str) -> list[Asked]:
    return [asked for asked in recorder.asked if asked.target == path]


async def test_after_a_kill_and_a_stop_every_request_is_conditional_and_every_wait_holds(tmp_path: Path) -> None:
    """G1, G2, G3, G8, G9, G11, G12: in a real daemon, killed and started anew."""
    answers: dict[str, bytes | Callable[[Asked], bytes]] = {
        "/odd": reply(ONE, etag=ODD, last_modified="yesterday, about noon"),
        "/busy": reply(b"", "429 x", retry_after="3600"),
        "/refused": reply(b"", "403 x"),
        "/gone": reply(b"", "410 x"),
    }
    async with server(answers) as recorder:
        config = written(tmp_path, [recorder.url(path) for path in answers])
        for life in range(3):
            async with started(config) as daemon:
                await until(lambda life=life: len(of(recorder, "/odd")) >= 2 * (life + 1))  # type: ignore[misc]
                await until(lambda: all(of(recorder, path) for path in answers))
                await until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE outcome IS NOT NULL") == 4)
                if life % 2:
                    assert await asyncio.to_thread(daemon.stop) == 0
    first, *later = of(recorder, "/odd")
    assert len(later) >= 5
    assert first.names() == OURS
    assert {asked.header("if-none-match") for asked in later} == {ODD}
    assert {asked.header("if-modified-since") for asked in later} == {b"yesterday, about noon"}
    assert [len(of(recorder, path)) for path in ("/busy", "/refused", "/gone")] == [1, 1, 1]


@pytest.mark.service
async def test_feeds_pages_and_robots_txt_of_a_host_share_one_connection_with_a_second_between_requests(
    tmp_path: Path,
) -> None:
    """G12, G14: in a real daemon."""
    opened: list[int] = [0, 0]  # now, at the most
    lines: list[Asked] = []

    async def slowly(asked: Asked, writer: asyncio.StreamWriter) -> None:
        lines.append(asked)
        opened[0] += 1
        opened[1] = max(opened)
        await asyncio.sleep(0.1)
        writer.write(answers.get(asked.target, reply(b"", "404 x")))
        opened[0] -= 1

    async with Recorder(slowly) as one, Recorder(slowly) as two:
        pages = [entry(f"p{n}", link=two.url(f"/p{n}")) for n in range(4)]
        answers = {f"/f{n}": reply(ONE, etag='"e"') for n in range(4)}
        answers |= {f"/p{n}": reply(PAGE, "200 OK", **BLOCK) for n in range(3)}
        answers |= {"/robots.txt": reply(b"User-agent: *\nDisallow: /p3\n"), "/pages": reply(rss(), etag='"0"')}
        config = written(tmp_path, [one.url(f"/f{n}") for n in range(4)] + [two.url("/pages")], "1s")
        async with started(config):
            await until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE first_polled_at IS NOT NULL") == 5)
            answers["/pages"] = reply(rss(*pages), etag='"1"')
            await until(lambda: all(of(two, f"/p{n}") for n in range(3)), 60)
            await until(lambda: count(tmp_path / "feedwatch.db", "articles WHERE page_state = 'pending'") == 0)
    assert one.most_open == two.most_open == opened[1] == 1
    assert all(after.began - before.began >= 0.99 for before, after in pairwise(lines))
    assert [len(of(two, path)) for path in ("/p0", "/p1", "/p2", "/p3", "/robots.txt")] == [1, 1, 1, 0, 1]
    assert len(of(one, "/f0")) >= 2, "pages do not keep feeds waiting"


@pytest.mark.service
async def test_what_a_page_earns_delays_no_feed_and_what_a_feed_earns_its_pages(tmp_path: Path) -> None:
    """G8, G14: in a real daemon."""
    answers: dict[str, bytes | Callable[[Asked], bytes]] = {
        "/feed": reply(rss(), etag='"0"'),
        "/other": reply(ONE, etag='"e"'),
        "/robots.txt": FREE,
        "/forbidden": reply(b"", "403 x", retry_after="7200"),
        "/late": reply(PAGE, "200 OK", **BLOCK),
    }
    async with server(answers) as recorder:
        config = written(tmp_path, [recorder.url("/feed"), recorder.url("/other")])
        database = tmp_path / "feedwatch.db"
        async with started(config):
            await until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2)
            answers["/feed"] = reply(rss(entry("f", link=recorder.url("/forbidden"))), etag='"1"')
            await until(lambda: of(recorder, "/forbidden"))
            before = len(of(recorder, "/feed"))
            await until(lambda: len(of(recorder, "/feed")) >= before + 2)
            answers["/other"] = reply(b"", "429 x", retry_after="7200")
            await until(lambda: query(database, "SELECT 1 FROM feeds WHERE hold_until IS NOT NULL"))
            answers["/feed"] = reply(rss(entry("late", link=recorder.url("/late"))), etag='"2"')
            await until(lambda: count(database, "articles WHERE tries > 0 AND url LIKE '%/late'"))
            await asyncio.sleep(1)
    assert len(of(recorder, "/forbidden")) == 1
    assert of(recorder, "/late") == []


@pytest.mark.service
async def test_a_password_stays_and_odd_answers_are_said_in_words(tmp_path: Path) -> None:
    """G6, G11, G15, G16, G17: in a real daemon, and as `feeds show` tells them."""
    answers: dict[str, bytes | Callable[[Asked], bytes]] = {
        "/page": reply(b"<html><link rel='alternate' type='application/atom+xml' href='/atom'></html>"),
        "/gap": reply(rss(entry("a")), etag='"1"'),
        "/packed": reply(ONE, content_type="image/png"),
    }
    async with server({"/feed": reply(ONE, etag='"e"')}) as other, server(answers) as recorder:
        answers["/secret"] = reply(b"", "301 x", location=other.url("/feed"))
        secret = recorder.url("/secret").replace("http://", "http://jo:secret@")
        config = written(tmp_path, [secret, *(recorder.url(path) for path in ("/page", "/gap", "/packed"))])
        async with started(config) as daemon:
            await until(lambda: len(other.asked) >= 1 and of(recorder, "/gap"))
            answers["/gap"] = reply(rss(entry("z")), etag='"2"')
            await until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE missed_at IS NOT NULL"))
            shown = {
                path: await asyncio.to_thread(Folder(tmp_path).text, "feeds", "show", recorder.url(path))
                for path in ("/page", "/gap", "/packed")
            }
            assert "secret@" not in daemon.said()
    assert recorder.url("/atom") in shown["/page"]
    assert "some may have been lost" in shown["/gap"]
    assert "next" in shown["/packed"]
    assert {asked.header("authorization") for asked in of(recorder, "/secret")} == {b"Basic am86c2VjcmV0"}
    assert [asked for asked in other.asked if asked.names() - OURS - {"if-none-match"}] == []
    assert other.asked[0].header("user-agent") == f"feedwatch/{__version__} (+desk@example.org)".encode()


@pytest.mark.service
async def test_a_day_asleep_is_one_fetch_for_the_daemon_too(tmp_path: Path) -> None:
    """G13: in a real daemon."""
    async with server({"/feed": reply(ONE, etag='"e"')}) as recorder:
        config = written(tmp_path, [recorder.url("/feed")])
        database = tmp_path / "feedwatch.db"
        config.write_text(config.read_text().replace('interval = "3s"', 'interval = "1h"'))
        async with started(config):
            await until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL AND claimed_at IS NULL"))
        slept(database, 24)
        async with started(config) as daemon:
            await until(lambda: len(recorder.asked) >= 2)
            await asyncio.sleep(3)
            assert daemon.process.poll() is None
    assert len(recorder.asked) == 2


def slept(database: Path, hours: int) -> None:
    """As if all that is recorded had happened so long ago."""
    import sqlite3

    with sqlite3.connect(database) as db:
        for column in ("next_check_at", "last_polled_at", "last_good_at", "first_polled_at"):
            db.execute(f"UPDATE feeds SET {column} = {column} - ?", (hours * 3_600_000_000,))
    db.close()
