"""An article's text made ready to be asked many questions; built once in a worker, sent to the daemon."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

from feedwatch.model import Zone
from feedwatch.text.tokens import Tokens, is_unspaced, tokenize

_subtag = re.compile("[-_]")

LEAD_WORDS = 60  # of the body; a character of an unspaced script counts half a word


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneIndex:
    """One zone: its text, and where each token stands in it."""

    name: str
    text: str  # as it was given
    starts: array[int]  # token i is text[starts[i]:ends[i]]
    ends: array[int]
    positions: dict[str, tuple[int, ...]]  # token → which of the zone's tokens, rising
    vocabulary: tuple[str, ...]  # its tokens once each, in the order of their code points
    lead: int  # how many of its first tokens are the lead; 0 in all zones but the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    zones: tuple[ZoneIndex, ...]
    language: str = ""  # the primary subtag, lower case; "": not known

    @property
    def words(self) -> int:
        return sum(len(zone.starts) for zone in self.zones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of an article besides its text; what is not known is empty."""

    languages: tuple[str, ...] = ()  # as the page and the feed name them: es, pt-BR
    hosts: tuple[str, ...] = ()  # of the feed, the entry's link and the page: host_of() of each
    authors: tuple[str, ...] = ()
    url: str = ""
    tags: tuple[str, ...] = ()  # that the owner gave the feed
    country: str = ""  # two letters, as in VE
    feeds: tuple[str, ...] = ()  # what the feed is called


NOTHING_KNOWN = Metadata()


def build_index(zones: tuple[Zone, ...], language: str = "") -> Index:
    """The zones in their order, without those that repeat an earlier one of the same name word for word.

    `language` is the article's, as in "es" or "pt-BR"; the words of a query take their forms by it.
    """
    unique: dict[tuple[str, tuple[str, ...]], ZoneIndex] = {}
    has_body = False
    for zone in zones:
        tokens = tokenize(zone.text)
        key = (zone.name, tokens.tokens)
        if key not in unique:
            lead = 0 if has_body or zone.name != "body" else _lead(tokens.tokens)
            has_body = has_body or zone.name == "body"
            unique[key] = _index_zone(zone, tokens, lead)
    return Index(zones=tuple(unique.values()), language=primary(language))


def primary(language: str) -> str:
    """A language tag's first part, lower case: pt-BR and pt_BR are pt."""
    return _subtag.split(language.strip().lower(), maxsplit=1)[0]


def words_of(zone: ZoneIndex) -> list[str]:
    """The zone's folded tokens in their order."""
    words = [""] * len(zone.starts)
    for token, places in zone.positions.items():
        for place in places:
            words[place] = token
    return words


def _index_zone(zone: Zone, tokens: Tokens, lead: int) -> ZoneIndex:
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens.tokens):
        places.setdefault(token, []).append(place)
    return ZoneIndex(
        name=zone.name,
        text=zone.text,
        starts=tokens.starts,
        ends=tokens.ends,
        positions={token: tuple(found) for token, found in places.items()},
        vocabulary=tuple(sorted(places)),
        lead=lead,
    )


def _lead(tokens: tuple[str, ...]) -> int:
    half_words = 0
    for count, token in enumerate(tokens[: 2 * LEAD_WORDS]):
        half_words += 1 if is_unspaced(token) else 2
        if half_words > 2 * LEAD_WORDS:
            return count
    return min(len(tokens), 2 * LEAD_WORDS)
