"""What goes and what stays: by purpose, never what is pending or on its way, and never so that old items come back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedwatch.feeds.novelty import SeenRow
from feedwatch.model import Strength
from feedwatch.pipeline.prune import in_numbers
from feedwatch.store import alerts, articles, deliveries, feeds, retention
from feedwatch.store.retention import Keep, past
from tests.edges.rows import DAY, FEED, NOON, claim, configure, decision, entry, opened, plans, read, value, watch

KEEP = Keep(articles=90 * DAY, alerted=365 * DAY, decisions=365 * DAY, seen=400 * DAY)


@dataclass(frozen=True)
class Item:
    """An entry with its article, and what became of it; ages in days."""

    seen: int  # first seen
    shown: int = 0  # last shown, by a feed whose latest document came `latest` days ago
    pending: bool = False
    decided: int | None = None  # a decision that alerted nobody
    alerted: int | None = None
    state: str = "sent"


@pytest.fixture
def db(tmp_path: Path) -> Any:
    with opened(tmp_path) as made:
        yield made


def shown(db: sqlite3.Connection, feed: int, key: str, days: float) -> None:
    mark = SeenRow(kind="id", key=key.encode(), entry_key=key, fingerprint=b"f")
    feeds.remember_seen(db, feed, [mark], NOON - days * DAY)


def put(db: sqlite3.Connection, feed: int, n: int, item: Item) -> int:
    """The item as polls, readings and sends leave it behind; its article."""
    key, at = f"k{n}", NOON - item.seen * DAY
    feeds.add_entries(db, feed, [entry(key, f"https://host{n}.example/story")], None, at)
    shown(db, feed, key, min(item.shown, item.seen))
    (work,) = (each for each in claim(db, at) if each.key.startswith(f"a:https://host{n}.example/"))
    articles.index_text(db, work.id, title="t", summary="s", body="b")
    version = value(db, "SELECT max(id) FROM watchlist_versions")
    if item.decided is not None:
        alerts.story_of(db, work.id, work.key, at)
        alerts.add_decision(db, decision(work, version, "below"), NOON - item.decided * DAY)
    if item.alerted is not None:
        tell(db, work, version, item)
    if item.pending:
        articles.release_article(db, work.id)
    else:
        read(db, work, f"text {n}", at)
    db.execute("UPDATE articles SET claimed_at = NULL")  # those that `claim` took by the way
    return work.id


def tell(db: sqlite3.Connection, work: articles.ArticleWork, version: int, item: Item) -> None:
    assert item.alerted is not None
    at, name = NOON - item.alerted * DAY, f"{work.id:032x}"[::-1]
    story, _ = alerts.story_of(db, work.id, work.key, at)
    alerts.remember_told(db, story, "ve", Strength.TOPIC)
    alerts.add_alert(
        db, alerts.NewAlert(id=name, kind="first", cause=work.key, root="ve", story=story, strength=Strength.TOPIC), at
    )
    made = alerts.add_decision(db, decision(work, version, "alerted", alert=name, revision=None), at)
    alerts.add_article(db, name, work.id, "ve", made)
    alerts.add_delivery(db, name, value(db, "SELECT min(id) FROM targets"), "first", at)
    db.execute("UPDATE deliveries SET state = ? WHERE alert = ?", (item.state, name))


def start(db: sqlite3.Connection, latest: float = 0) -> int:
    """A feed whose latest document, `latest` days ago, showed nothing but an item of its own; a watchlist, a target."""
    (feed,) = configure(db, FEED, at=NOON - 2000 * DAY)
    watch(db, at=NOON - 2000 * DAY)
    deliveries.sync_targets(db, [("desk", "one")], NOON)
    shown(db, feed, "newest", latest)
    return feed


def prune(db: sqlite3.Connection, keep: Keep = KEEP) -> tuple[int, int, int]:
    """As the pipeline does it, in one go."""
    found = past(db, keep, NOON)
    gone = retention.remove_alerts(db, found.alerts, keep, NOON)
    articles_gone = retention.remove_articles(db, found.articles, keep, NOON)
    seen = sum(retention.remove_seen(db, feed, before, most=999) for feed, (before, _) in found.seen.items())
    while retention.remove_rests(db, most=99):
        pass
    return articles_gone, gone, seen


def left(db: sqlite3.Connection) -> set[int]:
    return {row[0] for row in db.execute("SELECT id FROM articles")}


@pytest.mark.parametrize(
    ("item", "stays"),
    [
        (Item(seen=91, shown=91), False),
        (Item(seen=89, shown=89), True),
        (Item(seen=500, shown=91), False),
        (Item(seen=500, shown=89), True),
        (Item(seen=500, shown=500, pending=True), True),
        (Item(seen=500, shown=500, decided=364), True),
        (Item(seen=500, shown=500, decided=366), False),
        (Item(seen=500, shown=500, alerted=364), True),
        (Item(seen=500, shown=500, alerted=366), False),
        (Item(seen=500, shown=500, alerted=366, state="pending"), True),
        (Item(seen=500, shown=500, alerted=366, state="sending"), True),
        (Item(seen=500, shown=500, alerted=366, state="held"), True),
        (Item(seen=500, shown=500, alerted=366, state="dead"), False),
    ],
    ids=str,
)
def test_an_article_stays_for_the_longest_of_its_purposes(db: sqlite3.Connection, item: Item, *, stays: bool) -> None:
    article = put(db, start(db), 1, item)
    prune(db)
    assert (article in left(db)) is stays
    assert value(db, "SELECT count(*) FROM fts") == stays


def test_an_article_goes_with_all_that_is_known_of_it(db: sqlite3.Connection) -> None:
    put(db, start(db), 1, Item(seen=500, shown=500, alerted=400))
    prune(db)
    gone = ("articles", "entries", "revisions", "addresses", "decisions", "alerts", "alert_articles", "deliveries")
    for table in (*gone, "stories", "story_articles", "story_watch", "fts"):
        assert value(db, f"SELECT count(*) FROM {table}") == 0, table


def test_what_a_feeds_latest_document_showed_stays_however_old_both_are(db: sqlite3.Connection) -> None:
    """Else a publisher who touches all his old items brings them all back as news."""
    feed = start(db, latest=700)
    still = put(db, feed, 1, Item(seen=900, shown=700))
    put(db, feed, 2, Item(seen=900, shown=701))
    prune(db)
    assert left(db) == {still}


def test_of_a_feed_that_left_the_config_only_the_marks_stay(db: sqlite3.Connection) -> None:
    feed = start(db, latest=700)
    put(db, feed, 1, Item(seen=900, shown=700))
    configure(db, "https://other.example/feed")
    prune(db)
    assert left(db) == set()
    assert value(db, "SELECT count(*) FROM seen") == 2


def test_marks_are_kept_from_the_feeds_latest_news_on(db: sqlite3.Connection) -> None:
    """A feed that slept for a year has forgotten nothing."""
    feed = start(db, latest=700)
    shown(db, feed, "old", 700 + 399)
    shown(db, feed, "older", 700 + 401)
    assert prune(db) == (0, 0, 1)
    assert {row[0] for row in db.execute("SELECT entry_key FROM seen")} == {"newest", "old"}


def test_an_alert_that_goes_leaves_what_was_told_while_its_article_is_shown(db: sqlite3.Connection) -> None:
    article = put(db, start(db), 1, Item(seen=500, shown=0, alerted=400))
    assert prune(db) == (0, 1, 0)
    story, _ = alerts.story_of(db, article, "", NOON)
    assert alerts.told(db, story) == {"ve": Strength.TOPIC}
    assert value(db, "SELECT count(*) FROM decisions WHERE outcome = 'alerted' AND alert IS NULL") == 1


def test_an_entry_in_an_open_window_stays(db: sqlite3.Connection) -> None:
    feed = start(db)
    article = put(db, feed, 1, Item(seen=500, shown=500))
    window = alerts.open_backfill(db, NOON, 1)
    db.execute("UPDATE entries SET window_id = ?", (window,))
    prune(db)
    assert left(db) == {article}
    alerts.close_window(db, window, NOON)
    prune(db)
    assert left(db) == set()
    assert value(db, "SELECT count(*) FROM windows") == 0


def test_an_article_that_went_into_another_one_stays_while_its_text_was_decided_on(db: sqlite3.Connection) -> None:
    feed = start(db)
    feeds.add_entries(db, feed, [entry("k1", "https://host1.example/story")], None, NOON - 500 * DAY)
    shown(db, feed, "k1", 500)
    (work,) = claim(db, NOON - 500 * DAY)
    revision = read(db, work, at=NOON - 500 * DAY)
    alerts.add_decision(db, decision(work, 1, "below", revision=revision), NOON - 10 * DAY)
    other = put(db, feed, 2, Item(seen=500, shown=500))
    articles.merge_into(db, work.id, other, NOON - 500 * DAY)
    db.execute("UPDATE articles SET due_at = NULL")
    prune(db)
    assert left(db) == {work.id, other}


def test_what_became_pending_meanwhile_does_not_go(db: sqlite3.Connection) -> None:
    article = put(db, start(db), 1, Item(seen=500, shown=500))
    found = past(db, KEEP, NOON)
    db.execute("UPDATE entries SET version = version + 1")
    assert found.articles == (article,)
    assert retention.remove_articles(db, found.articles, KEEP, NOON) == 0


def test_removing_looks_through_no_whole_table(db: sqlite3.Connection) -> None:
    put(db, start(db), 1, Item(seen=500, shown=500, alerted=400))
    found = past(db, KEEP, NOON)

    def work() -> None:
        assert retention.remove_articles(db, found.articles, KEEP, NOON) == 0  # its alert is there
        assert retention.remove_alerts(db, found.alerts, KEEP, NOON) == 1
        assert retention.remove_articles(db, found.articles, KEEP, NOON) == 1

    scans = [step for step in plans(db, work).splitlines() if "SCAN" in step and "json_each" not in step]
    assert [step for step in scans if "VIRTUAL TABLE" not in step] == []


DAYS = st.integers(0, 800)
STATES = st.sampled_from(["pending", "sending", "held", "sent", "merged", "dead"])
ITEMS = st.builds(
    Item, seen=DAYS, shown=DAYS, pending=st.booleans(), decided=st.none() | DAYS, alerted=st.none() | DAYS, state=STATES
).filter(lambda item: None in (item.decided, item.alerted))  # one decision, which told somebody or nobody
SPANS = st.integers(0, 600).map(timedelta)
KEEPS = st.builds(
    lambda articles, alerted, decisions, longer: Keep(
        articles=articles, alerted=alerted, decisions=decisions, seen=articles + longer
    ),
    SPANS, SPANS, SPANS, SPANS,
)  # fmt: skip


def alert_stays(item: Item, keep: Keep) -> bool:
    if item.alerted is None:
        return False
    return item.alerted * DAY <= keep.alerted or item.state in {"pending", "sending", "held"}


def article_stays(item: Item, keep: Keep, latest: int) -> bool:
    last = min(item.shown, item.seen)
    decided = [age for age in (item.decided, item.alerted) if age is not None]
    return (
        item.pending
        or item.seen * DAY <= keep.articles
        or last * DAY <= keep.articles
        or last == latest
        or any(age * DAY <= keep.decisions for age in decided)
        or alert_stays(item, keep)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(items=st.lists(ITEMS, max_size=6), keep=KEEPS)
def test_pruning_removes_all_that_is_past_and_nothing_else(
    db: sqlite3.Connection, items: list[Item], keep: Keep
) -> None:
    db.execute("BEGIN")
    try:
        feed = start(db, latest=0)
        put_there = {put(db, feed, n, item): item for n, item in enumerate(items)}
        foretold = in_numbers(past(db, keep, NOON))
        done = prune(db, keep)
        assert done == (foretold.articles, foretold.alerts, foretold.seen)
        assert prune(db, keep) == (0, 0, 0)
        assert left(db) == {row for row, item in put_there.items() if article_stays(item, keep, 0)}
        assert value(db, "SELECT count(*) FROM alerts") == sum(alert_stays(item, keep) for item in items)
        assert value(db, "SELECT count(*) FROM entries WHERE decided_version < version") == sum(
            item.pending for item in items
        )
        assert {row[0] for row in db.execute("SELECT rowid FROM fts")} == left(db)
        marks = {row[0] for row in db.execute("SELECT entry_key FROM seen")}
        ages = {"newest": 0} | {f"k{n}": min(item.shown, item.seen) for n, item in enumerate(items)}
        assert marks == {key for key, age in ages.items() if age * DAY <= keep.seen}
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        db.execute("ROLLBACK")
