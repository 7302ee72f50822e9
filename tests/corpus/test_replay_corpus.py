"""Real pages in an archive: a replay finds there what the matcher finds in each of them, and nothing less."""

from __future__ import annotations

import gzip
import json
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.articles.page import read_page
from feedwatch.config.packs import lists_of
from feedwatch.errors import PageUnreadable
from feedwatch.model import Page, Zone
from feedwatch.pipeline.archive import Stretch
from feedwatch.pipeline.replay import Wish, replay
from feedwatch.store.database import connect_readonly
from feedwatch.watches.index import build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords, parse_query
from tests.edges.archive import Story, stored
from tests.harness import SHARED

ROWS = SHARED / "corpus" / "pages.jsonl"
EVERY = 1 if os.environ.get("FULL") else 12
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not ROWS.exists(), reason="../shared is not here")]

LISTS = lists_of({})
WORDS = ["Venezuela", "Venezuelan", "Caracas", "Maduro"]
BETTER = '@country:VE OR (maduro UNLESS ("plátano maduro" OR cigar))'
QUERIES = (BETTER, "Trump NEAR/10 Maduro", "title:(Ukraine OR Украина)", "/20[0-9]{2}/ Trump", "lang:es gobierno{3}")


def pages() -> list[tuple[str, Page]]:
    found = []
    for line in ROWS.read_text(encoding="utf-8").splitlines()[::EVERY]:
        row = json.loads(line)
        file = ROWS.parent / "pages" / f"{row['id']}.html.gz"
        try:
            found.append(
                (
                    row["id"],
                    read_page(
                        gzip.decompress(file.read_bytes()), row["url"] or "https://unknown.example/article", None
                    ),
                )
            )
        except PageUnreadable:
            continue
    return found


@pytest.fixture(scope="module")
def articles() -> list[tuple[str, Page]]:
    return pages()


@pytest.fixture(scope="module")
def database(articles: list[tuple[str, Page]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    stories = [
        Story(title=page.title, body=page.body, language=page.language, ago=timedelta(hours=len(articles) - n))
        for n, (_, page) in enumerate(articles)
    ]
    return stored(tmp_path_factory.mktemp("archive"), *stories)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("text", QUERIES)
def test_a_replay_over_the_archive_finds_what_the_matcher_finds(
    text: str, articles: list[tuple[str, Page]], database: Path
) -> None:
    query = parse_query(text, LISTS)
    live = 0
    for number, (_, page) in enumerate(articles, 1):
        titles = dict.fromkeys((page.title,))
        zones = (*(Zone(name="title", text=title) for title in titles if title), Zone(name="body", text=page.body))
        summary = Zone(name="summary", text=f"summary of k{number}")
        from feedwatch.watches.index import Metadata

        known = Metadata(languages=(page.language,) if page.language else ())
        live += match(query, build_index((*zones, summary), page.language or ""), known) is not None
    with closing(connect_readonly(database)) as db:
        stretch = Stretch()
        played = replay(db, Wish(query=query), None, {}, stretch, limit=1, progress=lambda _done, _total: None)
    assert played.strengths.total() == live
    assert played.looked_at <= len(articles)


@pytest.mark.timeout(600)
def test_two_versions_of_a_watchlist_are_compared(database: Path) -> None:
    before, after = parse_keywords(WORDS, LISTS), parse_query(BETTER, LISTS)
    with closing(connect_readonly(database)) as db:
        played = replay(db, Wish(query=after), before, {}, Stretch(), limit=5, progress=lambda _done, _total: None)
        plain = replay(db, Wish(query=before), None, {}, Stretch(), limit=5, progress=lambda _done, _total: None)
    assert played.strengths.total() - plain.strengths.total() == played.gained - played.lost
    assert all(gone.missing for gone in played.gone)
