"""The HTTP edge against a real server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from time import monotonic
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
import trustme

from feedwatch import __version__
from feedwatch.edges.answers import MAX_RETRY_AFTER, retry_after
from feedwatch.edges.gate import Gate
from feedwatch.edges.http import Fetcher, Request
from feedwatch.model import Failure, Fetched, Reason, Validators
from tests.edges.recorder import Answer, Asked, Recorder, always, reply

LOOPBACK = ("127.0.0.0/8",)
MB = 1024 * 1024


def fetcher(**changes: Any) -> Fetcher:
    settings: dict[str, Any] = {
        "contact": "desk@example.org",
        "per_host": 1,
        "host_delay": timedelta(0),
        "concurrency": 100,
        "allow_private": LOOPBACK,
    }
    return Fetcher(**settings | changes)


def request(url: str, **changes: Any) -> Request:
    settings: dict[str, Any] = {
        "url": url,
        "owner": False,
        "accept": "feed",
        "timeout": timedelta(seconds=5),
        "max_bytes": MB,
    }
    return Request(**settings | changes)


async def fetch(url: str, **changes: Any) -> Fetched | Failure:
    async with fetcher() as client:
        return await client.get(request(url, **changes))


async def said(answer: bytes, **changes: Any) -> Fetched | Failure:
    async with Recorder(always(answer)) as server:
        return await fetch(server.url(), **changes)


async def body(answer: bytes, **changes: Any) -> bytes:
    got = await said(answer, **changes)
    assert isinstance(got, Fetched), got
    return got.body


async def failure(answer: bytes, **changes: Any) -> Failure:
    got = await said(answer, **changes)
    assert isinstance(got, Failure), got
    return got


# What goes out


async def test_a_first_request_says_who_asks_and_nothing_more() -> None:
    async with Recorder(always(reply(b"<rss/>", set_cookie="a=b"))) as server, fetcher() as client:
        await client.get(request(server.url("/feed")))
        await client.get(request(server.url("/feed")))
    for asked in server.asked:
        assert asked.names() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert asked.header("user-agent") == f"feedwatch/{__version__} (+desk@example.org)".encode()
        assert asked.header("accept-encoding") == b"gzip, br"
        assert b"application/rss+xml" in (asked.header("accept") or b"")


async def test_a_page_is_asked_for_as_a_page() -> None:
    async with Recorder(always(reply(b"<p>x", content_type="text/html"))) as server:
        await fetch(server.url(), accept="page")
    assert (server.asked[0].header("accept") or b"").startswith(b"text/html")


async def test_without_a_contact_the_user_agent_is_the_bare_name() -> None:
    async with Recorder(always(reply())) as server, fetcher(contact="") as client:
        await client.get(request(server.url()))
    assert server.asked[0].header("user-agent") == f"feedwatch/{__version__}".encode()


@pytest.mark.parametrize(
    "path",
    ["/a%2Fb%7e?x=%7E+1&y=%c3%bc", "/~a/(b)'!*;,=:@$&?q=a/b?c", "/100%?x=%zz", "/a//b/?", "/a;b?c=d;e", "/x?a[]=1|2"],
)
async def test_the_address_goes_out_as_it_was_written(path: str) -> None:
    async with Recorder(always(reply())) as server:
        await fetch(server.url(path))
    assert server.asked[0].target.replace("%7C", "|") == path.removesuffix("?")


async def test_what_may_not_stand_in_an_address_is_quoted() -> None:
    async with Recorder(always(reply())) as server:
        await fetch(f" {server.url('/ä b?ü=ñ&z=<>#there')}\n")
    assert server.asked[0].target == "/%C3%A4%20b?%C3%BC=%C3%B1&z=%3C%3E"


ODD_ETAGS = [
    b'"plain"', b'W/"weak"', b"W/weak", b'w/"small"', b"unquoted", b'"', b'""', b'W/""', b'"a"b"', b"'single'",
    b'"with space"', b'"tab\there"', b'"comma, comma"', b'"back\\slash"', b'"%22"', b'"a:b;c=d"', b'"<xml/>"',
    b'"xyz--gzip"', b'"xyz;br"', b"0", b"-1", b"null", b"*", b'"*"', '"é"'.encode(), '"Ж"'.encode(), '"💥"'.encode(),
    b'"' + b"x" * 4000 + b'"', b"a" * 64, b'"1", "2"', b"{}", b'"{json: [1]}"', b"\x22\x7e\x22",
]  # fmt: skip
ODD_DATES = [
    b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994",
    b"Thu, 01 Jan 1970 00:00:00 GMT", b"Fri, 31 Dec 2099 23:59:59 GMT", b"Mon, 30 Feb 2026 25:61:61 GMT",
    b"2026-02-03T04:05:06Z", b"1770000000", b"Tue, 3 Feb 2026 4:05:06 +0100", b"-1", b"never",
    b"Tue,  03 Feb 2026 04:05:06 GMT",
]  # fmt: skip


async def echoed(name: str, value: bytes) -> bytes | None:
    """What comes back in a conditional request after a server gave `value`."""
    gave = {"etag": "if-none-match", "last-modified": "if-modified-since"}[name]
    async with (
        Recorder(always(reply(b"x", "200 OK", **{name.replace("-", "_"): value}))) as server,
        fetcher() as client,
    ):
        first = await client.get(request(server.url()))
        assert isinstance(first, Fetched)
        assert server.asked[0].header(gave) is None
        kept = Validators(etag=first.headers.get("etag"), last_modified=first.headers.get("last-modified"))
        await client.get(request(server.url(), validators=kept))
    return server.asked[1].header(gave)


def test_there_are_forty_odd_validators() -> None:
    assert len(set(ODD_ETAGS)) + len(set(ODD_DATES)) >= 40


@pytest.mark.parametrize("etag", ODD_ETAGS)
async def test_an_etag_goes_back_byte_for_byte(etag: bytes) -> None:
    assert await echoed("etag", etag) == etag


@pytest.mark.parametrize("date", ODD_DATES)
async def test_a_last_modified_goes_back_byte_for_byte(date: bytes) -> None:
    assert await echoed("last-modified", date) == date


@pytest.mark.parametrize("etag", [b'"\xe9"', b"", b'"\xff\xfe"'])
async def test_a_validator_that_cannot_be_sent_as_it_came_is_not_sent(etag: bytes) -> None:
    assert await echoed("etag", etag) is None


@pytest.mark.parametrize("etag", ['"a"\r\nX-Evil: 1', "a\nb", "a\0b", "Ж", "\x7f"])
async def test_a_validator_that_would_break_the_request_is_left_out(etag: str) -> None:
    async with Recorder(always(reply(b"x"))) as server:
        got = await fetch(server.url(), validators=Validators(etag=etag, last_modified="yesterday"))
    assert isinstance(got, Fetched)
    assert server.asked[0].header("if-none-match") is None
    assert server.asked[0].header("if-modified-since") == b"yesterday"
    assert "x-evil" not in server.asked[0].names()


# What comes back


async def test_a_304_is_an_answer_only_to_a_conditional_request() -> None:
    answer = b"HTTP/1.1 304 Not Modified\r\nETag: new\r\n\r\n"
    got = await said(answer, validators=Validators(etag="old"))
    assert isinstance(got, Fetched)
    assert (got.status, got.body, got.headers["etag"]) == (304, b"", "new")
    assert (await failure(answer)).reason is Reason.SERVER_ERROR


@pytest.mark.parametrize("answer", [b"HTTP/1.1 204 No Content\r\n\r\n", reply(), reply(content_encoding="gzip")])
async def test_an_answer_may_be_empty(answer: bytes) -> None:
    assert await body(answer) == b""


@pytest.mark.parametrize("accept", ["feed", "page"])
async def test_an_empty_answer_is_one_for_pages_too(accept: str) -> None:
    assert await body(reply(), accept=accept) == b""


async def test_of_a_repeated_header_the_first_counts() -> None:
    got = await said(b"HTTP/1.1 200 OK\r\nETag: a\r\nETAG: b\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(got, Fetched)
    assert got.headers["etag"] == "a"


@pytest.mark.parametrize(
    ("status", "reason", "final"),
    [
        ("404 x", Reason.NOT_FOUND, True),
        ("410 x", Reason.GONE, True),
        ("401 x", Reason.REFUSED, True),
        ("403 x", Reason.REFUSED, True),
        ("451 x", Reason.REFUSED, True),
        ("429 x", Reason.REFUSED, False),
        ("400 x", Reason.SERVER_ERROR, False),
        ("418 x", Reason.SERVER_ERROR, False),
        ("500 x", Reason.SERVER_ERROR, False),
        ("503 x", Reason.SERVER_ERROR, False),
        ("599 x", Reason.SERVER_ERROR, False),
        ("202 x", Reason.SERVER_ERROR, False),
        ("206 x", Reason.SERVER_ERROR, False),
        ("300 x", Reason.SERVER_ERROR, False),
        ("302 without Location", Reason.SERVER_ERROR, False),
    ],
)
async def test_a_status_has_its_reason(status: str, reason: Reason, *, final: bool) -> None:
    got = await failure(reply(b"words of the server", status))
    assert (got.reason, got.final, got.status) == (reason, final, int(status[:3]))
    assert status[:3] in got.detail
    assert "words" not in got.detail


NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("007", 7),
        ("Tue, 03 Feb 2026 04:06:06 GMT", 60),
        ("Tue, 03 Feb 2026 05:06:06 +0100", 60),
        ("Tue, 03 Feb 2026 04:06:06", 60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
        ("99999999", 7 * 86400),
        ("9" * 5000, 7 * 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86400),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Tue, 99 Feb 2026 99:99:99 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +9999", None),
        ("\0", None),
    ],
)
def test_retry_after_is_read_in_all_its_shapes(value: str, seconds: int | None) -> None:
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("status", ["429 x", "503 x", "403 x"])
async def test_a_refusal_carries_its_retry_after(status: str) -> None:
    assert (await failure(reply(b"", status, retry_after="30"))).retry_after == timedelta(seconds=30)
    assert (await failure(reply(b"", status, retry_after="9999999999"))).retry_after == MAX_RETRY_AFTER
    assert (await failure(reply(b"", status, retry_after="later"))).retry_after is None


# Compression, sizes, times

WORDS = b"<rss>" + b"Caracas " * 500 + b"</rss>"


def bare_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "gzip in three members": ("gzip", lambda data: b"".join(map(gzip.compress, thirds(data)))),
    "gzip with padding": ("gzip", lambda data: gzip.compress(data) + b"\0" * 700),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "br": ("br", brotli.compress),
    "nothing": ("identity", bytes),
    "nonsense": ("utf-8", bytes),
}


def thirds(data: bytes) -> list[bytes]:
    size = len(data) // 3 + 1
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("packing", PACKERS)
async def test_a_packed_body_is_unpacked(packing: str) -> None:
    name, pack = PACKERS[packing]
    assert await body(reply(pack(WORDS), content_encoding=name)) == WORDS


@pytest.mark.parametrize("packing", PACKERS)
async def test_a_packed_body_is_unpacked_when_it_comes_byte_by_byte(packing: str) -> None:
    name, pack = PACKERS[packing]
    packed = pack(WORDS)
    head, _, _ = reply(packed, content_encoding=name).partition(b"\r\n\r\n")

    async def trickle(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"\r\n\r\n")
        for start in range(0, len(packed), 97):
            writer.write(packed[start : start + 97])
            await writer.drain()
            await asyncio.sleep(0)

    async with Recorder(trickle) as server:
        got = await fetch(server.url())
    assert isinstance(got, Fetched)
    assert got.body == WORDS


@pytest.mark.parametrize("packing", ["gzip", "deflate", "bare deflate", "br"])
async def test_a_cut_stream_is_a_short_read_even_where_the_length_is_right(packing: str) -> None:
    name, pack = PACKERS[packing]
    packed = pack(WORDS)
    got = await failure(reply(packed[: len(packed) - 9], content_encoding=name))
    assert (got.reason, got.final) == (Reason.NETWORK, False)


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br"])
async def test_a_damaged_stream_is_a_failure(packing: str) -> None:
    name, pack = PACKERS[packing]
    packed = pack(WORDS)
    assert (await failure(reply(packed[:12] + b"\xff" * 30, content_encoding=name))).reason is Reason.NETWORK


async def test_a_thousand_gzip_members_are_an_attack() -> None:
    assert (await failure(reply(gzip.compress(b"") * 1000, content_encoding="gzip"))).reason is Reason.NETWORK


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
        b"\x16\x03\x01\x00\xa5\x01\0\0",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"[:50],
    ],
)
async def test_an_answer_that_is_cut_or_broken_is_a_failure(answer: bytes) -> None:
    async def cut(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with Recorder(cut) as server:
        got = await fetch(server.url())
    assert isinstance(got, Failure)
    assert (got.reason, got.final) == (Reason.NETWORK, False)
    assert len(got.detail) < 80


async def test_a_chunked_body_and_one_that_ends_with_the_connection_are_whole() -> None:
    assert await body(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n") == b"whole"

    async def until_the_end(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nwhole")
        await writer.drain()
        writer.close()

    async with Recorder(until_the_end) as server:
        got = await fetch(server.url())
    assert isinstance(got, Fetched)
    assert got.body == b"whole"


def bomb(packing: str) -> bytes:
    return PACKERS[packing][1](bytes(64 * MB))


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br"])
async def test_a_bomb_is_refused_in_little_memory(packing: str) -> None:
    answer = reply(bomb(packing), content_encoding=packing)
    tracemalloc.start()
    try:
        got = await failure(answer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (got.reason, got.final) == (Reason.TOO_LARGE, True)
    assert peak < 8 * MB


@pytest.mark.parametrize("length", [b"", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_an_endless_body_is_left_at_the_cap(length: bytes) -> None:
    sent = 0

    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        while True:
            part = b"x" * 65536
            writer.write(b"10000\r\n" + part + b"\r\n" if b"chunked" in length else part)
            await writer.drain()
            sent += len(part)

    async with Recorder(endless) as server:
        got = await fetch(server.url())
    assert isinstance(got, Failure)
    assert got.reason is Reason.TOO_LARGE
    assert sent < 16 * MB


@pytest.mark.parametrize("size", [0, 1])
async def test_the_cap_is_exact(size: int) -> None:
    got = await said(reply(gzip.compress(bytes(1000 + size)), content_encoding="gzip"), max_bytes=1000)
    assert isinstance(got, Failure if size else Fetched)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
async def test_a_drip_ends_at_the_time_limit(head: bytes) -> None:
    async def drip(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x" if head else b"")
            await writer.drain()
            await asyncio.sleep(0.05)

    began = monotonic()
    async with Recorder(drip) as server:
        got = await fetch(server.url(), timeout=timedelta(seconds=0.5))
    assert isinstance(got, Failure)
    assert (got.reason, got.final) == (Reason.TIMEOUT, False)
    assert monotonic() - began < 20


# Pages

HTML = b"<!doctype html><title>x</title><p>words"


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("text/html", HTML),
        ("TEXT/HTML; charset=utf-8", b"no tag at all"),
        ("application/xhtml+xml", b'<?xml version="1.0"?><html xmlns="x"><p>x</p></html>'),
        ("text/plain", HTML),
        ("application/octet-stream", b"\n\n<HTML><body>x"),
        ("", b"\xef\xbb\xbf<!-- a comment --><?php?><html>"),
        ("", HTML),
        ("image/jpeg", HTML),
        ("text/xml", b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html/>"),
        ("text/html", HTML.decode().encode("utf-16")),
        ("text/html; charset=UTF-16LE", HTML.decode().encode("utf-16-le")),
        ("text/html", HTML + b"\0" * 5000),
    ],
)
async def test_a_page_is_known_by_its_bytes(kind: str, document: bytes) -> None:
    assert await body(reply(document, content_type=kind), accept="page") == document


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("application/pdf", b"%PDF-1.7\n..."),
        ("text/html", b"%PDF-1.7\n..."),
        ("text/html", b"\x89PNG\r\n\x1a\n\0\0"),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("audio/mpeg", b"ID3\x04\0\0"),
        ("video/mp4", b"\0\0\0\x20ftypisom"),
        ("", b"PK\x03\x04zip"),
        ("application/json", b'{"html": "<p>x</p>"}'),
        ("application/json; charset=utf-8", b"[]"),
        ("text/plain", b"only words, and 1 < 2"),
        ("", b"only words"),
        ("application/rss+xml", b'<?xml version="1.0"?><rss><channel><title>x</title></channel></rss>'),
        ("text/css", b"p {}"),
        ("application/pdf", b"%PDF-1.7\n" + b"x" * 2 * MB),
    ],
)
async def test_what_is_no_page_is_told_from_one(kind: str, document: bytes) -> None:
    got = await failure(reply(document, content_type=kind), accept="page")
    assert (got.reason, got.final) == (Reason.NOT_HTML, True)


async def test_a_feed_is_never_taken_for_a_wrong_page() -> None:
    assert await body(reply(b"%PDF-1.7", content_type="application/pdf")) == b"%PDF-1.7"


# Redirects


def routes(**answers: bytes) -> Answer:
    """By the path's first word; anything else is 404."""

    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.get(asked.target.strip("/").partition("?")[0], reply(b"", "404 x")))

    return say


async def test_redirects_are_followed_and_told() -> None:
    answer = routes(
        one=reply(b"moved", "301 x", location="/two?x=%7e"),
        two=reply(b"", "302 x", location="three#part"),
        three=reply(b"here"),
    )
    async with Recorder(answer) as server:
        got = await fetch(server.url("/one"))
    assert isinstance(got, Fetched)
    assert got.hops == (server.url("/one"), server.url("/two?x=%7e"))
    assert got.url == server.url("/three")
    assert [asked.target for asked in server.asked] == ["/one", "/two?x=%7e", "/three"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_redirect_leads_on(status: int) -> None:
    async with Recorder(routes(a=reply(b"", f"{status} x", location="/b"), b=reply(b"here"))) as server:
        got = await fetch(server.url("/a"))
        assert isinstance(got, Fetched)
        assert got.body == b"here"
        assert got.url == server.url("/b")
        assert got.hops == (server.url("/a"),)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301, 308), "/2"),
        ((308, 302), "/1"),
        ((302, 301), None),
        ((301, 307, 301), "/1"),
        ((), None),
    ],
)
async def test_where_permanent_redirects_lead_is_told(statuses: tuple[int, ...], moved: str | None) -> None:
    steps = {str(n): reply(b"", f"{status} x", location=f"/{n + 1}") for n, status in enumerate(statuses)}
    async with Recorder(routes(**steps, **{str(len(statuses)): reply(b"here")})) as server:
        got = await fetch(server.url("/0"))
        assert isinstance(got, Fetched)
        assert got.moved == (server.url(moved) if moved else None)


async def test_a_loop_ends_after_five_redirects() -> None:
    async with Recorder(always(reply(b"", "302 x", location="/again"))) as server:
        got = await fetch(server.url())
    assert isinstance(got, Failure)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "javascript:alert(1)",
        "gopher://127.0.0.1/",
        "http://",
        "http://[",
        "mailto:x",
    ],
)
async def test_a_redirect_to_something_else_than_the_web_is_refused(location: str) -> None:
    got = await failure(reply(b"", "302 x", location=location))
    assert got.reason in {Reason.REFUSED, Reason.SERVER_ERROR}


async def test_a_redirect_may_name_a_path_in_raw_utf8_or_latin1() -> None:
    for raw in ("/ñ".encode(), "/ñ".encode("latin-1")):
        async with Recorder(routes(a=reply(b"", "302 x", location=raw))) as server:
            await fetch(server.url("/a"))
        assert server.asked[1].target == "/%C3%B1"


async def test_user_and_password_go_to_their_origin_only_and_are_told_to_nobody() -> None:
    async with Recorder(always(reply(b"x"))) as other:
        away = reply(b"", "302 x", location=other.url("/there"))
        async with Recorder(routes(a=reply(b"", "302 x", location="/b"), b=away)) as server:
            url = server.url("/a").replace("http://", "http://jo%40desk:s%3Acret@")
            asked = Validators(etag='"e"', last_modified="d")
            got = await fetch(url, owner=True, validators=asked)
    home, away_seen = server.asked, other.asked
    assert [one.header("authorization") for one in home] == [b"Basic am9AZGVzazpzOmNyZXQ="] * 2
    assert [one.header("if-none-match") for one in home] == [b'"e"'] * 2
    assert away_seen[0].names() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert isinstance(got, Fetched)
    assert "cret" not in repr(got)


async def test_no_password_is_sent_that_the_owner_did_not_type() -> None:
    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        moved = reply(b"", "302 x", location=server.url("/b").replace("http://", "http://u:p@"))
        writer.write(moved if asked.target == "/a" else reply(b"x"))

    async with Recorder(say) as server:
        link = await fetch(server.url("/a").replace("http://", "http://u:p@"))
        await fetch(server.url("/a"), owner=True)
    assert [one.target for one in server.asked] == ["/a", "/b"] * 2
    assert all(one.header("authorization") is None for one in server.asked)
    assert "u:p" not in repr(link)


# The guard, where the connection is made

# No spelling among them makes the resolver ask the network.
LITERALS = ["127.0.0.1", "localhost", "LOCALHOST", "0x7f.1", "0177.0.0.1", "2130706433", "127.1", "0",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0x7f000001",
            "１２７.０.０.１", "127。0。0。1", "ⓛocalhost"]  # fmt: skip


@pytest.mark.parametrize("host", LITERALS)
async def test_a_link_to_loopback_does_not_reach_it_however_it_is_spelt(host: str) -> None:
    async with Recorder(always(reply(b"secret"))) as sentinel, fetcher(allow_private=()) as client:
        got = await client.get(request(sentinel.url(host=host)))
    assert sentinel.connections == 0
    assert isinstance(got, Failure)
    assert got.final or got.reason is Reason.NETWORK


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_the_owner_and_allow_private_reach_it(host: str) -> None:
    allowed = (host,) if ip_literal(host) is None else LOOPBACK
    async with Recorder(always(reply(b"mine"))) as server:
        async with fetcher(allow_private=()) as client:
            assert isinstance(await client.get(request(server.url(host=host), owner=True)), Fetched)
        async with fetcher(allow_private=allowed) as client:
            assert isinstance(await client.get(request(server.url(host=host))), Fetched)


def ip_literal(host: str) -> object | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


async def test_the_refusal_says_the_line_to_paste() -> None:
    async with fetcher(allow_private=()) as client:
        got = await client.get(request("http://user:secret@localhost:1/x"))
    assert isinstance(got, Failure)
    assert (got.reason, got.final) == (Reason.REFUSED, True)
    assert 'allow_private = ["localhost"]' in got.detail
    assert "secret" not in got.detail


async def test_a_redirect_from_the_owners_host_may_stay_but_not_go_elsewhere() -> None:
    async with Recorder(always(reply(b"secret"))) as sentinel:
        away = reply(b"", "302 x", location=sentinel.url(host="127.0.0.2"))
        stay = reply(b"", "302 x", location="/b")
        async with Recorder(routes(a=stay, b=away)) as server, fetcher(allow_private=()) as client:
            got = await client.get(request(server.url("/a"), owner=True))
    assert [asked.target for asked in server.asked] == ["/a", "/b"]
    assert isinstance(got, Failure)
    assert (got.reason, got.final) == (Reason.REFUSED, True)
    assert sentinel.connections == 0


async def test_a_link_cannot_ride_on_the_owners_connection() -> None:
    async with Recorder(always(reply(b"mine"))) as server, fetcher(allow_private=()) as client:
        one, two, three = await asyncio.gather(
            client.get(request(server.url(), owner=True)),
            client.get(request(server.url())),
            client.get(request(server.url(), owner=True)),
        )
    assert isinstance(one, Fetched)
    assert isinstance(two, Failure)
    assert isinstance(three, Fetched)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "url", ["", "http://", "example.org/feed", "ftp://example.org/", "http://[::1", "http://a b/", "http://h:99999/",
            "file:///etc/passwd", "http://\r\nX: y/", "http://" + "a" * 70 + ".invalid/"],
)  # fmt: skip
async def test_an_address_that_cannot_be_asked_is_a_failure(url: str) -> None:
    got = await fetch(url, owner=True)
    assert isinstance(got, Failure)


async def test_a_closed_port_is_a_network_failure() -> None:
    async with Recorder(always(b"")) as server:
        url = server.url()
    got = await fetch(url)
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.NETWORK, "Connection refused")


# TLS


@pytest.fixture
async def untrusted() -> AsyncIterator[Recorder]:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with Recorder(always(reply(b"x")), tls=context) as server:
        yield server


async def test_an_untrusted_certificate_is_a_tls_failure(untrusted: Recorder) -> None:
    got = await fetch(untrusted.url(host="localhost", scheme="https"))
    assert isinstance(got, Failure)
    assert got.reason is Reason.TLS
    assert "certificate" in got.detail
    assert not untrusted.asked


async def test_plain_http_on_a_tls_port_is_a_tls_failure() -> None:
    async with Recorder(always(reply(b"x"))) as server:
        got = await fetch(server.url(scheme="https"), timeout=timedelta(seconds=2))
    assert isinstance(got, Failure)
    assert got.reason in {Reason.TLS, Reason.NETWORK, Reason.TIMEOUT}


# The gate


async def slowly(_: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.02)
    writer.write(reply(b"x"))


async def test_a_host_sees_one_connection_at_a_time_and_its_pause() -> None:
    pause = timedelta(seconds=0.1)
    async with Recorder(slowly) as server, fetcher(host_delay=pause) as client:
        got = await asyncio.gather(*(client.get(request(server.url(f"/{n}"))) for n in range(5)))
    assert all(isinstance(one, Fetched) for one in got)
    assert server.most_open == 1
    assert server.connections == 2  # the first saw nobody wait, the others share one
    assert all(after.began - before.ended >= 0.1 for before, after in pairwise(server.asked))


async def test_no_connection_stays_open_at_a_host_that_nobody_waits_for() -> None:
    async with Recorder(slowly) as server, fetcher() as client:
        await asyncio.gather(*(client.get(request(server.url())) for _ in range(3)))
        await asyncio.sleep(0.05)
        assert server.open == 0


async def test_two_ports_of_a_host_share_its_one_connection() -> None:
    opened = most = 0

    class Counting(Recorder):
        async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal opened, most
            opened += 1
            most = max(most, opened)
            try:
                await super()._serve(reader, writer)
            finally:
                opened -= 1

    async with Counting(slowly) as one, Counting(slowly) as two, fetcher(host_delay=timedelta(0.02 / 86400)) as client:
        urls = [server.url() for server in (one, one, two, two, one, two, one, one)]
        await asyncio.gather(*(client.get(request(url)) for url in urls))
    assert len(one.asked) + len(two.asked) == 8
    assert most == 1


async def test_per_host_two_opens_two() -> None:
    async with Recorder(slowly) as server, fetcher(per_host=2) as client:
        await asyncio.gather(*(client.get(request(server.url())) for _ in range(8)))
    assert server.most_open == 2


async def test_concurrency_holds_over_all_hosts() -> None:
    async with Recorder(slowly) as server, fetcher(concurrency=3) as client:
        urls = [server.url(host=f"127.0.0.{n}") for n in range(1, 10)]
        await asyncio.gather(*(client.get(request(url)) for url in urls))
    assert len(server.asked) <= 9
    assert server.most_open <= 3


async def test_waiting_at_the_gate_is_not_counted() -> None:
    async with Recorder(slowly) as server, fetcher(host_delay=timedelta(seconds=0.15)) as client:
        asks = (client.get(request(server.url(), timeout=timedelta(seconds=0.3))) for _ in range(5))
        got = await asyncio.gather(*asks)
    assert all(isinstance(one, Fetched) for one in got)


async def test_a_cancelled_fetch_frees_its_place() -> None:
    async def never(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target == "/hang":
            await asyncio.sleep(60)
        writer.write(reply(b"x"))

    async with Recorder(never) as server, fetcher() as client:
        hanging = asyncio.create_task(client.get(request(server.url("/hang"))))
        waiting = asyncio.create_task(client.get(request(server.url("/waits"))))
        last = asyncio.create_task(client.get(request(server.url("/last"))))
        await asyncio.sleep(0.1)
        waiting.cancel()
        hanging.cancel()
        assert isinstance(await last, Fetched)
    assert hanging.cancelled()
    assert waiting.cancelled()


async def test_a_hundred_thousand_hosts_are_forgotten() -> None:
    gate = Gate(per_host=1, delay=timedelta(0), concurrency=100)
    for number in range(100_000):
        async with gate.enter(f"host{number}", "x"):
            pass
    assert len(gate) <= 1000


async def test_a_host_in_its_pause_is_not_forgotten() -> None:
    gate = Gate(per_host=1, delay=timedelta(seconds=0.5), concurrency=100)
    async with gate.enter("first", "x"):
        began = monotonic()
    for number in range(3000):
        async with gate.enter(f"host{number}", "x"):
            pass
    async with gate.enter("first", "x"):
        assert monotonic() - began >= 0.5
