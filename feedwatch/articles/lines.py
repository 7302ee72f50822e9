"""A page's blocks and the lines of a text as keys: the same words, however they are cut, set and punctuated."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.etree import XPath, strip_elements

_BETWEEN = re.compile(r"[\W_]+")
_NAMED = 600  # characters of a block that tell it from others: as many words as any rule asks for
SENTENCE = (".", "!", "?", "…", "。", "؟", "।", ".”", ".»", ".“", '."')
"""How a line ends that is a sentence, and no headline."""

_SILENT = ("script", "style", "noscript", "template", "svg", "button", "select", "textarea", "iframe")

_text = XPath("string()")
_leaves = XPath(
    "//*[self::p or self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::li or self::div"
    " or self::section or self::header or self::blockquote or self::td or self::dd or self::figcaption]"
    "[not(p or h1 or h2 or h3 or h4 or h5 or h6 or ul or ol or li or div or section or article or main or header"
    " or hgroup or blockquote or table or figure or form or dl or nav or aside)]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An element that holds text and no other block."""

    element: Any
    text: str  # one line
    name: str  # the key of its first characters


def key(text: str) -> str:
    """The words of a text, lower case, parted by one space each."""
    return _BETWEEN.sub(" ", text).strip().lower()


def words(text: str) -> int:
    return len(text.split())


def said(element: Any) -> str:
    """An element's text as one line."""
    text = element.text or "" if len(element) == 0 else _text(element)
    return " ".join(text.split())


def silence(tree: Any) -> None:
    """Takes out of the tree what has text and shows none of it, scripts first of all."""
    strip_elements(tree, *_SILENT, with_tail=False)


def blocks_of(tree: Any) -> list[Block]:
    """The blocks of a silent tree that say something, in the page's order."""
    texts = ((element, said(element)) for element in _leaves(tree))
    return [Block(element=element, text=text, name=key(text[:_NAMED])) for element, text in texts if text]


def class_of(element: Any) -> str:
    """Its class and id, for words in them."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def stand_only(blocks: Sequence[Block], lines: Sequence[str], is_apart: Callable[[Block], bool]) -> list[bool]:
    """Which of a text's lines stand in such blocks, and nowhere else on the page."""
    names = [key(line[:_NAMED]) for line in lines]
    wanted = set(names) - {""}
    apart: dict[str, bool] = {}
    for block in blocks:
        if block.name in wanted and apart.get(block.name, True):
            apart[block.name] = is_apart(block)
    return [apart.get(name, False) for name in names]


def phrases(rows: str) -> frozenset[str]:
    """What stands between the bars of a table's rows."""
    return frozenset(rows.strip("\n").replace("\n", "|").split("|"))
