"""All that a page shows, its menus and boxes too: where a word is that is not in the article."""

from __future__ import annotations

import html
import re

from feedwatch.articles.charset import decoded

_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9-]*|!--)?[^<>]*>")
"""A tag and its name; what begins with "<" and never ends is text, which keeps this linear in any page."""

_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg"})


def shown_text(body: bytes) -> str:
    """The words of a page that a reader could see, a line each stretch between two tags."""
    pieces = _TAG.split(decoded(body))
    shown, hidden = [pieces[0]], ""
    for name, text in zip(map(_lower, pieces[1::2]), pieces[2::2], strict=True):
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _HIDDEN:
            hidden = name
        if not hidden and not text.isspace():
            shown.append(text)
    return html.unescape("\n".join(shown))


def _lower(name: str | None) -> str:
    return (name or "").lower()
