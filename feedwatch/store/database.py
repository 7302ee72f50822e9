"""Opening the database: lock, checks, migrations. It never starts empty where a database was."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from feedwatch.text.fold import FOLD_VERSION

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


def schema() -> str:
    """The tables as a document: every migration's script, in order."""
    return "\n".join(f"-- {migration.name}\n\n{_script(f'{migration.name}.sql')}" for migration in _registered())


def _registered() -> list[Any]:
    return migrations._migrations  # noqa: SLF001 - it has no public list


def _run(db: Database, name: str) -> None:
    for statement in _statements(_script(f"{name}.sql")):
        db.conn.execute(statement)


@migrations(name="0001_initial")
def _initial(db: Database) -> None:
    _run(db, "0001_initial")
    db.conn.execute("INSERT INTO meta VALUES ('fold_version', ?)", (str(FOLD_VERSION),))


@migrations(name="0002_control")
def _control(db: Database) -> None:
    _run(db, "0002_control")


@migrations(name="0003_retention")
def _retention(db: Database) -> None:
    _run(db, "0003_retention")


@migrations(name="0004_health")
def _health(db: Database) -> None:
    _run(db, "0004_health")


@migrations(name="0005_silence")
def _silence(db: Database) -> None:
    _run(db, "0005_silence")


@migrations(name="0006_pace")
def _pace(db: Database) -> None:
    _run(db, "0006_pace")


@migrations(name="0007_parts")
def _parts(db: Database) -> None:
    _run(db, "0007_parts")


@migrations(name="0008_outlets")
def _outlets(db: Database) -> None:
    _run(db, "0008_outlets")


@migrations(name="0009_identity")
def _identity(db: Database) -> None:
    _run(db, "0009_identity")


@migrations(name="0010_loud")
def _loud(db: Database) -> None:
    _run(db, "0010_loud")


@migrations(name="0011_stories")
def _stories(db: Database) -> None:
    _run(db, "0011_stories")


@migrations(name="0012_revisions")
def _revisions(db: Database) -> None:
    _run(db, "0012_revisions")


@migrations(name="0014_zones")
def _zones(db: Database) -> None:
    _run(db, "0014_zones")


@migrations(name="0016_looks")
def _looks(db: Database) -> None:
    _run(db, "0016_looks")


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Holds the database's lock for one process; raises DatabaseBusy with the holder's pid.

    The lock file stays behind and remembers that a database was made here, so that a vanished one is noticed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = lock_file(path)
    new = not lock.exists()
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if new:
            give_to_folders_owner(lock)
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


def give_to_folders_owner(path: Path) -> None:
    """What root has just made in the service's folder is the service's, which must be able to open it."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


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


def control_socket(path: Path) -> Path | None:
    """Where the process that took the lock last may be asked; it may be dead."""
    socket = _remembered(path).get("socket")
    return Path(socket) if isinstance(socket, str) else None


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


def refuse_unfit(connection: sqlite3.Connection, path: Path) -> None:
    """Raises what keeps the file at `path` from becoming our database: damaged, newer, or not ours."""
    try:
        verdict = check_integrity(connection)
        if verdict:
            raise damaged(path, verdict)
        db = Database(connection, execute_plugins=False)
        _refuse_newer(db, path)
        if not migrations.applied(db):
            raise StoreError(f"{path}: this is not a database of feedwatch (name a file that `feedwatch backup` made)")
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error


def check_integrity(connection: sqlite3.Connection) -> str:
    """What SQLite finds wrong in the whole file, in one line; "" where all is well."""
    found = [" ".join(row[0].split()) for row in connection.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        return "; ".join(found)
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {orphan[0]} refers to a row of {orphan[2]} that is not there" if orphan else ""


def has_vanished(path: Path) -> str:
    """What `prepare` would say of a database that is gone or empty; "" where it is not."""
    try:
        _refuse_vanished(path)
    except DatabaseVanished as error:
        return str(error)
    return ""


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
        f"{path}: the database {state} ({put_back(path)}; or, to start anew and lose what is known,"
        f" remove it, {path.name}-wal, {path.name}-shm and {lock_file(path).name})"
    )


def put_back(path: Path) -> str:
    """How a backup is put back; the latest, where one is in the usual folder."""
    latest = max(map(str, path.with_name("backups").glob("feedwatch-*Z.db")), default="FILE")
    return f"put a backup back: `feedwatch restore --force {latest}`"


def damaged(path: Path, detail: str) -> DatabaseDamaged:
    return DatabaseDamaged(
        f"{path}: the database is damaged: {detail} ({put_back(path)}; without one, save what can be read with"
        f" `sqlite3 {path.name} .dump > rescued.sql`)"
    )


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if path.stat().st_size > CHECKED_BYTES:
        return
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, " ".join(verdict.split()))


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in _registered()}
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
            f" [store] path, or {put_back(path)})"
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


def hold(connection: sqlite3.Connection) -> None:
    """What the connection reads from now on is of one moment, whatever is written meanwhile."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _open(path: Path) -> sqlite3.Connection:
    new = not path.exists()
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    if new:
        path.chmod(0o640)
        give_to_folders_owner(path)
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
