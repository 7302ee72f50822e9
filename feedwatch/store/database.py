"""Opening the database: lock, checks, migrations. It never starts empty where a database was."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

BUSY_SECONDS = 5.0
CHECKED_BYTES = 256 * 1024 * 1024
"""Up to this size the whole file is checked at start; a larger one would delay the start by many seconds."""

PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
"""Primary result codes of trouble that ends by itself, or when somebody makes room."""

migrations = Migrations("feedwatch")


def _script(name: str) -> str:
    here: Traversable = files("feedwatch.store") / "migrations" / name
    return here.read_text(encoding="utf-8")


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: executescript() would commit the migration's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(pending):
            yield pending
            pending = ""


@migrations(name="0001_initial")
def _initial(db: Database) -> None:
    for statement in _statements(_script("0001_initial.sql")):
        db.conn.execute(statement)
    db.conn.execute("INSERT INTO meta VALUES ('fold_version', '1')")


@migrations(name="0004_health")
def _health(db: Database) -> None:
    for statement in _statements(_script("0004_health.sql")):
        db.conn.execute(statement)


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Holds the database's lock for one process; raises DatabaseBusy with the holder's pid.

    The lock file stays behind and remembers that a database was made here, so that a vanished one is noticed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = lock_file(path)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseBusy(
                f"{path}: another feedwatch (pid {holder(path) or 'unknown'}) is using it"
                " (stop that one, or give this one its own [store] path)"
            ) from error
        remember(path, pid=os.getpid())
        yield lock
    finally:
        os.close(descriptor)


def lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def remember(path: Path, **facts: object) -> None:
    """Adds facts to the lock file; in place, because a replaced file would be another lock."""
    text = json.dumps({**_remembered(path), **facts}) + "\n"
    with lock_file(path).open("r+", encoding="utf-8") as file:
        file.write(text)
        file.truncate()


def _remembered(path: Path) -> dict[str, object]:
    """The facts of the lock file's first line; behind it may stand the rest of a longer one, if writing was cut off."""
    with suppress(OSError, ValueError, IndexError):
        return dict(json.loads(lock_file(path).read_text(encoding="utf-8").splitlines()[0]))
    return {}


def holder(path: Path) -> int | None:
    """The pid of the process that took the lock last; it may be dead."""
    pid = _remembered(path).get("pid")
    return pid if isinstance(pid, int) else None


def daemon_pid(path: Path) -> int | None:
    """The pid of the process that holds the lock now, if any does."""
    try:
        descriptor = os.open(lock_file(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return holder(path)
    else:
        return None
    finally:
        os.close(descriptor)


def prepare(path: Path) -> None:
    """Makes the database ready for this version; call it with the lock held.

    Raises DatabaseVanished, DatabaseDamaged, DatabaseNewer or StoreError, each with the way out, and changes nothing
    then; StoreUnavailable where trying again later is the way out.
    """
    _refuse_vanished(path)
    if not path.exists():
        remember(path, made=False)  # an empty file from now on is one that was just begun
    try:
        with closing(_open(path)) as connection:
            _refuse_damaged(connection, path)
            db = Database(connection, execute_plugins=False)
            _refuse_newer(db, path)
            _refuse_foreign(db, path)
            _set_up(connection)
            if migrations.pending(db):
                _migrate(db, path)
    except sqlite3.OperationalError as error:
        raise _unusable(error, path) from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error
    remember(path, made=True)


def _unusable(error: sqlite3.OperationalError, path: Path) -> StoreError:
    kind = StoreUnavailable if primary_code(error) in PASSING else StoreError
    return kind(
        f"{path}: {error} (is the folder writable, is there space left, and does no other program hold the database?)"
    )


def primary_code(error: sqlite3.Error) -> int | None:
    """SQLite's result code without its extension; None: SQLite was not even asked."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _refuse_vanished(path: Path) -> None:
    made = _remembered(path).get("made")
    if path.exists():
        state = "is empty (0 bytes)"
        vanished = path.stat().st_size == 0 and made is not False
    else:
        state = "is gone"
        vanished = bool(made) or path.with_name(path.name + "-wal").exists()
    if vanished:
        raise _vanished(path, state)


def _vanished(path: Path, state: str) -> DatabaseVanished:
    return DatabaseVanished(
        f"{path}: the database {state} (put a backup back in its place; or, to start anew and lose what is known,"
        f" remove it, {path.name}-wal, {path.name}-shm and {lock_file(path).name})"
    )


def damaged(path: Path, detail: str) -> DatabaseDamaged:
    return DatabaseDamaged(
        f"{path}: the database is damaged: {detail} (put a backup back in its place; or save what is left with"
        f" `sqlite3 {path.name} .recover | sqlite3 rescued.db`)"
    )


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if path.stat().st_size > CHECKED_BYTES:
        return
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, " ".join(verdict.split()))


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in migrations._migrations}  # noqa: SLF001 - it has no public list
    unknown = [row.name for row in migrations.applied(db) if row.name not in known]
    if unknown:
        raise DatabaseNewer(
            f"{path}: a newer feedwatch wrote this database (it knows {', '.join(unknown)}; install that version"
            " again, or put the copy back that it made before it changed the database)"
        )


def _refuse_foreign(db: Database, path: Path) -> None:
    """None of our migrations in it: another program's database, or an empty one in the place of ours."""
    if migrations.applied(db):
        return
    strange = set(db.table_names()) - {migrations.migrations_table}
    if strange:
        raise StoreError(
            f"{path}: this is not a database of feedwatch (it holds {', '.join(sorted(strange)[:3])}; give another"
            " [store] path, or put a backup back in its place)"
        )
    if _remembered(path).get("made"):
        raise _vanished(path, "holds nothing any more")


def _migrate(db: Database, path: Path) -> None:
    applied = migrations.applied(db)
    if applied:
        copy_before(db.conn, path.with_name(f"{path.name}.before-{migrations.pending(db)[0].name}"))
    migrations.apply(db)


def copy_before(connection: sqlite3.Connection, copy: Path) -> None:
    """A consistent copy of the open database, whole or not at all."""
    partial = copy.with_name(copy.name + ".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(partial)) as target:
        partial.chmod(0o640)
        connection.backup(target)
    partial.replace(copy)


def connect(path: Path) -> sqlite3.Connection:
    """The writing connection: WAL, FULL (a committed alert survives a power cut), our own transactions."""
    connection = _open(path)
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    new = not path.exists()
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    if new:
        path.chmod(0o640)
    connection.row_factory = sqlite3.Row
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def connect_readonly(path: Path) -> sqlite3.Connection:
    """A reading connection; raises StoreError when there is no database."""
    if not path.exists():
        raise NoDatabase(f"{path}: there is no database yet (start `feedwatch run` or `feedwatch once` first)")
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    connection.row_factory = sqlite3.Row
    return connection
