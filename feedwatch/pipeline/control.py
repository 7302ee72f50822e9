"""The control socket: a line of JSON asks a running feedwatch, a line of JSON answers.

`{"verb": "ack", "actor": "anna", "words": {"alert": "7f3k2a"}}` → `{"answer": {…}}` or `{"error": "NothingThere",
"text": "…"}`. The socket's group may ask, and whoever is connected can do nobody harm: what a client may send, how long
it may take and how many there may be is bounded, and a silent one makes way for a new one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pwd
import socket
import struct
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.outgoing import cut, one_line
from feedwatch.errors import AskedWrongly, FeedwatchError
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.verbs import VERBS, Asked
from feedwatch.store.database import remember

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from typing import TypeAlias

    from feedwatch.pipeline.engine import Engine
    from feedwatch.store import Connection

    Own: TypeAlias = Mapping[str, Callable[[], Awaitable[dict[str, Any]]]]

log = logging.getLogger(__name__)

LONGEST_REQUEST = 64 * 1024
"""Bytes of a line."""

PATIENCE = 10.0
"""Seconds in which a client must have said its line, and taken its answer."""

LONGEST_WORK = 600.0
"""Seconds after which a client hears that it takes long; what was begun is finished."""

CLIENTS = 64
"""Connections at once; one more, and the one that has been silent longest is closed."""

AT_WORK = 4
"""Requests answered at once: threads stay free for the daemon's own reading."""

LONGEST_PATH = 100
"""Bytes of a Unix socket's address that every system takes (sockaddr_un holds 108 on Linux)."""

OVERFLOW = 65534
"""The uid that stands for everybody of another user namespace (PrivateUsers=yes), see user_namespaces(7)."""


@asynccontextmanager
async def listening(engine: Engine, own: Own) -> AsyncIterator[Path | None]:
    """Answers requests meanwhile; `own` are the verbs that only a running daemon has.

    A socket that cannot be made is logged and no reason not to watch: then there is none.
    """
    path = socket_path(engine.store.path)
    try:
        listener = bound(path)
    except OSError as error:
        log.warning("control=none path=%s why=%s", path, error.strerror)
        yield None
        return
    control = Control(engine, own)
    server = await asyncio.start_unix_server(control.serve, sock=listener, limit=LONGEST_REQUEST)
    remember(engine.store.path, socket=str(path))
    try:
        yield path
    finally:
        server.close()
        control.close()
        with suppress(OSError):
            path.unlink()


def socket_path(database: Path) -> Path:
    """In $RUNTIME_DIRECTORY, as systemd gives it; beside the database without one, or if somebody listens there."""
    beside = database.with_name(database.name + ".sock")
    given = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    path = Path(given) / "control.sock"
    return path if given and not _answers(path) else beside


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, short_address(path) as address:
        probe.settimeout(1.0)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


def bound(path: Path) -> socket.socket:
    """A listening socket for the owner and the group; a dead one in its place is replaced, and never is there none."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with short_address(new) as address:
            listener.bind(address)
        new.chmod(0o660)
        listener.listen(CLIENTS)
        new.replace(path)
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """An address of the socket that is not too long for the kernel."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # whoever uses the address hears of it
        yield str(path)
        return
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@dataclass(slots=True)
class Control:
    """The connections and what they ask for."""

    engine: Engine
    own: Own
    silent: dict[asyncio.StreamWriter, None] = field(default_factory=dict)  # the longest silent first
    others: set[asyncio.StreamWriter] = field(default_factory=set)
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_WORK))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, line by line; it is gone when it is silent or wrong for too long."""
        self._make_room()
        try:
            asker = _peer(writer)  # asked while it is there: lines outlive the socket that sent them
            while len(self.others) < CLIENTS and (line := await self._line(reader, writer)):
                writer.write(await self._answer(line, asker) + b"\n")
                await asyncio.wait_for(writer.drain(), PATIENCE)
        except (TimeoutError, ConnectionError):
            pass
        except Exception:  # one client's trouble is not the daemon's
            log.exception("control job=failed")
        finally:
            self.silent.pop(writer, None)
            self.others.discard(writer)
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def _make_room(self) -> None:
        while len(self.silent) >= CLIENTS:
            longest = next(iter(self.silent))
            del self.silent[longest]
            longest.transport.abort()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """A whole line; nothing where the client is done, or sends what can be none."""
        self.silent[writer] = None
        self.others.discard(writer)
        try:
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
        except ValueError:  # longer than the limit
            writer.write(_failure(AskedWrongly(f"a request has {LONGEST_REQUEST} bytes at the most")) + b"\n")
            return b""
        self.silent.pop(writer, None)
        self.others.add(writer)
        return line if line.endswith(b"\n") else b""

    async def _answer(self, line: bytes, uid: int) -> bytes:
        try:
            async with self.desk:
                return await asyncio.wait_for(self._do(line, uid), LONGEST_WORK)
        except FeedwatchError as error:
            return _failure(error)
        except TimeoutError:
            return _failure(FeedwatchError("this takes very long; what was begun is finished"))
        except Exception as error:
            log.exception("control job=failed")
            return _failure(FeedwatchError(f"surprise: {type(error).__name__} (the daemon's log tells more)"))

    async def _do(self, line: bytes, uid: int) -> bytes:
        name, words, claimed = understood(line)
        if name in self.own:
            return _encoded({"answer": await self.own[name]()})
        if name not in VERBS:
            raise AskedWrongly(f"no verb {cut(name, 40)} (there are: {', '.join([*VERBS, *self.own])})")
        verb, store = VERBS[name], self.engine.store
        actor = await asyncio.to_thread(actor_of, uid, claimed)
        asked = Asked(words=words, actor=actor, at=now(), settings=self.engine.program.plan.settings)

        def work(db: Connection) -> bytes:
            """Encoded here, beside the event loop: an answer may be long."""
            return _encoded({"answer": verb.do(db, asked)})

        if not verb.writes:
            return await store.read(work)
        answer = await store.write(work)
        log.info("control verb=%s by=%r words=%r", name, actor, dict(words))
        self.engine.wake()
        return answer

    def close(self) -> None:
        for writer in (*self.silent, *self.others):
            writer.transport.abort()


def understood(line: bytes) -> tuple[str, dict[str, Any], str]:
    """(verb, words, actor as the client says); raises AskedWrongly."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise AskedWrongly("a request is one line of JSON") from None
    words = asked.get("words", {}) if isinstance(asked, dict) else None
    if not isinstance(words, dict) or not isinstance(asked.get("verb"), str):
        raise AskedWrongly('a request is {"verb": "…", "words": {…}}')
    claimed = asked.get("actor")
    return asked["verb"], words, claimed if isinstance(claimed, str) else ""


def actor_of(uid: int, claimed: str) -> str:
    """Who asks: the user that the kernel names; only where it cannot, the one that the client does."""
    if uid == OVERFLOW:
        return cut(one_line(claimed), 64) or "nobody"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _peer(writer: asyncio.StreamWriter) -> int:
    """The client's uid: SO_PEERCRED gives pid, uid and gid, see unix(7). ConnectionError: it is gone again."""
    try:
        credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    except OSError as error:
        raise ConnectionError("closed before it was served") from error
    return int(struct.unpack("3i", credentials)[1])


def _encoded(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode()


def _failure(error: FeedwatchError) -> bytes:
    return _encoded({"error": type(error).__name__, "text": str(error)})
