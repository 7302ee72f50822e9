"""Small boxes within an article's text that are not of it: told by where a line stands.

Trafilatura drops what it knows of them. What is left is told by the elements around a line, or by words in their classes that publishers share, and
only where the whole box is short: a class is a hint, and a wrong one may hold the article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feedwatch.articles.lines import class_of, key, said, words

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 100
"""Words in a box; a longer one is text, whatever it is called."""

_LINE_WORDS = 45
_LEAVES = ("p", "li", "h2", "h3", "h4", "h5", "h6", "div", "blockquote", "td", "section", "figcaption", "span")
_HOLDING = frozenset(
    {"p", "li", "div", "ul", "ol", "section", "table", "h2", "h3", "h4", "blockquote", "figure", "article"}
)
_BOXES = ("div", "section", "aside", "nav", "footer", "ul", "ol", "p", "span", "figcaption", "form", "dl", "figure")
_BY_ELEMENT = frozenset({"aside", "nav", "footer", "form", "figcaption"})

_CALLED = re.compile(
    r"disclaimer|copyright|reviewed|\btoc\b|toc[-_]|table-of-contents|next-?(?:story|post|article|up)|linkbox"
    r"|read-?(?:more|next|also)|also-?read|see-?also|recommend|related|most-?(?:read|popular)|trending|ticker"
    r"|newsletter|subscri|paywall|sign-?up|donat|membership|promo|advert|sponsor|\bads?\b"
    r"|[-_]bio\b|\bbio\b|\bauthor|byline|press-?(?:contact|officer|kontakt)|kontakt|contact"
    r"|share|social|comment|cookie|consent|breadcrumb|\btags?\b|credits?\b|info-?box|fact-?box|callout|highlight",
    re.IGNORECASE,
)


def boxed(tree: Any, lines: Sequence[str]) -> list[bool]:
    """Which of the lines stand in such a box, and nowhere else on the page."""
    wanted = {key(line) for line in lines if words(line) <= _LINE_WORDS} - {""}
    boxes = {box for box in tree.iter(*_BOXES) if _is_box(box)}
    inside = {name for box in boxes for name in _names(box)} & wanted
    if inside:
        inside -= {name for leaf in _leaves(tree) if (name := key(said(leaf))) in inside and not _is_in(leaf, boxes)}
    return [key(line) in inside for line in lines]


def _is_box(element: Any) -> bool:
    called = element.tag in _BY_ELEMENT or _CALLED.search(class_of(element))
    return bool(called) and words(said(element)) <= MOST


def _names(box: Any) -> set[str]:
    return {key(said(leaf)) for leaf in _leaves(box)}


def _leaves(element: Any) -> list[Any]:
    return [leaf for leaf in element.iter(*_LEAVES) if not any(inner.tag in _HOLDING for inner in leaf)]


def _is_in(leaf: Any, boxes: set[Any]) -> bool:
    return leaf in boxes or any(outer in boxes for outer in leaf.iterancestors())
