"""What stands under an article's pictures: part of it, apart from its text."""

from __future__ import annotations

import re
from typing import Any

from feedwatch.articles.lines import key, said, words

MOST = 40
"""Captions of one page; a gallery has more, and they say the same."""

_FEWEST, _LONGEST = 4, 120  # words
_CREDITED = 40  # words of a paragraph that is a caption because it ends in a credit
_CREDIT = 15  # words of a credit alone: "(Photo by … / … via …)"
_CAPTIONS = "//figcaption|//figure//*[contains(@class,'caption')]|//*[contains(@class,'wp-caption-text')]"
_APART = frozenset({"nav", "aside", "footer", "a", "li"})

# Who made a picture, as publishers of many languages write it.
_MAKER = (
    r"(?:©|\(c\)|\b(?:fotos?|photos?|bild(?:er|quelle)?|credits?|images?|imagen|fotografía|quelle|source|fuente|crédito|fotocredit"
    r"|abb|фото|зображення|zdjęcie|fot|kuva|getty images|picture alliance|shutterstock)\b)"
)
_CREDIT_LINE = re.compile(rf"[\W_]*{_MAKER}\.?\s*(?:credit|by|von|de|:|/|\W).{{1,80}}", re.IGNORECASE)
_CREDIT_END = re.compile(
    r"\s*[(\[|]?\s*(?:©|\b(?:fotos?|photos?|bild|credits?|image|imagen|quelle|фото)\s*(?:by)?\s*[:/]).{2,60}$",
    re.IGNORECASE,
)


def captions_of(tree: Any) -> tuple[str, ...]:
    """The captions of the page's pictures, without who took them; pictures in menus and lists of links have none."""
    lines = (said(one) for one in tree.xpath(_CAPTIONS) if not _is_apart(one))
    shown = (without_credit(line) for line in lines)
    return tuple(dict.fromkeys(line for line in shown if _FEWEST <= words(line) <= _LONGEST))[:MOST]


def _is_apart(element: Any) -> bool:
    return any(outer.tag in _APART for outer in element.iterancestors())


def without_credit(line: str) -> str:
    return _CREDIT_END.sub("", line).strip()


def is_credit(line: str) -> bool:
    """Whether a line says nothing but who made a picture or a text."""
    return words(line) <= _CREDIT and bool(_CREDIT_LINE.fullmatch(line))


def captions_among(lines: tuple[str, ...], captions: tuple[str, ...]) -> list[bool]:
    """Which lines of a text are captions that an extractor took for paragraphs: the page's, or credited ones."""
    names = {key(caption) for caption in captions}
    return [is_credited(line) or (bool(names) and key(line) in names) for line in lines]


def is_credited(line: str) -> bool:
    """Whether a line is so short, and ends in who made a picture."""
    return words(line) <= _CREDITED and bool(_CREDIT_END.search(line))
