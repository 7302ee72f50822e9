"""Alert ids: the same cause gives the same id, before and after any crash, so that nothing is told twice as new."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 6
"""Letters of a printed id at the least."""


def alert_id(root: str, kind: str, cause: str) -> str:
    """128 bits in hex of (watchlist's root id, kind, cause); root is "" where no watchlist is meant."""
    text = f"{root}\0{kind}\0{cause}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def first_cause(story: str) -> str:
    return story


def raise_cause(story: str, strength: str, article: str | None = None) -> str:
    """`article`: the key of the one whose headline has another number, where it is no stronger."""
    return f"{story} {strength}" if article is None else f"{story} {strength} {article}"


def update_cause(story: str, articles: Iterable[str]) -> str:
    """Of a closed batch, by its articles' keys."""
    return " ".join([story, *sorted(articles)])


def revision_cause(article: str, content: bytes) -> str:
    """Of an article's key and the hash of what it says now: the same change is told once, even if it comes back."""
    return f"{article} {content.hex()}"


def surge_cause(began: int) -> str:
    """Of a surge that began then (microseconds since 1970)."""
    return f"surge/{began}"


def mute_key(root: str, since: int) -> str:
    """Of a watchlist's mute that began then (microseconds since 1970); its message a channel: window_cause."""
    return f"mute/{root}/{since}"


def window_key(kind: str, channel: str, begun: int) -> str:
    """Of a channel's window that was opened then (microseconds since 1970)."""
    return f"{kind}/{channel}/{begun}"


def window_id(key: str) -> str:
    """What is printed of a window is the start of this: 128 bits in hex."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def window_cause(window: str, channel: str) -> str:
    """A window over all channels ends in one message a channel."""
    return f"{window}/{channel}"
