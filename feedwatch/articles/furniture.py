"""Furniture by repetition: a block that stands on many pages of one host is of the host, and not of an article.

It catches what no class list does, without rules for single sites: five pages of three stories or more, within days. A short block is left out of
the text. Longer prose that repeats (the background paragraph of an agency) stays: it counts less, and that is said, because a lost alert outranks
a false one.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from feedwatch.articles.lines import key, words

SHORT = 25
"""Words of a block that is furniture when it repeats; a longer one is prose."""

PAGES, STORIES = 5, 3
"""On how many pages, of how many stories, a block repeats."""

REMEMBERED = 40
"""Pages of a host that are remembered, the newest ones."""

FRESH = timedelta(days=7)
"""How long they are."""

_BLOCKS = 400  # of a page that are remembered

Repeated = frozenset[int]
"""Hashes of the blocks that repeat on a host."""

NOTHING: Repeated = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page of a host that was read before."""

    story: int  # its story's number, or one of its own
    blocks: bytes  # hashes of its blocks, as packed() gives them


def block_hash(line: str) -> int:
    """The line's words as a number of 63 bits; the same for the same words, whatever stands between them."""
    digest = hashlib.blake2b(key(line).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hashes_of(lines: Iterable[str]) -> tuple[int, ...]:
    """The hashes of a page's blocks, once each."""
    return tuple(dict.fromkeys(block_hash(line) for line in lines if key(line)))[:_BLOCKS]


def packed(blocks: Iterable[int]) -> bytes:
    return array("Q", blocks).tobytes()


def repeated(pages: Iterable[Seen]) -> Repeated:
    """What stands on so many of the pages that it is the host's."""
    seen: dict[int, list[int]] = defaultdict(list)
    for page in pages:
        for block in array("Q", page.blocks):
            seen[block].append(page.story)
    return frozenset(block for block, stories in seen.items() if len(stories) >= PAGES and len(set(stories)) >= STORIES)


def furniture_among(lines: Iterable[str], known: Repeated, is_links: Callable[[str], bool]) -> list[bool]:
    """Which of the lines repeat and are short, or mostly links."""
    return [bool(known) and block_hash(line) in known and (words(line) <= SHORT or is_links(line)) for line in lines]


def background_among(lines: Iterable[str], known: Repeated) -> tuple[str, ...]:
    """The lines of prose that repeat."""
    return tuple(line for line in lines if known and words(line) > SHORT and block_hash(line) in known)
