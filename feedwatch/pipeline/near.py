"""Which watchlists would have found an article, but for one thing? For people who ask why nobody was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.pipeline.matching import known_of
from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.tree import without_exceptions
from feedwatch.watches.why import missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from feedwatch.pipeline.program import Program
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store.articles import PendingEntry
    from feedwatch.watches.index import Index

KEPT_OUT = "kept_out"  # by NOT or UNLESS
FURNITURE = "furniture"  # its words are on the page, and not in the article

SAID = 3
"""Sentences that say why, at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A watchlist that did not find an entry's article, and what stood in the way."""

    entry: PendingEntry
    version: int  # of the watchlist
    kind: str
    snippet: str
    why: tuple[str, ...] = ()


def kept_out(
    entries: tuple[PendingEntry, ...], url: str | None, reading: Reading, program: Program, found: Collection[str]
) -> Iterator[NearMiss]:
    """The watchlists that NOT or UNLESS kept from an article with their words; `found`: those that it is none of."""
    for entry, index in zip(entries, reading.indexes, strict=True):
        known = known_of(entry, url, reading, program)
        for root in sorted(program.presearch.candidates(index) - set(found)):
            watch = program.watches[root]
            rest = without_exceptions(watch.query)
            if not watch.reads(entry.feed) or rest is None or rest == watch.query:
                continue
            if (hit := match(rest, index, known)) is None or match(watch.query, index, known) is not None:
                continue
            why = tuple(map(str, missing(watch.query, index, known)[:SAID]))
            yield NearMiss(entry=entry, version=watch.version, kind=KEPT_OUT, snippet=snippet(index, hit), why=why)


def suspects(reading: Reading, program: Program, found: Collection[str]) -> set[str]:
    """The watchlists that may find the page's furniture."""
    return program.presearch.among(reading.outside) - set(found) if reading.outside else set()


def furniture(
    entries: tuple[PendingEntry, ...],
    url: str | None,
    reading: Reading,
    program: Program,
    roots: Collection[str],
    page: Index,
) -> Iterator[NearMiss]:
    """Those of the watchlists that would match, were all that the page shows its article."""
    for entry in entries:
        known = known_of(entry, url, reading, program)
        for watch in (program.watches[root] for root in sorted(roots)):
            if watch.reads(entry.feed) and (hit := match(watch.query, page, known)) is not None:
                yield NearMiss(entry=entry, version=watch.version, kind=FURNITURE, snippet=snippet(page, hit))
