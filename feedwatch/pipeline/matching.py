"""Which watchlist finds what in an article that was read? Nothing is written yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from feedwatch.pipeline.zones import facts
from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.strength import explain, rate, spans
from feedwatch.watches.tree import lasting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.model import Hit, Match, Page
    from feedwatch.pipeline.program import Program, Watch
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store.articles import PendingEntry
    from feedwatch.watches.index import Index, Metadata
    from feedwatch.watches.tree import Query


PASSAGES = 16
"""Hits whose paragraphs are kept, the first ones."""

NEAR = 1_000
"""Characters of such a paragraph on either side of the hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A watchlist's match on one entry."""

    entry: PendingEntry
    watch: Watch
    match: Match
    snippet: str
    reasons: Mapping[str, object]
    lasts: bool  # whatever the page, which was not to be had yet, may say
    passages: tuple[str, ...] = ()  # the paragraphs of the body that hold its hits


def matches(
    entries: tuple[PendingEntry, ...], url: str | None, reading: Reading, program: Program
) -> tuple[Found, ...]:
    """Every match of every watchlist on every entry that waits; `url` is their article's address."""
    return tuple(
        found
        for entry, index in zip(entries, reading.indexes, strict=True)
        for root in sorted(program.presearch.candidates(index))
        if (found := _match(entry, index, known_of(entry, url, reading, program), program.watches[root], reading))
    )


def known_of(entry: PendingEntry, url: str | None, reading: Reading, program: Program) -> Metadata:
    """What a query may ask about an entry's article besides its text."""
    spec = program.plan.feeds.get(entry.feed)
    return facts(reading.page, entry, reading.url or url, spec.tags if spec else ())


def _match(entry: PendingEntry, index: Index, known: Metadata, watch: Watch, reading: Reading) -> Found | None:
    if not watch.reads(entry.feed):
        return None
    found = verdict(watch.query, index, known, reading.page)
    if found is None:
        return None
    reasons = {
        **_repeats(index, found, reading.page),
        "judged": "page" if reading.page is not None else "feed text",
        "hits": [asdict(count) for count in explain(index, found.hits)],
        "spans": [asdict(span) for span in spans(index, found.hits)],
    }
    return Found(
        entry=entry,
        watch=watch,
        match=found,
        snippet=snippet(index, found),
        reasons=reasons,
        lasts=reading.page is not None or _lasts(watch.query, index, known),
        passages=_passages(index, found),
    )


def verdict(query: Query, index: Index, known: Metadata, page: Page | None) -> Match | None:
    """The match, as strong as its hits are that the page's host does not repeat.

    With none of these it is still a mention, because it is never silenced.
    """
    found = match(query, index, known)
    if found is None or len(own := _own(index, found, page)) == len(found.hits):
        return found
    strength, score = rate(index, own)
    return replace(found, strength=min(strength, found.strength), score=min(score, found.score))


def _repeats(index: Index, found: Match, page: Page | None) -> dict[str, str]:
    """The reason that some of the hits count less, or all of them."""
    own = _own(index, found, page)
    return {} if len(own) == len(found.hits) else {"background": "also" if own else "only"}


def _own(index: Index, found: Match, page: Page | None) -> tuple[Hit, ...]:
    """The hits that are not in a paragraph which the host repeats."""
    background = page.background if page else ()
    if not background:
        return found.hits
    return tuple(
        hit
        for hit in found.hits
        if hit.name != "body" or _passage(index.zones[hit.zone].text, hit.start) not in background
    )


def _passages(index: Index, found: Match) -> tuple[str, ...]:
    hits = [hit for hit in found.hits if hit.name == "body"][:PASSAGES]
    return tuple(dict.fromkeys(_passage(index.zones[hit.zone].text, hit.start) for hit in hits))


def _passage(text: str, start: int) -> str:
    """The paragraph that begins before and ends behind that place; of a very long one what is near."""
    first, last = max(0, start - NEAR), start + NEAR
    end = text.find("\n", start, last)
    return text[max(first, text.rfind("\n", first, start) + 1) : last if end < 0 else end]


def _lasts(query: Query, index: Index, known: Metadata) -> bool:
    kept = lasting(query)
    return kept is not None and match(kept, index, known) is not None
