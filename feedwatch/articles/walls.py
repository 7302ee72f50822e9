"""Is the text that was found only a taste of it? A reader without an account sees no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedwatch.articles.lines import words

if TYPE_CHECKING:
    from feedwatch.articles.structured import Structured

TASTE = 200
"""Words; many pages that cost money say their whole text to a first visitor, and it is longer."""

_BRIEF = 120  # words of a text that ends in the middle of a sentence
_WALLS = (
    "//*[contains(@class,'paywall') or contains(@id,'paywall') or contains(@class,'piano-')"
    " or contains(@class,'metered') or contains(@class,'subscriber-only') or contains(@class,'premium-wall')"
    " or contains(@class,'regwall') or contains(@class,'suscriptor') or contains(@class,'abo-only')"
    " or contains(@class,'poool')]"
)
_CUT = ("…", "...", "[…]", "[...]", "(…)", "(...)")


def is_taste(tree: Any, facts: Structured, body: str) -> bool:
    """Whether the text is short and the page says, or shows, that there is more behind a wall."""
    count = words(body)
    if count > TASTE:
        return False
    return facts.free is False or (count <= _BRIEF and body.rstrip().endswith(_CUT)) or bool(tree.xpath(_WALLS))
