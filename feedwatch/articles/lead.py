"""The lead: what stands between the headline and the first paragraph of the text that was found.

Pages often keep it in a box of its own above the article's, where an extractor does not look: of 38 segments that
annotators asked for and trafilatura missed on one half of our real pages, 22 stood there. It may be the only place
that names a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from feedwatch.articles.lines import Block, class_of, key, said, words

_LOOKED_AT = 40  # blocks after the headline; a text that begins later is not this headline's
_FEWEST, _MOST = 8, 120  # words
_START = 60  # characters that tell two lines apart
_PROSE = 8  # words of a line that counts as the text's first
_HEADLINE = 4  # words; less is a site's name

_APART = frozenset({"nav", "aside", "figure", "figcaption", "footer", "form", "a", "li", "table", "label"})

_CALLED = re.compile(
    r"lead\b|lede|intro|standfirst|abstract|excerpt|\bdeck?\b|dek\b|sub-?(?:title|head|line)|summary|chapo|bajada"
    r"|entradilla|sumario|teaser|vorspann|description|strapline|kicker|ingress|manchet",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"caption|credit|byline|author|share|social|newsletter|related|comment|cookie|consent|\bads?\b|advert|promo"
    r"|breadcrumb|paywall|banner|copyright|timestamp|toolbar|signup|sponsor",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|[©|{}<>•]")
_ENDS = (".", "?", "!", "…", "。", "؟", "।", "”", "“", "»", '"')


def lead_of(blocks: Sequence[Block], title: str, lines: Sequence[str], description: str) -> tuple[str, ...]:
    """Lines that the page shows between its headline and the first of `lines`, and that are not among them.

    The headline, too, where it is another than `title`. Only what looks like a sentence, is called a lead by its class,
    or is the page's own description counts; a page without a headline has none.
    """
    starts = tuple(key(line)[:_START] for line in lines if words(line) >= _PROSE)[:3]
    place = _headline(blocks, key(title))
    if not starts or place is None:
        return ()
    shown = (blocks[place].text,) if words(blocks[place].text) >= _HEADLINE else ()
    before = _before(blocks[place + 1 :], starts)
    found = (*shown, *(block.text for block in before if _is_lead(block, key(description))))
    known = f"{key(title)} {' '.join(map(key, lines))}"
    return tuple(dict.fromkeys(line for line in found if key(line) not in known))


def _headline(blocks: Sequence[Block], title: str) -> int | None:
    """Where the page's headline is: the first that the title repeats, else the first."""
    places = [place for place, block in enumerate(blocks) if block.element.tag == "h1"]
    return next((place for place in places if blocks[place].name in title), places[0] if places else None)


def _before(blocks: Sequence[Block], starts: tuple[str, ...]) -> list[Block]:
    """The blocks up to the text's first line; none if it does not come soon."""
    found: list[Block] = []
    for block in blocks[:_LOOKED_AT]:
        short = len(block.name) > _START // 2 and any(start.startswith(block.name) for start in starts)
        if short or any(start in block.name for start in starts):
            return found
        found.append(block)
    return []


def _is_lead(block: Block, description: str) -> bool:
    line = block.text
    if not _FEWEST <= words(line) <= _MOST or _is_apart(block.element) or _linked(block.element) > len(line) / 3:
        return False
    if description and block.name[:_START] == description[:_START]:
        return True
    return not _TIME.search(line) and (line.endswith(_ENDS) or _is_called(block.element))


def _is_called(element: Any) -> bool:
    return any(_CALLED.search(class_of(one)) for one in (element, *islice(element.iterancestors(), 2)))


def _is_apart(element: Any) -> bool:
    near = (element, *islice(element.iterancestors(), 5))
    return any(one.tag in _APART for one in near) or any(_FURNITURE.search(class_of(one)) for one in near[:3])


def _linked(element: Any) -> int:
    return sum(len(said(link)) for link in element.iter("a"))
