"""An article's text taken apart: its lead and paragraphs, its captions, and the teasers between them.

Whatever is in doubt is the article's. If more than half of the words would go, the rules do not fit this page, and all
of it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from feedwatch.articles.boxes import boxed
from feedwatch.articles.captions import captions_among, captions_of, is_credit, without_credit
from feedwatch.articles.cards import carded
from feedwatch.articles.furniture import furniture_among
from feedwatch.articles.lead import lead_of
from feedwatch.articles.lines import blocks_of, key, silence, words
from feedwatch.articles.sections import headed
from feedwatch.articles.teasers import is_mostly_links, links_of, teasers_in
from feedwatch.text.corrections import is_correction

if TYPE_CHECKING:
    from feedwatch.articles.furniture import Repeated

KEPT = 0.5
"""The least share of a text's words that are its own."""

_HEADLINE_WITHIN = 3  # lines from the text's head where its headline may be repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    body: tuple[str, ...]  # the lead first
    captions: tuple[str, ...]
    teasers: tuple[str, ...]


def parts_of(tree: Any, url: str, title: str, lines: tuple[str, ...], description: str, repeated: Repeated) -> Parts:
    """The parts of a text that was found on a page; `repeated`: what its host repeats. Silences the tree."""
    lines = _without_headline(lines, title)
    silence(tree)
    captions, links, blocks = captions_of(tree), links_of(tree, url), blocks_of(tree)
    pictured = captions_among(lines, captions)
    apart = [
        any(reasons)
        for reasons in zip(
            teasers_in(lines, links),
            boxed(blocks, lines),
            carded(blocks, lines, links),
            headed(blocks, lines),
            map(is_credit, lines),
            pictured,
            furniture_among(lines, repeated, lambda line: is_mostly_links(line, links)),
            strict=True,
        )
    ]
    apart = [goes and not is_correction(line) for goes, line in zip(apart, lines, strict=True)]
    if not _is_plausible(lines, apart):
        apart = [False] * len(lines)
    kept = tuple(compress(lines, (not goes for goes in apart)))
    body = (*lead_of(blocks, title, kept, description), *kept)
    credited = (without_credit(line) for line, is_one in zip(lines, pictured, strict=True) if is_one)
    shown = tuple(dict.fromkeys((*captions, *filter(None, credited))))
    return Parts(
        body=body,
        captions=tuple(caption for caption in shown if caption not in body),
        teasers=tuple(line for line, goes, is_one in zip(lines, apart, pictured, strict=True) if goes and not is_one),
    )


def _without_headline(lines: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The text without the headline at its head: a word in it is a headline's, and a reason should say more."""
    name = key(title)
    head = tuple(line for line in lines[:_HEADLINE_WITHIN] if not name or key(line) != name)
    return (*head, *lines[_HEADLINE_WITHIN:]) or lines


def _is_plausible(lines: tuple[str, ...], apart: list[bool]) -> bool:
    gone = sum(words(line) for line in compress(lines, apart))
    return gone <= (1 - KEPT) * sum(map(words, lines))
