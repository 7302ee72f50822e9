"""Alert ids: the same cause gives the same id, before and after any crash, so that nothing is told twice as new."""

from __future__ import annotations

import hashlib

SHORTEST = 6
"""Letters of a printed id at the least."""


def alert_id(root: str, kind: str, cause: str) -> str:
    """128 bits in hex of (watchlist's root id, kind, cause); root is "" where no watchlist is meant."""
    text = f"{root}\0{kind}\0{cause}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def first_cause(story: str) -> str:
    return story


def raise_cause(story: str, strength: str) -> str:
    return f"{story} {strength}"


def revision_cause(article: str, content: bytes) -> str:
    """Of an article's key and the hash of what it says now: the same change is told once, even if it comes back."""
    return f"{article} {content.hex()}"


def surge_cause(began: int) -> str:
    """Of a surge that began then (microseconds since 1970)."""
    return f"surge/{began}"


def mute_key(root: str, since: int) -> str:
    """Of a watchlist's mute that began then (microseconds since 1970); its message a channel: window_cause."""
    return f"mute/{root}/{since}"


def window_cause(window: str, channel: str) -> str:
    """A window over all channels ends in one message a channel."""
    return f"{window}/{channel}"
