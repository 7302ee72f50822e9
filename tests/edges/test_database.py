"""The database's door: one process at a time, nothing lost by opening it, and words that help where it stays shut."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from feedwatch.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseNewer,
    DatabaseVanished,
    NoDatabase,
    StoreError,
    StoreUnavailable,
)
from feedwatch.store import database

HOLD = """
import sys, time
from pathlib import Path
from feedwatch.store import database
with database.locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""

RACE = """
import sys, time
from pathlib import Path
from feedwatch.errors import DatabaseBusy
from feedwatch.store import database
refused = 0
while True:
    try:
        with database.locked(Path(sys.argv[1])):
            database.prepare(Path(sys.argv[1]))
            break
    except DatabaseBusy:
        refused += 1
        time.sleep(0.001)
print(refused)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedwatch.db"


def prepare(path: Path) -> None:
    with database.locked(path):
        database.prepare(path)


def with_rows(path: Path) -> None:
    """A database of many pages with a known row."""
    prepare(path)
    with closing(database.connect(path)) as db:
        db.execute("INSERT INTO meta VALUES ('kept', 'yes')")
        for n in range(200):
            db.execute("INSERT INTO feeds(address, url, host) VALUES (?, ?, 'h')", (f"https://{n}.example/", "x" * 500))


def kept(path: Path) -> str:
    with closing(database.connect_readonly(path)) as db:
        return str(db.execute("SELECT value FROM meta WHERE key = 'kept'").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(database.connect_readonly(path)) as db:
        return {row["name"] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def digest(path: Path) -> bytes:
    return sha256(path.read_bytes()).digest()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(path: Path, kind: type[StoreError]) -> str:
    """The text of the refusal, which leaves the file as it was."""
    before = digest(path) if path.exists() else None
    with pytest.raises(kind) as error:
        prepare(path)
    assert (digest(path) if path.exists() else None) == before
    assert str(path) in str(error.value)
    return str(error.value)


def overwrite(path: Path, offset: int, garbage: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(garbage)


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


# The lock -----------------------------------------------------------------------------------------------


def test_a_second_process_is_refused_and_told_who_holds_the_lock(path: Path) -> None:
    with held_by_another(path) as other, pytest.raises(DatabaseBusy) as error, database.locked(path):
        pass
    assert f"pid {other.pid}" in str(error.value)
    assert "[store] path" in str(error.value)


def test_the_refused_one_does_not_take_the_holders_name_away(path: Path) -> None:
    with held_by_another(path) as other:
        for _ in range(2):
            with pytest.raises(DatabaseBusy), database.locked(path):
                pass
        assert database.daemon_pid(path) == other.pid


def test_a_killed_holder_frees_the_lock_at_once(path: Path) -> None:
    with held_by_another(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert database.daemon_pid(path) is None
        with database.locked(path):
            assert database.holder(path) == os.getpid()


def test_the_lock_ends_with_the_block_and_leaves_no_daemon(path: Path) -> None:
    with database.locked(path):
        assert database.daemon_pid(path) == os.getpid()
    assert database.daemon_pid(path) is None
    with database.locked(path):
        pass


def test_where_nobody_ever_locked_there_is_no_daemon(path: Path) -> None:
    assert database.daemon_pid(path) is None
    assert not database.lock_file(path).exists()


def test_the_rest_of_a_longer_line_does_not_make_the_lock_file_forget(path: Path) -> None:
    """As a kill between writing and cutting off leaves it."""
    with database.locked(path):
        database.remember(path, made=True)
        with database.lock_file(path).open("a") as file:
            file.write('1234567}\n"')
        assert database.holder(path) == os.getpid()
        with pytest.raises(DatabaseVanished):
            database.prepare(path)


# Migrations ---------------------------------------------------------------------------------------------


def test_a_fresh_file_gets_the_whole_schema(path: Path) -> None:
    prepare(path)
    assert {"feeds", "entries", "articles", "deliveries", "alerts", "fts"} <= tables(path)
    with closing(database.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2, "a committed alert survives a power cut"
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_preparing_again_changes_nothing_and_copies_nothing(path: Path) -> None:
    with_rows(path)
    before = digest(path)
    prepare(path)
    assert digest(path) == before
    assert not list(path.parent.glob("*.before-*"))


def further(monkeypatch: pytest.MonkeyPatch, change: Callable[[Database], None]) -> None:
    """This feedwatch knows one migration more."""
    longer = Migrations("feedwatch")
    for known in database.migrations._migrations:
        longer(name=known.name)(known.fn)
    longer(name="0002_moon")(change)
    monkeypatch.setattr(database, "migrations", longer)


def add_moon(db: Database) -> None:
    db.execute("CREATE TABLE moon(phase TEXT)")


def test_before_a_further_migration_the_database_is_copied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rows(path)
    further(monkeypatch, add_moon)
    prepare(path)
    copy = path.with_name("feedwatch.db.before-0002_moon")
    assert "moon" in tables(path)
    assert "moon" not in tables(copy)
    assert kept(copy) == "yes"
    assert mode(copy) == 0o640
    assert not list(path.parent.glob("*.partial*"))


def test_a_database_of_the_first_version_keeps_everything(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Migrations("feedwatch")
    first(name="0001_initial")(database.migrations._migrations[0].fn)
    with monkeypatch.context() as old:
        old.setattr(database, "migrations", first)
        prepare(path)
    with closing(database.connect(path)) as db:
        db.execute("INSERT INTO stories VALUES (1, 'a:x', 5, 6)")
        db.execute("INSERT INTO watchlists VALUES ('ve', 've', 1, NULL)")
        db.execute("INSERT INTO story_watch VALUES (1, 've', 'topic')")
        db.execute("INSERT INTO alerts VALUES ('abcdef0', 'abcdef', 'first', 've', 1, NULL, 'a:x', 'topic', 7)")
    prepare(path)
    with closing(database.connect_readonly(path)) as db:
        assert tuple(db.execute("SELECT * FROM story_watch").fetchone())[:3] == (1, "ve", "topic")
        assert tuple(db.execute("SELECT id, created_at, mute_id FROM alerts").fetchone()) == ("abcdef0", 7, None)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert path.with_name("feedwatch.db.before-0002_control").exists()


def test_the_copy_has_what_stands_only_in_the_write_ahead_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(path)
    with closing(database.connect(path)) as other:
        other.execute("INSERT INTO meta VALUES ('kept', 'late')")
        further(monkeypatch, add_moon)
        prepare(path)
    assert kept(path.with_name("feedwatch.db.before-0002_moon")) == "late"


def test_a_migration_that_fails_half_way_leaves_nothing_and_may_be_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(db: Database) -> None:
        add_moon(db)
        db.execute("INSERT INTO sun VALUES (1)")

    with_rows(path)
    with monkeypatch.context() as patched:
        further(patched, half)
        with pytest.raises(StoreError, match="no such table: sun"):
            prepare(path)
    assert "moon" not in tables(path)
    further(monkeypatch, add_moon)
    prepare(path)
    assert "moon" in tables(path)
    assert kept(path) == "yes"


def test_what_a_newer_feedwatch_wrote_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rows(path)
    with monkeypatch.context() as patched:
        further(patched, add_moon)
        prepare(path)
    text = refused(path, DatabaseNewer)
    assert "0002_moon" in text
    assert "install that version" in text
    assert kept(path) == "yes"


def test_a_process_that_died_before_its_first_table_starts_over(path: Path) -> None:
    with database.locked(path):
        database.remember(path, made=False)
        path.touch()
    prepare(path)
    assert "feeds" in tables(path)


def test_of_two_processes_that_start_at_once_one_migrates_and_both_go_on(path: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [racer.communicate(timeout=60) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0], said
    with closing(database.connect_readonly(path)) as db:
        done = [row["name"] for row in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert done == [known.name for known in database.migrations._migrations]


# What cannot be used ------------------------------------------------------------------------------------


def test_a_damaged_header_is_named_with_the_way_out(path: Path) -> None:
    with_rows(path)
    overwrite(path, 0, b"This is no database" * 5)
    text = refused(path, DatabaseDamaged)
    assert "put a backup back: `feedwatch restore --force FILE`" in text
    assert ".dump" in text


def test_the_latest_backup_is_named_where_one_is_needed(path: Path) -> None:
    with_rows(path)
    path.with_name("backups").mkdir()
    for name in (
        "feedwatch-20261121T031500Z.db",
        "feedwatch-20261122T031500Z.db",
        "feedwatch-20261123T031500Z.db.partial",
    ):
        path.with_name("backups").joinpath(name).touch()
    overwrite(path, 0, b"This is no database" * 5)
    assert f"restore --force {path.parent}/backups/feedwatch-20261122T031500Z.db`" in refused(path, DatabaseDamaged)


def test_a_damaged_page_in_the_middle_is_found_at_the_start(path: Path) -> None:
    with_rows(path)
    with closing(database.connect_readonly(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'feeds'").fetchone()[0]
    overwrite(path, (page - 1) * 4096, b"\xff" * 4096)
    text = refused(path, DatabaseDamaged)
    assert "backup" in text
    assert "\n" not in text, "one line, however long SQLite's list is"


def test_a_file_cut_short_is_damaged(path: Path) -> None:
    with_rows(path)
    with path.open("r+b") as file:
        file.truncate(3 * 4096)
    refused(path, DatabaseDamaged)


def test_an_empty_file_is_no_fresh_start(path: Path) -> None:
    with_rows(path)
    path.write_bytes(b"")
    text = refused(path, DatabaseVanished)
    assert "0 bytes" in text
    assert "backup" in text


def test_an_empty_file_is_no_fresh_start_even_without_a_lock_file(path: Path) -> None:
    path.touch()
    refused(path, DatabaseVanished)


def test_a_vanished_file_is_no_fresh_start_until_the_owner_says_so(path: Path) -> None:
    with_rows(path)
    path.unlink()
    text = refused(path, DatabaseVanished)
    assert "start anew" in text
    assert database.lock_file(path).name in text
    database.lock_file(path).unlink()
    prepare(path)
    assert "feeds" in tables(path)


def test_a_log_without_its_database_says_that_there_was_one(path: Path) -> None:
    path.with_name("feedwatch.db-wal").write_bytes(b"left behind")
    refused(path, DatabaseVanished)


def test_an_empty_database_in_the_place_of_ours_is_no_fresh_start(path: Path) -> None:
    with_rows(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA user_version = 1")
    assert path.stat().st_size > 0
    assert "holds nothing" in refused(path, DatabaseVanished)


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks(url TEXT)")
    text = refused(path, StoreError)
    assert "bookmarks" in text
    assert "[store] path" in text
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "delete", "not even its journal mode is changed"


def test_a_database_that_another_program_holds_may_be_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    prepare(path)
    further(monkeypatch, add_moon)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            prepare(path)
        other.execute("ROLLBACK")
    prepare(path)
    assert "moon" in tables(path)


def test_a_folder_in_the_place_of_the_file_is_an_error_of_ours(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="unable to open") as error:
        prepare(path)
    assert not isinstance(error.value, StoreUnavailable), "waiting would not help"


def test_reading_before_anything_was_written_says_what_to_start(path: Path) -> None:
    with pytest.raises(NoDatabase, match="feedwatch run"):
        database.connect_readonly(path)
    assert not path.exists()


def test_a_reader_cannot_write(path: Path) -> None:
    prepare(path)
    with closing(database.connect_readonly(path)) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("INSERT INTO meta VALUES ('a', 'b')")


def test_nobody_but_owner_and_group_may_read_any_of_the_files(path: Path) -> None:
    old = os.umask(0o022)
    try:
        prepare(path)
        with closing(database.connect(path)) as db:
            db.execute("INSERT INTO meta VALUES ('kept', 'yes')")
            assert {file.name: oct(mode(file)) for file in path.parent.iterdir()} == dict.fromkeys(
                ("feedwatch.db", "feedwatch.db-wal", "feedwatch.db-shm", "feedwatch.db.lock"), "0o640"
            )
    finally:
        os.umask(old)
