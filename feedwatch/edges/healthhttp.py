"""A small web server for those who watch the watcher: a few pages, GET and HEAD, nothing to change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

Ask = Callable[[], Awaitable["Answer"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


class Listener:
    """Serves pages where it is told to, and moves when it is told something else."""

    def __init__(self, pages: Mapping[str, Ask]) -> None:
        self._pages = pages
        self._where: tuple[str, int] | None = None
        self._runner: web.AppRunner | None = None

    async def move(self, where: tuple[str, int] | None) -> bool:
        """Listens on (address, port), or nowhere; True: something changed. Raises OSError where that cannot be."""
        if where == self._where:
            return False
        await self.close()
        if where is not None:
            await self._open(*where)
        self._where = where
        return True

    async def _open(self, host: str, port: int) -> None:
        app = web.Application()
        app.add_routes([web.get(path, _handler(ask)) for path, ask in self._pages.items()])
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def close(self) -> None:
        runner, self._runner, self._where = self._runner, None, None
        if runner is not None:
            await runner.cleanup()


def _handler(ask: Ask) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_: web.Request) -> web.Response:
        answer = await ask()
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-store"}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return handle
