"""Search over what was read: real FTS5, folded tokens, one row an article."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.model import Page
from feedwatch.store import articles, feeds
from feedwatch.store.articles import ArticleWork
from feedwatch.store.search import archived, candidates, count_candidates, span
from tests.edges.rows import DAY, FEED, NOON, claim, configure, entry, opened, page_of, plans, read, value


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as db:
        configure(db, FEED)
        yield db


def works(db: sqlite3.Connection, *new: feeds.NewEntry) -> list[ArticleWork]:
    feeds.add_entries(db, 1, new, None, NOON)
    return claim(db)


def found(db: sqlite3.Connection, expression: str, limit: int = 10) -> list[int]:
    return candidates(db, expression, 1, 99, most=limit)


def index(db: sqlite3.Connection, article: int, title: str = "", summary: str = "", body: str = "") -> None:
    articles.index_text(db, article, title=title, summary=summary, body=body)


def test_an_article_is_found_by_words_of_title_summary_and_body(db: sqlite3.Connection) -> None:
    (work,) = works(db, page_of(1))
    index(db, work.id, "ferry back", "nine days", "it sails again")
    assert [found(db, word) for word in ("ferry", "nine", "sails", "cables")] == [[1], [1], [1], []]
    assert found(db, '"it sails"') == [1]
    assert found(db, '"sails it"') == []


def test_words_of_any_script_and_signs_are_found_whole(db: sqlite3.Connection) -> None:
    (work,) = works(db, page_of(1))
    index(db, work.id, "мадуро فنزويلا नमस्ते c++")
    assert [found(db, f'"{word}"') for word in ("мадуро", "فنزويلا", "नमस्ते", "c++")] == [[1]] * 4
    assert [found(db, f'"{word}"') for word in ("мадур", "c")] == [[], []]


def test_the_newest_come_first_and_no_more_than_asked_for(db: sqlite3.Connection) -> None:
    for work in works(db, *(page_of(n) for n in range(5))):
        index(db, work.id, "ferry")
    assert found(db, "ferry", limit=3) == [5, 4, 3]


def test_a_new_text_takes_the_place_of_the_old_one(db: sqlite3.Connection) -> None:
    (work,) = works(db, page_of(1))
    index(db, work.id, body="old words")
    index(db, work.id, body="new words")
    assert (found(db, "old"), found(db, "new")) == ([], [1])
    assert value(db, "SELECT count(*) FROM fts") == 1


def test_an_article_is_found_by_every_title_it_had(db: sqlite3.Connection) -> None:
    (work,) = works(db, page_of(1))
    index(db, work.id, title="ferry back", body="it sails")
    index(db, work.id, title="maduro says")
    index(db, work.id, title="maduro says")
    assert (found(db, "ferry"), found(db, "maduro"), found(db, "sails")) == ([1], [1], [1])
    assert db.execute("SELECT title FROM fts").fetchone()[0] == "ferry back maduro says"


def test_without_an_expression_all_are_candidates(db: sqlite3.Connection) -> None:
    for work in works(db, *(page_of(n) for n in range(3))):
        index(db, work.id, "ferry")
    assert found(db, "") == [3, 2, 1]
    assert (count_candidates(db, "", 1, 2), count_candidates(db, "ferry", 2, 3)) == (2, 2)


def test_a_stretch_of_time_is_a_stretch_of_articles(db: sqlite3.Connection) -> None:
    for n in range(4):
        feeds.add_entries(db, 1, [page_of(n)], None, NOON + n * DAY)
    assert span(db, None, None) == (1, 4)
    assert span(db, NOON + DAY, NOON + 3 * DAY) == (2, 3)
    assert span(db, NOON + 9 * DAY, None) == (1, 0)


def test_an_article_comes_with_its_page_its_entries_and_what_the_feed_is(db: sqlite3.Connection) -> None:
    (work,) = works(db, entry("1", "https://p.example/s", title="Ferry"))
    articles.add_revision(db, work.id, "page", Page(title="Older", body="older"), None, NOON)
    read(db, work, "the newest text")
    (row,) = archived(db, [work.id, 99])
    assert row.page is not None
    assert (row.page.title, row.page.body, row.url) == ("T", "the newest text", "https://p.example/s")
    (shown,) = row.entries
    assert (shown.title, shown.link, shown.outlet) == ("Ferry", "https://p.example/s", "courier.example")


def test_an_article_whose_entries_are_gone_is_still_there(db: sqlite3.Connection) -> None:
    (work,) = works(db, page_of(1))
    read(db, work)
    db.execute("DELETE FROM entries")
    (row,) = archived(db, [work.id])
    assert (row.page is not None, row.entries) == (True, ())


def test_a_search_reads_only_what_it_found(db: sqlite3.Connection) -> None:
    shown = plans(db, lambda: archived(db, candidates(db, "ferry", 1, 9, most=3) or [1]))
    scans = {step.split(" VIRTUAL")[0] for step in shown.splitlines() if step.startswith("SCAN")}
    assert scans <= {"SCAN fts", "SCAN main.fts_config"}
