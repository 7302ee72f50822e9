"""What of an article is searched, and what is known of it; apart from its reading, because a search reads no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.model import Page, Zone
from feedwatch.text.addresses import host_of
from feedwatch.watches.index import Metadata

if TYPE_CHECKING:
    from feedwatch.store.articles import PendingEntry


def zones(page: Page | None, entry: PendingEntry) -> tuple[Zone, ...]:
    """The texts in which a word counts: the titles of feed and page, the feed's summary, the article's body, captions.

    A summary is the publisher's own abstract: it saves the alert where the page hides its text. The feed's full
    text stands in for a page that was not read, and beside one that shows only a taste.
    """
    title = page.title if page else ""
    body = page.body if page else entry.content
    summary = "" if entry.summary and entry.summary in body else entry.summary
    more = entry.content if page and page.paywalled and entry.content not in body else ""
    caption = "\n".join(page.captions) if page else ""
    texts = (("title", entry.title), ("title", title), ("summary", summary), ("body", body), ("body", more))
    found = (*texts, ("caption", caption))
    return tuple(Zone(name=name, text=text) for name, text in found if text)


def language_of(page: Page | None, entry: PendingEntry) -> str:
    """The article's language: the page's, else the feed's, else ""."""
    return (page.language if page else None) or entry.language


def facts(page: Page | None, entry: PendingEntry, url: str | None, tags: tuple[str, ...]) -> Metadata:
    """What the fields of a query ask about. `url`: the article's address, `tags`: what the config says of the feed."""
    link = url or entry.link or ""
    hosts = tuple(dict.fromkeys(host for host in (entry.host, host_of(entry.link or ""), host_of(link)) if host))
    language = language_of(page, entry)
    return Metadata(
        languages=(language,) if language else (),
        hosts=hosts,
        authors=tuple(dict.fromkeys((*(page.authors if page else ()), *entry.authors))),
        url=link,
        tags=tags,
        country=_country(hosts),
        feeds=tuple(dict.fromkeys(name for name in (entry.feed_name, entry.outlet) if name)),
    )


_SOLD = frozenset({"ai", "cc", "eu", "fm", "gg", "io", "ly", "me", "su", "to", "tv", "ws"})
"""Endings of two letters that say nothing of a country, because anybody buys them."""


def _country(hosts: tuple[str, ...]) -> str:
    """The country that an address ends in, as in elpais.com.uy; "" where it ends in none."""
    endings = (host.rpartition(".")[2] for host in hosts)
    found = next((end for end in endings if len(end) == len("uy") and end.isalpha() and end not in _SOLD), "")
    return {"uk": "GB"}.get(found, found.upper())
