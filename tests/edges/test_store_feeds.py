"""Feeds in the store: whose turn it is, what a poll leaves behind, and what a removal does not forget."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from feedwatch.feeds.novelty import SeenRow
from feedwatch.feeds.schedule import RETRY_AFTER_CAP, Plan
from feedwatch.model import Asked, Failure, FeedSpec, FeedState, Move, ParsedEntry, Reason, Rhythm, Validators
from feedwatch.store import feeds
from feedwatch.store.feeds import ALONE, Polled
from tests.edges.rows import DAY, MINUTE, NOON, claim, configure, entry, opened, plans, value

A, B, C = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as db:
        yield db


def due(
    db: sqlite3.Connection,
    at: datetime = NOON,
    *,
    room: int = 99,
    busy: frozenset[str] = frozenset(),
    idle: bool = True,
    alone_first: bool = False,
    until: datetime | None = None,
) -> list[FeedState]:
    return feeds.claim_due_feeds(db, at, room=room, busy_hosts=busy, idle=idle, alone_first=alone_first, until=until)


def urls(states: list[FeedState]) -> list[str]:
    return [state.url for state in states]


def polled(db: sqlite3.Connection, feed: int, again: datetime, at: datetime = NOON, **more: str) -> None:
    finding = Polled(outcome="new", detail="", validators=Validators(**more), body_sha=b"sha", title="A")
    feeds.record_poll(db, feed, finding, Plan(at=again, because="a test", late=again - at), at)


# Claims -------------------------------------------------------------------------------------------------


def test_new_feeds_are_due_at_once_and_claimed_once(db: sqlite3.Connection) -> None:
    configure(db, A, B)
    assert sorted(urls(due(db))) == [A, B]
    assert due(db, NOON + DAY) == []


def test_a_claim_takes_no_more_than_there_is_room_for(db: sqlite3.Connection) -> None:
    configure(db, A, B, C)
    assert len(due(db, room=2)) == 2
    assert len(due(db, room=2)) == 1


def test_one_feed_a_host_is_claimed_and_the_next_when_the_host_is_free(db: sqlite3.Connection) -> None:
    first, second = configure(db, "https://a.example/1", "https://a.example/2")
    assert [state.id for state in due(db)] == [first]
    assert due(db, busy=frozenset({"a.example"})) == []
    assert [state.id for state in due(db)] == [second]


def test_a_busy_host_holds_up_no_other(db: sqlite3.Connection) -> None:
    configure(db, *(f"https://a.example/{n}" for n in range(5)), B)
    assert urls(due(db, room=1, busy=frozenset({"a.example"}))) == [B]


def test_the_longest_due_come_first(db: sqlite3.Connection) -> None:
    configure(db, A, at=NOON)
    configure(db, A, B, at=NOON - DAY)
    configure(db, A, B, C, at=NOON - MINUTE)
    assert [urls(due(db, room=1)) for _ in range(3)] == [[B], [C], [A]]


def test_what_is_not_due_waits_but_for_the_early_bird(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    due(db)
    polled(db, feed, NOON + 3 * MINUTE)
    assert due(db, NOON + 2 * MINUTE) == []
    assert urls(due(db, NOON + 2 * MINUTE, until=NOON + 3 * MINUTE)) == [A]


def test_a_claim_tells_how_often_the_process_died_over_the_feed(db: sqlite3.Connection) -> None:
    configure(db, A)
    told = []
    for _ in range(3):
        told += [state.interrupted for state in due(db)]
        feeds.release_orphans(db)
    assert told == [1, 2, 3]


def test_a_feed_that_was_interrupted_too_often_comes_alone_and_only_when_idle(db: sqlite3.Connection) -> None:
    configure(db, A)
    for _ in range(ALONE):
        assert urls(due(db)) == [A]
        feeds.release_orphans(db)
    configure(db, A, B, at=NOON + MINUTE)
    later = NOON + DAY
    assert due(db, later, idle=False, alone_first=True) == [], "room is made"
    assert urls(due(db, later)) == [B], "not beside others"
    assert due(db, later, idle=False) == []
    assert urls(due(db, later, alone_first=True)) == [A]


def test_a_good_or_a_bad_poll_ends_the_count_of_interruptions(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    failure = Failure(reason=Reason.TIMEOUT, detail="slow")
    for _ in range(3 * ALONE):
        assert urls(due(db, idle=False)) == [A]
        feeds.release_orphans(db)
        due(db, idle=False)
        feeds.record_failure(db, feed, failure, NOON, NOON)
    assert value(db, "SELECT failures FROM feeds") == 3 * ALONE


def test_giving_back_is_no_interruption(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    for _ in range(2 * ALONE):
        assert urls(due(db, idle=False)) == [A]
        feeds.release_feed(db, feed)
    assert value(db, "SELECT interrupted FROM feeds") == 0


def test_giving_back_what_was_recorded_already_changes_nothing(db: sqlite3.Connection) -> None:
    """A cancelled caller's write may have come through."""
    (feed,) = configure(db, A)
    due(db)
    feeds.release_orphans(db)
    due(db)
    polled(db, feed, NOON + MINUTE)
    feeds.release_feed(db, feed)
    assert (value(db, "SELECT interrupted FROM feeds"), due(db)) == (0, [])


def test_a_claim_walks_the_index_and_sorts_only_what_it_looks_at(db: sqlite3.Connection) -> None:
    shown = plans(db, lambda: due(db))
    assert "SEARCH feeds USING INDEX feeds_due (next_check_at<?)" in shown
    assert "SCAN feeds" not in shown


def test_looking_for_what_was_seen_is_one_search_in_the_key(db: sqlite3.Connection) -> None:
    shown = plans(db, lambda: feeds.seen_rows(db, 1, [("id", b"k"), ("address", b"k")]))
    assert "SEARCH seen USING PRIMARY KEY (feed_id=? AND kind=? AND key=?)" in shown
    assert "SCAN seen" not in shown
    assert "SCAN entries" not in shown


def test_however_many_marks_are_asked_for_those_that_were_shown_are_found(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    marks = [("id", n.to_bytes(2, "big")) for n in range(2 * feeds.MARKS + 1)]
    shown = marks[::100]
    rows = [SeenRow(kind=kind, key=key, entry_key=key.hex(), fingerprint=b"f") for kind, key in shown]
    feeds.remember_seen(db, feed, rows, NOON)
    assert set(feeds.seen_rows(db, feed, marks)) == set(shown)
    assert feeds.seen_rows(db, feed, ()) == {}


def test_a_new_or_changed_entry_is_stored_without_a_walk_through_the_tables(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    new = entry("1", "https://p.example/s")

    def work() -> None:
        feeds.add_entries(db, feed, [new], None, NOON)
        feeds.change_entry(db, feed, "1", new.entry, NOON)

    assert "SCAN" not in plans(db, work).replace("SCAN CONSTANT ROW", "")


# What a poll leaves -------------------------------------------------------------------------------------


def test_a_good_poll_leaves_validators_and_the_first_time_for_good(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    due(db)
    polled(db, feed, NOON, etag='"1"', last_modified="yesterday")
    (again,) = due(db)
    assert (again.validators, again.body_sha) == (Validators(etag='"1"', last_modified="yesterday"), b"sha")
    assert again.first_polled_at == NOON
    polled(db, feed, NOON, NOON + DAY, etag='"2"')
    (last,) = due(db)
    assert (last.validators, last.first_polled_at) == (Validators(etag='"2"'), NOON)


def test_a_failure_leaves_validators_alone_and_a_good_poll_forgets_failures(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    polled(db, feed, NOON, etag='"1"')
    due(db)
    feeds.record_failure(db, feed, Failure(reason=Reason.SERVER_ERROR, detail="500"), NOON, NOON)
    (state,) = due(db)
    assert (state.failures, state.validators.etag) == (1, '"1"')
    polled(db, feed, NOON)
    assert due(db)[0].failures == 0


def test_what_was_seen_outlives_the_entries(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    mark = SeenRow(kind="id", key=b"k", entry_key="6b", fingerprint=b"f")
    feeds.add_entries(db, feed, [entry("6b", "https://a.example/1")], None, NOON)
    feeds.remember_seen(db, feed, [mark], NOON)
    db.execute("DELETE FROM entries")
    assert feeds.seen_rows(db, feed, [mark.mark, ("id", b"other")]) == {mark.mark: mark}
    assert feeds.change_entry(db, feed, "6b", ParsedEntry(title="T"), NOON) is False, "there is nothing to change"


def test_what_one_feed_has_seen_another_has_not(db: sqlite3.Connection) -> None:
    first, second = configure(db, A, B)
    mark = SeenRow(kind="id", key=b"k", entry_key="6b", fingerprint=b"f")
    feeds.remember_seen(db, first, [mark], NOON)
    assert feeds.seen_rows(db, second, [mark.mark]) == {}


def test_a_mark_once_ambiguous_stays_so_and_its_fingerprint_follows(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    for ambiguous, fingerprint in ((False, b"1"), (True, b"2"), (False, b"3")):
        row = SeenRow(kind="address", key=b"k", entry_key="6b", fingerprint=fingerprint, ambiguous=ambiguous)
        feeds.remember_seen(db, feed, [row], NOON)
    (found,) = feeds.seen_rows(db, feed, [("address", b"k")]).values()
    assert (found.ambiguous, found.fingerprint) == (True, b"3")


# The config changes -------------------------------------------------------------------------------------


def test_a_removed_feed_is_asked_no_more_and_is_no_first_poll_when_it_is_back(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    polled(db, feed, NOON + DAY, etag='"1"')
    configure(db, B)
    assert urls(due(db, NOON + 2 * DAY)) == [B]
    assert configure(db, A, B, at=NOON + MINUTE) == [feed, feed + 1]
    (state,) = due(db, NOON + MINUTE)
    assert (state.id, state.first_polled_at, state.validators.etag) == (feed, NOON, '"1"')


def test_a_feed_that_stopped_is_asked_again_when_it_is_added_again(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    due(db)
    feeds.record_failure(db, feed, Failure(reason=Reason.GONE, detail="410"), None, NOON)
    assert configure(db, A) == [feed]
    assert due(db, NOON + DAY) == [], "a reload is no new wish"
    configure(db)
    configure(db, A, at=NOON + DAY)
    assert urls(due(db, NOON + DAY)) == [A]


def test_a_reload_moves_no_due_time(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    polled(db, feed, NOON + MINUTE)
    configure(db, A, at=NOON)
    assert due(db) == []


def test_a_claimed_feed_that_is_removed_and_added_again_is_not_claimed_twice(db: sqlite3.Connection) -> None:
    configure(db, A)
    due(db)
    configure(db)
    configure(db, A)
    assert due(db) == []


def test_another_spelling_of_the_address_starts_without_the_old_validators(db: sqlite3.Connection) -> None:
    spec = FeedSpec(address="a.example/feed", url="http://a.example/feed")
    feeds.sync_feeds(db, [(spec, "a.example")], NOON)
    (state,) = due(db)
    polled(db, state.id, NOON, etag='"1"', last_modified="x")
    feeds.sync_feeds(db, [(spec, "a.example")], NOON)
    (state,) = due(db)
    assert state.validators.etag == '"1"'
    polled(db, state.id, NOON, etag='"1"', last_modified="x")
    feeds.sync_feeds(db, [(FeedSpec(address=spec.address, url="https://a.example/feed"), "a.example")], NOON)
    (state,) = due(db)
    assert (state.url, state.validators) == ("https://a.example/feed", Validators())
    assert state.first_polled_at == NOON


# The clock and the hand ---------------------------------------------------------------------------------


def test_after_a_clock_that_went_back_no_healthy_feed_waits_longer_than_its_interval(db: sqlite3.Connection) -> None:
    well, ill = configure(db, A, B)
    polled(db, well, NOON + DAY)
    feeds.record_failure(db, ill, Failure(reason=Reason.REFUSED, detail="429"), NOON + DAY, NOON)
    feeds.bring_forward(db, {A: 15 * MINUTE, B: 15 * MINUTE}, NOON)
    assert due(db, NOON + 14 * MINUTE) == []
    assert urls(due(db, NOON + 15 * MINUTE)) == [A], "a server's refusal is not shortened"
    assert urls(due(db, NOON + DAY)) == [B]


def test_after_a_clock_that_went_back_a_wait_begins_anew_and_does_not_grow(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    polled(db, feed, NOON + DAY + 7 * MINUTE, NOON + DAY)
    feeds.bring_forward(db, {A: 15 * MINUTE}, NOON)
    assert due(db, NOON + 6 * MINUTE) == []
    assert urls(due(db, NOON + 7 * MINUTE)) == [A]


def test_what_a_poll_learnt_of_a_feed_comes_with_its_next_claim(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    learnt = Polled(
        outcome="new",
        detail="",
        rhythm=Rhythm(newest=NOON, gap=MINUTE, span=DAY),
        asked=Asked(wait=15 * MINUTE, hours=frozenset({3, 4}), days=frozenset({6})),
        move=Move(to="https://b.example/", times=2, since=NOON),
        asks="https://c.example/",
    )
    feeds.record_poll(db, feed, learnt, Plan(at=NOON, because="", late=DAY), NOON)
    (state,) = due(db)
    assert (state.rhythm, state.asked, state.move, state.asks) == (
        learnt.rhythm,
        learnt.asked,
        learnt.move,
        learnt.asks,
    )


def test_a_learnt_address_that_fails_is_forgotten(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    feeds.record_poll(db, feed, Polled(outcome="new", detail="", asks=B), Plan(at=NOON, because="", late=DAY), NOON)
    feeds.record_failure(db, feed, Failure(reason=Reason.NETWORK, detail=""), NOON, NOON)
    assert due(db)[0].asks is None


def test_no_feed_waits_longer_than_any_server_may_ask_for(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    feeds.record_failure(db, feed, Failure(reason=Reason.REFUSED, detail="429"), NOON + 365 * DAY, NOON)
    feeds.bring_forward(db, {A: 15 * MINUTE}, NOON)
    assert urls(due(db, NOON + RETRY_AFTER_CAP * 1.2)) == [A]


def test_a_stopped_feed_is_not_brought_forward(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    feeds.record_failure(db, feed, Failure(reason=Reason.GONE, detail="410"), None, NOON)
    feeds.bring_forward(db, {A: MINUTE}, NOON)
    feeds.force_due(db, NOON)
    assert due(db, NOON + DAY) == []


def test_force_asks_all_but_those_whose_server_forbade_it(db: sqlite3.Connection) -> None:
    one, two, three = configure(db, A, B, C)
    polled(db, one, NOON + DAY)
    feeds.record_failure(db, two, Failure(reason=Reason.REFUSED, detail="403"), NOON + DAY, NOON)
    feeds.record_failure(db, three, Failure(reason=Reason.TIMEOUT, detail="slow"), NOON + DAY, NOON)
    feeds.force_due(db, NOON)
    assert urls(due(db)) == [A, C]


# Entries and their articles -----------------------------------------------------------------------------


def test_one_address_in_two_feeds_is_one_article_with_two_entries(db: sqlite3.Connection) -> None:
    one, two = configure(db, A, B)
    feeds.add_entries(db, one, [entry("1", "https://p.example/s?utm_source=a")], None, NOON)
    feeds.add_entries(db, two, [entry("2", "https://p.example/s?utm_source=b")], None, NOON)
    (work,) = claim(db)
    assert [pending.feed for pending in work.entries] == [A, B]


def test_entries_that_share_a_link_which_is_no_identity_are_articles_of_their_own(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    live = "https://p.example/live"
    feeds.add_entries(db, feed, [entry("1", live, shared=True), entry("2", live, shared=True)], None, NOON)
    assert [work.url for work in claim(db)] == [live, live]
    assert value(db, "SELECT count(*) FROM addresses") == 0


def test_an_entry_without_a_link_is_an_article_of_the_feeds_own_text(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    feeds.add_entries(db, feed, [entry("1"), entry("2")], None, NOON)
    works = claim(db, per_host=1)
    assert [(work.url, work.fetch, work.host) for work in works] == [(None, False, "")] * 2, "no host, no limit"


def test_a_baseline_entrys_page_is_not_wanted_until_a_new_entry_wants_it(db: sqlite3.Connection) -> None:
    one, two = configure(db, A, B)
    feeds.add_entries(db, one, [entry("1", "https://p.example/s", how="baseline")], None, NOON)
    (work,) = claim(db)
    assert work.fetch is False
    feeds.add_entries(db, two, [entry("2", "https://p.example/s")], None, NOON)
    db.execute("UPDATE articles SET claimed_at = NULL")
    (work,) = claim(db)
    assert work.fetch is True


def test_the_same_entry_is_added_once(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    for _ in range(2):
        feeds.add_entries(db, feed, [entry("1", "https://p.example/s")], None, NOON)
    assert (value(db, "SELECT count(*) FROM entries"), value(db, "SELECT count(*) FROM articles")) == (1, 1)


def test_only_backfill_entries_belong_to_the_window(db: sqlite3.Connection) -> None:
    (feed,) = configure(db, A)
    db.execute("INSERT INTO windows(id, key, channel, kind, opens_at, closes_at) VALUES (7, 'k', '', 'backfill', 0, 0)")
    feeds.add_entries(db, feed, [entry("1", how="backfill"), entry("2", how="baseline")], 7, NOON)
    rows = db.execute("SELECT key, window_id FROM entries ORDER BY key").fetchall()
    assert [tuple(row) for row in rows] == [("1", 7), ("2", None)]


def test_the_list_for_people_leaves_removed_feeds_out_and_counts_entries(db: sqlite3.Connection) -> None:
    one, _ = configure(db, A, B)
    feeds.add_entries(db, one, [entry("1"), entry("2")], None, NOON)
    configure(db, A)
    (row,) = feeds.list_feeds(db)
    assert (row["address"], row["entries"]) == (A, 2)
