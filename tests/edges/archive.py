"""A database of articles that were read: what search, replay and lint look through."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedwatch.model import Page
from feedwatch.pipeline.reading import read_stored
from feedwatch.store import articles, feeds
from tests.edges.rows import DAY, FEED, claim, configure, entry, opened

NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as a test tells it."""

    title: str
    body: str
    ago: timedelta = DAY
    language: str | None = None
    how: str = "new"
    feed: str = FEED


def stored(folder: Path, *stories: Story) -> Path:
    """The database with these articles, the first one first; ids count from 1."""
    with opened(folder) as db:
        known = dict.fromkeys([FEED, *(story.feed for story in stories)])
        rows = dict(zip(known, configure(db, *known), strict=True))
        for number, story in enumerate(stories, 1):
            _store(db, rows[story.feed], number, story)
    return folder / "feedwatch.db"


def _store(db: sqlite3.Connection, feed: int, number: int, story: Story) -> None:
    at = NOW - story.ago
    new = entry(f"k{number}", f"https://host{number}.example/story", title=story.title, how=story.how)
    feeds.add_entries(db, feed, [new], None, at)
    (work,) = claim(db, NOW)
    page = Page(title=story.title, body=story.body, language=story.language)
    articles.add_revision(db, work.id, "page", page, work.url, at)
    searched = read_stored(page, work.entries).searched
    articles.index_text(db, work.id, title=searched.title, summary=searched.summary, body=searched.body)
    articles.settle_article(db, work, at, page_state="read")
