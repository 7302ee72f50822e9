"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): bytes in, values out; feedparser 6 reads none.

Real ones break the rules in every way: ids are numbers, titles hold HTML entities, "authors" is a text, items are
null. Whatever has the wrong type counts as missing, and only what is no JSON at all, or no feed, is refused.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.aggregators import understood
from feedwatch.feeds.texts import (
    ENTRY_CAP,
    absolute,
    lines,
    moment_of,
    one_line,
    plain,
    printable,
    readable,
)
from feedwatch.model import ParsedEntry, ParsedFeed
from feedwatch.text.addresses import is_web
from feedwatch.text.scripts import language_of_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = dict[str, Any]

_VERSION = "jsonfeed.org/version/"


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """The JSON Feed in `body`, fetched from `url`; raises FeedUnreadable where it is none."""
    document = _document(body, url)
    base = absolute(_text(document.get("home_page_url")), url) or url
    items = _listed(document.get("items"))
    newest = sorted(items, key=_recency, reverse=True)[:ENTRY_CAP] if len(items) > ENTRY_CAP else items
    entries = (_entry(item, document, base) for item in newest)
    return ParsedFeed(
        title=one_line(readable(_text(document.get("title")))),
        language=_language(document),
        entries=tuple(entry for entry in entries if entry != ParsedEntry(authors=entry.authors)),
        left_out=len(items) - len(newest),
    )


def _document(body: bytes, url: str) -> Item:
    try:
        # numbers stay as they are spelt: an id like 1e400 is a name, and no number is too long to be read
        found = json.loads(_decoded(body), strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FeedUnreadable(f"{url} is broken JSON at {where}: {error.msg} (tell its publisher)") from None
    except RecursionError:
        raise FeedUnreadable(f"{url} is JSON nested too deeply to be a feed (check the address)") from None
    if not isinstance(found, dict) or not _is_feed(found):
        raise FeedUnreadable(f"{url} is no feed but JSON that is no JSON Feed (check the address)")
    return found


def _decoded(body: bytes) -> str:
    """JSON is UTF-8, 16 or 32 (RFC 4627, 3); what is none of them is taken for what old servers write."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _is_feed(document: Item) -> bool:
    """It says so; or, where it forgot to, its items look like it."""
    if _VERSION in _text(document.get("version")):
        return True
    return any(_text(item.get("id")) or _text(item.get("url")) for item in _listed(document.get("items")))


def _listed(value: object) -> tuple[Item, ...]:
    """The objects of a list; an object alone counts as a list of it."""
    several = value if isinstance(value, list) else [value]
    return tuple(one for one in several if isinstance(one, dict))


def _text(value: object) -> str:
    return printable(value).strip() if isinstance(value, str) else ""


def _entry(item: Item, document: Item, base: str) -> ParsedEntry:
    summary, content = readable(_text(item.get("summary"))), _content(item)
    entry = ParsedEntry(
        id=_text(item.get("id")) or None,
        link=_link(item, base),
        title=one_line(readable(_text(item.get("title")))),
        summary="" if summary == content else summary,
        content=content,
        authors=_authors(item) or _authors(document),
        categories=_tags(item.get("tags")),
        published=moment_of(_text(item.get("date_published"))),
        updated=moment_of(_text(item.get("date_modified"))),
    )
    return understood(entry)


def _content(item: Item) -> str:
    return plain(_text(item.get("content_html"))) or lines(_text(item.get("content_text")))


def _link(item: Item, base: str) -> str | None:
    """The item's own page; else the page that it is about; else an id that is an address, as 1.1 asks for."""
    own = absolute(_text(item.get("url")), base)
    return own or next(filter(is_web, (_text(item.get("external_url")), _text(item.get("id")))), None)


def _tags(value: object) -> tuple[str, ...]:
    """A list, or, against the rules, a text with commas."""
    return _names(value.split(",") if isinstance(value, str) else value)


def _authors(holder: Item) -> tuple[str, ...]:
    """1.1's list; else 1.0's one. Each is an object with a name, or, against the rules, the name."""
    return _people(holder.get("authors")) or _people(holder.get("author"))


def _people(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    return _names([one.get("name") if isinstance(one, dict) else one for one in several])


def _names(value: object) -> tuple[str, ...]:
    names: Iterable[str] = (one_line(readable(_text(one))) for one in (value if isinstance(value, list) else [value]))
    return tuple(dict.fromkeys(name for name in names if name))


def _language(document: Item) -> str | None:
    """The feed's own claim; else that of its items, where they agree."""
    claims = {language_of_tag(_text(item.get("language"))) for item in _listed(document.get("items"))}
    return language_of_tag(_text(document.get("language"))) or (claims.pop() if len(claims) == 1 else None)


_NOW = datetime.max.replace(tzinfo=UTC)


def _recency(item: Item) -> datetime:
    """Undated ones count as new, so that none is lost for want of a date."""
    return moment_of(_text(item.get("date_modified"))) or moment_of(_text(item.get("date_published"))) or _NOW
