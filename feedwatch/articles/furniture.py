"""Furniture by repetition: a block that stands on many pages of one host is of the host, and not of an article.

It catches what no class list does, without rules for single sites: five pages of three stories or more, within days. A
short block is left out of the text. Longer prose that repeats (the background paragraph of an agency) stays: it counts
less, and that is said, because a lost alert outranks a false one.

Pages that report one event are often one story only because of the block that they share. So what is no sentence is
furniture on three texts that are no copies of each other; a short sentence must stand in three stories, and is
background until then.

And what is the headline of another story of the same feed, word for word, is told with that story, and is furniture
here from the first page on.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from feedwatch.articles.lines import SENTENCE, key, words
from feedwatch.text.tokens import is_unspaced

SHORT = 25
"""Words of a block that is furniture when it repeats; a longer one is prose."""

PAGES, STORIES = 5, 3
"""On how many pages, of how many stories, a block repeats."""

REMEMBERED = 40
"""Pages of a host that are remembered, the newest ones."""

FRESH = timedelta(days=7)
"""How long they are."""

_BLOCKS = 400  # of a page that are remembered
_LETTERS = 3  # that count as much as a word, where words are not spaced
_TITLE = 4 * _LETTERS  # of a headline that is known again: four words


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Hashes of the blocks that repeat on a host."""

    in_texts: frozenset[int] = frozenset()  # on pages of so many texts that are no copies of each other
    in_stories: frozenset[int] = frozenset()  # of so many stories
    headlines: frozenset[int] = frozenset()  # of other stories

    def __bool__(self) -> bool:
        return bool(self.in_texts or self.headlines)


NOTHING = Repeated()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page of a host that was read before."""

    text: int  # a number that its copies share
    story: int  # one that all reports of the event share
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


def repeated(pages: Iterable[Seen], titles: Iterable[str] = ()) -> Repeated:
    """What stands on so many of the pages that it is the host's; `titles` are those of other stories."""
    seen: dict[int, list[Seen]] = defaultdict(list)
    for page in pages:
        for block in array("Q", page.blocks):
            seen[block].append(page)
    often = {block: on for block, on in seen.items() if len(on) >= PAGES}
    return Repeated(
        in_texts=frozenset(block for block, on in often.items() if len({page.text for page in on}) >= STORIES),
        in_stories=frozenset(block for block, on in often.items() if len({page.story for page in on}) >= STORIES),
        headlines=frozenset(filter(None, map(_headline, titles))),
    )


@lru_cache(maxsize=10_000)  # the same ones for every page of a feed
def _headline(title: str) -> int | None:
    """The hash of a title that is none by chance; a subheading may say "What we know", or a name."""
    length = sum(len(word) if is_unspaced(word) else _LETTERS for word in title.split())
    return block_hash(title) if length >= _TITLE else None


def furniture_among(lines: Iterable[str], known: Repeated, is_links: Callable[[str], bool]) -> list[bool]:
    """Which of the lines repeat and are short, or mostly links."""
    return [bool(known) and _is_furniture(line, known, is_links) for line in lines]


def _is_furniture(line: str, known: Repeated, is_links: Callable[[str], bool]) -> bool:
    block = block_hash(line)
    if block in known.headlines:
        return True
    if block not in known.in_texts:
        return False
    if words(line) > SHORT or block not in known.in_stories:
        return (words(line) <= SHORT and not line.endswith(SENTENCE)) or is_links(line)
    return True


def background_among(lines: Iterable[str], known: Repeated) -> tuple[str, ...]:
    """The lines of prose that repeat."""
    return tuple(line for line in lines if known and block_hash(line) in known.in_texts)
