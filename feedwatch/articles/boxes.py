"""Small boxes within an article's text that are not of it: told by where a line stands.

Trafilatura drops what it knows of them. What is left is told by the elements around a line, or by words in their
classes that publishers share, and only where the whole box is short: a class is a hint, and a wrong one may hold the
article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any

from feedwatch.articles.lines import Block, class_of, said, stand_only, words

MOST = 100
"""Words in a box; a longer one is text, whatever it is called."""

_LINE_WORDS = 45
_LEVELS = 12  # of elements around a block that are looked at
_BY_ELEMENT = frozenset({"aside", "nav", "footer", "form", "figcaption"})

_CALLED = re.compile(
    r"disclaimer|copyright|reviewed|\btoc\b|toc[-_]|table-of-contents|next-?(?:story|post|article|up)|linkbox"
    r"|read-?(?:more|next|also)|also-?read|see-?also|recommend|related|most-?(?:read|popular)|trending|ticker"
    r"|newsletter|subscri|paywall|sign-?up|donat|membership|promo|advert|sponsor|\bads?\b"
    r"|[-_]bio\b|\bbio\b|\bauthor|byline|press-?(?:contact|officer|kontakt)|kontakt|contact"
    r"|share|social|comment|cookie|consent|breadcrumb|\btags?\b|credits?\b",
    re.IGNORECASE,
)


def boxed(blocks: Sequence[Block], lines: Sequence[str]) -> list[bool]:
    """Which of the lines stand in such a box, and nowhere else on the page."""
    boxes: dict[Any, bool] = {}
    inside = stand_only(blocks, lines, partial(_is_in_box, known=boxes))
    return [apart and words(line) <= _LINE_WORDS for apart, line in zip(inside, lines, strict=True)]


def _is_in_box(block: Block, known: dict[Any, bool]) -> bool:
    return any(_is_box(one, known) for one in (block.element, *islice(block.element.iterancestors(), _LEVELS)))


def _is_box(element: Any, known: dict[Any, bool]) -> bool:
    if element not in known:
        called = element.tag in _BY_ELEMENT or bool(_CALLED.search(class_of(element)))
        known[element] = called and words(said(element)) <= MOST
    return known[element]
