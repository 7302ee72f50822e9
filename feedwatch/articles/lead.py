"""The lead: what stands between the headline and the first paragraph of the text that was found.

Pages often keep it in a box of its own above the article's, where an extractor does not look: of 750 segments that
annotators asked for on real pages, 22 of the 38 that were missed stood there. It may be the only place with the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from feedwatch.articles.lines import class_of, key, said, words

_LOOKED_AT = 40  # blocks after the headline; a text that begins later is not this headline's
_FEWEST, _MOST = 8, 120  # words
_START = 60  # characters that tell two lines apart
_PROSE = 8  # words of a line that counts as the text's first

_BLOCKS = ("h1", "h2", "h3", "h4", "p", "div", "section", "li", "blockquote", "td")
_INNER = frozenset(
    {*_BLOCKS, "article", "main", "header", "hgroup", "ul", "ol", "table", "figure", "form", "dl", "nav"}
)
_APART = frozenset({"nav", "aside", "figure", "figcaption", "footer", "form", "button", "a", "li", "table", "label"})

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


def lead_of(tree: Any, title: str, lines: tuple[str, ...], description: str) -> tuple[str, ...]:
    """Lines that the page shows between its headline and the first of `lines`, and that are not among them.

    The headline, too, where it is another than `title`. Only what looks like a sentence, is called a lead by its class, or is the page's
    own description counts; without a headline there is none.
    """
    starts = tuple(key(line)[:_START] for line in lines if words(line) >= _PROSE)[:3]
    headline = _headline(tree, key(title))
    if not starts or headline is None:
        return ()
    known = {key(line) for line in lines} | {key(title)}
    before = _before(tree, headline, starts)
    shown = () if words(said(headline)) < 4 else (said(headline),)  # noqa: PLR2004 - a site's name
    found = (*shown, *(said(block) for block in before if _is_lead(block, key(description))))
    text = " ".join(known)
    return tuple(dict.fromkeys(line for line in found if key(line) not in text))


def _headline(tree: Any, title: str) -> Any | None:
    heads = list(tree.iter("h1"))
    same = (head for head in heads if (name := key(said(head))) and name in title)
    return next(same, heads[0] if heads else None)


def _before(tree: Any, headline: Any, starts: tuple[str, ...]) -> list[Any]:
    """The blocks from the headline to the text's first line; none if it does not come soon."""
    found: list[Any] = []
    blocks = tree.iter(*_BLOCKS)
    for block in blocks:
        if block is headline:
            break
    for block in blocks:
        if any(inner.tag in _INNER for inner in block):
            continue
        name = key(said(block))
        if not name:
            continue
        if any(start in name or (len(name) > _START // 2 and start.startswith(name)) for start in starts):
            return found
        if len(found) == _LOOKED_AT:
            return []
        found.append(block)
    return []


def _is_lead(block: Any, description: str) -> bool:
    line = said(block)
    if not _FEWEST <= words(line) <= _MOST or _is_apart(block) or _linked(block) > len(line) / 3:
        return False
    if description and key(line)[:_START] == description[:_START]:
        return True
    return not _TIME.search(line) and (line.endswith(_ENDS) or _is_called(block))


def _is_called(block: Any) -> bool:
    near = [block, *_within(block, 2)]
    return any(_CALLED.search(class_of(one)) for one in near)


def _is_apart(block: Any) -> bool:
    near = [block, *_within(block, 5)]
    return any(one.tag in _APART for one in near) or any(_FURNITURE.search(class_of(one)) for one in near[:3])


def _within(block: Any, levels: int) -> Iterable[Any]:
    for _, outer in zip(range(levels), block.iterancestors(), strict=False):
        yield outer


def _linked(block: Any) -> int:
    return sum(len(said(link)) for link in block.iter("a"))
