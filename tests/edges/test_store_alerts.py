"""Watchlists, stories, decisions, alerts and the backfill window: what the deciding transaction stands on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.alerts.identity import SHORTEST
from feedwatch.model import Failure, Page, Reason, Strength
from feedwatch.store import alerts, articles, feeds, views
from feedwatch.store.alerts import BACKFILL_AT_MOST, NewAlert
from feedwatch.store.articles import ArticleWork
from tests.edges.rows import (
    DAY,
    FEED,
    MINUTE,
    NOON,
    alert,
    claim,
    configure,
    decision,
    entry,
    opened,
    page_of,
    plans,
    read,
    value,
    watch,
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as db:
        yield db


def worked(db: sqlite3.Connection, *new: feeds.NewEntry, window: int | None = None) -> list[ArticleWork]:
    """Claimed articles with these entries, of a feed that was polled already."""
    (feed,) = configure(db, FEED)
    db.execute("UPDATE feeds SET first_polled_at = 0")
    feeds.add_entries(db, feed, new, window, NOON)
    return claim(db)


# Watchlists ---------------------------------------------------------------------------------------------


def test_a_watchlist_is_the_same_after_a_restart(db: sqlite3.Connection) -> None:
    first = watch(db)
    assert (first.root, first.since) == ("ve", NOON)
    assert watch(db, at=NOON + DAY) == first


def test_another_wording_is_another_version_of_the_same_watchlist(db: sqlite3.Connection) -> None:
    old = watch(db)
    new = alerts.sync_watchlist(db, "ve", None, '"Caracas"', ["tag:world"], NOON + DAY)
    narrowed = alerts.sync_watchlist(db, "ve", None, '"Caracas"', [], NOON + DAY)
    assert (new.root, new.since) == (narrowed.root, narrowed.since) == (old.root, old.since)
    assert len({old.version, new.version, narrowed.version}) == 3
    assert watch(db).version not in (old.version, new.version, narrowed.version), "what decides now is on record"


def test_was_hands_the_history_over_once_and_for_all(db: sqlite3.Connection) -> None:
    old = watch(db, "ve")
    for _ in range(2):
        assert watch(db, "venezuela", at=NOON + DAY, was="ve") == old
    assert watch(db, "vz", was="venezuela") == old
    assert watch(db, "ve", was="vz") == old, "and back again"


def test_an_unknown_former_id_is_a_new_watchlist(db: sqlite3.Connection) -> None:
    assert watch(db, "ve", was="never").root == "ve"


def test_a_new_watchlist_with_a_renamed_ones_id_is_another_one(db: sqlite3.Connection) -> None:
    renamed = watch(db, "venezuela", was=watch(db, "ve").root)
    fresh = watch(db, "ve", at=NOON + DAY)
    assert (renamed.root, fresh.root, fresh.since) == ("ve", "ve~2", NOON + DAY)
    watch(db, "ve2", was="ve")
    assert watch(db, "ve").root == "ve~3", "however often"
    assert watch(db, "venezuela", was="ve").root == "ve", "a stale was takes nothing away"


def test_what_was_seen_while_a_watchlist_was_removed_alerts_nobody(db: sqlite3.Connection) -> None:
    old = watch(db)
    alerts.remove_other_watchlists(db, [], NOON)
    back = watch(db, at=NOON + DAY)
    assert (back.root, back.since) == (old.root, NOON + DAY)
    assert watch(db, at=NOON + 2 * DAY) == back


def test_a_removed_watchlist_may_come_back_under_another_id(db: sqlite3.Connection) -> None:
    old = watch(db, "ve")
    alerts.remove_other_watchlists(db, [], NOON)
    back = watch(db, "venezuela", was="ve", at=NOON + DAY)
    assert (back.root, back.since) == (old.root, NOON + DAY)
    assert value(db, "SELECT count(*) FROM watchlists WHERE removed_at IS NOT NULL") == 0


def test_only_the_others_are_removed(db: sqlite3.Connection) -> None:
    watch(db, "ve")
    watch(db, "cu")
    alerts.remove_other_watchlists(db, ["ve"], NOON)
    assert [row["id"] for row in db.execute("SELECT id FROM watchlists WHERE removed_at IS NOT NULL")] == ["cu"]


def test_after_a_clock_that_went_back_nothing_that_comes_was_seen_before_the_watchlist(db: sqlite3.Connection) -> None:
    watch(db, at=NOON + DAY)
    assert watch(db, at=NOON).since == NOON


def test_what_a_watchlist_was_told_outlives_its_removal_and_its_name(db: sqlite3.Connection) -> None:
    (work,) = worked(db, page_of(1))
    old = watch(db, "ve")
    story, _ = alerts.story_of(db, work.id, work.key, NOON)
    alerts.remember_told(db, story, old.root, Strength.TOPIC)
    alerts.remove_other_watchlists(db, [], NOON)
    again = watch(db, "venezuela", was="ve")
    assert alerts.told(db, story).get(again.root) is Strength.TOPIC


# Stories and decisions ----------------------------------------------------------------------------------


def test_an_article_founds_one_story_under_its_own_key(db: sqlite3.Connection) -> None:
    one, two = worked(db, page_of(1), page_of(2))
    story = alerts.story_of(db, one.id, one.key, NOON)
    assert alerts.story_of(db, one.id, one.key, NOON + DAY) == story
    assert story[1] == one.key
    assert alerts.story_of(db, two.id, two.key, NOON)[0] != story[0]
    assert value(db, "SELECT last_at - first_at FROM stories WHERE id = ?", story[0]) == DAY.total_seconds() * 1_000_000


def test_two_watchlists_are_told_of_a_story_apart(db: sqlite3.Connection) -> None:
    (work,) = worked(db, page_of(1))
    story, _ = alerts.story_of(db, work.id, work.key, NOON)
    alerts.remember_told(db, story, watch(db, "ve").root, Strength.MENTION)
    alerts.remember_told(db, story, watch(db, "cu").root, Strength.TOPIC)
    alerts.remember_told(db, story, "ve", Strength.HEADLINE)
    assert alerts.told(db, story) == {"ve": Strength.HEADLINE, "cu": Strength.TOPIC}


def outcomes(db: sqlite3.Connection) -> list[tuple[str, str | None]]:
    return [(row["outcome"], row["alert"]) for row in db.execute("SELECT outcome, alert FROM decisions ORDER BY id")]


def test_a_decision_is_made_once_for_an_entry_version_a_revision_and_a_wording(db: sqlite3.Connection) -> None:
    (work,) = worked(db, page_of(1))
    version = watch(db).version
    revision = read(db, work)
    first = alerts.add_decision(db, decision(work, version, "below"), NOON)
    assert alerts.add_decision(db, decision(work, version, "below"), NOON) == first
    assert alerts.add_decision(db, decision(work, version, "below", revision=revision), NOON) != first
    assert outcomes(db) == [("below", None), ("below", None)]


def test_what_has_alerted_stays_on_record_as_the_reason_of_its_alert(db: sqlite3.Connection) -> None:
    (work,) = worked(db, page_of(1))
    version = watch(db).version
    alerts.add_decision(db, decision(work, version, "alerted", alert=alert(db, "abcdef0")), NOON)
    alerts.add_decision(db, decision(work, version, "told"), NOON)
    assert outcomes(db) == [("alerted", "abcdef0")]


def test_a_decision_that_alerts_after_all_says_so(db: sqlite3.Connection) -> None:
    """A channel's floor was lowered between two tries of a page."""
    (work,) = worked(db, page_of(1))
    version = watch(db).version
    below = alerts.add_decision(db, decision(work, version, "below"), NOON)
    again = decision(work, version, "alerted", alert=alert(db, "abcdef0"), snippet="new")
    assert alerts.add_decision(db, again, NOON) == below
    assert outcomes(db) == [("alerted", "abcdef0")]


def test_deciding_and_alerting_walk_through_no_table(db: sqlite3.Connection) -> None:
    (work,) = worked(db, page_of(1))
    row = watch(db)

    def decide() -> None:
        story, _ = alerts.story_of(db, work.id, work.key, NOON)
        alerts.remember_told(db, story, row.root, Strength.TOPIC)
        alerts.told(db, story)
        name = alert(db, "abcdef0")
        made = alerts.add_decision(db, decision(work, row.version, "alerted", alert=name), NOON)
        alerts.add_article(db, name, work.id, row.root, made)
        views.alert_view(db, name)

    assert "SCAN" not in plans(db, decide)


# Alerts -------------------------------------------------------------------------------------------------


def test_the_same_alert_id_twice_is_one_alert(db: sqlite3.Connection) -> None:
    new = NewAlert(id="abcdef0123", kind="digest", cause="c")
    assert alerts.add_alert(db, new, NOON) is True
    assert alerts.add_alert(db, new, NOON + DAY) is False
    assert value(db, "SELECT count(*) FROM alerts") == 1


def test_printed_ids_grow_until_they_are_unique(db: sqlite3.Connection) -> None:
    ids = ["abcdef0000", "abcdef0100", "abcdef0101", "abcdef0110", "abcde00000"]
    for name in ids:
        alert(db, name)
    shorts = {row["id"]: row["short"] for row in db.execute("SELECT id, short FROM alerts")}
    assert shorts["abcdef0000"] == "abcdef"
    assert shorts["abcdef0100"] == "abcdef0"
    assert len(set(shorts.values())) == len(ids)
    assert all(name.startswith(short) for name, short in shorts.items())
    assert all(len(short) >= SHORTEST for short in shorts.values())


@pytest.mark.parametrize("printed", ["abcdef0", "#abcdef0", "ABCDEF0", "abcdef0100"])
def test_an_alert_is_found_by_what_is_printed(db: sqlite3.Connection, printed: str) -> None:
    for name in ("abcdef0000", "abcdef0100", "abcdef0111"):
        alert(db, name)
    assert views.find_alert(db, printed) == ["abcdef0100"], "though a longer one begins the same way"


def test_a_start_that_fits_several_names_them_all_and_nothing_fits_none(db: sqlite3.Connection) -> None:
    for name in ("abcdef0000", "abcdef0100"):
        alert(db, name)
    assert sorted(views.find_alert(db, "abcde")) == ["abcdef0000", "abcdef0100"]
    assert views.find_alert(db, "#") == views.find_alert(db, "%") == views.find_alert(db, "") == []


def test_an_alert_tells_what_is_known_when_it_is_sent(db: sqlite3.Connection) -> None:
    (work,) = worked(db, entry("1", "https://p.example/s", title="Old"))
    db.execute("UPDATE feeds SET title = 'Courier', language = 'es'")
    row = watch(db)
    revision = articles.add_revision(db, work.id, "page", Page(title="P", body="B", language="en"), None, NOON)
    name = alert(db, "abcdef0")
    made = alerts.add_decision(db, decision(work, row.version, "alerted", alert=name, revision=revision), NOON)
    alerts.add_article(db, name, work.id, row.root, made)
    db.execute("UPDATE entries SET title = 'New', published_at = first_seen_at + 1")
    (item,) = views.alert_view(db, name).items
    assert (item.title, item.outlet, item.language, item.body_seen) == ("New", "Courier", "en", True)
    assert item.published == NOON, "a time in the future is none"
    db.execute("UPDATE entries SET title = ''")
    db.execute("UPDATE feeds SET name = 'Our Courier'")
    (item,) = views.alert_view(db, name).items
    assert (item.title, item.outlet) == ("P", "Our Courier")


def test_an_alert_on_the_feeds_text_says_that_no_page_was_seen(db: sqlite3.Connection) -> None:
    (work,) = worked(db, entry("1", "https://p.example/s"))
    row, name = watch(db), alert(db, "abcdef0")
    made = alerts.add_decision(db, decision(work, row.version, "alerted", alert=name), NOON)
    alerts.add_article(db, name, work.id, row.root, made)
    (item,) = views.alert_view(db, name).items
    assert (item.body_seen, item.outlet) == (False, "courier.example")


# The backfill window ------------------------------------------------------------------------------------


def due(db: sqlite3.Connection, minutes: int = 0, *, at_once: bool = False) -> bool:
    return alerts.due_backfill(db, NOON + minutes * MINUTE, at_once=at_once) is not None


def backfilled(db: sqlite3.Connection, *keys: str) -> tuple[int, list[ArticleWork]]:
    window = alerts.open_backfill(db, NOON, len(keys))
    works = worked(db, *(entry(key, f"https://{key}.example/", how="backfill") for key in keys), window=window)
    return window, works


def test_first_polls_join_the_open_window_and_its_entries_are_counted(db: sqlite3.Connection) -> None:
    window = alerts.open_backfill(db, NOON, 3)
    assert alerts.open_backfill(db, NOON + MINUTE, 4) == window
    assert value(db, "SELECT total FROM windows") == 7
    assert alerts.window_open(db, window) is True
    alerts.close_window(db, window, NOON + 2 * MINUTE)
    assert alerts.window_open(db, window) is False
    assert alerts.window_open(db, None) is False
    assert alerts.open_backfill(db, NOON + 3 * MINUTE, 1) != window


def test_a_window_waits_for_its_entries_and_closes_with_the_last_one(db: sqlite3.Connection) -> None:
    _, (one, two) = backfilled(db, "a", "b")
    assert due(db) is False
    read(db, one)
    assert due(db) is False
    articles.settle_article(db, two, NOON, page_state="given_up", failure=Failure(reason=Reason.TIMEOUT, detail="slow"))
    assert due(db) is True


def test_an_entry_that_changed_after_its_decision_holds_no_window_up(db: sqlite3.Connection) -> None:
    _, (work,) = backfilled(db, "a")
    read(db, work)
    assert feeds.change_entry(db, 1, "a", entry("a").entry, NOON)
    assert due(db) is True


def test_a_window_waits_for_first_polls_to_come_but_not_for_feeds_that_fail(db: sqlite3.Connection) -> None:
    _, (work,) = backfilled(db, "a")
    read(db, work)
    other = configure(db, FEED, "https://other.example/feed")[1]
    assert due(db) is False
    feeds.record_failure(db, other, Failure(reason=Reason.TIMEOUT, detail="slow"), NOON, NOON)
    assert due(db) is True


def test_a_window_does_not_wait_for_feeds_that_were_removed(db: sqlite3.Connection) -> None:
    _, (work,) = backfilled(db, "a")
    read(db, work)
    configure(db, FEED, "https://other.example/feed")
    configure(db, FEED)
    assert due(db) is True


def test_a_window_closes_when_its_time_is_up_or_when_it_is_told_to(db: sqlite3.Connection) -> None:
    backfilled(db, "a")
    minutes = BACKFILL_AT_MOST // MINUTE
    assert due(db, minutes - 1) is False
    assert due(db, minutes) is True
    assert due(db, at_once=True) is True


def test_a_clock_that_went_back_a_day_does_not_keep_a_window_open_for_a_day(db: sqlite3.Connection) -> None:
    backfilled(db, "a")
    assert due(db, -5) is False
    assert due(db, -24 * 60) is True


def test_without_a_window_nothing_is_due(db: sqlite3.Connection) -> None:
    assert due(db, at_once=True) is False


def test_a_window_gathers_one_match_an_article_and_watchlist_the_best_first(db: sqlite3.Connection) -> None:
    window, (one, two) = backfilled(db, "a", "b")
    ve, cu = watch(db, "ve"), watch(db, "cu")
    revision = read(db, one)
    for made in (
        decision(one, ve.version, "gathered", score=1.0),
        decision(one, ve.version, "gathered", score=2.0, revision=revision),
        decision(one, cu.version, "gathered", score=3.0),
        decision(two, ve.version, "below", score=9.0),
    ):
        alerts.add_decision(db, made, NOON)
    assert [(row["root"], row["article_id"], row["score"]) for row in alerts.gathered(db, window)] == [
        ("cu", one.id, 3.0),
        ("ve", one.id, 2.0),
    ]


def test_of_how_many_is_said_the_same_in_a_retry(db: sqlite3.Connection) -> None:
    window = alerts.open_backfill(db, NOON, 212)
    alerts.close_window(db, window, NOON)
    alerts.add_alert(db, NewAlert(id="abcdef0", kind="digest", cause="c", window=window), NOON)
    alerts.open_backfill(db, NOON + MINUTE, 5)
    assert views.alert_view(db, "abcdef0").total == 212


# Lists for people ---------------------------------------------------------------------------------------


def test_the_list_of_alerts_has_the_newest_first_and_can_show_trouble_only(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO targets(id, channel, name) VALUES (1, 'desk', 'topic')")
    for n, (state, attempts) in enumerate([("sent", 1), ("dead", 9), ("pending", 2), ("pending", 0)]):
        alerts.add_delivery(db, alert(db, f"abcde{n}x", at=NOON + n * MINUTE), 1, "digest", NOON)
        db.execute("UPDATE deliveries SET state = ?, attempts = ? WHERE alert = ?", (state, attempts, f"abcde{n}x"))
    assert [row["id"][5] for row in views.list_alerts(db, limit=3)] == ["3", "2", "1"]
    troubled = views.list_alerts(db, limit=9, failed=True)
    assert [row["deliveries"] for row in troubled] == ["desk/topic pending", "desk/topic dead"]


def test_the_baseline_list_has_only_what_was_too_old(db: sqlite3.Connection) -> None:
    (work,) = worked(db, entry("1", "https://p.example/s", how="baseline", title="Old news"))
    version = watch(db).version
    alerts.add_decision(db, decision(work, version, "baseline"), NOON)
    alerts.add_decision(db, decision(work, watch(db, "cu").version, "told"), NOON)
    (row,) = views.list_baseline(db, limit=9)
    assert (row["title"], row["root"]) == ("Old news", "ve")


def test_an_alert_can_say_why_it_was_made_and_where_it_went(db: sqlite3.Connection) -> None:
    (work,) = worked(db, entry("1", "https://p.example/s"))
    row, name = watch(db), alert(db, "abcdef0")
    db.execute("INSERT INTO targets(id, channel, name) VALUES (1, 'desk', 'topic')")
    made = alerts.add_decision(
        db, decision(work, row.version, "alerted", alert=name, reasons={"judged": "страница"}), NOON
    )
    alerts.add_article(db, name, work.id, row.root, made)
    alerts.add_article(db, name, work.id, row.root, made)
    alerts.add_delivery(db, name, 1, "first", NOON)
    (why,) = views.alert_decisions(db, name)
    assert "страница" in why["reasons"]
    (where,) = views.alert_deliveries(db, name)
    assert (where["channel"], where["worded"], where["state"]) == ("desk", "first", "pending")
