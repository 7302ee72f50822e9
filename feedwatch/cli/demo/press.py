"""What the demo's newsroom prints: outlets and articles from newsroom.toml, as feeds and pages.

Values in, bytes out; nothing here knows a clock or a socket.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any

from feedwatch.model import Strength

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    key: str
    name: str
    host: str  # its own loopback address
    path: str  # the feed's
    format: str  # a key of FORMATS
    language: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    key: str
    outlet: str  # an outlet's key
    title: str
    summary: str
    author: str
    days: int  # how long before the demo it was in the feed; 0: published while it runs
    strength: Strength | None  # of the alert it must give; None: no alert
    because: str  # the reason, for a reader of the demo

    @property
    def path(self) -> str:
        return f"/news/{self.key}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """All there is to print."""

    keywords: tuple[str, ...]  # the watchlist for which the articles were written
    outlets: tuple[Outlet, ...]
    articles: tuple[Article, ...]  # fresh ones in the order of publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article that is out."""

    article: Article
    url: str
    at: datetime


def edition() -> Edition:
    table = tomllib.loads(_text("newsroom.toml"))
    return Edition(
        keywords=tuple(table["keywords"]),
        outlets=tuple(Outlet(**row | {"tags": tuple(row["tags"])}) for row in table["outlets"]),
        articles=tuple(_article(row) for row in table["articles"]),
    )


def _article(row: dict[str, Any]) -> Article:
    word = row.get("strength")
    return Article(**{"days": 0} | row | {"strength": Strength.of(word) if word else None})


def _text(*path: str) -> str:
    return resources.files(__package__).joinpath(*path).read_text(encoding="utf-8")


def page(outlet: Outlet, home: str, item: Item) -> bytes:
    """The article inside its outlet's menus, boxes, comments and footer."""
    article = item.article
    body = f"<p>{escape(article.summary)}</p>\n" if article.days else _text("articles", f"{article.key}.html")
    words = {
        "title": article.title,
        "summary": article.summary,
        "author": article.author,
        "url": item.url,
        "feed": home + outlet.path,
        "date": item.at.isoformat(),
        "day": f"{item.at:%d.%m.%Y}",
    }
    layout = Template(_text("outlets", f"{outlet.key}.html"))
    return layout.substitute({name: escape(word) for name, word in words.items()}, body=body).encode()


def feed(outlet: Outlet, home: str, items: Sequence[Item]) -> tuple[str, bytes]:
    """The outlet's feed document: its media type and its bytes."""
    media_type, write = FORMATS[outlet.format]
    return f"{media_type}; charset=utf-8", write(outlet, home, items).encode()


def _rss(outlet: Outlet, home: str, items: Sequence[Item]) -> str:
    """RSS 2.0, https://www.rssboard.org/rss-specification."""
    rows = "".join(
        f"<item>{_tags(title=i.article.title, link=i.url, description=i.article.summary)}"
        f'<guid isPermaLink="false">{escape(i.article.key)}</guid>'
        f"<pubDate>{format_datetime(i.at)}</pubDate></item>\n"
        for i in items
    )
    head = _tags(title=outlet.name, link=home, description=outlet.name, language=outlet.language)
    return f'{_XML}<rss version="2.0"><channel>{head}\n{rows}</channel></rss>\n'


def _atom(outlet: Outlet, home: str, items: Sequence[Item]) -> str:
    """Atom 1.0, RFC 4287."""
    rows = "".join(
        f"<entry>{_tags(id=f'tag:{outlet.key}.example,2024:{i.article.key}', title=i.article.title)}"
        f'<link rel="alternate" href="{escape(i.url)}"/><author>{_tags(name=i.article.author)}</author>'
        f"{_tags(published=i.at.isoformat(), updated=i.at.isoformat(), summary=i.article.summary)}</entry>\n"
        for i in items
    )
    updated = max(i.at for i in items).isoformat()
    head = _tags(id=f"tag:{outlet.key}.example,2024:", title=outlet.name, updated=updated)
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">{head}'
        f'<link rel="self" href="{escape(home + outlet.path)}"/>\n{rows}</feed>\n'
    )


def _rdf(outlet: Outlet, home: str, items: Sequence[Item]) -> str:
    """RSS 1.0, https://web.resource.org/rss/1.0/spec: no ids, an item is its address."""
    rows = "".join(
        f'<item rdf:about="{escape(i.url)}">'
        f"{_tags(title=i.article.title, link=i.url, description=i.article.summary)}"
        f"<dc:date>{i.at.isoformat()}</dc:date></item>\n"
        for i in items
    )
    order = "".join(f'<rdf:li rdf:resource="{escape(i.url)}"/>' for i in items)
    head = _tags(title=outlet.name, link=home, description=outlet.name)
    return (
        f'{_XML}<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<channel rdf:about="{escape(home + outlet.path)}">{head}'
        f"<dc:language>{outlet.language}</dc:language>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{rows}</rdf:RDF>\n"
    )


def _tags(**texts: str) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())


_XML = '<?xml version="1.0" encoding="utf-8"?>\n'

FORMATS: dict[str, tuple[str, Callable[[Outlet, str, Sequence[Item]], str]]] = {
    "rss": ("application/rss+xml", _rss),
    "atom": ("application/atom+xml", _atom),
    "rdf": ("application/rdf+xml", _rdf),
}
