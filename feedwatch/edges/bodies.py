"""What comes over the wire: unpacking with a cap, and telling an HTML page from anything else."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterator
from typing import Protocol
from weakref import WeakSet

import brotli  # type: ignore[import-untyped]  # it ships no types

_MEMBERS = 100  # gzip streams in a row; more is an attack

SNIFFED = 1024  # bytes that tell what a document is

SLICE = 256 * 1024
"""Bytes that are unpacked at a time, a few milliseconds: a bomb of one packet would stop everything else for 0.2 s."""


TOGETHER = 20_000_000
"""Bytes that all unfinished bodies together may have: two of the largest that are allowed, hundreds of usual ones."""


class Arriving:
    """What is being received. Where it becomes too much together, the largest is given up, and the small go on."""

    def __init__(self) -> None:
        self._sizes: dict[asyncio.Timeout, int] = {}
        self._given_up: WeakSet[asyncio.Timeout] = WeakSet()

    def grew(self, body: asyncio.Timeout, allowed: int, size: int) -> None:
        """`body` is known by the time limit under which it is received; who is given up runs into it now.

        There is always room for two bodies of the size that is `allowed`.
        """
        self._sizes[body] = size
        if sum(self._sizes.values()) > max(TOGETHER, 2 * allowed):
            largest = max(self._sizes, key=self._sizes.__getitem__)
            self.ended(largest)
            self._given_up.add(largest)
            largest.reschedule(0)

    def ended(self, body: asyncio.Timeout) -> None:
        self._sizes.pop(body, None)

    def gave_up(self, body: asyncio.Timeout) -> bool:
        return body in self._given_up


class BodyDamaged(Exception):
    """The compressed body is broken or cut."""


class Unpacker(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` unpacks to, in slices of about SLICE bytes; who has had enough stops asking for them."""

    def finish(self) -> None:
        """Raises BodyDamaged where the stream is not complete."""


def unpacker(encoding: str) -> Unpacker:
    """For a Content-Encoding header; one that nobody asked for is passed on as it is, as browsers do."""
    return _UNPACKERS.get(encoding.strip().lower(), _Plain)()


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Gzip:
    """RFC 1952: one or more members; what follows the last one is padding."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._members = 0
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        while data:
            yield from _inflated(self._stream, data)
            data = self._next_member()

    def _next_member(self) -> bytes:
        """The rest of the data where another member begins in it."""
        rest = self._stream.unused_data
        if not rest.startswith(b"\x1f\x8b"):
            return b""
        self._members += 1
        if self._members > _MEMBERS:
            raise BodyDamaged("too many gzip members")
        self._stream = zlib.decompressobj(wbits=31)
        return rest

    def finish(self) -> None:
        if self._begun and not self._stream.eof:
            raise BodyDamaged("the gzip stream is cut short")


class _Deflate:
    """RFC 1950, and the bare RFC 1951 that some servers send under the same name."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if data and self._stream is None:
            bare = data[0] & 0x0F != zlib.DEFLATED
            self._stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
        if self._stream is not None:
            yield from _inflated(self._stream, data)

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise BodyDamaged("the deflate stream is cut short")


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        if not data or self._stream.is_finished():
            return
        try:
            yield self._stream.process(data, output_buffer_limit=SLICE)
            while not self._stream.can_accept_more_data():
                yield self._stream.process(b"", output_buffer_limit=SLICE)
        except brotli.error as problem:
            raise BodyDamaged("the br stream is damaged") from problem

    def finish(self) -> None:
        if self._begun and not self._stream.is_finished():
            raise BodyDamaged("the br stream is cut short")


def _inflated(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    try:
        while data and not stream.eof:
            yield stream.decompress(data, SLICE)
            data = stream.unconsumed_tail
    except zlib.error as problem:
        raise BodyDamaged("the compressed body is damaged") from problem


_UNPACKERS: dict[str, type[_Plain | _Gzip | _Deflate | _Brotli]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
}

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})

_BINARY = re.compile(
    rb"%PDF-|\x89PNG|GIF8|\xff\xd8\xff|RIFF|OggS|ID3|\xff\xfb|\x1aE\xdf\xa3|PK\x03\x04|\x1f\x8b|\{\\rtf|....ftyp",
    re.DOTALL,
)
"""How PDF, images, audio, video and archives begin (https://mimesniff.spec.whatwg.org, section 6)."""

_PROLOGUE = re.compile(rb"(?:\s+|\xef\xbb\xbf|\xfe\xff|\xff\xfe|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)

_HTML = re.compile(
    rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|noscript|div|p|a|b|br|h[1-6]|table|iframe"
    rb"|font|article|main|section|header|nav|span|center|base|img|ul)[\s>/])",
    re.IGNORECASE,
)
"""The same standard's list of what makes an untyped document HTML, and the common elements it lacks."""


def is_html(content_type: str, head: bytes) -> bool:
    """Whether a body may be read as a page, by its Content-Type and its first SNIFFED bytes.

    The bytes overrule the type in both directions: a PDF that calls itself HTML is none, and a page that calls
    itself plain text is one.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or "utf-16" in content_type.lower():
        head = head.replace(b"\0", b"")
    if not head or _BINARY.match(head):
        return not head
    prologue = _PROLOGUE.match(head)
    if _HTML.match(head, prologue.end() if prologue else 0):
        return True
    return content_type.partition(";")[0].strip().lower() in _HTML_TYPES and b"\0" not in head
