"""Copies of one text, however cut, framed or reordered: sampled shingles, and how much of one is in the other.

A shingle is five words in a row. Of all shingles those are kept whose hash is a multiple of eight, so that a text's
sample is found again in every text that holds it, without looking at any other text (Broder 1997, "On the resemblance
and containment of documents", sampling mod m).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

SHINGLE = 5
"""Words in a row."""

ONE_OF = 8
"""The share of the shingles that is kept."""

LEAST_WORDS = 60
"""A shorter text has too few shingles to tell a copy from a formula: weather, listings, a caption."""

MOST_WORDS = 8_000
"""Of a longer text the beginning is sketched: that bounds what one page can cost."""

COPY = 0.5
"""From this containment on the shorter of two texts is a copy of the other, or of a part of it."""

QUOTED = 0.4
"""From this share on one passage of the shorter text, without a gap, makes a copy too: half of an article, quoted."""

LEAD = 26
"""The first shingles of a text, thirty words: what it has to say."""

LEAD_SHARED = 0.3
"""Of them in the other text: one of the two begins with what the other says."""

MANY = 97
"""Shingles of two texts of which neither has the other's lead: fewer are the background that an agency or an outlet
repeats under other news, a paragraph of up to a hundred words."""

MAYBE = 0.15
"""From this one on, of the samples, whole texts are compared: a sample of 100 words is a dozen shingles."""

WITHIN = timedelta(days=7)
"""Between two copies at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What a text is compared by."""

    hashes: tuple[int, ...] = ()  # rising, below 2**32
    words: int = 0  # of the whole text

    @property
    def enough(self) -> bool:
        """Whether the text is long enough to be told a copy."""
        return self.words >= LEAST_WORDS and bool(self.hashes)


def sketch(tokens: Sequence[str]) -> Sketch:
    """The sample of a text's folded tokens; the same on every machine and in every process."""
    kept = {code for code in map(crc32, _shingles(tokens[:MOST_WORDS])) if code % ONE_OF == 0}
    return Sketch(hashes=tuple(sorted(kept)), words=len(tokens))


def contained(shared: int, one: int, other: int) -> float:
    """How much of the smaller of two samples is in the other: 0 to 1, from their sizes and what they share."""
    return shared / min(one, other) if one and other else 0.0


def copied(one: Sequence[str], other: Sequence[str]) -> tuple[float, float] | None:
    """How much of the one is in the other, and of the other in the one, token by token, if that makes a copy.

    Half of the shorter one's shingles, wherever they stand, or one long passage; and the lead of one of them, or so
    much that it is more than background.
    """
    ones, others = _shingles(one[:MOST_WORDS]), _shingles(other[:MOST_WORDS])
    some, more = set(ones), set(others)
    shared = some & more
    share = contained(len(shared), len(some), len(more))
    if share < QUOTED or not (len(shared) >= MANY or _has_lead(ones, more) or _has_lead(others, some)):
        return None
    shorter = ones if len(some) <= len(more) else others
    if share < COPY and _longest_run(shorter, shared) < QUOTED * len(set(shorter)):
        return None
    return len(shared) / len(some), len(shared) / len(more)


def _has_lead(shingles: Sequence[bytes], known: Collection[bytes]) -> bool:
    return _share(shingles[:LEAD], known) >= LEAD_SHARED


def _longest_run(shingles: Iterable[bytes], known: Collection[bytes]) -> int:
    """Of shingles in a row that are known."""
    return max((len(list(run)) for is_known, run in groupby(shingles, known.__contains__) if is_known), default=0)


def known_share(passage: Sequence[str], text: Sequence[str]) -> float:
    """How many of the passage's shingles the text has, 0 to 1; every shingle counts, for a passage is short.

    A passage of fewer words than a shingle says nothing of its own: 1.
    """
    shingles = set(_shingles(passage))
    return _share(shingles, set(_shingles(text))) if shingles else 1.0


def _share(shingles: Collection[bytes], known: Collection[bytes]) -> float:
    return sum(shingle in known for shingle in shingles) / len(shingles)


def _shingles(tokens: Sequence[str]) -> list[bytes]:
    words = [token.encode("utf-8", "surrogatepass") for token in tokens]
    return list(map(b" ".join, zip(*(words[start:] for start in range(SHINGLE)), strict=False)))
