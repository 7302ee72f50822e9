"""HTTP: one GET, conditional and polite, whose every outcome is a value.

get → at the host's gate → ask → redirected? the same for the next address
                               → a body within its size and time → Fetched
                               → anything else → Failure
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from feedwatch import __version__
from feedwatch.edges.answers import phrase, retry_after, trouble
from feedwatch.edges.bodies import SNIFFED, Arriving, BodyDamaged, is_html, unpacker
from feedwatch.edges.credentials import basic, credentials_for
from feedwatch.edges.gate import Gate
from feedwatch.edges.guard import is_private, plain, refusal
from feedwatch.edges.proxy import Proxy, Way, directly
from feedwatch.model import Credentials, Failure, Fetched, Reason, Validators

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MAX_REDIRECTS = 5

_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.5",
    "robots": "text/plain, */*;q=0.5",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_BODY = frozenset({200, 203})
_STATUS = {404: Reason.NOT_FOUND, 410: Reason.GONE} | dict.fromkeys((401, 403, 429, 451), Reason.REFUSED)
_FINAL = frozenset({401, 403, 404, 410, 451})
_LINE = 16_384  # bytes of a status line or of one header; real ones pass aiohttp's 8,190
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(r"[!-~]+")
_PATH = "/%!$&'()*+,;=:@~[]"
_QUERY = _PATH + "?"
RECEIVED = 16_384  # bytes that are taken from a socket at a time
_BOMB = 200  # times as much as came is not what a publisher sends; of 142 large feeds and pages the most was 37
_BOMB_FROM = 1_000_000  # bytes; smaller ones harm nobody
_KEEP_ALIVE = 15.0  # seconds that an idle connection outlives the pause between two requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch. `owner` says that the owner typed this address, so that its host may be private."""

    url: str
    validators: Validators = field(default_factory=Validators)
    owner: bool
    accept: Literal["feed", "page", "robots"]
    timeout: timedelta  # for the whole exchange, redirects included, waiting at the gate excluded
    max_bytes: int  # of the unpacked body
    permit: Callable[[str], Awaitable[Failure | None]] | None = None  # asked before each address on the way
    credentials: tuple[Credentials, ...] = ()  # each goes to its place alone; the last word on a header counts


class _Stop(Exception):
    """Ends a fetch with its failure."""

    def __init__(self, reason: Reason, detail: str, *, final: bool = False) -> None:
        super().__init__(detail)
        self.failure = Failure(reason=reason, detail=detail, final=final)


class _Shut(_Stop):
    """The guard let no address of this host through."""


class _Refused(OSError):
    """The guard's word to aiohttp, which then tries the name's next address."""


class _Sipping(socket.socket):
    """Gives no more than RECEIVED bytes at a time: aiohttp takes all it is given as one piece of work.

    asyncio's own quarter of a megabyte can hold 10,000 answers "100 Continue", which stop everything for 0.16 s.
    """

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return super().recv(min(size, RECEIVED), flags)

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """What TLS reads by."""
        return super().recv_into(buffer, min(size or len(buffer), RECEIVED), flags)


@dataclass(slots=True)
class _Visit:
    """One attempt to connect, seen from the socket factory, which is told the address alone."""

    host: str
    owner: bool  # or the proxy, which the owner chose
    grew: Callable[[int], None]  # told how many bytes of the body there are
    proxy: Proxy | None = None
    refused: str = ""  # the guard's last word
    tried: bool = False  # at least one address was permitted


_VISIT: ContextVar[_Visit] = ContextVar("visit")


@dataclass(frozen=True, slots=True)
class _Moved:
    target: URL
    private: bool  # it was said by an address that only the owner's word had opened
    permanent: bool


class Fetcher:
    """Fetches under the limits of `[polling]`; an async context manager.

    Two connection pools: the first keeps connections and reaches public addresses and `allow_private`; the second
    reaches what the owner typed and keeps nothing, so that no link in a page can ride on such a connection.
    """

    def __init__(
        self,
        *,
        contact: str,
        per_host: int,
        host_delay: timedelta,
        concurrency: int,
        allow_private: tuple[str, ...],
        proxy: Way = directly,
    ) -> None:
        self._agent = f"feedwatch/{__version__}" + (f" (+{contact})" if contact else "")
        self._allow = allow_private
        self._proxy = proxy
        self._arriving = Arriving()
        self._gate = Gate(per_host=per_host, delay=host_delay, concurrency=concurrency)
        self._keep_alive = host_delay.total_seconds() + _KEEP_ALIVE

    async def __aenter__(self) -> Self:
        self._public = self._session(keep=True)
        self._private = self._session(keep=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._private.close()

    def _session(self, *, keep: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,  # the gate counts
            force_close=not keep,
            keepalive_timeout=self._keep_alive if keep else None,
            socket_factory=self._socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),  # ours holds for everything, drips included
            auto_decompress=False,
            max_line_size=_LINE,
            max_field_size=_LINE,
        )

    def _socket(self, info: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]) -> socket.socket:
        """Makes a socket for a permitted address; called by aiohttp before each attempt to connect."""
        family, kind, proto, _, address = info
        visit = _VISIT.get()
        said = refusal(address[0], host=visit.host, owner=visit.owner, allow=self._allow)
        if said is not None:
            visit.refused = said
            raise _Refused(errno.EACCES, said)
        visit.tried = True
        return _Sipping(family, kind, proto)

    async def get(self, request: Request) -> Fetched | Failure:
        """The answer, or why there is none; raises for nothing that the network or the server can do."""
        try:
            return await self._follow(request)
        except _Stop as stop:
            return stop.failure

    async def _follow(self, request: Request) -> Fetched | Failure:
        asked = url = _address(request.url)
        owner, left = request.owner, request.timeout.total_seconds()
        hops: tuple[str, ...] = ()
        moved: str | None = None
        for_good = True
        while len(hops) <= MAX_REDIRECTS:
            if request.permit is not None and (refused := await request.permit(str(url))):
                return refused
            headers = self._headers(request, url, at_home=url.origin() == asked.origin())
            async with self._gate.enter(plain(url.raw_host or ""), str(url.origin())) as keep:
                began = monotonic()
                answer = await self._timely(left, request, url, headers | _connection(keep=keep), owner=owner)
                left -= monotonic() - began
            if not isinstance(answer, _Moved):
                return replace(answer, hops=hops, moved=moved) if isinstance(answer, Fetched) else answer
            owner = answer.private and answer.target.raw_host == url.raw_host
            hops += (str(url),)
            url, for_good = answer.target, for_good and answer.permanent
            moved = str(url) if for_good else moved
        raise _Stop(Reason.SERVER_ERROR, f"redirects more than {MAX_REDIRECTS} times")

    def _headers(self, request: Request, url: URL, *, at_home: bool) -> dict[str, str]:
        """`at_home`: the address has the origin of the asked one; a password or validator never leaves it."""
        headers = {
            "User-Agent": self._agent,
            "Accept": _ACCEPT[request.accept],
            "Accept-Encoding": "gzip, br",
        }
        if at_home:
            headers |= _conditions(request.validators) | _authorization(request)
        return _with_own(headers, credentials_for(str(url), request.credentials))

    async def _timely(
        self, seconds: float, request: Request, url: URL, headers: dict[str, str], *, owner: bool
    ) -> Fetched | Failure | _Moved:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await self._reach(request, url, headers, limit, owner=owner)
        except TimeoutError:
            if self._arriving.gave_up(limit):
                raise _Stop(Reason.TIMEOUT, "left for later, for too many large answers came at once") from None
            allowed = request.timeout.total_seconds()
            raise _Stop(Reason.TIMEOUT, f"no complete answer within {allowed:g} s") from None
        finally:
            self._arriving.ended(limit)

    async def _reach(
        self, request: Request, url: URL, headers: dict[str, str], limit: asyncio.Timeout, *, owner: bool
    ) -> Fetched | Failure | _Moved:
        host, grew = url.raw_host or "", partial(self._arriving.grew, limit, request.max_bytes)
        proxy = None if is_private(host, allow=self._allow) else self._proxy(url.scheme, host)
        if proxy is not None:
            visit = _Visit(proxy.host, owner=True, grew=grew, proxy=proxy)
            return await _exchange(self._public, visit, request, url, headers)
        try:
            return await _exchange(self._public, _Visit(host, owner=False, grew=grew), request, url, headers)
        except _Shut:
            if not owner:
                raise
        return await _exchange(self._private, _Visit(host, owner=True, grew=grew), request, url, headers)


async def _exchange(
    session: aiohttp.ClientSession, visit: _Visit, request: Request, url: URL, headers: dict[str, str]
) -> Fetched | Failure | _Moved:
    _VISIT.set(visit)
    try:
        async with session.get(url, headers=headers, allow_redirects=False, **_through(visit.proxy)) as response:
            return await _judge(response, request, url, headers, visit)
    except (aiohttp.ClientError, OSError, ValueError, BodyDamaged) as problem:
        if isinstance(problem, TimeoutError):
            raise
        if visit.refused and not visit.tried:
            raise _Shut(Reason.REFUSED, visit.refused, final=True) from problem
        raise _Stop(*trouble(problem)) from problem


def _through(proxy: Proxy | None) -> dict[str, Any]:
    """What aiohttp wants to know of a proxy; it makes a Proxy-Authorization of the header."""
    if proxy is None:
        return {}
    headers = {"Authorization": basic(f"{proxy.user}:{proxy.password}")} if proxy.user or proxy.password else {}
    return {"proxy": URL(proxy.url), "proxy_headers": headers}


async def _judge(
    response: aiohttp.ClientResponse, request: Request, url: URL, sent: dict[str, str], visit: _Visit
) -> Fetched | Failure | _Moved:
    headers = _received(response)
    status = response.status
    if status in _REDIRECTS and "location" in headers:
        private = visit.owner and visit.proxy is None
        return _Moved(_target(url, headers["location"]), private, status in _PERMANENT)
    if status in _BODY:
        body = await _body(response, headers, request, visit.grew)
        return Fetched(url=str(url), status=status, headers=headers, body=body)
    conditional = sent.keys() & {"If-None-Match", "If-Modified-Since"}
    if status == HTTPStatus.NO_CONTENT or (status == HTTPStatus.NOT_MODIFIED and conditional):
        return Fetched(url=str(url), status=status, headers=headers, body=b"")
    return Failure(
        reason=_STATUS.get(status, Reason.SERVER_ERROR),
        detail=f"answered {status} {phrase(status)}".rstrip(),
        status=status,
        retry_after=retry_after(headers.get("retry-after", ""), datetime.now(UTC)),
        final=status in _FINAL,
    )


async def _body(
    response: aiohttp.ClientResponse, headers: dict[str, str], request: Request, grew: Callable[[int], None]
) -> bytes:
    """The unpacked body; never much more than `max_bytes` of it is in memory."""
    stream = unpacker(headers.get("content-encoding", ""))
    kind = headers.get("content-type", "")
    body, received, unsniffed = bytearray(), 0, request.accept == "page"
    async for chunk in response.content.iter_any():
        received, rested = received + len(chunk), len(body)
        for piece in stream.feed(chunk):
            body += piece
            if unsniffed and len(body) >= SNIFFED:
                _check_html(kind, body)
                unsniffed = False
            _check_size(max(received, len(body), response.content_length or 0), request.max_bytes)
            _check_bomb(received, len(body))
            grew(len(body))
            if len(body) > rested + _BOMB_FROM:  # not before it is known for a bomb: a br decoder holds 16 MB meanwhile
                rested = len(body)
                await asyncio.sleep(0)
        await asyncio.sleep(0)
    stream.finish()
    if unsniffed:
        _check_html(kind, body)
    return bytes(body)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise _Stop(Reason.TOO_LARGE, f"larger than {limit:,} bytes", final=True)


def _check_bomb(received: int, unpacked: int) -> None:
    """A bomb need not be read up to the limit: many of them at once would take much memory."""
    if unpacked > max(_BOMB_FROM, _BOMB * received):
        raise _Stop(Reason.TOO_LARGE, f"unpacks to more than {_BOMB} times its size, which is a bomb", final=True)


def _check_html(kind: str, body: bytearray) -> None:
    if not is_html(kind, bytes(body[:SNIFFED])):
        said = kind.partition(";")[0].strip()[:60] or "a document without a type"
        raise _Stop(Reason.NOT_HTML, f"not a page but {said}", final=True)


def _received(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Bytes as Latin-1 text, one character a byte, so that a validator can go back as it came."""
    headers: dict[str, str] = {}
    for name, value in response.raw_headers:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return headers


def _with_own(headers: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    """The owner's headers in the place of ours of the same names, in whatever case."""
    names = {name.lower() for name in own}
    return {name: value for name, value in headers.items() if name.lower() not in names} | own


def _conditions(validators: Validators) -> dict[str, str]:
    wanted = {
        "If-None-Match": _wire(validators.etag or ""),
        "If-Modified-Since": _wire(validators.last_modified or ""),
    }
    return {name: value for name, value in wanted.items() if value}


def _wire(value: str) -> str:
    """The text that aiohttp, which writes UTF-8, turns into the very bytes that came; empty if there is none."""
    try:
        text = value.encode("latin-1").decode()
    except UnicodeError:
        return ""
    return "" if _UNSENDABLE.search(text) else text


def _authorization(request: Request) -> dict[str, str]:
    """The user and password in an address that the owner typed (RFC 7617); a page's links have no say."""
    url = URL(request.url.strip(), encoded=True)
    if not request.owner or url.raw_user is None:
        return {}
    return {"Authorization": basic(f"{url.user or ''}:{url.password or ''}")}


def _connection(*, keep: bool) -> dict[str, str]:
    """No idle connection is left at a host where nobody waits to use it: one host, one connection."""
    return {} if keep else {"Connection": "close"}


def _address(text: str) -> URL:
    """The address as it goes out: path and query byte for byte, save what may not stand there; no userinfo."""
    try:
        raw = URL(text.strip(), encoded=True)
        host = URL.build(scheme="http", host=raw.raw_host or "").raw_host or ""
        if raw.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
            raise _Stop(Reason.REFUSED, "not an http or https address", final=True)
        authority = f"[{host}]" if ":" in host else host
        if raw.explicit_port is not None:
            authority += f":{raw.explicit_port}"
        return URL.build(
            scheme=raw.scheme,
            authority=authority,
            path=quote(raw.raw_path, safe=_PATH),
            query_string=quote(raw.raw_query_string, safe=_QUERY),
            encoded=True,
        )
    except ValueError as problem:
        raise _Stop(Reason.REFUSED, "not a web address", final=True) from problem


def _target(url: URL, location: str) -> URL:
    """Where a redirect leads; the header is UTF-8 where it can be, else Latin-1."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode()
    try:
        return _address(str(url.join(URL(location.strip(), encoded=True))))
    except ValueError as problem:
        raise _Stop(Reason.SERVER_ERROR, "redirects to something that is no address") from problem
