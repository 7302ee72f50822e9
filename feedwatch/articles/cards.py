"""Cards: small things side by side that each lead to a page of its own, with its headline and a few words of it.

Told by shape alone. A list of sources, or a paragraph with a link in it, is none: in a card there is a line that is a
link from its first word to its last, or nearly, and what else the card says is little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any

from feedwatch.articles.lines import Block, key, said, stand_only, words
from feedwatch.articles.teasers import Links

FEWEST = 2
"""Cards side by side; one alone may be the article's own box."""

MOST = 60
"""Words of a card; more is a text."""

_HEADLINE = 3  # words of a link at the least: "Read more" and a name are none
_BESIDE = 6  # words beside the link in its own line: a date, a number, who wrote it
_LEVELS = 12  # of elements around a link or a line
_INLINE = frozenset({"a", "b", "em", "font", "i", "p", "span", "strong", "u", "h1", "h2", "h3", "h4", "h5", "h6"})


def carded(blocks: Sequence[Block], lines: Sequence[str], links: Links) -> list[bool]:
    """Which of the lines stand in cards, and nowhere else on the page."""
    cards = _cards(blocks, links)
    if not cards:
        return [False] * len(lines)
    return stand_only(blocks, lines, lambda block: not cards.isdisjoint(_around(block.element)))


def _around(element: Any) -> list[Any]:
    return [element, *islice(element.iterancestors(), _LEVELS)]


def _cards(blocks: Sequence[Block], links: Links) -> set[Any]:
    """The elements that stand beside others of their kind."""
    kinds: dict[Any, set[Any]] = defaultdict(set)
    short: dict[Any, bool] = {}
    name_of = cache(_name)  # one link may stand around a thousand lines
    for block in blocks:
        if _is_headline(block, links, name_of) and (card := _card_around(block.element, short)) is not None:
            kinds[card.getparent(), card.tag].add(card)
    return {card for cards in kinds.values() if len(cards) >= FEWEST for card in cards}


def _is_headline(block: Block, links: Links, name_of: Callable[[Any], tuple[str, int]]) -> bool:
    """Whether the line is a link of some words to a page of the site, and hardly more."""
    around = (element for element in _around(block.element) if element.tag == "a")
    names = map(name_of, (*block.element.iter("a"), *around))
    return any(
        _HEADLINE <= length <= MOST and words(block.text) <= length + _BESIDE and links.lead_within(name)
        for name, length in names
    )


def _name(link: Any) -> tuple[str, int]:
    """What the link says, as a key, and its words."""
    name = key(said(link))
    return name, words(name)


def _card_around(line: Any, short: dict[Any, bool]) -> Any | None:
    """The largest short element around the line that leads to one page."""
    card = None
    for element in _around(line):
        if element not in short:
            short[element] = words(said(element)) <= MOST and len(_targets(element)) <= 1
        if not short[element]:
            break
        card = card if element.tag in _INLINE else element
    return card


def _targets(element: Any) -> set[str]:
    """Where its headlines lead; a topic's or an author's name leads elsewhere."""
    return {link.get("href") or "" for link in element.iter("a") if words(said(link)) >= _HEADLINE}
