"""An article's text made ready to be asked many questions; built once in a worker, sent to the daemon."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from feedwatch.model import Zone
from feedwatch.text.tokens import Tokens, is_unspaced, tokenize

LEAD_WORDS = 60  # of the body; a character of an unspaced script counts half a word


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneIndex:
    """One zone: its text, and where each token stands in it."""

    name: str
    text: str  # as it was given
    starts: array[int]  # token i is text[starts[i]:ends[i]]
    ends: array[int]
    positions: dict[str, tuple[int, ...]]  # token → which of the zone's tokens, rising
    lead: int  # how many of its first tokens are the lead; 0 in all zones but the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    zones: tuple[ZoneIndex, ...]

    @property
    def words(self) -> int:
        return sum(len(zone.starts) for zone in self.zones)


def build_index(zones: tuple[Zone, ...]) -> Index:
    """The zones in their order, without those that repeat an earlier one of the same name word for word."""
    unique: dict[tuple[str, tuple[str, ...]], ZoneIndex] = {}
    has_body = False
    for zone in zones:
        tokens = tokenize(zone.text)
        key = (zone.name, tokens.tokens)
        if key not in unique:
            lead = 0 if has_body or zone.name != "body" else _lead(tokens.tokens)
            has_body = has_body or zone.name == "body"
            unique[key] = _index_zone(zone, tokens, lead)
    return Index(zones=tuple(unique.values()))


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
        lead=lead,
    )


def _lead(tokens: tuple[str, ...]) -> int:
    half_words = 0
    for count, token in enumerate(tokens[: 2 * LEAD_WORDS]):
        half_words += 1 if is_unspaced(token) else 2
        if half_words > 2 * LEAD_WORDS:
            return count
    return min(len(tokens), 2 * LEAD_WORDS)
