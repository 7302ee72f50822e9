"""News sitemaps, for outlets that have no feed: bytes in, values out; runs in a worker process.

The protocols: https://www.sitemaps.org/protocol.html (urlset, sitemapindex, lastmod, .xml.gz) and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap (news:title and its kin). A news
sitemap holds the articles of the last two days; a plain one holds a whole site, and only what is recent counts.
"""

from __future__ import annotations

import io
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.sniff import GZIP, is_feed, is_sitemap, looks_like
from feedwatch.feeds.texts import ENTRY_CAP, absolute, moment_of, one_line, readable
from feedwatch.model import ParsedEntry, ParsedFeed
from feedwatch.text.addresses import entry_address, host_of
from feedwatch.text.scripts import language_of_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECENT = timedelta(days=7)
"""Older pages of a sitemap are no news; Google takes two days, and some outlets date an article before it appears."""

PARTS = 10
"""Sitemaps of one index that are read."""

_CURRENT = timedelta(days=2)
"""A sitemap of an index that changed so long before the newest of them is an archive."""

_MEMBERS = 100  # gzip streams in a row; more is an attack
_END = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
_BARE = re.compile(rb"&(?!#?\w+;)")  # the mending parser would drop it, and with it a part of an address
_NEWS_NAME = re.compile(r"news|latest|recent", re.IGNORECASE)
_YEARS_AGO = datetime.min.replace(tzinfo=UTC)


class _Page(NamedTuple):
    """One <url>, or one <sitemap> of an index."""

    loc: str
    said: dict[str, str]  # what stands in it, by the names of the elements in small letters


def parse_sitemap(body: bytes, url: str, at: datetime, max_bytes: int) -> ParsedFeed:
    """The recent pages of the sitemap in `body`, fetched from `url` at the time `at`, newest first, each once.

    An index has no entries, but `parts`: the addresses of the sitemaps that are worth asking. At most `max_bytes`
    are unpacked. Raises FeedUnreadable where it is no sitemap, or is cut.
    """
    document = _unpacked(body, url, max_bytes)
    if not is_sitemap(document):
        what = 'a feed (remove kind = "sitemap")' if is_feed(document) else looks_like(document, url)
        raise FeedUnreadable(f"{url} is no sitemap but {what}")
    root, pages = _read(document, url)
    return _index(pages) if root == "sitemapindex" else _sitemap(pages, url, at)


def joined(index: ParsedFeed, parts: Iterable[ParsedFeed]) -> ParsedFeed:
    """What the sitemaps of an index say together: every page once, the newest first."""
    several = tuple(parts)
    entries = _each_once(entry for part in several for entry in part.entries)
    newest = sorted(entries, key=_when, reverse=True)[:ENTRY_CAP]
    return ParsedFeed(
        title=next((part.title for part in several if part.title), ""),
        language=_common(part.language for part in several),
        entries=tuple(newest),
        left_out=sum(part.left_out for part in several) + len(entries) - len(newest),
        parts=index.parts,
        parts_left_out=index.parts_left_out,
    )


# Unpacking and reading ----------------------------------------------------------------------------------


def _unpacked(body: bytes, url: str, max_bytes: int) -> bytes:
    """What a .xml.gz holds, whatever the server calls it; anything else as it is."""
    out, rest = b"", body
    for _ in range(_MEMBERS):
        if not rest.startswith(GZIP):
            return out or body
        stream = zlib.decompressobj(wbits=31)
        try:
            out += stream.decompress(rest, max_bytes + 1 - len(out))
        except zlib.error:
            raise FeedUnreadable(f"{url} is damaged: its gzip data cannot be unpacked (ask again later)") from None
        if len(out) > max_bytes:
            raise FeedUnreadable(f"{url} holds more than {max_bytes:,} bytes (raise max_bytes under [polling])")
        if not stream.eof:
            raise FeedUnreadable(f"{url} is cut short: its gzip data has no end (ask again later)")
        rest = stream.unused_data
    raise FeedUnreadable(f"{url} is packed in too many pieces to be a sitemap (check the address)")


def _read(document: bytes, url: str) -> tuple[str, list[_Page]]:
    """The root's name and the pages; what is not well-formed is mended, unless it is cut."""
    try:
        return _pages(document, recover=False)
    except etree.XMLSyntaxError as error:
        if not _END.search(document[-4_096:]):
            raise FeedUnreadable(f"{url} is cut short: it has no end (ask again later)") from error
    try:
        return _pages(_BARE.sub(b"&amp;", document), recover=True)
    except etree.XMLSyntaxError as error:
        raise FeedUnreadable(f"{url} cannot be read as a sitemap: {error} (tell its publisher)") from error


def _pages(document: bytes, *, recover: bool) -> tuple[str, list[_Page]]:
    """Element by element, each forgotten once it is read: a large sitemap needs no large tree."""
    events = etree.iterparse(
        io.BytesIO(document),
        events=("end",),
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    found: list[_Page] = []
    for _, element in events:
        if _name(element) in {"url", "sitemap"}:
            found.extend(_page(element))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return _name(getattr(events, "root", None)), found


def _page(element: Any) -> Iterator[_Page]:
    said = dict(reversed([*_said(element)]))  # of repeated elements the first counts
    if said.get("loc"):
        yield _Page(said["loc"], said)


def _said(element: Any) -> Iterator[tuple[str, str]]:
    """Names and texts of what stands in a page; a picture's or a film's title is not the article's."""
    for child in element:
        if _name(child) == "news":
            yield from _said(child)
        elif _name(child) == "publication":
            yield from ((f"publication {name}", text) for name, text in _said(child))
        elif not len(child):
            yield _name(child), (child.text or "").strip()


def _name(element: Any) -> str:
    """The name without its namespace, which is misspelt often; "" for what is no element."""
    name = getattr(element, "tag", None)
    return name.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(name, str) else ""


# Sitemaps -----------------------------------------------------------------------------------------------


def _sitemap(pages: list[_Page], url: str, at: datetime) -> ParsedFeed:
    entries = _each_once(entry for page in pages for entry in _entry(page, url))
    recent = [entry for entry in entries if _is_recent(entry, at)]
    newest = sorted(recent, key=_when, reverse=True)[:ENTRY_CAP]
    if len(recent) > ENTRY_CAP and _when(newest[0]) == _YEARS_AGO:
        raise FeedUnreadable(
            f"{url} names {len(recent):,} pages without a date, so that nobody can say which are new"
            " (give the address of the site's news sitemap)"
        )
    return ParsedFeed(
        title=next((name for page in pages if (name := _plainly(page, "publication name"))), "") or host_of(url),
        language=_common(language_of_tag(page.said.get("publication language")) for page in pages),
        entries=tuple(newest),
        left_out=len(entries) - len(newest),
    )


def _entry(page: _Page, url: str) -> Iterator[ParsedEntry]:
    """Known by its address alone: there are no ids in a sitemap."""
    link = absolute(page.loc, url)
    if link is not None:
        keywords = (one_line(word) for word in _plainly(page, "keywords").split(","))
        yield ParsedEntry(
            link=link,
            title=_plainly(page, "title"),
            categories=tuple(dict.fromkeys(word for word in keywords if word)),
            published=moment_of(page.said.get("publication_date", "")),
            updated=moment_of(page.said.get("lastmod", "")),
        )


def _plainly(page: _Page, name: str) -> str:
    return one_line(readable(page.said.get(name, "")))


def _each_once(entries: Iterable[ParsedEntry]) -> list[ParsedEntry]:
    """An address that stands twice is one page."""
    first: dict[str, ParsedEntry] = {}
    for entry in entries:
        first.setdefault(entry_address(entry.link or ""), entry)
    return list(first.values())


def _is_recent(entry: ParsedEntry, at: datetime) -> bool:
    when = entry.published or entry.updated
    return when is None or when >= at - RECENT


def _when(entry: ParsedEntry) -> datetime:
    """Beside dated pages an undated one is the imprint, or the front page: the last."""
    return entry.published or entry.updated or _YEARS_AGO


def _common(languages: Iterable[str | None]) -> str | None:
    """The one language of all that say theirs."""
    said = set(languages) - {None}
    return said.pop() if len(said) == 1 else None


# Indexes ------------------------------------------------------------------------------------------------


def _index(pages: list[_Page]) -> ParsedFeed:
    """The sitemaps that are worth asking: those called news first, then the latest; no archives."""
    found = {page.loc: moment_of(page.said.get("lastmod", "")) for page in pages if absolute(page.loc, "") == page.loc}
    latest = max(filter(None, found.values()), default=_YEARS_AGO)
    current = [loc for loc, moment in found.items() if moment is None or moment > latest - _CURRENT]
    chosen = sorted(current, key=lambda loc: _rank(loc, found[loc]), reverse=True)[:PARTS]
    return ParsedFeed(parts=tuple(chosen), parts_left_out=len(found) - len(chosen))


def _rank(loc: str, moment: datetime | None) -> tuple[bool, datetime]:
    path = loc.partition("://")[2].partition("/")[2]
    return bool(_NEWS_NAME.search(path)), moment or _YEARS_AGO
