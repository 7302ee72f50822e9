"""Backups and their way back: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedwatch.errors import DatabaseDamaged, DatabaseNewer, NoDatabase, StoreError, StoreUnavailable
from feedwatch.store import backup, database

AT = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)


def silent(_done: int, _total: int) -> None: ...


def filled(path: Path, *, rows: int = 200, mark: str = "first") -> Path:
    """A database of many pages with a known row."""
    with database.locked(path):
        database.prepare(path)
    with closing(database.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        db.execute("INSERT INTO meta VALUES ('mark', ?)", (mark,))
        for n in range(rows):
            db.execute(
                "INSERT INTO feeds(address, url, host) VALUES (?, ?, 'h')", (f"https://{n}.example/", "x" * 3000)
            )
        db.execute("COMMIT")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "state" / "feedwatch.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def mark(path: Path) -> str:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return str(db.execute("SELECT value FROM meta WHERE key = 'mark'").fetchone()[0])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def without_logs(folder: Path) -> list[str]:
    """A reader leaves an empty log behind."""
    return [name for name in names(folder) if not name.endswith(("-wal", "-shm"))]


def put_back(file: Path, path: Path, *, force: bool = False) -> Path | None:
    with database.locked(path):
        return backup.restore(file, path, AT, silent, force=force)


# A backup -----------------------------------------------------------------------------------------------


def test_a_backup_is_one_checked_file_for_its_owner_and_group(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    assert names(folder) == ["feedwatch-20261122T031500Z.db"]
    assert stat.S_IMODE(made.stat().st_mode) == 0o640
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert mark(made) == "first"
    assert names(folder) == [made.name], "no log beside it, even when it is looked into"


def test_a_backup_has_what_stands_only_in_the_log(path: Path, folder: Path) -> None:
    with closing(database.connect(path)) as db:
        db.execute("UPDATE meta SET value = 'late' WHERE key = 'mark'")
        assert path.with_name("feedwatch.db-wal").stat().st_size
        assert mark(backup.backup(path, folder, AT, silent)) == "late"


def test_a_backup_is_of_the_moment_when_it_began(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not begun anew whenever somebody writes, which under a busy daemon would be for ever."""
    monkeypatch.setattr(backup, "PAGES", 10)
    steps = 0
    with closing(database.connect(path)) as db:

        def write(done: int, total: int) -> None:
            nonlocal steps
            steps += 1
            assert done <= total
            db.execute("UPDATE meta SET value = ? WHERE key = 'mark'", (str(steps),))

        made = backup.backup(path, folder, AT, write)
    assert mark(made) == "first"
    assert 10 < steps < 40
    assert mark(path) == str(steps)


def test_the_latest_backups_are_kept_and_nothing_else_is_touched(path: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "feedwatch-notes.db").touch()
    made = [backup.backup(path, folder, AT + timedelta(days=n), silent) for n in range(4)]
    assert backup.remove_old(folder, 2, made[-1]) == made[:2]
    assert names(folder) == sorted([made[2].name, made[3].name, "feedwatch-notes.db"])


def test_the_backup_just_made_stays_even_if_the_clock_went_back(path: Path, folder: Path) -> None:
    later = [backup.backup(path, folder, AT + timedelta(days=n), silent) for n in (5, 6)]
    now = backup.backup(path, folder, AT, silent)
    backup.remove_old(folder, 1, now)
    assert names(folder) == [now.name]
    assert not any(other.exists() for other in later)


def test_a_damaged_database_gives_no_backup_and_costs_none(path: Path, folder: Path) -> None:
    good = backup.backup(path, folder, AT, silent)
    with path.open("r+b") as file:
        file.seek(4096 * 40)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(DatabaseDamaged, match="the database is damaged"):
        backup.backup(path, folder, AT + timedelta(days=1), silent)
    assert names(folder) == [good.name]


def test_without_a_database_no_folder_is_made(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(NoDatabase):
        backup.backup(tmp_path / "feedwatch.db", folder, AT, silent)
    assert not folder.exists()


def test_two_backups_into_a_folder_do_not_meet(path: Path, folder: Path) -> None:
    def second(_done: int, _total: int) -> None:
        with pytest.raises(StoreUnavailable, match="another backup is being made there"):
            backup.backup(path, folder, AT + timedelta(days=1), silent)

    assert mark(backup.backup(path, folder, AT, second)) == "first"


# Back again ---------------------------------------------------------------------------------------------


def test_a_backup_is_restored_elsewhere(path: Path, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "feedwatch.db"
    assert put_back(backup.backup(path, folder, AT, silent), other) is None
    assert mark(other) == "first"
    assert stat.S_IMODE(other.stat().st_mode) == 0o640
    with database.locked(other):
        database.prepare(other)


def test_a_database_that_is_there_stays_without_force(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"there is a database already \(--force"):
        put_back(made, path)
    assert path.read_bytes() == before
    assert without_logs(path.parent) == ["feedwatch.db", "feedwatch.db.lock"]


def test_with_force_it_is_put_aside_with_all_that_its_log_held(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    abandoned(path, "late")
    aside = put_back(made, path, force=True)
    assert aside is not None
    assert aside.name == "feedwatch.db.replaced-20261122T031500Z"
    assert (mark(path), mark(aside)) == ("first", "late")
    assert not path.with_name("feedwatch.db-wal").exists()


def abandoned(path: Path, text: str) -> None:
    """A process that wrote, and was killed: its last word stands in the log alone."""
    code = (
        "import os, signal, sys; from pathlib import Path; from feedwatch.store import database\n"
        "db = database.connect(Path(sys.argv[1]))\n"
        "db.execute(\"UPDATE meta SET value = ? WHERE key = 'mark'\", (sys.argv[2],))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path), text], check=False)
    assert path.with_name("feedwatch.db-wal").stat().st_size > 0


def test_a_damaged_database_is_put_aside_with_its_log_which_never_meets_the_new_one(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    abandoned(path, "late")
    with path.open("r+b") as file:
        file.write(b"no database " * 10)
    path.with_name("feedwatch.db-shm").unlink()
    aside = put_back(made, path, force=True)
    assert aside is not None
    assert mark(path) == "first"
    assert [name for name in names(path.parent) if name.endswith("-wal")] in ([], [f"{aside.name}-wal"])


@pytest.mark.parametrize("left", ["nothing", "an empty file", "only the log"])
def test_a_vanished_database_is_restored_without_force(path: Path, folder: Path, left: str) -> None:
    made = backup.backup(path, folder, AT, silent)
    abandoned(path, "late")
    if left == "an empty file":
        path.write_bytes(b"")
    else:
        path.unlink()
    if left == "nothing":
        path.with_name("feedwatch.db-wal").unlink()
    put_back(made, path)
    assert mark(path) == "first"
    with database.locked(path):
        database.prepare(path)


def test_putting_aside_twice_in_a_second_overwrites_nothing(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    first, second = put_back(made, path, force=True), put_back(made, path, force=True)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()


def test_what_is_not_fit_is_refused_and_nothing_is_changed(path: Path, tmp_path: Path) -> None:
    text, strange, broken = tmp_path / "letter.txt", tmp_path / "strange.db", tmp_path / "broken.db"
    text.write_text("Dear Sir, " * 500)
    with closing(sqlite3.connect(strange)) as db:
        db.execute("CREATE TABLE notes(text)")
    shutil.copy(path, broken)
    with broken.open("r+b") as raw:
        raw.seek(4096 * 40)
        raw.write(b"\xff" * 4096 * 20)
    cases = (
        (tmp_path / "absent.db", StoreError, "no such file"),
        (text, DatabaseDamaged, "letter.txt: the database is damaged"),
        (strange, StoreError, "strange.db: this is not a database of feedwatch"),
        (broken, DatabaseDamaged, "broken.db: the database is damaged"),
        (path, StoreError, "that is the database itself"),
    )
    before = path.read_bytes()
    for file, kind, words in cases:
        with pytest.raises(kind, match=words):
            put_back(file, path, force=True)
        assert path.read_bytes() == before
        assert without_logs(path.parent) == ["feedwatch.db", "feedwatch.db.lock"]


def test_what_a_newer_feedwatch_wrote_is_refused(path: Path, folder: Path) -> None:
    made = backup.backup(path, folder, AT, silent)
    with closing(sqlite3.connect(made, isolation_level=None)) as db:
        db.execute("UPDATE _sqlite_migrations SET name = '9999_moon' WHERE name = '0003_retention'")
    with pytest.raises(DatabaseNewer, match="9999_moon"):
        put_back(made, path, force=True)
    assert mark(path) == "first"


def test_while_another_program_reads_the_old_one_it_is_left_in_its_place(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "BUSY_SECONDS", 0.1)
    made = backup.backup(path, folder, AT, silent)
    with closing(database.connect_readonly(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM meta").fetchone()
        with pytest.raises(StoreUnavailable, match="another program has it open"):
            put_back(made, path, force=True)
    assert put_back(made, path, force=True) is not None


# kill -9 and a full disk --------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from feedwatch.store import backup, database
verb, where, steps, path, other = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])
backup.PAGES = 20
at = datetime(2026, 11, 22, 4, tzinfo=timezone.utc)
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
def progress(done, total):
    global steps
    steps -= 1
    if where == "copying" and steps < 0: die()
if where == "checking": backup.refuse_unfit = die
if where == "checked": backup._sync = die
if where == "aside":
    put_aside = backup._put_aside
    def then_die(*arguments): put_aside(*arguments); die()
    backup._put_aside = then_die
if verb == "backup":
    backup.backup(path, other, at, progress)
else:
    with database.locked(path):
        backup.restore(other, path, at, progress, force=True)
"""


def killed(*words: object) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, *map(str, words)], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(("where", "steps"), [("copying", 0), ("copying", 3), ("checking", 0), ("checked", 0)])
def test_a_killed_backup_leaves_nothing_that_looks_like_one(path: Path, folder: Path, where: str, steps: int) -> None:
    good = backup.backup(path, folder, AT, silent)
    killed("backup", where, steps, path, folder)
    assert backup.backups(folder) == [good]
    assert len(names(folder)) > 1, "the kill struck in the middle"
    again = backup.backup(path, folder, AT + timedelta(days=1), silent)
    assert names(folder) == [good.name, again.name]


@pytest.mark.parametrize(("where", "steps"), [("copying", 2), ("checking", 0), ("checked", 0)])
def test_a_restore_that_is_killed_before_the_end_has_changed_nothing(
    path: Path, folder: Path, where: str, steps: int
) -> None:
    made = backup.backup(path, folder, AT, silent)
    with closing(database.connect(path)) as db:
        db.execute("UPDATE meta SET value = 'second' WHERE key = 'mark'")
    killed("restore", where, steps, path, made)
    with database.locked(path):
        database.prepare(path)
    assert mark(path) == "second"
    put_back(made, path, force=True)
    assert mark(path) == "first"
    assert not list(path.parent.glob("*.partial*"))


def test_a_restore_that_is_killed_between_its_renamings_is_seen_and_ended_by_the_same_command(
    path: Path, folder: Path
) -> None:
    made = backup.backup(path, folder, AT, silent)
    with closing(database.connect(path)) as db:
        db.execute("UPDATE meta SET value = 'second' WHERE key = 'mark'")
    killed("restore", "aside", 0, path, made)
    with database.locked(path), pytest.raises(StoreError, match="the database is gone"):
        database.prepare(path)
    put_back(made, path)
    assert mark(path) == "first"
    assert mark(path.with_name("feedwatch.db.replaced-20261122T040000Z")) == "second"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_a_backup_is_refused_and_the_old_ones_stay(tmp_path: Path, small_disk: Path) -> None:
    small, large = filled(tmp_path / "a.db", rows=100), filled(tmp_path / "b.db", rows=1500)
    good = backup.backup(small, small_disk, AT, silent)
    with pytest.raises(StoreUnavailable, match="is there space left"):
        backup.backup(large, small_disk, AT + timedelta(days=1), silent)
    assert names(small_disk) == [good.name]
    assert mark(good) == "first"


def test_on_a_full_disk_a_restore_is_refused_and_the_database_stays(tmp_path: Path, small_disk: Path) -> None:
    path = filled(small_disk / "feedwatch.db", rows=100, mark="small")
    with pytest.raises(StoreUnavailable, match="is there space left"):
        put_back(filled(tmp_path / "b.db", rows=1500), path, force=True)
    assert mark(path) == "small"
    assert without_logs(small_disk) == ["feedwatch.db", "feedwatch.db.lock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_in_the_services_folder_is_the_services(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, 4321, 4322)
    path = filled(state / "feedwatch.db")
    made = backup.backup(path, state / "backups", AT, silent)
    put_back(made, path, force=True)
    for file in (path, database.lock_file(path), made.parent, made):
        assert (file.stat().st_uid, file.stat().st_gid) == (4321, 4322), file
