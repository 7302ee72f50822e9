"""The one writer: a thread, a connection, a queue.

Units that wait together are committed together (one fsync for all), each in a savepoint of its own, so that one
failing unit takes nobody with it. A caller hears of success only after the commit; a cancelled caller is no rollback.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from feedwatch.errors import StoreError, StoreUnavailable
from feedwatch.store.database import connect, connect_readonly, damaged, primary_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = ParamSpec("P")
T = TypeVar("T")

OURS = frozenset(
    {
        None,  # Python's sqlite3 refused before it asked SQLite
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_MISUSE,
    }
)
"""Primary result codes of a unit's own mistake; every other one is the database's trouble."""

BATCH = 64
"""Units in one commit at the most: a commit of tens costs hardly more than one, and nobody waits long."""


@dataclass(slots=True)
class Unit:
    """One all-or-nothing piece of work and the promise of its result."""

    work: Callable[[sqlite3.Connection], Any]
    future: Future[Any] = field(default_factory=Future)


KNOCK = Unit(lambda _: None)
"""No work and no commit: the writer only shows that it takes what it is given."""

LONG_WORK = 1_000_000
"""Steps of SQLite's machine (some hundredths of a second) after which a long statement shows that it goes on."""


class Store:
    """The database of a running feedwatch: `write` through the writer, `read` beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turns = 0  # grows whenever the writer took something up, goes on with it, or found the database locked
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._closed = False

    def __enter__(self) -> Self:
        connection = connect(self.path)
        self._thread = threading.Thread(target=self._serve, args=(connection,), name="writer", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._stopping.set()
        self._units.put(None)
        if self._thread is not None:
            self._thread.join()

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs `work(connection, …)` as one transaction; returns when it is on disk."""
        return await asyncio.wrap_future(self.submit(work, *args, **kwargs))

    def submit(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        if self._closed:
            raise StoreError(f"{self.path}: the database is closed already")
        unit = Unit(lambda connection: work(connection, *args, **kwargs))
        unit.future.set_running_or_notify_cancel()  # from here on nobody can cancel it
        self._units.put(unit)
        return unit.future

    def knock(self) -> None:
        """Asks the writer for a sign of life: soon `turns` has grown, even where the database is locked or full."""
        self._units.put(KNOCK)

    async def read(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `work(connection, …)` on a read-only connection beside the writer."""

        def reading() -> T:
            try:
                with closing(connect_readonly(self.path)) as connection:
                    return work(connection, *args, **kwargs)
            except sqlite3.DatabaseError as error:
                raise self._said(error) from error

        return await asyncio.to_thread(reading)

    def _serve(self, connection: sqlite3.Connection) -> None:
        with closing(connection):
            connection.set_progress_handler(self._turn, LONG_WORK)
            while (unit := self._units.get()) is not None:
                self._turn()
                if units := [each for each in self._batch(unit) if each is not KNOCK]:
                    self._commit(connection, units)

    def _turn(self) -> None:
        self.turns += 1

    def _batch(self, first: Unit) -> list[Unit]:
        units = [first]
        while len(units) < BATCH:
            try:
                unit = self._units.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                self._units.put(None)  # the sign to stop: kept for the next turn
                break
            units.append(unit)
        return units

    def _commit(self, connection: sqlite3.Connection, units: list[Unit]) -> None:
        try:
            self._begin(connection)
            results = [_attempt(connection, unit) for unit in units]
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - whatever it is, every caller must hear of it
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            for unit in units:
                unit.future.set_exception(self._said(error))
            return
        for unit, (result, failure) in zip(units, results, strict=True):
            _tell(unit, result, failure)

    def _said(self, error: BaseException) -> BaseException:
        """SQLite's trouble in our words: to be tried again, or to be looked at by a human."""
        if not _is_trouble(error):
            return error
        if isinstance(error, sqlite3.OperationalError):
            return StoreUnavailable(f"{self.path}: {error} (is there space left, and may the folder be written to?)")
        return damaged(self.path, str(error))

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Waits as long as another process holds the database; a stopping store gives up after one time-out."""
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                self._turn()
                if primary_code(error) != sqlite3.SQLITE_BUSY or self._stopping.is_set():
                    raise
            else:
                return


def _attempt(connection: sqlite3.Connection, unit: Unit) -> tuple[Any, Exception | None]:
    connection.execute("SAVEPOINT unit")
    try:
        result = unit.work(connection)
    except Exception as error:  # handed to the unit's caller after the commit
        if _is_trouble(error):
            raise  # disk full, I/O error, damage: the others in this commit fare no better
        connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")
        return None, error
    connection.execute("RELEASE unit")
    return result, None


def _is_trouble(error: BaseException) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and primary_code(error) not in OURS


def _tell(unit: Unit, result: object, failure: Exception | None) -> None:
    if failure is None:
        unit.future.set_result(result)
    else:
        unit.future.set_exception(failure)
