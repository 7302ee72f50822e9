"""What a service makes of a text, and how a text stays a text there.

A service that shows Markdown would lose a headline's stars, show a link under other words, or wake whoever a
headline names with an @. Which service is which kind is known to edges/services.py, read from Apprise's plugins.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "plain"  # shown as it is
CHAT = "chat"  # shown as it is, but a name after an @ is called
MARKDOWN = "markdown"  # Markdown with CommonMark's backslashes
LOOSE = "loose"  # Markdown without them
CONVERTED = "converted"  # Markdown, and Apprise itself puts the backslashes
HTML = "html"  # a little HTML, and Apprise itself escapes for it
ENTITIES = "entities"  # three characters as entities, which Apprise puts
SMALL = "small"  # counts bytes, and those of its JSON, too

_NAMED = regex.compile(r"(?<![\p{L}\p{N}_])@(?=[\p{L}\p{N}_*\"])")
_SIGNS = regex.compile(
    r"[\\_*\[\]~`>#|<{}$]|&(?=#?\w{1,32};)|(?<=^\s*)[-+](?=\s)|(?<=^\s*\d{1,9})[.)](?=\s)", regex.MULTILINE
)
_APPRISES_SIGNS = regex.compile(r"[\\_*\[\]()~`>#+=|{}.!-]|&(?=#?[0-9A-Za-z]{1,32};)")
_SHORTHAND = regex.compile(r"\]\(|\$\[")
_LINK = regex.compile(r"\s*https?://\S+")

_BYTES, _JSON = 4096, 6200  # of ntfy: of a message, and of its JSON beside a title of 250 characters


def escaped(text: str, markup: str) -> str:
    """`text` for a service of that kind; twice is not as good as once.

    A line that is a web address and nothing else is left alone: it is ours, and must stay a link.
    """
    escape = _ESCAPES.get(markup)
    if escape is None:
        return text
    return "\n".join(line if _LINK.fullmatch(line) else escape(line) for line in text.split("\n"))


def size(text: str, markup: str) -> int:
    """Characters of `text` as they count against the service's limit, escapes included; never too few."""
    return _SIZES.get(markup, len)(text)


def _uncalled(line: str) -> str:
    """No name is called: the sign before it is a fullwidth one, which reads the same."""
    return str(_NAMED.sub("＠", line))


def _slashed(line: str) -> str:
    return str(_SIGNS.sub(r"\\\g<0>", _uncalled(line)))


def _parted(line: str) -> str:
    """Where nothing can be escaped: no link under other words, no function."""
    return str(_SHORTHAND.sub(lambda found: f"{found[0][0]} {found[0][1]}", _uncalled(line)))


def _slashed_size(text: str) -> int:
    return len(text) + len(_SIGNS.findall(text))


def _converted_size(text: str) -> int:
    return len(text) + len(_APPRISES_SIGNS.findall(text))


def _html_size(text: str) -> int:
    return len(html.escape(text)) + text.count("\n")


def _entity_size(text: str) -> int:
    return len(html.escape(text, quote=False))


def _small_size(text: str) -> int:
    encoded = len(text.encode("utf-8", "surrogatepass"))
    return max(encoded, -(-len(json.dumps(text)) * _BYTES // _JSON))


_ESCAPES: dict[str, Callable[[str], str]] = {
    CHAT: _uncalled,
    MARKDOWN: _slashed,
    LOOSE: _parted,
    CONVERTED: _uncalled,
    HTML: _uncalled,
    ENTITIES: _uncalled,
}

_SIZES: dict[str, Callable[[str], int]] = {
    MARKDOWN: _slashed_size,
    CONVERTED: _converted_size,
    HTML: _html_size,
    ENTITIES: _entity_size,
    SMALL: _small_size,
}
