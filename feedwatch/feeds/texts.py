"""What every format needs: markup as plain text, links made absolute, language tags, dates that can be meant."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from lxml import etree

from feedwatch.text import addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

ENTRY_CAP = 2_000  # the newest entries of a document that are kept; the rest is counted

OLDEST, YOUNGEST = 1991, 2100  # years; the web's first article, and a date nobody means


def absolute(link: str | None, base: str) -> str | None:
    """A web address, made absolute from `base`; None for everything that is none."""
    link = printable(link or "").strip()
    return addresses.absolute(link, base) if link else None


def possible(moment: datetime | None) -> datetime | None:
    """The moment in UTC (a time without a zone is taken for it); None for one that cannot be meant."""
    if moment is None or not OLDEST <= moment.year < YOUNGEST:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def moment_of(text: str) -> datetime | None:
    """A date of RFC 3339 or ISO 8601, or, against the rules, of a mail; None for one that cannot be meant."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return possible(read(text.strip()))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


_DROPPED = ("script", "style", "noscript", "template", "iframe", "object", "svg", "math", "head")
_BLOCKS = frozenset(
    """
    address article aside blockquote br dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905  a list literal of these would be ten times as long
)
_MARKUP = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p)\b[^<>]*>", re.IGNORECASE)
"""Markup where plain text belongs: a closing tag, or a tag that needs none. "How to use the <b> tag" is text."""

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_BREAK = "\u2028"  # parts blocks; white space inside a block never does
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(markup: str) -> str:
    """HTML as plain text: one line a block, entities resolved, scripts and styles left out."""
    text = printable(markup)
    if "<" not in text and "&" not in text:
        return lines(text)
    tree = etree.fromstring(f"<html><body>{text}</body></html>".encode(), _html_parser())
    if tree is None:
        return ""
    etree.strip_elements(tree, *_DROPPED, with_tail=False)
    for element in tree.iter():
        if element.tag in _BLOCKS:
            element.text = _BREAK + (element.text or "")
            element.tail = _BREAK + (element.tail or "")
    return "\n".join(_filled(" ".join(line.split()) for line in "".join(tree.itertext()).split(_BREAK)))


def readable(text: str) -> str:
    """What should be plain text, and often holds entities, or markup, all the same."""
    return plain(text) if _MARKUP.search(text) else lines(printable(unescaped(text)))


def unescaped(text: str) -> str:
    """Entities resolved, but only with their semicolons: the "&copy=1" of an address is no sign of copyright."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _html_parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)


def printable(text: str) -> str:
    """`text` without what no database and no parser takes: control characters and lone surrogates."""
    return _UNPRINTABLE.sub("", text)


def lines(text: str) -> str:
    """Plain text, each line tidied, none empty."""
    return "\n".join(_filled(" ".join(line.split()) for line in text.splitlines()))


def _filled(lines: Iterable[str]) -> Iterable[str]:
    return (line for line in lines if line)
