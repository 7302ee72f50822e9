"""A server on loopback that records what it is asked and says, byte for byte, what a test wants it to say."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Self


@dataclass(slots=True)
class Asked:
    """One request as it came over the wire."""

    target: str
    lines: list[bytes]  # of the head, the request line excluded
    connection: int
    began: float
    ended: float = 0.0

    def header(self, name: str) -> bytes | None:
        """The bytes of a header; fails where it was sent twice."""
        found = [
            line.partition(b":")[2].strip(b" ") for line in self.lines if line.lower().startswith(name.encode() + b":")
        ]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None

    def names(self) -> set[str]:
        return {line.partition(b":")[0].decode().lower() for line in self.lines}


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def reply(body: bytes = b"", status: str = "200 OK", **headers: str | bytes) -> bytes:
    """A whole answer with its Content-Length; `content_type="x"` becomes `content-type: x`."""
    fields = {"content-length": str(len(body))} | {key.replace("_", "-"): value for key, value in headers.items()}
    lines = [f"HTTP/1.1 {status}".encode()]
    for name, value in fields.items():
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def always(answer: bytes) -> Answer:
    async def say(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return say


@dataclass
class Recorder:
    """`async with Recorder(answer) as server:`; `server.asked` is what came."""

    answer: Answer
    tls: ssl.SSLContext | None = None
    hang_up: bool = False  # after each answer
    host: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """From now on nobody listens there."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "", scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        self.connections += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._converse(reader, writer, self.connections)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        while not writer.is_closing():
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
            asked = Asked(first.split(b" ")[1].decode(), lines, number, monotonic())
            self.asked.append(asked)
            await self.answer(asked, writer)
            asked.ended = monotonic()
            await writer.drain()
            if self.hang_up or asked.header("connection") == b"close":
                return
