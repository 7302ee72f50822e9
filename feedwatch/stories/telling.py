"""How one article tells its story: all that it is compared with others by. Made in a worker, for every article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.stories.group import Vector, terms
from feedwatch.stories.sketch import Sketch, sketch
from feedwatch.stories.sources import credited
from feedwatch.text.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable


LONGEST = 500
"""Characters of a headline that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An article as its story knows it."""

    headline: str
    language: str  # primary subtag; "": not known
    sketch: Sketch
    terms: Vector  # not weighted by rarity yet
    credits: tuple[str, ...]


def telling(headline: str, body: str, language: str, authors: Iterable[str]) -> Telling:
    """`body`: paragraphs parted by newlines; where there is no page, what the feed says."""
    headline = headline[:LONGEST]
    return Telling(
        headline=headline,
        language=language,
        sketch=sketch(tokenize(body).tokens),
        terms=terms(headline, body),
        credits=credited(body, authors),
    )
