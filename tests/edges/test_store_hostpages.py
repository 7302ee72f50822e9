"""What the newest pages of a host said, and how little of it is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedwatch.articles.furniture import FRESH, REMEMBERED, hashes_of, packed
from feedwatch.store import hostpages
from feedwatch.store.database import connect, locked, prepare

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BLOCKS = packed(hashes_of(("one", "two")))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "feedwatch.db"
    with locked(path):
        prepare(path)
        with closing(connect(path)) as connection:
            yield connection


def count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM host_pages").fetchone()[0])


def test_the_newest_pages_of_each_host_are_kept(db: sqlite3.Connection) -> None:
    for number in range(REMEMBERED + 9):
        hostpages.remember(db, "one.example", number, BLOCKS, NOON + timedelta(minutes=number))
    hostpages.remember(db, "two.example", 1, BLOCKS, NOON)
    assert count(db) == REMEMBERED + 1
    seen = hostpages.seen_on(db, "one.example", NOON, but=REMEMBERED)
    assert len(seen) == REMEMBERED - 1  # not the page that is read now
    assert {page.blocks for page in seen} == {BLOCKS}
    assert len({page.text for page in seen}) == len({page.story for page in seen}) == len(seen)


def test_a_page_that_is_read_again_counts_once(db: sqlite3.Connection) -> None:
    hostpages.remember(db, "one.example", 1, BLOCKS, NOON)
    hostpages.remember(db, "one.example", 1, BLOCKS, NOON + timedelta(hours=1))
    assert count(db) == 1


def test_stale_pages_are_not_asked_and_go(db: sqlite3.Connection) -> None:
    hostpages.remember(db, "one.example", 1, BLOCKS, NOON)
    later = NOON + FRESH + timedelta(seconds=1)
    assert hostpages.seen_on(db, "one.example", later, but=0) == ()
    assert hostpages.forget_stale(db, later, most=10) == 1
    assert hostpages.forget_stale(db, later, most=10) == 0


def test_a_page_without_host_or_text_is_not_kept(db: sqlite3.Connection) -> None:
    hostpages.remember(db, "", 1, BLOCKS, NOON)
    hostpages.remember(db, "one.example", 1, b"", NOON)
    assert count(db) == 0
