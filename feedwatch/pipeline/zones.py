"""What of an article is searched; apart from its reading, because whoever searches the archive reads no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.model import Page, Zone

if TYPE_CHECKING:
    from feedwatch.store.articles import PendingEntry


def zones(page: Page | None, entry: PendingEntry) -> tuple[Zone, ...]:
    """The texts in which a word counts: the titles of feed and page, the feed's summary, the article's body.

    A summary is the publisher's own abstract: it saves the alert where the page hides its text. The feed's full
    text stands in for a page that was not read.
    """
    title = page.title if page else ""
    body = page.body if page else entry.content
    summary = "" if entry.summary and entry.summary in body else entry.summary
    found = (("title", entry.title), ("title", title), ("summary", summary), ("body", body))
    return tuple(Zone(name=name, text=text) for name, text in found if text)
