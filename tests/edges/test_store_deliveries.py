"""The outbox: order within a target, freedom between targets, and nothing forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from feedwatch.store import alerts, deliveries, feeds
from feedwatch.store.database import migrations
from feedwatch.store.deliveries import DeliveryWork
from feedwatch.store.times import moment
from tests.edges.rows import DAY, MINUTE, NOON, alert, opened, plans, value

DESK, PHONE, MAIL = ("desk", "topic"), ("phone", "topic"), ("mail", "a@example.org")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as db:
        yield db


def queue(db: sqlite3.Connection, target: int, *names: str, at: datetime = NOON) -> None:
    for name in names:
        alerts.add_delivery(db, alert(db, name, at=at), target, "digest", at)


def due(db: sqlite3.Connection, at: datetime = NOON, room: int = 99) -> list[DeliveryWork]:
    return deliveries.claim_due_deliveries(db, at, room=room)


def names(works: list[DeliveryWork]) -> list[tuple[str, str]]:
    return [(work.channel, work.alert.id) for work in works]


def fail(db: sqlite3.Connection, work: DeliveryWork, again: datetime, *, refused: bool = False) -> None:
    deliveries.record_failed(db, work.id, "down", again, refused=refused)


def state(db: sqlite3.Connection, name: str) -> str:
    return str(db.execute("SELECT state FROM deliveries WHERE alert = ?", (name,)).fetchone()[0])


def sync(db: sqlite3.Connection, *targets: tuple[str, str]) -> list[int]:
    rows = deliveries.sync_targets(db, targets, NOON)
    return [rows[target] for target in targets]


# Order --------------------------------------------------------------------------------------------------


def test_one_message_a_target_is_in_flight_and_the_next_follows_its_receipt(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1", "a2", "a3")
    told = []
    while works := due(db):
        (work,) = works
        assert due(db, NOON + DAY) == [], "none of a busy target"
        deliveries.record_sent(db, work.id, "ok", NOON)
        told.append(work.alert.id)
    assert told == ["a1", "a2", "a3"]


def test_a_target_that_is_down_keeps_its_order_and_delays_no_other(db: sqlite3.Connection) -> None:
    desk, phone = sync(db, DESK, PHONE)
    queue(db, desk, "a1", "a2")
    (work,) = due(db)
    fail(db, work, NOON + MINUTE)
    queue(db, phone, "a3")
    assert names(due(db)) == [("phone", "a3")], "what stands behind the failed one waits"
    assert names(due(db, NOON + MINUTE)) == [("desk", "a1")]


def test_the_next_try_of_a_queue_is_that_of_its_first_message(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1", "a2")
    (work,) = due(db)
    fail(db, work, NOON + DAY)
    [row] = deliveries.by_target(db)
    assert moment(row["next_try_at"]) == NOON + DAY, "what stands behind it waits as long"
    due(db, NOON + DAY)
    assert deliveries.by_target(db)[0]["next_try_at"] is None, "it is being tried"


def test_a_message_nobody_wants_makes_way(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1", "a2")
    (work,) = due(db)
    deliveries.record_dead(db, work.id, "400", NOON)
    assert names(due(db)) == [("desk", "a2")]
    assert state(db, "a1") == "dead"


def test_targets_of_a_dead_service_do_not_push_a_healthy_one_back(db: sqlite3.Connection) -> None:
    """They are older and due again and again; the room is theirs only in turn."""
    *dead, healthy = sync(db, *((f"dead{n}", "x") for n in range(9)), DESK)
    for n, target in enumerate(dead):
        queue(db, target, f"a{n}")
    queue(db, healthy, "b", at=NOON + MINUTE)
    at, told = NOON, []
    for _ in range(12):
        at += MINUTE / 2
        for work in due(db, at, room=2):
            told.append(work.channel)
            fail(db, work, at)
    assert "desk" in told


def test_alerts_of_one_moment_are_sent_in_the_order_they_were_made(db: sqlite3.Connection) -> None:
    targets = sync(db, *((f"c{n}", "x") for n in range(5)))
    for n, target in enumerate(reversed(targets)):
        queue(db, target, f"a{n}")
    assert [work.alert.id for work in due(db, room=3)] == ["a0", "a1", "a2"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["sent", "failed", "dead", "died", "given back"]))))
def test_whatever_happens_each_target_is_served_in_order_and_one_at_a_time(steps: list[tuple[int, str]]) -> None:
    with closing(in_memory()) as db:
        targets = sync(db, DESK, PHONE, MAIL)
        for n in range(4):
            for target in targets:
                queue(db, target, f"{n}{target}")
        ended: dict[str, list[str]] = {}
        at = NOON
        for room, fate in steps:
            at += MINUTE
            for work in due(db, at, room=room + 1):
                _end(db, work, fate, at)
                if fate in ("sent", "dead"):
                    ended.setdefault(work.channel, []).append(work.alert.id[0])
            assert value(db, "SELECT count(*) FROM deliveries WHERE state = 'sending'") == 0
    for order in ended.values():
        assert order == [str(n) for n in range(len(order))]


def in_memory() -> sqlite3.Connection:
    """A database for one of many examples."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrations.apply(Database(db, execute_plugins=False))
    return db


def _end(db: sqlite3.Connection, work: DeliveryWork, fate: str, at: datetime) -> None:
    if fate == "sent":
        deliveries.record_sent(db, work.id, "ok", at)
    elif fate == "failed":
        fail(db, work, at + MINUTE / 2)
    elif fate == "dead":
        deliveries.record_dead(db, work.id, "400", NOON)
    elif fate == "died":
        feeds.release_orphans(db)
    else:
        deliveries.release_delivery(db, work.id)


def test_a_claim_is_one_search_a_target_however_long_the_queues(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    shown = plans(db, lambda: due(db)).splitlines()
    assert "SEARCH open USING INDEX deliveries_open (target_id=?)" in shown
    assert [step for step in shown if step.startswith("SCAN")] == ["SCAN targets"]


# Counting -----------------------------------------------------------------------------------------------


def test_the_attempt_is_counted_before_the_send(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    (work,) = due(db)
    row = db.execute("SELECT state, attempts, interrupted FROM deliveries").fetchone()
    assert (work.attempts, tuple(row)) == (1, ("sending", 1, 1))


def test_what_a_dead_process_was_sending_goes_again_under_the_same_id(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    due(db)
    feeds.release_orphans(db)
    (work,) = due(db)
    assert (work.alert.id, work.attempts) == ("a1", 2)


def test_giving_back_is_no_interruption_but_remains_an_attempt(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    (work,) = due(db)
    deliveries.release_delivery(db, work.id)
    row = db.execute("SELECT state, attempts, interrupted FROM deliveries").fetchone()
    assert tuple(row) == ("pending", 1, 0)


def test_giving_back_what_was_sent_already_sends_it_no_second_time(db: sqlite3.Connection) -> None:
    """A cancelled caller's write may have come through."""
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    (work,) = due(db)
    deliveries.record_sent(db, work.id, "ok", NOON)
    deliveries.release_delivery(db, work.id)
    assert due(db) == []
    assert state(db, "a1") == "sent"


def test_only_refusals_are_counted_as_refusals(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    for refused in (False, True, False, True):
        (work,) = due(db)
        fail(db, work, NOON, refused=refused)
    (work,) = due(db)
    assert (work.refusals, work.attempts) == (2, 5)


def test_the_last_error_is_kept_and_forgotten_when_it_went_through(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    fail(db, due(db)[0], NOON)
    (row,) = deliveries.by_target(db)
    assert (row["error"], row["waiting"], row["sent"]) == ("down", 1, 0)
    deliveries.record_sent(db, due(db)[0].id, "ok", NOON)
    (row,) = deliveries.by_target(db)
    assert (row["error"], row["waiting"], row["sent"]) == (None, 0, 1)


def test_one_alert_reaches_a_target_once_however_often_it_is_asked_for(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    deliveries.record_sent(db, due(db)[0].id, "ok", NOON)
    queue(db, desk, "a1")
    assert due(db, NOON + DAY) == []


# Targets ------------------------------------------------------------------------------------------------


def test_a_removed_targets_queue_waits_and_goes_on_when_it_is_back(db: sqlite3.Connection) -> None:
    desk, phone = sync(db, DESK, PHONE)
    queue(db, desk, "a1")
    queue(db, phone, "a2")
    sync(db, PHONE)
    assert names(due(db)) == [("phone", "a2")]
    assert sync(db, DESK, PHONE) == [desk, phone]
    assert names(due(db)) == [("desk", "a1")]


def test_channels_of_one_targets_name_are_two_targets(db: sqlite3.Connection) -> None:
    desk, phone = sync(db, DESK, PHONE)
    assert desk != phone
    sync(db, DESK)
    removed = db.execute("SELECT channel FROM targets WHERE removed_at IS NOT NULL").fetchall()
    assert [row["channel"] for row in removed] == ["phone"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text(max_size=5).filter(str.isprintable)), max_size=5))
def test_a_targets_name_may_be_any_text(targets: list[tuple[str, str]]) -> None:
    with closing(in_memory()) as db:
        odd = [("a", 'quote " and \\'), ("b", "tab\tnul\x00newline\n"), ("c", "Плюс ＠ 🦊"), *targets]
        first = deliveries.sync_targets(db, odd, NOON)
        assert set(first) == set(odd)
        assert deliveries.sync_targets(db, odd, NOON + DAY) == first
        assert value(db, "SELECT count(*) FROM targets WHERE removed_at IS NOT NULL") == 0
        assert deliveries.sync_targets(db, [], NOON) == {}
        assert value(db, "SELECT count(*) FROM targets WHERE removed_at IS NULL") == 0


# The clock ----------------------------------------------------------------------------------------------


def test_after_a_clock_that_went_back_a_wait_is_as_long_as_it_was(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1", "a2")
    fail(db, due(db)[0], NOON + MINUTE)
    yesterday = NOON - DAY
    assert due(db, yesterday) == []
    deliveries.bring_deliveries_forward(db, yesterday + DAY, yesterday)
    assert due(db, yesterday) == [], "its wait is as long as it was"
    assert names(due(db, yesterday + MINUTE)) == [("desk", "a1")]


def test_a_back_off_within_the_limit_is_left_alone(db: sqlite3.Connection) -> None:
    (desk,) = sync(db, DESK)
    queue(db, desk, "a1")
    fail(db, due(db)[0], NOON + 5 * MINUTE)
    deliveries.bring_deliveries_forward(db, NOON + 10 * MINUTE, NOON)
    assert due(db, NOON + 4 * MINUTE) == []
