"""How much an article is about a watchlist: a word for people, a number for ordering, counts for "why"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feedwatch.model import Hit, Span, Strength
from feedwatch.watches.index import Index
from feedwatch.watches.spans import distinct

_LEADS = frozenset({"lead", "summary"})
ENOUGH_HITS = 3  # make a topic, wherever they stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often a term stands in a zone; the body's lead is told apart as "lead"."""

    term: str  # as the watchlist spells it
    zone: str
    count: int


def rate(index: Index, hits: Sequence[Hit]) -> tuple[Strength, float]:
    """The strength and the score of the hits, which come in the order of the text.

    Headline: a hit in a title. Topic: one in the lead or in the publisher's summary, or three anywhere.
    The score is 3·title + 2·lead + ln(1+n)/(1+len/1000) for n distinct hits in len words; title and lead are
    0 or 1, and a summary is a lead.
    """
    views = {view_of(index, hit) for hit in hits}
    count, title, lead = distinct(hits), "title" in views, not views.isdisjoint(_LEADS)
    score = 3 * title + 2 * lead + math.log1p(count) / (1 + index.words / 1000)
    if title:
        return Strength.HEADLINE, score
    return Strength.TOPIC if lead or count >= ENOUGH_HITS else Strength.MENTION, score


def explain(index: Index, hits: Sequence[Hit]) -> tuple[Count, ...]:
    """Every term, zone and count, in the order in which the hits come."""
    counts = Counter((hit.term, view_of(index, hit)) for hit in hits)
    return tuple(Count(term=term, zone=zone, count=count) for (term, zone), count in counts.items())


SPANS = 20
"""Places that are kept with a decision; of more the counts are."""


def spans(index: Index, hits: Sequence[Hit]) -> tuple[Span, ...]:
    """The first places that were hit."""
    return tuple(
        Span(zone=hit.name, text=index.zones[hit.zone].text[hit.start : hit.end], start=hit.start, end=hit.end)
        for hit in hits[:SPANS]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What decided the strength."""

    zone: str  # where the deciding hit stands; "": no zone decided, the count did
    hits: int  # distinct ones, in the whole article


def ground(index: Index, hits: Sequence[Hit]) -> Ground:
    """Why `rate` gives these hits the strength that it gives them. Hits in the text's order."""
    views = [view_of(index, hit) for hit in hits]
    zone = next((view for view in views if view == "title"), None) or next((v for v in views if v in _LEADS), "")
    return Ground(zone=zone, hits=distinct(hits))


def view_of(index: Index, hit: Hit) -> str:
    """The name of the hit's zone, or "lead" at the head of the body."""
    zone = index.zones[hit.zone]
    in_lead = zone.lead and hit.start <= zone.starts[zone.lead - 1]
    return "lead" if in_lead else hit.name
