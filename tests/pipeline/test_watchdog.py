"""When systemd gets a sign of life: a real writer thread, a clock made by hand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.pipeline.watchdog import PINGS, Watchdog
from feedwatch.store import Connection, database
from feedwatch.store.writer import Store
from tests.harness import wait_until

LIMIT = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
        with Store(path) as made:
            yield made


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield end


def pings(manager: socket.socket) -> int:
    """How many came since the last look."""
    heard = 0
    while True:
        try:
            heard += manager.recv(100) == b"WATCHDOG=1"
        except BlockingIOError:
            return heard


def answered(store: Store, more_than: int) -> None:
    wait_until(lambda: store.turns > more_than, 10, every=0.005)


def test_a_ping_follows_the_writers_answer(store: Store, manager: socket.socket) -> None:
    watchdog, before = Watchdog(store, LIMIT), store.turns
    watchdog.look(1.0)
    assert pings(manager) == 0
    answered(store, before)
    watchdog.look(2.0)
    assert pings(manager) == 1


def test_there_are_so_many_pings_within_the_limit_and_no_more(store: Store, manager: socket.socket) -> None:
    watchdog = Watchdog(store, LIMIT)
    for second in range(int(LIMIT)):
        before = store.turns
        asked = watchdog._asked
        watchdog.look(float(second))
        if asked is None and watchdog._asked is not None:
            answered(store, before)
    assert PINGS - 1 <= pings(manager) <= PINGS


def test_a_writer_that_hangs_gets_no_ping(store: Store, manager: socket.socket) -> None:
    let_go = threading.Event()
    stuck = store.submit(lambda _: let_go.wait(30))
    answered(store, 0)
    watchdog = Watchdog(store, LIMIT)
    for second in range(100):
        watchdog.look(float(second))
    assert pings(manager) == 0
    before = store.turns
    let_go.set()
    assert stuck.result(10)
    answered(store, before)
    watchdog.look(101.0)
    assert pings(manager) == 1


def test_ticks_that_do_not_come_send_no_ping(store: Store, manager: socket.socket) -> None:
    watchdog, before = Watchdog(store, LIMIT), store.turns
    watchdog.look(1.0)
    answered(store, before)
    assert pings(manager) == 0


def test_a_long_statement_is_work(store: Store, manager: socket.socket) -> None:
    def count_far(db: Connection) -> int:
        numbers = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)"
        return int(db.execute(f"{numbers} SELECT max(i) FROM n").fetchone()[0])

    working = store.submit(count_far)
    answered(store, 0)
    watchdog, before = Watchdog(store, LIMIT), store.turns
    watchdog.look(1.0)
    answered(store, before)
    watchdog.look(2.0)
    assert pings(manager) == 1
    assert not working.done()
    assert working.result(60) == 3000000


def test_without_a_watchdog_the_writer_is_left_alone(store: Store, manager: socket.socket) -> None:
    watchdog = Watchdog(store, None)
    for second in range(100):
        watchdog.look(float(second))
    assert (store.turns, pings(manager)) == (0, 0)


def test_a_sign_of_life_commits_nothing(store: Store) -> None:
    wal = store.path.with_name("feedwatch.db-wal")
    size, before = wal.stat().st_size, store.turns
    store.knock()
    answered(store, before)
    assert wal.stat().st_size == size
