"""The lines of a text as keys: the same words, however they are cut, set and punctuated."""

from __future__ import annotations

import re
from typing import Any

_BETWEEN = re.compile(r"[\W_]+")
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "button", "select", "textarea"})


def key(text: str) -> str:
    """The words of a text, lower case, parted by one space each."""
    return _BETWEEN.sub(" ", text).strip().lower()


def words(text: str) -> int:
    return len(text.split())


def said(element: Any) -> str:
    """What an element shows, as one line; scripts and buttons in it say nothing."""
    if any(inner.tag in _SILENT for inner in element.iter()):
        return " ".join("".join(_spoken(element)).split())
    return " ".join("".join(element.itertext()).split())


def _spoken(element: Any) -> list[str]:
    if element.tag in _SILENT:
        return []
    parts = [element.text or ""]
    for inner in element:
        parts += _spoken(inner)
        parts.append(inner.tail or "")
    return parts


def class_of(element: Any) -> str:
    """Its class and id, for words in them."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"
