"""The facts of health, and episodes, in a real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from feedwatch.alerts.health import Episode
from feedwatch.feeds.schedule import Plan
from feedwatch.model import Failure, Reason, Strength
from feedwatch.store import alerts, database, deliveries, feeds, health, views
from feedwatch.store.times import micros
from tests.edges.rows import DAY, FEED, MINUTE, NOON, configure, entry, opened, plans, value

HOUR = timedelta(hours=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as made:
        yield made


def look(db: sqlite3.Connection, silent_after: timedelta = DAY) -> health.Facts:
    return health.facts(db, silent_after, 90 * DAY, NOON)


def polled(db: sqlite3.Connection, feed: int, at: object = NOON) -> None:
    plan = Plan(at=NOON + HOUR, because="a test", late=HOUR)
    feeds.record_poll(db, feed, feeds.Polled(outcome="new", detail=""), plan, at)  # type: ignore[arg-type]


def test_a_feeds_rhythm_is_that_of_two_weeks_without_what_its_first_poll_showed(db: sqlite3.Connection) -> None:
    [feed] = configure(db, FEED)
    polled(db, feed, NOON - 10 * DAY)
    feeds.add_entries(db, feed, [entry(f"old{n}") for n in range(30)], None, NOON - 10 * DAY)
    for n, hours in enumerate((200, 100, 90, 50)):
        feeds.add_entries(db, feed, [entry(f"k{n}")], None, NOON - hours * HOUR)
    polled(db, feed)
    [quiet] = look(db).quiet
    assert (quiet.entries, quiet.pause) == (4, 100 * HOUR)
    assert (quiet.newest, quiet.good, quiet.known_since) == (NOON - 50 * HOUR, NOON, NOON - 10 * DAY)
    assert look(db, 3 * DAY).quiet == ()


def test_entries_of_more_than_two_weeks_ago_are_not_looked_at(db: sqlite3.Connection) -> None:
    [feed] = configure(db, FEED)
    polled(db, feed, NOON - 60 * DAY)
    for n in range(30):
        feeds.add_entries(db, feed, [entry(f"k{n}")], None, NOON - (n + 2) * DAY)
    polled(db, feed)
    assert look(db).quiet[0].entries == 15


def test_a_look_reads_no_entry_and_no_message_in_vain(db: sqlite3.Connection) -> None:
    [feed] = configure(db, FEED)
    polled(db, feed, NOON - 60 * DAY)
    feeds.add_entries(db, feed, [entry("k")], None, NOON - 2 * DAY)
    polled(db, feed)
    deliveries.sync_targets(db, [("desk", "x")], NOON)
    steps = plans(db, lambda: look(db))
    assert "entries_arrivals" in steps
    assert "deliveries_died" in steps
    assert [step for step in steps.splitlines() if step.startswith(("SCAN entries", "SCAN deliveries"))] == []


def matched(db: sqlite3.Connection, root: str, *hours: int, outcome: str = "alerted") -> None:
    """The watchlist matched so many hours before NOON, each time an article of its own."""
    watch = alerts.sync_watchlist(db, root, None, "word", (), NOON - 60 * DAY)
    [feed] = configure(db, FEED)
    for ago in hours:
        at = NOON - ago * HOUR
        feeds.add_entries(db, feed, [entry(f"{root}{ago}", f"https://a.example/{root}{ago}")], None, at)
        made = value(db, "SELECT max(id) FROM entries")
        db.execute("UPDATE entries SET decided_version = version WHERE id = ?", (made,))
        alerts.add_decision(
            db,
            alerts.NewDecision(
                entry=made, entry_version=1, revision=None, version=watch.version, outcome=outcome,
                strength=Strength.TOPIC, score=1.0, snippet="", reasons={}, alert=None,
            ),
            at,
        )  # fmt: skip


def test_a_watchlists_pauses_are_counted_in_hours_and_in_articles(db: sqlite3.Connection) -> None:
    matched(db, "ve", 30 * 24, 200, 100, 90, 50)
    matched(db, "other", 150, 149, 148, 49, 48, 47, 1)
    matched(db, "old", 40, outcome="baseline")
    [quiet] = look(db).watches
    assert (quiet.name, quiet.newest, quiet.matches) == ("ve", NOON - 50 * HOUR, 5)
    assert quiet.pause == 520 * HOUR
    assert (quiet.passed, quiet.passed_now) == (4, 5)
    feeds.add_entries(db, 1, [entry("waits", "https://a.example/waits")], None, NOON)
    assert look(db).watches[0].passed_now == 5, "what is not decided may yet match"


def test_a_watchlists_rhythm_begins_with_it_and_within_what_is_kept(db: sqlite3.Connection) -> None:
    matched(db, "ve", 59 * 24, 700, 600, 50)
    [quiet] = look(db).watches
    assert (quiet.matches, quiet.known_since) == (3, NOON - 50 * HOUR - 28 * DAY)
    [quiet] = health.facts(db, DAY, 26 * DAY, NOON).watches
    assert (quiet.matches, quiet.known_since) == (2, NOON - 26 * DAY)
    db.execute("UPDATE watchlists SET since = ?", (micros(NOON - 60 * HOUR),))
    [quiet] = look(db).watches
    assert (quiet.matches, quiet.known_since) == (1, NOON - 60 * HOUR)
    db.execute("UPDATE watchlists SET removed_at = 1")
    assert look(db).watches == ()


def test_a_look_at_watchlists_reads_no_decision_and_no_article_in_vain(db: sqlite3.Connection) -> None:
    matched(db, "ve", 200, 100)
    steps = plans(db, lambda: look(db))
    assert "decisions_matches" in steps
    assert [step for step in steps.splitlines() if step.startswith(("SCAN decisions", "SCAN articles"))] == []
    assert "COVERING INDEX articles_seen" in steps


def test_a_feed_that_is_gone_is_failing_for_good(db: sqlite3.Connection) -> None:
    [feed] = configure(db, FEED)
    feeds.record_failure(db, feed, Failure(reason=Reason.GONE, detail="410"), None, NOON)
    [found] = look(db).failing
    assert (found.name, found.failures, found.stopped, found.outcome) == (FEED, 1, True, "gone")
    configure(db)
    assert look(db).failing == ()


def queued(db: sqlite3.Connection, *names: str) -> list[int]:
    target = deliveries.sync_targets(db, [("desk", "x")], NOON)["desk", "x"]
    for name in names:
        alerts.add_alert(db, alerts.NewAlert(id=name, kind="digest", cause=name), NOON)
        alerts.add_delivery(db, name, target, "digest", NOON)
    return [row["id"] for row in db.execute("SELECT id FROM deliveries ORDER BY id")]


def test_a_queue_is_as_old_as_its_oldest_message_once_one_has_failed(db: sqlite3.Connection) -> None:
    first, _ = queued(db, "a" * 32, "b" * 32)
    assert look(db).queues[0].oldest is None
    deliveries.record_failed(db, first, "connection refused", NOON + HOUR, refused=False)
    [queue] = look(db).queues
    assert (queue.waiting, queue.oldest, queue.why, queue.dead) == (2, NOON, "connection refused", 0)


def test_a_message_that_was_given_up_is_known_with_its_time_until_it_goes_again(db: sqlite3.Connection) -> None:
    first, second = queued(db, "a" * 32, "b" * 32)
    deliveries.record_dead(db, first, "400", NOON + HOUR)
    deliveries.record_dead(db, second, "413", NOON + 2 * HOUR)
    [queue] = look(db).queues
    assert (queue.waiting, queue.dead, queue.died, queue.last_words) == (0, 2, NOON + 2 * HOUR, "413")
    db.execute("UPDATE deliveries SET state = 'pending' WHERE id = ?", (second,))
    [queue] = look(db).queues
    assert (queue.dead, queue.died, queue.last_words) == (1, NOON + HOUR, "400")


EPISODE = Episode(
    kind="failing", subject=FEED, began=NOON, since=NOON - HOUR, name="Courier", text="failed", cure="wait"
)


def test_an_episode_comes_back_as_it_was_kept_and_changes_in_place(db: sqlite3.Connection) -> None:
    health.save(db, [EPISODE])
    assert health.unsettled(db) == (EPISODE,)
    told = replace(EPISODE, told=NOON, channels=("desk",))
    health.save(db, [told])
    assert health.unsettled(db) == (told,)
    health.save(db, [replace(told, ended=NOON, settled=NOON)])
    assert health.unsettled(db) == ()
    assert value(db, "SELECT count(*) FROM episodes") == 1


def test_an_alert_tells_troubles_first_and_then_recoveries(db: sqlite3.Connection) -> None:
    over = replace(EPISODE, subject="b", name="Bee", told=NOON, ended=NOON + HOUR)
    health.save(db, [over, EPISODE])
    alerts.add_alert(db, alerts.NewAlert(id="a" * 32, kind="health", cause="x"), NOON)
    health.tell(db, "a" * 32, [EPISODE], [over])
    view = views.alert_view(db, "a" * 32)
    assert [(item.name, item.since, item.until) for item in view.health] == [
        ("Courier", NOON - HOUR, None),
        ("Bee", NOON - HOUR, NOON + HOUR),
    ]


def test_an_alert_may_be_removed_before_its_episodes(db: sqlite3.Connection) -> None:
    health.save(db, [EPISODE])
    alerts.add_alert(db, alerts.NewAlert(id="a" * 32, kind="health", cause="x"), NOON)
    health.tell(db, "a" * 32, [EPISODE], [])
    db.execute("DELETE FROM alerts")
    assert health.unsettled(db) == (EPISODE,)


def test_old_episodes_are_forgotten_and_those_that_go_on_are_not(db: sqlite3.Connection) -> None:
    over = replace(EPISODE, subject="b", ended=NOON, settled=NOON)
    health.save(db, [EPISODE, over])
    health.forget(db, NOON + 400 * DAY)
    assert value(db, "SELECT count(*) FROM episodes") == 2
    health.forget(db, NOON + 401 * DAY)
    assert [row["subject"] for row in db.execute("SELECT subject FROM episodes")] == [FEED]


def test_readiness_looks_at_configured_feeds_and_targets_only(db: sqlite3.Connection) -> None:
    first, _ = configure(db, FEED, "https://other.example/feed")
    polled(db, first)
    queued(db, "a" * 32)
    state = health.readiness(db)
    assert (state.feeds, state.untried, state.last_good, state.oldest_waiting) == (2, 1, NOON, NOON)
    configure(db, FEED, at=NOON)
    deliveries.sync_targets(db, [], NOON)
    state = health.readiness(db)
    assert (state.feeds, state.untried, state.oldest_waiting) == (1, 0, None)


def test_a_feed_is_late_when_its_poll_is_overdue_by_ten_minutes(db: sqlite3.Connection) -> None:
    [feed] = configure(db, FEED)
    polled(db, feed)  # due an hour after noon
    assert health.tally(db, NOON, NOON + HOUR + 10 * MINUTE).late == 0
    assert health.tally(db, NOON, NOON + HOUR + 11 * MINUTE).late == 1


def test_a_database_of_the_first_form_keeps_its_rows_and_learns_of_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, first = tmp_path / "feedwatch.db", Migrations("feedwatch")
    first(name="0001_initial")(database.migrations._migrations[0].fn)
    with database.locked(path):
        with monkeypatch.context() as old:
            old.setattr(database, "migrations", first)
            database.prepare(path)
        with closing(database.connect(path)) as db:
            db.execute("INSERT INTO targets(channel, name) VALUES ('desk', 'x')")
            db.execute("INSERT INTO alerts VALUES ('a', 'a', 'digest', NULL, NULL, NULL, 'c', NULL, 0)")
            db.execute(
                "INSERT INTO deliveries(alert, target_id, state, worded, created_at, next_try_at, error)"
                " VALUES ('a', 1, 'dead', 'digest', ?, 0, '400')",
                (micros(NOON),),
            )
            assert "episodes" not in Database(db).table_names()
        database.prepare(path)
        with closing(database.connect(path)) as db:
            assert value(db, "SELECT count(*) FROM deliveries WHERE state = 'dead' AND died_at IS NULL") == 1
            assert look(db).queues == ()
            assert health.unsettled(db) == ()
