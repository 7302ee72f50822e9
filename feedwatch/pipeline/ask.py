"""Asks a running feedwatch over its control socket; where none runs, does the same on the database itself."""

from __future__ import annotations

import json
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedwatch import errors
from feedwatch.errors import FeedwatchError, NoAnswer, NoDatabase
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.control import LONGEST_WORK, actor_of, short_address
from feedwatch.pipeline.verbs import VERBS, Answer, Asked
from feedwatch.store import database
from feedwatch.store.writer import Store

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings

SOON = 30.0
"""Seconds in which a question must be answered; an order may take LONGEST_WORK."""

__all__ = ["LONGEST_WORK", "alone", "ask", "ask_running"]

TO_CONNECT = struct.pack("ll", 5, 0)
"""Seconds to wait in the queue of a busy daemon; Python's own time-out would not wait there at all (EAGAIN)."""

TELLABLE = {
    kind.__name__: kind
    for kind in (
        errors.AskedWrongly,
        errors.NothingThere,
        errors.StoreError,
        errors.StoreUnavailable,
        errors.DatabaseDamaged,
    )
}
"""The errors that keep their kind on the way to the client; all others are a FeedwatchError."""


def ask(settings: Settings, verb: str, *, patience: float = SOON, **words: str | None) -> Answer:
    """The answer of the feedwatch that holds the database, or, where none does, of the verb done here.

    Raises what the verb raises, NoAnswer where the holder cannot be asked, StoreError where the database is in trouble.
    """
    if database.daemon_pid(settings.store.path) is None:
        return alone(settings, verb, words)
    return ask_running(settings.store.path, verb, patience=patience, **words)


def ask_running(path: Path, verb: str, *, patience: float = SOON, **words: str | None) -> Answer:
    """The answer of the feedwatch that holds the database at `path`; raises NoAnswer where it cannot be asked."""
    said = [word for word in words.items() if word[1] is not None]
    request = json.dumps({"verb": verb, "actor": me(), "words": dict(said)}).encode() + b"\n"
    told = _told(_line(path, request, patience))
    if "answer" in told:
        return dict(told["answer"])
    raise TELLABLE.get(told.get("error", ""), FeedwatchError)(told.get("text", "an answer without words"))


def me() -> str:
    """The user who runs this, for the case that the daemon cannot see it."""
    return actor_of(os.getuid(), "")


def _line(path: Path, request: bytes, patience: float) -> bytes:
    """One line to the daemon and the one it answers with."""
    where = database.control_socket(path)
    if where is None:
        raise _unanswered(path, "it has no control socket")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, short_address(where) as address:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, TO_CONNECT)
            line.connect(address)
            line.settimeout(patience)
            line.sendall(request)
            with line.makefile("rb") as answer:
                return answer.readline()
    except OSError as error:
        raise _unanswered(path, f"{where}: {error.strerror or error}") from error


def _told(line: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        raise NoAnswer("feedwatch gave no answer (it is stopping, or it has too much to do: try again)") from None


def _unanswered(path: Path, why: str) -> NoAnswer:
    pid = database.daemon_pid(path) or "which has just ended"
    return NoAnswer(
        f"feedwatch (pid {pid}) cannot be asked: {why} (it is starting or stopping, or it is a `feedwatch once`: try"
        " again; or you are not in its group)"
    )


def alone(settings: Settings, verb: str, words: dict[str, str | None]) -> Answer:
    """Does it here, under the lock; raises DatabaseBusy where a feedwatch just started, StoreError as at a start."""
    path = settings.store.path
    asked = Asked(words=words, actor=me(), at=now(), settings=settings)
    try:
        if not path.exists() and database.holder(path) is None:
            raise NoDatabase(f"{path}: there is no database yet (start `feedwatch run` or `feedwatch once` first)")
        with database.locked(path):
            database.prepare(path)
            with Store(path) as store:
                return store.submit(VERBS[verb].do, asked).result()
    except PermissionError as error:
        raise errors.StoreError(
            f"{error.filename}: {error.strerror} (be its user: `sudo -u feedwatch feedwatch …`)"
        ) from None
