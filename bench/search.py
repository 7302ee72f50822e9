"""P9: the newest 20 of a search with their snippets among 100,000 articles, beside FTS5 alone.

The articles are made of words of our own, in a database that ends with the measurement: Zipf's law for the common
words, a few words planted in known shares, Chinese in one article of fifty.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from feedwatch.model import FeedSpec
from feedwatch.pipeline.archive import LOOKED_AT, Stretch, search
from feedwatch.store import database, feeds
from feedwatch.store import search as table
from feedwatch.store.times import moment
from feedwatch.text.tokens import tokenize
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.parse import parse_query

ARTICLES = 100_000
WORDS = 250
NEWEST = 20
DAY_ONE = 1_700_000_000_000_000
MINUTE = 60_000_000

QUERIES = {
    "common word": "harbour",
    "rare word": "quetzal",
    "phrase": '"open sea"',
    "prefix": "lighthou*",
    "NEAR": "harbour NEAR/3 ferry",
    "rare NEAR": "quetzal NEAR/5 ferry",
    "Chinese": "海港",
    "AND NOT": "harbour ferry NOT lighthouse",
    "regex alone": r"/Q\d{7}/",
}
PLANTED = {"harbour": 0.5, "ferry": 0.3, "open sea": 0.1, "lighthouse": 0.02, "quetzal": 0.0003}


def row(pairs: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name, closing(built(Path(name), ARTICLES)) as db:
        lines = [f"search, newest {NEWEST} of {ARTICLES} articles with snippets, median and max (must: 50 ms)"]
        lines += [measured(db, kind, text, max(pairs, 5)) for kind, text in QUERIES.items()]
    return lines


def measured(db: sqlite3.Connection, kind: str, text: str, times: int) -> str:
    query = parse_query(text)
    expression = to_fts5(query)
    cpu, wall, alone = list[float](), list[float](), list[float]()
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        results = search(db, query, {}, Stretch(), limit=NEWEST)
        shown = [found.snippet for found in results.found]
        cpu.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - began))
        used = time.process_time()
        table.candidates(db, expression, 1, ARTICLES, most=NEWEST)
        alone.append(1000 * (time.process_time() - used))
    beyond = f" (gave up after {LOOKED_AT} articles, said so)" if results.stopped_at else ""
    return (
        f"{kind:12} {statistics.median(cpu):7.1f} ms of CPU, max {max(cpu):7.1f}; wall {statistics.median(wall):7.1f};"
        f" FTS5 alone {statistics.median(alone):6.2f}; {len(shown)} found, {results.looked_at} looked at{beyond}"
    )


def built(folder: Path, articles: int) -> sqlite3.Connection:
    """A database with so many articles, one a minute, the newest last."""
    path = folder / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
    db = database.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    spec = FeedSpec(address="https://bench.example/feed", url="https://bench.example/feed")
    feeds.sync_feeds(db, [(spec, "bench.example")], moment(DAY_ONE))
    made = texts(articles)
    while batch := list(itertools.islice(made, 1000)):
        db.execute("BEGIN")
        insert(db, batch)
        db.execute("COMMIT")
    return db


def texts(articles: int) -> Iterator[tuple[int, str, str]]:
    """Number, title and body of each."""
    chance = random.Random(9)  # noqa: S311 - invented articles, the same ones every time
    words = vocabulary(chance, 20_000)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number in range(1, articles + 1):
        body = chance.choices(words, cum_weights=weights, k=WORDS)
        for planted, share in PLANTED.items():
            if chance.random() < share:
                body[chance.randrange(WORDS)] = planted
        if number % 50 == 0:
            body[100:110] = ["渡轮今天早上离开了海港。"]
        if number % 40_000 == 0:
            body[7] = f"Q{number:07}"
        yield number, " ".join(body[:8]).capitalize(), " ".join(body)


def vocabulary(chance: random.Random, size: int) -> list[str]:
    """Invented words of two to four syllables."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(size)]


def insert(db: sqlite3.Connection, batch: list[tuple[int, str, str]]) -> None:
    """What the loops would have written, without their bookkeeping."""
    db.executemany(
        "INSERT INTO articles(id, key, url, host, page_state, first_seen_at)"
        " VALUES (?, ?, ?, 'bench.example', 'read', ?)",
        [(n, f"a:{n}", f"https://bench.example/{n}", DAY_ONE + n * MINUTE) for n, _, _ in batch],
    )
    db.executemany(
        "INSERT INTO entries(feed_id, key, decided_version, article_id, title, summary, content, link, authors,"
        " first_seen_at, how) VALUES (1, ?, 1, ?, ?, '', '', ?, '[]', ?, 'new')",
        [(str(n), n, title, f"https://bench.example/{n}", DAY_ONE + n * MINUTE) for n, title, _ in batch],
    )
    db.executemany(
        "INSERT INTO revisions(article_id, n, kind, fetched_at, content_sha, title, body, language, authors)"
        " VALUES (?, 1, 'page', ?, x'', ?, ?, 'en', '[]')",
        [(n, DAY_ONE + n * MINUTE, title, body) for n, title, body in batch],
    )
    db.executemany(
        "INSERT INTO fts(rowid, title, summary, body) VALUES (?, ?, '', ?)",
        [(n, " ".join(tokenize(title).tokens), " ".join(tokenize(body).tokens)) for n, title, body in batch],
    )
