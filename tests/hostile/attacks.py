"""What a hostile server says. Every document here was written for these tests."""

from __future__ import annotations

import asyncio
import zlib
from functools import cache

import brotli  # type: ignore[import-untyped]  # it ships no types

from tests.edges.recorder import Answer, Asked, always, reply

MB = 1024 * 1024
GB = 1024 * MB


@cache
def gzip_bomb(size: int = GB, wbits: int = 31) -> bytes:
    """Zeros without end: a block of a megabyte is made once and repeated, for after a full flush it stands alone."""
    stream = zlib.compressobj(9, wbits=wbits)
    first = stream.compress(bytes(MB)) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(bytes(MB)) + stream.flush(zlib.Z_FULL_FLUSH)
    return first + again * (size // MB - 1)


@cache
def br_bomb(size: int = GB, quality: int = 3) -> bytes:
    """From 200 kB at quality 1, from less than 1 kB at 9."""
    stream = brotli.Compressor(quality=quality, lgwin=24)
    part = bytes(4 * MB)
    return b"".join(stream.process(part) for _ in range(size // len(part))) + bytes(stream.finish())


def packed(body: bytes, encoding: str, content_type: str) -> Answer:
    return always(reply(body, content_encoding=encoding, content_type=content_type))


def drip(head: bytes, drop: bytes, every: float = 0.05) -> Answer:
    """Never silent for long, never done."""

    async def say(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every)

    return say


def flood(head: bytes, part: bytes) -> Answer:
    return drip(head, part, 0)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def on_the_wire(content_type: str, size: int = GB) -> dict[str, Answer]:
    """Attacks that end before anything is parsed, by name; bombs unpack to `size`."""
    nested = zlib.compress(gzip_bomb(size), 9)
    return {
        "gzip bomb": packed(gzip_bomb(size), "gzip", content_type),
        "deflate bomb": packed(gzip_bomb(size, wbits=15), "deflate", content_type),
        "bare deflate bomb": packed(gzip_bomb(size, wbits=-15), "deflate", content_type),
        "br bomb": packed(br_bomb(size), "br", content_type),
        "nested encodings": packed(nested, "deflate, gzip", content_type),
        "ten encodings": packed(gzip_bomb(size), ", ".join(["gzip"] * 10), content_type),
        "many gzip members": packed(zlib.compress(b"x", wbits=31) * 50_000, "gzip", content_type),
        "endless body": flood(OK + b"\r\n", b"<p>" * 20_000),
        "endless chunks": flood(CHUNKED, b"ffff\r\n" + b"x" * 65_535 + b"\r\n"),
        "endless empty members": flood(CHUNKED, b"1\r\nx\r\n" * 5_000),
        "a lie about the length": flood(OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65_536),
        "endless headers": flood(OK, b"X-%d: y\r\n" * 100),
        "an endless header": flood(OK + b"X: ", b"y" * 65_536),
        "endless status line": flood(b"HTTP/1.1 200 ", b"O" * 65_536),
        "endless 100s": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        "endless trailers": flood(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n" * 1_000),
        "chunk extensions": flood(CHUNKED + b"1;", b"x" * 65_536),
        "silence": drip(b"", b""),
        "header drip": drip(OK + b"X: ", b"y"),
        "body drip": drip(OK + b"Content-Length: 99999\r\n\r\n", b"<"),
        "garbage": flood(b"", bytes(range(256)) * 100),
    }


# Documents


def author(size: int) -> bytes:
    """feedparser looks for a mail address in it with a pattern that takes the square of its length."""
    return (
        b"<rss version='2.0'><channel><item><title>x</title><author>"
        + b"a" * size
        + b"</author></item></channel></rss>"
    )


def attributes(size: int) -> bytes:
    """Each of a tag's attributes costs feedparser a walk over those before it."""
    many = b" ".join(b"a%d='1'" % n for n in range(size // 11))
    return b"<rss version='2.0'><channel><item " + many + b"><title>x</title></item></channel></rss>"


def many_items(number: int) -> bytes:
    """As small as items can be, with what goes wrong with items: no ids, twin ids, odd dates, control characters."""
    said = (b"", b"Thu, 01 Jan 1970 00:00:00 GMT", b"soon", b"Fri, 31 Dec 2099 23:59:59 GMT")
    dates = [b"<pubDate>%s</pubDate>" % date for date in said]
    ids = (b"", b"<guid>%d</guid>", b"<guid>twin</guid>")
    item = (
        b"<item>"
        + (ids[n % 3] % n if n % 3 == 1 else ids[n % 3])
        + b"<title>t%d</title>" % n
        + dates[n % 4]
        + b"</item>"
        for n in range(number)
    )
    return b"<rss version='2.0'><channel><title>x</title>" + b"".join(item) + b"</channel></rss>"


def xml_attacks(secret: str, here: str) -> dict[str, bytes]:
    """What an XML parser may be made to do: `secret` is a file it should not read, `here` an address not to ask."""
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    declared = {
        "billion laughs": (f"<!ENTITY l0 'ha'>{laughs}", "&l11;"),
        "quadratic": (f"<!ENTITY long '{'x' * 100_000}'>", "&long;" * 10_000),
        "an entity that contains itself": ("<!ENTITY a '&b;'><!ENTITY b '&a;'>", "&a;"),
        "a file as entity": (f"<!ENTITY e SYSTEM 'file://{secret}'>", "&e;"),
        "an address as entity": (f"<!ENTITY e SYSTEM '{here}/e'>", "&e;"),
        "a public entity": (f"<!ENTITY e PUBLIC '-//x//y' '{here}/p'>", "&e;"),
        "a parameter entity": (f"<!ENTITY % e SYSTEM '{here}/d.dtd'> %e;", "x"),
        "parameter entities that carry a file away": (
            f"<!ENTITY % f SYSTEM 'file://{secret}'><!ENTITY % e SYSTEM '{here}/d.dtd'> %e; %f;",
            "&sent;",
        ),
        "a long name": (f"<!ENTITY {'n' * 100_000} 'x'>", f"&{'n' * 100_000};"),
    }
    documents = {name: _rss(f"<!DOCTYPE rss [{dtd}]>", text) for name, (dtd, text) in declared.items()}
    include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text' href='{}'/>"
    return documents | {
        "a DTD elsewhere": _rss(f"<!DOCTYPE rss SYSTEM '{here}/rss.dtd'>", "x"),
        "a style sheet": _rss(f"<?xml-stylesheet type='text/xsl' href='{here}/s.xsl'?>", "x"),
        "a schema": _rss("", "x").replace(b"<rss", f"<rss xmlns='u' schemaLocation='u {here}/s'".encode(), 1),
        "a file included": _rss("", include.format(f"file://{secret}")),
        "an address included": _rss("", include.format(f"{here}/i")),
        "a name as body": secret.encode(),
        "an address as body": f"{here}/body".encode(),
    }


def _rss(head: str, text: str) -> bytes:
    item = f"<item><title>honest {text}</title><guid isPermaLink='false'>g</guid></item>"
    return f"<?xml version='1.0'?>{head}<rss version='2.0'><channel><title>x</title>{item}</channel></rss>".encode()


def deep(levels: int, text: str = "") -> bytes:
    return (
        b"<html><body>" + b"<div>" * levels + b"<p>" + text.encode() + b"</p>" + b"</div>" * levels + b"</body></html>"
    )


def broad(size: int) -> bytes:
    """Many small elements: what costs trafilatura most."""
    part = b"<div><p>word <b>word</b> <a href='/x'>word</a></p></div>"
    return b"<html><body><article>" + part * (size // len(part)) + b"</article></body></html>"
