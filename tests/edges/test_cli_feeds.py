"""`feedwatch feeds`: what it lists, what it writes into the config, and whom it tells."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedwatch.model import Failure, FeedSpec, Reason
from feedwatch.store import database, feeds
from tests.harness import feedwatch, wait_until

CONFIG = """# mine

[[feeds]]
url = "https://example.org/rss"   # the first
name = "First"
tags = ["world"]

# the end
"""
AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return file


@pytest.fixture
def hangups() -> Iterator[list[int]]:
    """SIGHUPs that reach this process."""
    got: list[int] = []
    old = signal.signal(signal.SIGHUP, lambda number, _: got.append(number))
    yield got
    signal.signal(signal.SIGHUP, old)


def test_a_feed_is_added_and_every_comment_stays(config: Path) -> None:
    ended = feedwatch(
        "feeds",
        "add",
        "https://example.net/feed",
        "--unseen",
        "--name",
        "Net",
        "--tag",
        "a",
        "--tag",
        "b",
        folder=config.parent,
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "added to config.toml\nfeedwatch is not running; its next start takes it\n" in ended.stderr
    added = '[[feeds]]\nurl = "https://example.net/feed"\nname = "Net"\ntags = ["a", "b"]\n'
    assert config.read_text() == CONFIG.replace("\n# the end", f"\n{added}\n# the end")


@pytest.mark.parametrize("name", ["First", "https://example.org/rss"])
def test_a_feed_is_removed_by_its_name_or_address(name: str, config: Path) -> None:
    ended = feedwatch("feeds", "remove", name, folder=config.parent)
    assert ended.returncode == 0
    assert config.read_text() == "# mine\n\n# the end\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "https://EXAMPLE.org/rss"], "config.toml:4: this feed is there already (nothing to do)"),
        (["add", "example.net"], "url: is no web address (feeds begin with http:// or https://)"),
        (["remove", "Frist"], 'no feed "Frist" (did you mean "First"?)'),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_the_file_stays(words: list[str], said: str, config: Path) -> None:
    ended = feedwatch("feeds", *words, folder=config.parent)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == said
    assert config.read_text() == CONFIG


def test_a_bad_config_is_not_edited(config: Path) -> None:
    config.write_text(CONFIG + "[pollin]\n")
    ended = feedwatch("feeds", "add", "https://example.net/feed", "--unseen", folder=config.parent)
    assert ended.returncode == 78
    assert config.read_text() == CONFIG + "[pollin]\n"


def test_whoever_holds_the_database_is_asked_to_read_the_config_again(config: Path, hangups: list[int]) -> None:
    with database.locked(config.with_name("feedwatch.db")):
        ended = feedwatch("feeds", "add", "https://example.net/feed", "--unseen", folder=config.parent)
    assert ended.returncode == 0
    assert f"asked feedwatch (pid {os.getpid()}) to read the config again" in ended.stderr
    wait_until(lambda: hangups == [signal.SIGHUP], 5)


def test_feeds_are_listed_before_there_is_a_database(config: Path) -> None:
    ended = feedwatch("feeds", "list", "--json", folder=config.parent)
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {
        "feed": "First",
        "tags": ["world"],
        "state": "not polled yet",
        "entries": 0,
        "last poll": None,
        "next poll": None,
        "url": "https://example.org/rss",
        "failures": 0,
    }


@pytest.mark.parametrize(
    ("again", "state"),
    [(AT, "failing: gone, answered 410 Gone"), (None, "stopped: gone, answered 410 Gone")],
    ids=["again", "never"],
)
def test_a_feed_that_fails_is_told_from_one_that_has_stopped(again: datetime | None, state: str, config: Path) -> None:
    path = config.with_name("feedwatch.db")
    with database.locked(path):
        database.prepare(path)
        with closing(database.connect(path)) as db:
            fail(db, again)
    ended = feedwatch("feeds", "list", folder=config.parent)
    assert ended.stdout.splitlines()[0] == "feed\ttags\tstate\tentries\tlast poll\tnext poll"
    assert ended.stdout.splitlines()[1].split("\t")[2] == state


def fail(db: sqlite3.Connection, again: datetime | None) -> None:
    url = "https://example.org/rss"
    feeds.sync_feeds(db, [(FeedSpec(address=url, url=url), "example.org")], AT)
    feeds.record_failure(db, 1, Failure(reason=Reason.GONE, detail="answered 410 Gone"), again, AT)


def test_a_config_without_feeds_says_how_to_add_one(config: Path) -> None:
    config.write_text("")
    ended = feedwatch("feeds", "list", folder=config.parent)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr.splitlines()[-1] == "no feeds yet (feedwatch feeds add URL)"
