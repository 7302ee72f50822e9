"""The demo's newsroom: a few invented outlets on loopback addresses, over real HTTP.

Every outlet has an address of its own (127.0.0.2, 127.0.0.3, …) and all share one free port. At first the
feeds show old entries only; `publish_next` brings out one fresh article at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from feedwatch.cli.demo import press
from feedwatch.model import Strength, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from email.message import Message


class Feed(NamedTuple):
    name: str
    url: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must become of an article, and why."""

    title: str
    url: str
    outlet: str  # its name
    fresh: bool  # published while the demo runs
    strength: Strength | None  # of its alert; None: no alert
    because: str


class Newsroom:
    """Serves while it is entered; addresses are known from then on."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` gives the aware time that dates an article when it comes out."""
        self._clock = clock
        self._edition = press.edition()
        self._outlets = {outlet.key: outlet for outlet in self._edition.outlets}
        self._coming = iter([article for article in self._edition.articles if not article.days])
        self._dates: dict[str, datetime] = {}  # of the articles that are out, by key
        self._requests: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self._open = contextlib.ExitStack()
        self._port = 0

    def __enter__(self) -> Self:
        now = self._now()
        self._dates = {a.key: now - timedelta(days=a.days) for a in self._edition.articles if a.days}
        desks = {outlet.host: partial(_Desk, partial(self._answer, outlet)) for outlet in self._edition.outlets}
        servers = _listen(desks)
        self._port = servers[0].server_address[1]
        for server in servers:
            self._open.enter_context(_serving(server))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def keywords(self) -> tuple[str, ...]:
        """The watchlist for which the articles were written."""
        return self._edition.keywords

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return tuple(Feed(o.name, self._home(o) + o.path, o.tags) for o in self._edition.outlets)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """One for every article, out or not; the fresh ones in the order of publication."""
        return tuple(
            Expected(
                title=article.title,
                url=self._url(article),
                outlet=self._outlets[article.outlet].name,
                fresh=not article.days,
                strength=article.strength,
                because=article.because,
            )
            for article in self._edition.articles
        )

    @property
    def requests(self) -> Counter[tuple[str, int]]:
        """Answers so far, by address without scheme and port ("127.0.0.2/rss.xml") and status."""
        with self._lock:
            return self._requests.copy()

    def publish_next(self) -> str | None:
        """Brings out the next fresh article, dated now: its title, or None when all are out."""
        article = next(self._coming, None)
        if article is None:
            return None
        self._dates[article.key] = self._now()
        return article.title

    def _now(self) -> datetime:
        return utc(self._clock()).replace(microsecond=0)  # HTTP dates know no fractions

    def _home(self, outlet: press.Outlet) -> str:
        return f"http://{outlet.host}:{self._port}"

    def _url(self, article: press.Article) -> str:
        return self._home(self._outlets[article.outlet]) + article.path

    def _items(self, outlet: press.Outlet) -> list[press.Item]:
        """What the outlet has published, newest first."""
        items = [
            press.Item(article=article, url=self._url(article), at=at)
            for article in reversed(self._edition.articles)
            if article.outlet == outlet.key and (at := self._dates.get(article.key))
        ]
        return sorted(items, key=lambda item: item.at, reverse=True)

    def _answer(self, outlet: press.Outlet, path: str, asked: Message) -> _Answer:
        """The feed, a page that is out, or 404; 304 to whom has it already."""
        answer = _conditional(self._document(outlet, path), asked)
        with self._lock:
            self._requests[outlet.host + path, answer.status] += 1
        return answer

    def _document(self, outlet: press.Outlet, path: str) -> _Answer:
        items = self._items(outlet)
        if path == outlet.path:
            media_type, body = press.feed(outlet, self._home(outlet), items)
            return _found(media_type, body, items[0].at)
        for item in items:
            if path == item.article.path:
                return _found("text/html; charset=utf-8", press.page(outlet, self._home(outlet), item), item.at)
        return _Answer(404, {"Content-Type": "text/plain"}, b"no such page\n")


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _found(media_type: str, body: bytes, changed: datetime) -> _Answer:
    validators = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
    }
    return _Answer(200, {"Content-Type": media_type} | validators, body)


def _conditional(answer: _Answer, asked: Message) -> _Answer:
    """304 where the validators came back byte for byte; an entity tag outranks a date (RFC 9110, 13.2.2)."""
    given, ours = asked["If-None-Match"], answer.headers.get("ETag")
    if given is None:
        given, ours = asked["If-Modified-Since"], answer.headers.get("Last-Modified")
    if given is None or given != ours:
        return answer
    kept = {name: answer.headers[name] for name in ("ETag", "Last-Modified")}
    return _Answer(304, kept, b"")


class _Server(ThreadingTCPServer):
    """Not http.server's own: that one asks the resolver for the address's name."""

    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that hangs up is no error; anything else is ours and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Desk(BaseHTTPRequestHandler):
    """One request, one connection."""

    timeout = 10
    server_version = "newsroom"
    sys_version = ""

    def __init__(self, answer: Callable[[str, Message], _Answer], *connection: Any) -> None:
        self._answer = answer
        super().__init__(*connection)

    def do_GET(self) -> None:
        status, headers, body = self._answer(self.path, self.headers)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: stdout and stderr are the demo's."""


def _listen(desks: Mapping[str, Callable[..., _Desk]]) -> list[_Server]:
    """One server an address, all on one port; OSError when ten ports were not free on all of them."""
    for _ in range(9):
        with contextlib.suppress(OSError):
            return _bind(desks)
    return _bind(desks)


def _bind(desks: Mapping[str, Callable[..., _Desk]]) -> list[_Server]:
    port = 0  # the first address takes any free one, the others must have the same
    servers = []
    with contextlib.ExitStack() as undo:
        for host, desk in desks.items():
            server = undo.enter_context(_Server((host, port), desk))
            port = server.server_address[1]
            servers.append(server)
        undo.pop_all()
    return servers


@contextlib.contextmanager
def _serving(server: _Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()
