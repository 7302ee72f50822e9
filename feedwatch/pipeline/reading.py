"""One thought of a worker: from a page's bytes (or what is stored of it) to texts that can be matched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feedwatch.articles.furniture import NOTHING, Repeated, background_among, hashes_of, packed
from feedwatch.articles.outside import shown_text
from feedwatch.articles.page import read_page
from feedwatch.model import Page, Post, Zone
from feedwatch.pipeline.zones import language_of, zones
from feedwatch.stories.telling import Telling, telling
from feedwatch.text.tokens import tokenize
from feedwatch.watches.fts import fts_text
from feedwatch.watches.index import Index, build_index, primary

if TYPE_CHECKING:
    from feedwatch.store.articles import PendingEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """An article's folded tokens by column of the search table."""

    title: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an article says: its page if there is one, and an index for each entry that waits."""

    page: Page | None
    indexes: tuple[Index, ...]  # in the order of the entries
    searched: SearchText
    url: str | None = None  # where the redirects ended; None: nothing was fetched
    outside: frozenset[str] = frozenset()  # tokens that the page shows, and not in its article
    telling: Telling | None = None  # what its story knows it by; None: nobody waits for it, or nobody asked yet
    blocks: bytes = b""  # hashes of what its page says, for what its host repeats


def read_fetched(
    body: bytes, url: str, content_type: str | None, entries: tuple[PendingEntry, ...], repeated: Repeated = NOTHING
) -> Reading:
    """Reads a page that was fetched; `repeated` is what its host's other pages say, too. Raises PageUnreadable."""
    page = read_page(body, url, content_type, repeated)
    lines = page.body.split("\n")
    reading = read_stored(replace(page, background=background_among(lines, repeated)), entries)
    return replace(
        reading,
        url=url,
        outside=words_outside(body, reading.indexes[-1]) if entries else frozenset(),
        blocks=packed(hashes_of((*lines, *page.teasers))),
    )


def read_stored(page: Page | None, entries: tuple[PendingEntry, ...]) -> Reading:
    """Reads what is known already; without a page it is the feed's own text."""
    reading = read_words(page, entries)
    return replace(reading, telling=told_by(page, entries[-1])) if entries else reading


def read_words(page: Page | None, entries: tuple[PendingEntry, ...]) -> Reading:
    """The same for the question who watches for it; what its story knows it by is left out, which takes as long."""
    indexes = tuple(build_index(zones(page, entry), language_of(page, entry)) for entry in entries)
    merged = build_index(tuple(dict.fromkeys(zone for entry in entries for zone in zones(page, entry))))
    return Reading(
        page=page,
        indexes=indexes,
        searched=SearchText(
            title=fts_text(merged, "title"),
            summary=fts_text(merged, "summary"),
            body=fts_text(merged, "body"),
        ),
    )


def told_by(page: Page | None, entry: PendingEntry) -> Telling:
    """The article as its newest entry and its page tell it; without a page it is the feed's own text.

    What its host repeats under other news, too, is no part of what it tells.
    """
    return telling(
        entry.title or (page.title if page else ""),
        _own(page) if page else entry.content or entry.summary,
        primary(language_of(page, entry)),
        (*(page.authors if page else ()), *entry.authors),
    )


def _own(page: Page) -> str:
    """Its body without what its host repeats."""
    return "\n".join(line for line in page.body.split("\n") if line not in page.background)


def read_posts(page: Page, posts: tuple[Post, ...], entries: tuple[PendingEntry, ...]) -> tuple[Reading, ...]:
    """Reads posts of a live page, each as a text of its own that says nothing but itself."""
    silent = tuple(replace(entry, title="", summary="", content="") for entry in entries)
    return tuple(
        read_stored(replace(page, title=post.title, body=post.text, captions=(), teasers=(), posts=()), silent)
        for post in posts
    )


def words_outside(body: bytes, index: Index) -> frozenset[str]:
    """The tokens that a page shows and its article's text does not have."""
    inside = set[str]().union(*(zone.positions for zone in index.zones))
    return frozenset(tokenize(shown_text(body)).tokens) - inside


def index_of_page(body: bytes, language: str) -> Index:
    """Everything that a page shows, as one text."""
    return build_index((Zone(name="body", text=shown_text(body)),), language)
