"""The one writer: what it says is committed is in the file, and nobody pays for another's mistake."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from feedwatch.errors import DatabaseDamaged, NoDatabase, StoreError, StoreUnavailable
from feedwatch.store import database, writer
from feedwatch.store.writer import BATCH, Store

ACKNOWLEDGE = """
import asyncio, os, sys
from pathlib import Path
from feedwatch.store import database
from feedwatch.store.writer import Store

def insert(db, n):
    db.execute("INSERT INTO meta VALUES (?, '')", (str(n),))

async def main(path):
    with Store(path) as store:
        async def line(first):
            n = first
            while True:
                await store.write(insert, n)
                os.write(1, f"{n}\\n".encode())
                n += 10
        await asyncio.gather(*(line(n) for n in range(10)))

path = Path(sys.argv[1])
with database.locked(path):
    database.prepare(path)
    asyncio.run(main(path))
"""

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("ROLLBACK")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


def insert(db: sqlite3.Connection, key: object) -> str:
    db.execute("INSERT INTO meta VALUES (?, '')", (str(key),))
    return str(key)


def insert_and_fail(db: sqlite3.Connection, key: object) -> None:
    insert(db, key)
    raise ValueError("no luck")


def stored(path: Path) -> set[str]:
    with closing(database.connect_readonly(path)) as db:
        return {row["key"] for row in db.execute("SELECT key FROM meta WHERE key != 'fold_version'")}


@contextmanager
def busy(store: Store) -> Iterator[None]:
    """The writer is at work on one unit as long as the block lasts: whatever comes now waits together."""
    started, free = threading.Event(), threading.Event()

    def work(_: sqlite3.Connection) -> None:
        started.set()
        free.wait(10)

    future = store.submit(work)
    assert started.wait(10)
    try:
        yield
    finally:
        free.set()
        future.result(10)


class Commits:
    """Counts what SQLite is told to commit."""

    def __init__(self, store: Store) -> None:
        self.statements: list[str] = []
        store.submit(lambda db: db.set_trace_callback(self.statements.append)).result(10)

    @property
    def number(self) -> int:
        return self.statements.count("COMMIT")


# Group commit -------------------------------------------------------------------------------------------


def test_units_that_wait_together_are_committed_together(store: Store, path: Path) -> None:
    commits = Commits(store)
    with busy(store):
        futures = [store.submit(insert, n) for n in range(BATCH)]
    assert {future.result(10) for future in futures} == {str(n) for n in range(BATCH)} == stored(path)
    assert commits.number <= 3, "that of the tracing itself, of the busy unit, and one for all"


def test_no_commit_holds_more_than_a_batch(store: Store, path: Path) -> None:
    commits = Commits(store)
    with busy(store):
        futures = [store.submit(insert, n) for n in range(2 * BATCH + 1)]
    wait(futures, 10)
    assert len(stored(path)) == 2 * BATCH + 1
    assert 4 <= commits.number <= 5


def test_many_threads_write_at_once_and_every_unit_is_done_once(store: Store, path: Path) -> None:
    def many(first: int) -> None:
        for n in range(first, first + 50):
            store.submit(insert, n).result(10)

    threads = [threading.Thread(target=many, args=(first,)) for first in range(0, 400, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert stored(path) == {str(n) for n in range(400)}


def test_units_are_done_in_the_order_they_came(store: Store) -> None:
    done: list[int] = []
    with busy(store):
        futures = [store.submit(lambda _, n: done.append(n), n) for n in range(100)]
    wait(futures, 10)
    assert done == list(range(100))


# Somebody's mistake -------------------------------------------------------------------------------------


def test_a_failing_unit_takes_nobody_with_it(store: Store, path: Path) -> None:
    with busy(store):
        futures: list[Future[str]] = [store.submit(insert, n) for n in range(3)]
        failing = store.submit(insert_and_fail, "half")
        doubled = store.submit(insert, 1)
        wrong = store.submit(lambda db: db.execute("INSERT INTO nowhere VALUES (1)"))
        unasked = store.submit(lambda db: db.execute("INSERT INTO meta VALUES (?, ?)", (1,)))
        surrogate = store.submit(insert, "\ud800")
        last = store.submit(insert, "last")
    assert [future.result(10) for future in futures] == ["0", "1", "2"]
    assert last.result(10) == "last"
    for future, kind in (
        (failing, ValueError),
        (doubled, sqlite3.IntegrityError),
        (wrong, sqlite3.OperationalError),
        (unasked, sqlite3.ProgrammingError),
        (surrogate, UnicodeEncodeError),
    ):
        with pytest.raises(kind):
            future.result(10)
    assert stored(path) == {"0", "1", "2", "last"}


def test_a_unit_that_ends_the_transaction_itself_hurts_its_company_but_not_the_writer(store: Store, path: Path) -> None:
    """A bug, and a loud one: nobody in that commit is told of success."""
    with busy(store):
        before = store.submit(insert, "before")
        bad = store.submit(lambda db: db.execute("ROLLBACK"))
        after = store.submit(insert, "after")
    for future in (before, bad, after):
        with pytest.raises(sqlite3.OperationalError):
            future.result(10)
    assert store.submit(insert, "next").result(10) == "next"
    assert stored(path) == {"next"}


async def test_a_cancelled_caller_is_no_rollback(store: Store, path: Path) -> None:
    with busy(store):
        caller = asyncio.create_task(store.write(insert, "meant"))
        await asyncio.sleep(0.01)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    await store.write(insert, "next")
    assert stored(path) == {"meant", "next"}


# Success means committed --------------------------------------------------------------------------------


async def test_what_write_returned_for_is_in_the_file(store: Store, path: Path) -> None:
    for n in range(5):
        await store.write(insert, n)
        assert str(n) in stored(path)


def test_a_killed_process_has_every_row_that_it_was_told_of(tmp_path: Path) -> None:
    for round_ in range(3):
        path = tmp_path / f"{round_}.db"
        process = subprocess.Popen([sys.executable, "-c", ACKNOWLEDGE, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(50 + 40 * round_)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        process.communicate()
        acknowledged = {line.decode().strip() for line in told if line.endswith(b"\n")}
        assert len(acknowledged) >= 50
        assert acknowledged <= stored(path)
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_stopping_store_does_first_what_was_asked_of_it(path: Path) -> None:
    with Store(path) as store, busy(store):
        futures = [store.submit(insert, n) for n in range(3 * BATCH)]
        threading.Timer(0.05, store._stopping.set).start()
    assert all(future.done() for future in futures)
    assert len(stored(path)) == 3 * BATCH


def test_a_closed_store_takes_nothing_more(path: Path) -> None:
    with Store(path) as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        store.submit(insert, 1)


# The database's trouble ---------------------------------------------------------------------------------


def test_a_database_that_another_process_holds_is_waited_for(store: Store, path: Path) -> None:
    """Longer than SQLite's own patience: the writer begins again."""
    store.submit(lambda db: db.execute("PRAGMA busy_timeout = 200")).result(10)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path), "1.5"], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        began = time.monotonic()
        futures = [store.submit(insert, n) for n in range(3)]
        assert not wait(futures, 0.7).done, "it waits"
        assert [future.result(10) for future in futures] == ["0", "1", "2"]
        assert time.monotonic() - began > 1.0
    assert stored(path) == {"0", "1", "2"}


def test_a_store_that_stops_does_not_wait_for_ever(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        with Store(path) as store:
            store.submit(lambda db: db.execute("PRAGMA busy_timeout = 100")).result(10)
            other.execute("BEGIN IMMEDIATE")
            future = store.submit(insert, 1)
        with pytest.raises(StoreUnavailable, match="locked"):
            future.result(0)
        other.execute("ROLLBACK")
    assert stored(path) == set()


def test_on_a_full_disk_nobody_is_told_of_success_and_work_goes_on_when_there_is_room(store: Store, path: Path) -> None:
    pages = store.submit(lambda db: db.execute("PRAGMA page_count").fetchone()[0]).result(10)
    store.submit(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()).result(10)
    with busy(store):
        small = store.submit(insert, "small")
        large = store.submit(insert, "x" * 1_000_000)
    for future in (small, large):
        with pytest.raises(StoreUnavailable, match=r"full.*space left"):
            future.result(10)
    assert stored(path) == set()
    store.submit(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone()).result(10)
    assert store.submit(insert, "small").result(10) == "small"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_loses_nothing_that_was_told_of(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        path, ballast = disk / "feedwatch.db", disk / "ballast"
        with database.locked(path):
            database.prepare(path)
        with Store(path) as store:
            store.submit(insert, "before").result(10)
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
            told = {"before"}
            with pytest.raises(StoreUnavailable, match="space left"):  # noqa: PT012 - the moment is the disk's
                for n in range(1000):
                    told.add(store.submit(insert, f"{n} {'x' * 3000}").result(10))
            assert stored(path) == told
            ballast.unlink()
            told.add(store.submit(insert, "after").result(10))
            assert stored(path) == told
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_start_on_a_full_disk_may_be_tried_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        path = disk / "feedwatch.db"
        with database.locked(path), pytest.raises(StoreUnavailable, match="space left"):
            database.prepare(path)
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        with database.locked(path):
            database.prepare(path)


def test_damage_is_told_as_damage_with_the_way_out(path: Path) -> None:
    with closing(database.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with Store(path) as store, pytest.raises(DatabaseDamaged, match="restore --force FILE"):
        store.submit(insert, 1).result(10)


# Readers ------------------------------------------------------------------------------------------------


async def test_readers_read_beside_a_unit_at_work_and_see_only_what_is_committed(store: Store) -> None:
    await store.write(insert, "before")

    def keys(db: sqlite3.Connection) -> list[str]:
        return [row["key"] for row in db.execute("SELECT key FROM meta WHERE key != 'fold_version'")]

    started, free = threading.Event(), threading.Event()

    def slow(db: sqlite3.Connection) -> None:
        insert(db, "during")
        started.set()
        free.wait(10)

    writing = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(started.wait, 10)
    assert await store.read(keys) == ["before"]
    free.set()
    await writing
    assert await store.read(keys) == ["before", "during"]


async def test_a_reader_cannot_write_and_its_mistake_is_its_own(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="readonly"):
        await store.read(insert, 1)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await store.read(lambda db: db.execute("SELECT * FROM nowhere"))


async def test_reading_what_was_taken_away_says_so(store: Store, path: Path) -> None:
    await asyncio.to_thread(path.rename, path.with_name("elsewhere"))
    with pytest.raises(NoDatabase):
        await store.read(lambda db: db.execute("SELECT 1"))


def test_the_writer_ends_when_the_store_is_left(path: Path) -> None:
    with Store(path):
        assert "writer" in {thread.name for thread in threading.enumerate()}
    assert "writer" not in {thread.name for thread in threading.enumerate()}


def test_a_batch_is_small_enough_that_nobody_waits_long() -> None:
    assert 10 <= writer.BATCH <= 100
