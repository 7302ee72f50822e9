"""Copies of the whole database, made while it is written to; and a copy put back.

A copy grows under a name that ends in `.partial`, is checked as a whole, and only then gets its name: whatever carries
a backup's name is one. A kill at any moment leaves a `.partial`, which the next run removes.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from feedwatch.errors import StoreError, StoreUnavailable
from feedwatch.store.database import (
    BUSY_SECONDS,
    PASSING,
    connect_readonly,
    damaged,
    give_to_folders_owner,
    hold,
    primary_code,
    refuse_unfit,
    remember,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    Progress = Callable[[int, int], None]
    """Told how many pages are copied, and of how many."""

NAME = re.compile(r"feedwatch-\d{8}T\d{6}Z\.db")
PARTIAL = ".partial"
PAGES = 2_000
"""Copied between two signs of progress: 8 MB."""


def stamp(at: datetime) -> str:
    """As in 20261122T031500Z."""
    return at.strftime("%Y%m%dT%H%M%SZ")


def backup(path: Path, folder: Path, at: datetime, progress: Progress) -> Path:
    """A checked copy of the database as it is at one moment, in `folder`; its path.

    The daemon may go on writing: the copy is of the state at its beginning. Raises StoreUnavailable where there is no
    room or another backup into the folder is under way, DatabaseDamaged where the copy does not pass the check.
    """
    connect_readonly(path).close()  # first of all: where there is no database, no folder is made
    with _own_folder(folder):
        made = folder / f"feedwatch-{stamp(at)}.db"
        partial = made.with_name(made.name + PARTIAL)
        _copy(path, partial, progress)
        partial.replace(made)
        _sync(folder)
    return made


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first."""
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


def remove_old(folder: Path, keep: int, newest: Path) -> list[Path]:
    """Leaves the `keep` latest backups, and `newest` in any case: a clock that went back gives it an old name."""
    old = [path for path in backups(folder) if path != newest][: -(keep - 1) or None]
    for path in old:
        path.unlink()
    return old


@contextmanager
def _own_folder(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder: what lies there unfinished is then of a process that died."""
    if not folder.exists():
        folder.mkdir(mode=0o750, parents=True)
        give_to_folders_owner(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreUnavailable(f"{folder}: another backup is being made there (wait for it)") from error
        for rest in folder.glob(f"feedwatch-*.db{PARTIAL}*"):
            rest.unlink()
        yield
    finally:
        os.close(descriptor)


def _copy(source: Path, copy: Path, progress: Progress) -> None:
    """A whole, checked, self-contained copy on disk, or none."""
    try:
        with closing(_snapshot(source)) as reading, closing(sqlite3.connect(copy, isolation_level=None)) as writing:
            copy.chmod(0o640)
            give_to_folders_owner(copy)
            reading.backup(writing, pages=PAGES, progress=lambda _status, left, pages: progress(pages - left, pages))
            writing.execute("PRAGMA journal_mode = DELETE")  # one file, also on a medium that cannot be written to
            refuse_unfit(writing, source)
        _sync(copy)
    except BaseException as error:
        _remove(copy)
        if isinstance(error, sqlite3.DatabaseError):
            raise _said(error, source, copy) from error
        raise


def _remove(partial: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        partial.with_name(partial.name + end).unlink(missing_ok=True)


def _snapshot(path: Path) -> sqlite3.Connection:
    """A reader that stays at one moment: a copy is not begun anew whenever the daemon writes."""
    connection = _reader(path)
    try:
        hold(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    """Without a log beside it the file is all there is, and may lie on a medium that cannot be written to."""
    if path.with_name(path.name + "-wal").exists() or os.access(path.parent, os.W_OK):
        return connect_readonly(path)
    return sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True, isolation_level=None)


def _said(error: sqlite3.DatabaseError, source: Path, copy: Path) -> StoreError:
    if not isinstance(error, sqlite3.OperationalError):
        return damaged(source, str(error))
    kind = StoreUnavailable if primary_code(error) in PASSING else StoreError
    return kind(f"{copy}: {error} (is there space left, and may the folder be written to?)")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def restore(file: Path, path: Path, at: datetime, progress: Progress, *, force: bool) -> Path | None:
    """Puts a copy of `file` in the database's place; where the old one, if there was one, was put aside.

    Call it with the lock held. Raises StoreError where `file` is not fit, or, without `force`, where a database is
    there already; nothing is changed then. Between the two renamings at the end there is no database, and a start
    would say so; both files are whole then, and the same command again ends the work.
    """
    _refuse_senseless(file, path)
    old = path.exists() and path.stat().st_size > 0
    if old and not force:
        raise StoreError(
            f"{path}: there is a database already (--force puts it aside as {_aside(path, at).name}, and goes on)"
        )
    new = path.with_name(path.name + ".restoring" + PARTIAL)
    _remove(new)
    _copy(file, new, progress)
    aside = _put_aside(path, at)
    new.replace(path)
    _sync(path.parent)
    remember(path, made=True)
    return aside if old else None


def _refuse_senseless(file: Path, path: Path) -> None:
    if not file.is_file():
        raise StoreError(f"{file}: no such file (name one that `feedwatch backup` made)")
    if path.exists() and file.samefile(path):
        raise StoreError(f"{file}: that is the database itself (name a file that `feedwatch backup` made)")


def _aside(path: Path, at: datetime) -> Path:
    """A free name: nothing that was put aside is ever overwritten."""
    names = (f"{path.name}.replaced-{stamp(at)}{more}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(free for name in names if not (free := path.with_name(name)).exists())


def _put_aside(path: Path, at: datetime) -> Path:
    """Renames what is at `path`, as one file if SQLite can read it; nothing of it may stay beside a new database."""
    _fold_in_log(path)
    aside = _aside(path, at)
    for end in ("", "-wal", "-shm"):  # the log after its database: a database without its log is never opened
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    _sync(path.parent)
    return aside


def _fold_in_log(path: Path) -> None:
    """Ends the write-ahead log; raises StoreUnavailable while another program has the database open."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if primary_code(error) == sqlite3.SQLITE_BUSY:
            raise StoreUnavailable(f"{path}: another program has it open (end that one)") from error
    except sqlite3.DatabaseError:
        pass  # damaged: it is put aside with its log
