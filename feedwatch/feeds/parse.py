"""What does this feed document say? Bytes in, values out; runs in a worker process.

feedparser 6 reads RSS 0.9x to 2.0, RDF, CDF and Atom. Its traps, read from its source: it opens addresses and
files unless it is handed a stream; it decodes with whatever codec the document names; it lets exceptions of
its date, link and character readers through; `updated` falls back to `published` through `get()` with a
warning, so dates are read with `dict.get`.
"""

from __future__ import annotations

import calendar
import io
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import feedparser

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.aggregators import understood
from feedwatch.feeds.hints import asked
from feedwatch.feeds.json_feed import parse_json_feed
from feedwatch.feeds.sniff import is_json, looks_like, refuse_what_is_no_xml
from feedwatch.feeds.texts import ENTRY_CAP, absolute, lines, one_line, plain, possible, printable
from feedwatch.model import ParsedEntry, ParsedFeed
from feedwatch.text.addresses import is_web
from feedwatch.text.scripts import language_of_tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from time import struct_time

Raw = dict[str, Any]  # one of feedparser's dictionaries


def parse_feed(body: bytes, content_type: str | None, url: str) -> ParsedFeed:
    """The feed in `body`, fetched from `url` (relative links start there).

    In XML there are as many entries as feedparser finds, less what `left_out` counts.
    Raises FeedUnreadable, which says what the body looks like, for everything that is no feed.
    """
    if is_json(body):
        return parse_json_feed(body, url)
    refuse_what_is_no_xml(body, url)
    document = _read(body, content_type, url)
    if not document.entries and not document.version:
        raise FeedUnreadable(f"{url} is no feed but {looks_like(body, url)}")
    return _feed(document, body, url)


def _feed(document: Any, body: bytes, url: str) -> ParsedFeed:
    base = _base(document, url)
    raws = _newest(document.entries)
    return ParsedFeed(
        title=_line(document.feed, "title"),
        language=language_of_tag(document.feed.get("language")),
        entries=tuple(_entry(dict(raw), base) for raw in raws),  # feedparser's own dictionaries take four times as long
        left_out=len(document.entries) - len(raws),
        asked=asked(document.feed, body),
    )


def _base(document: Any, url: str) -> str:
    """Where relative links start: in Atom at the document (RFC 4287, 2); RSS, which is silent, means its site."""
    site = None if document.version.startswith("atom") else document.feed.get("link")
    return absolute(site, url) or url


def _newest(raws: Sequence[Raw]) -> Sequence[Raw]:
    """At most ENTRY_CAP of them; undated ones count as new, so that none is lost for want of a date."""
    if len(raws) <= ENTRY_CAP:
        return raws
    return sorted(raws, key=_recency, reverse=True)[:ENTRY_CAP]


def _recency(raw: Raw) -> float:
    moment = _updated(raw) or _published(raw)
    return moment.timestamp() if moment else float("inf")


def _entry(raw: Raw, base: str) -> ParsedEntry:
    summary, content = _summary(raw), _content(raw)
    entry = ParsedEntry(
        id=printable(raw.get("id") or "").strip() or None,
        link=_link(raw, base),
        title=_line(raw, "title"),
        summary="" if summary == content else summary,  # feedparser copies the content to a missing summary
        content=content,
        authors=_authors(raw),
        categories=_categories(raw),
        published=_published(raw),
        updated=_updated(raw),
    )
    original = absolute(raw.get("feedburner_origlink"), base)
    return understood(entry, original=original, source=_source(raw))


def _source(raw: Raw) -> str:
    """The outlet, where an aggregator says it: in RSS' own element (Google), or in Bing's."""
    source = raw.get("source") or {}
    return one_line(plain(source.get("title") or raw.get("news_source") or ""))


# Reading ------------------------------------------------------------------------------------------------


def _read(body: bytes, content_type: str | None, url: str) -> Any:
    headers = {"content-type": _tame_header(content_type)}  # no content-location: ids must not depend on it
    body = _tame_declaration(body)
    try:
        return _feedparser(body, headers)
    except MemoryError:  # the worker's owner must hear of it
        raise
    except Exception:  # noqa: BLE001  feedparser lets its readers' exceptions of any kind through
        return _read_again(_REFERENCE.sub(_possible, body), headers, url)


def _read_again(body: bytes, headers: dict[str, str], url: str) -> Any:
    try:
        return _feedparser(body, headers)
    except MemoryError:
        raise
    except Exception as error:
        raise FeedUnreadable(
            f"{url} cannot be read as a feed: {type(error).__name__}: {error} (tell its publisher)"
        ) from error


def _feedparser(body: bytes, headers: dict[str, str]) -> Any:
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


_SURROGATES = range(0xD800, 0xE000)
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def _possible(reference: re.Match[bytes]) -> bytes:
    """The reference, or nothing where it names no character: feedparser raises on surrogates and beyond."""
    number = int(reference[1][:9], 16) if reference[1] else int(reference[2][:9])
    return b"" if number in _SURROGATES or number > sys.maxunicode else reference[0]


# Encodings: a name outside these families is no encoding of texts (idna, punycode, unicode_escape, …).
_ENCODING = re.compile(
    r"(utf[-_]?(8|16|32)|u(8|16|32)$|ucs|iso|latin|l\d|windows|cp|ibm|\d{3}|koi8|gb|chinese|hz|big5|euc|ujis"
    r"|s(hift)?[-_]?jis|ms_?kanji|ks_?c|korean|johab|uhc|mac|tis|viscii|us-?ascii|ascii|cs|kz|pt|x-)",
    re.IGNORECASE,
)
_DECLARATION = re.compile(rb"""^(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*["']([^"'>]{0,100})["']""")


def _tame_declaration(body: bytes) -> bytes:
    declared = _DECLARATION.match(body)
    if declared is None or _ENCODING.match(declared[2].decode("latin-1")):
        return body
    return declared[1] + body[declared.end() :]


def _tame_header(content_type: str | None) -> str:
    """The Content-Type for feedparser; without one, the default of XML (UTF-8) and not of HTTP (Latin-1)."""
    kind, _, rest = (content_type or "application/xml").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';]+)", rest, re.IGNORECASE)
    if charset and _ENCODING.match(charset[1]):
        return f"{kind.strip()}; charset={charset[1]}"
    return kind.strip()


# Links, dates, people -----------------------------------------------------------------------------------


def _link(raw: Raw, base: str) -> str | None:
    """The entry's own address: its alternate link, else its permalink guid."""
    links = (absolute(claim, base) for claim in _link_claims(raw))
    return next((link for link in links if link), None)


def _link_claims(raw: Raw) -> tuple[str, ...]:
    """Where the link may stand, best first.

    feedparser's choice comes first if it chose well: it takes an enclosure without href for the link, and a guid
    that is no address. Only an absolute guid is one (RSS 2.0: "a url that points to the full item").
    """
    chosen = (raw.get("link") or "").strip()
    alternates = tuple(link.get("href", "") for link in raw.get("links", ()) if link.get("rel") == "alternate")
    if raw.get("guidislink") and not is_web(chosen):
        return alternates
    return (chosen, *alternates) if chosen in alternates else (*alternates, chosen)


def _published(raw: Raw) -> datetime | None:
    return _moment(dict.get(raw, "published_parsed") or dict.get(raw, "created_parsed"))


def _updated(raw: Raw) -> datetime | None:
    return _moment(dict.get(raw, "updated_parsed"))


def _moment(parts: struct_time | None) -> datetime | None:
    """The moment of a UTC time tuple; None for dates that cannot be meant."""
    try:
        return possible(datetime.fromtimestamp(calendar.timegm(parts), UTC)) if parts else None
    except (ValueError, OverflowError):
        return None


def _authors(raw: Raw) -> tuple[str, ...]:
    names = [one.get("name") for one in raw.get("authors", ())] or [raw.get("author")]
    found = (one_line(plain(name)) for name in names if name)
    return tuple(dict.fromkeys(name for name in found if name))


def _categories(raw: Raw) -> tuple[str, ...]:
    """What the publisher files it under, as a reader sees it: the label, else the term."""
    names = (one_line(plain(tag.get("label") or tag.get("term") or "")) for tag in raw.get("tags", ()))
    return tuple(dict.fromkeys(name for name in names if name))


# Texts --------------------------------------------------------------------------------------------------


def _line(raw: Raw, name: str) -> str:
    return one_line(_text(raw, name))


def _summary(raw: Raw) -> str:
    return _text(raw, "summary")


def _content(raw: Raw) -> str:
    """The longest of the entry's contents that are text."""
    contents = [one for one in raw.get("content", ()) if _is_text(one.get("type") or "text/html")]
    return max((_typed(one.get("value") or "", one.get("type")) for one in contents), key=len, default="")


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith(("html", "xml"))


def _text(raw: Raw, name: str) -> str:
    value = raw.get(name) or ""
    detail = raw.get(f"{name}_detail") or {}
    return _typed(value, detail.get("type") if detail.get("value") == value else None)


def _typed(value: str, kind: str | None) -> str:
    """`value` as plain text; its type, feedparser's guess in RSS, says whether a "<b>" in it is markup."""
    return lines(printable(value)) if kind == "text/plain" else plain(value)
