"""Which watchlist finds what in an article that was read? Nothing is written yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.strength import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.model import Match
    from feedwatch.pipeline.program import Program, Watch
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store.articles import PendingEntry
    from feedwatch.watches.index import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A watchlist's match on one entry."""

    entry: PendingEntry
    watch: Watch
    match: Match
    snippet: str
    reasons: Mapping[str, object]


def matches(entries: tuple[PendingEntry, ...], reading: Reading, program: Program) -> tuple[Found, ...]:
    """Every match of every watchlist on every entry that waits."""
    return tuple(
        found
        for entry, index in zip(entries, reading.indexes, strict=True)
        for root in sorted(program.presearch.candidates(index))
        if (found := _match(entry, index, program.watches[root], page_read=reading.page is not None))
    )


def _match(entry: PendingEntry, index: Index, watch: Watch, *, page_read: bool) -> Found | None:
    if watch.feeds is not None and entry.feed not in watch.feeds:
        return None
    found = match(watch.query, index)
    if found is None:
        return None
    reasons = {
        "judged": "page" if page_read else "feed text",
        "hits": [asdict(count) for count in explain(index, found.hits)],
    }
    return Found(entry=entry, watch=watch, match=found, snippet=snippet(index, found), reasons=reasons)
