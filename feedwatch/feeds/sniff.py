"""What is this document? By its first bytes, for servers call it anything."""

from __future__ import annotations

import re
import zlib

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.discover import discover

GZIP = b"\x1f\x8b"

_MAGIC = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"PK\x03\x04": "a ZIP archive",
    GZIP: "compressed data",
}
_FEED_ROOT = re.compile(rb"<(\w+:)?(rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_HTML_ROOT = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_SITEMAP_ROOT = re.compile(
    rb"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.DOTALL
)
_WIDE = re.compile(rb"\xff\xfe|\xfe\xff|\0{1,3}[{\[<\s]|[{\[<\s]\0")  # how UTF-16 and UTF-32 begin
_HEAD = 4_096  # bytes in which a document shows what it is
_BLANK = b"\xef\xbb\xbf\xfe\xff \t\r\n"  # byte order marks count as such
_NAMED = 3  # feeds of a page that a message names


def _start(body: bytes) -> bytes:
    """The first bytes that say something; those of UTF-16 without their zeros."""
    head = body[:_HEAD]
    return (head.replace(b"\0", b"") if _WIDE.match(head) else head).lstrip(_BLANK)


def is_json(body: bytes) -> bool:
    return _start(body)[:1] in {b"{", b"["}


def is_feed(body: bytes) -> bool:
    """Whether it begins like a feed, in XML or JSON."""
    return is_json(body) or bool(_FEED_ROOT.search(_start(body)))


def is_sitemap(body: bytes) -> bool:
    """Whether it is a sitemap or an index of sitemaps, packed or not."""
    head = _first_unpacked(body) if body.startswith(GZIP) else body
    return bool(_SITEMAP_ROOT.match(_start(head)))


def _first_unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(body[:_HEAD], _HEAD)
    except zlib.error:
        return b""


def refuse_what_is_no_xml(body: bytes, url: str) -> None:
    """Spares the XML readers what they would chew on for long and find nothing in; raises FeedUnreadable."""
    start = _start(body)
    if not start:
        raise FeedUnreadable(f"{url} is empty (ask again later, or remove the feed)")
    is_html = _HTML_ROOT.match(start) and not _FEED_ROOT.search(start)
    if is_html or is_sitemap(body) or start.startswith(tuple(_MAGIC)):
        raise FeedUnreadable(f"{url} is no feed but {looks_like(body, url)}")


def looks_like(body: bytes, url: str) -> str:
    """What a document is that is no feed, and the way on; a page names its feeds."""
    start = _start(body)
    if is_sitemap(body):
        return 'a sitemap (give the feed kind = "sitemap")'
    if _HTML_ROOT.search(start):
        return _page(body, url)
    return f"{_plainly(start)} (check the address)"


def _plainly(start: bytes) -> str:
    kinds = {**_MAGIC, b"{": "JSON", b"[": "JSON"}
    named = next((what for magic, what in kinds.items() if start.startswith(magic)), None)
    other = "binary data" if b"\0" in start else "something else"
    return named or (other if start else "an empty answer")


def _page(body: bytes, url: str) -> str:
    named = [candidate.url for candidate in discover(body, url) if candidate.declared][:_NAMED]
    if named:
        return f"an HTML page, which calls this its feed: {' or '.join(named)} (`feedwatch feeds add` takes it)"
    return "an HTML page (`feedwatch feeds discover` looks for its feeds)"
