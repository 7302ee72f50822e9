"""Is this entry new? An entry is known per feed by its id, else its address with fragment, else its content.

What one document shows under two identities is no identity: an address under two ids (every link leads to the
home page, a live page), an id under two addresses or over two texts (a constant guid), a text under two ids and two
addresses (two items called "Briefing"). Nor is an id that a server gives to another item (ids that are places in a
list), or a text that comes back under a new id, address and date. Such marks are remembered as ambiguous and recognise
nothing from then on.
"""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from feedwatch.feeds.texts import unescaped
from feedwatch.text.addresses import entry_address
from feedwatch.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from feedwatch.model import ParsedEntry

    Marked = tuple[ParsedEntry, "EntryKeys"]

NOT_LEARNT = b""
"""The fingerprint of an entry that was seen by a version that computed it otherwise: the next sighting tells it."""

Mark = tuple[str, bytes]  # (kind, key); kind is "id", "address" or "content"


class Novelty(enum.StrEnum):
    NEW = "new"
    CHANGED = "changed"  # known, with another title or summary: decided again
    SEEN = "seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKeys:
    """An entry's marks of identity, each the first 16 bytes of a BLAKE2b."""

    id: bytes | None
    address: bytes | None
    content: bytes  # of title and summary, folded: a mended encoding, another quotation mark is the same text
    fingerprint: bytes  # what must be equal for an entry to be unchanged: title and summary
    marks: tuple[Mark, ...]  # those there are, from the strongest to the weakest


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A mark that a feed has shown before, as table `seen` keeps it."""

    kind: str
    key: bytes
    entry_key: str
    fingerprint: bytes
    ambiguous: bool = False
    entry: ParsedEntry | None = None  # as it was shown last: its title, link and date at least; None: it was pruned

    @property
    def mark(self) -> Mark:
        return self.kind, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an entry is to us, and the rows to write whatever the answer (a row's last sighting is now)."""

    entry: ParsedEntry
    novelty: Novelty
    entry_key: str  # hex of the founding mark, the same for the entry's whole life
    remember: tuple[SeenRow, ...]
    address_is_identity: bool  # no: the entry's address belongs to several entries, or there is none


def marked(entries: Iterable[ParsedEntry]) -> tuple[Marked, ...]:
    """Each with its keys."""
    return tuple((entry, keys(entry)) for entry in entries)


def keys(entry: ParsedEntry) -> EntryKeys:
    title, text, place = _plain(entry.title), _plain(entry.summary or entry.content), _address(entry)
    name = _hash("id", entry.id) if entry.id else None
    address = _hash("address", place) if place else None
    content = _hash("content", fold(title), fold(text))
    marks = (("id", name), ("address", address), ("content", content))
    return EntryKeys(
        id=name,
        address=address,
        content=content,
        fingerprint=_hash("text", title, text),
        marks=tuple((kind, key) for kind, key in marks if key is not None),
    )


def _address(entry: ParsedEntry) -> str | None:
    """What recognises the entry's address; None where it has none, or one that is a whole site's."""
    address = entry_address(entry.address) if entry.address else ""
    return None if _WHOLE_SITE.fullmatch(address) else address


_WHOLE_SITE = re.compile(r"(?:https://[^/?#]*)?")
"""An entry's address as it is compared, with nothing behind its host."""


def _plain(text: str) -> str:
    """Without what changes and says nothing: entities escaped once more, white space."""
    return " ".join(unescaped(text).split())


def classify(pairs: Sequence[Marked], seen: Mapping[Mark, SeenRow]) -> tuple[Verdict, ...]:
    """A verdict for every entry of one document, given with its keys, in its order; a duplicate within it has none.

    `seen` needs the feed's rows for all marks of the entries; more do no harm.
    """
    ambiguous = _ambiguous(pairs, {mark for mark, row in seen.items() if row.ambiguous})
    ways = [_usable(entry, marks, ambiguous) for entry, marks in pairs]
    is_rebuilt = _is_rebuilt(ways, seen)
    verdicts: list[Verdict] = []
    shown: set[Mark] = set()
    for (entry, marks), way in zip(pairs, ways, strict=True):
        usable = _trusted(entry, way, seen, is_rebuilt=is_rebuilt)
        if usable[0] not in shown:
            verdicts.append(_verdict(entry, marks, usable, seen))
        shown.update(usable)
    return tuple(verdicts)


def _usable(entry: ParsedEntry, marks: EntryKeys, ambiguous: set[Mark]) -> tuple[Mark, ...]:
    """The marks that recognise this entry, the strongest first; never none.

    A bare title ("Briefing") recognises nothing that has an id or an address: it comes back every day.
    """
    strong = tuple(mark for mark in marks.marks[:-1] if mark not in ambiguous)
    content = marks.marks[-1]
    if strong and (content in ambiguous or not (entry.summary or entry.content)):
        return strong
    return (*strong, content)


def _verdict(entry: ParsedEntry, marks: EntryKeys, usable: tuple[Mark, ...], seen: Mapping[Mark, SeenRow]) -> Verdict:
    known = next((seen[mark] for mark in usable if mark in seen), None)
    entry_key = known.entry_key if known else usable[0][1].hex()
    return Verdict(
        entry=entry,
        novelty=_novelty(known, marks.fingerprint),
        entry_key=entry_key,
        remember=tuple(
            SeenRow(
                kind=kind,
                key=key,
                entry_key=entry_key,
                fingerprint=marks.fingerprint,
                ambiguous=(kind, key) not in usable,
                entry=entry,
            )
            for kind, key in marks.marks
        ),
        address_is_identity=any(kind == "address" for kind, _ in usable),
    )


def _novelty(known: SeenRow | None, fingerprint: bytes) -> Novelty:
    if known is None:
        return Novelty.NEW
    return Novelty.SEEN if known.fingerprint in {fingerprint, NOT_LEARNT} else Novelty.CHANGED


# What was known by a mark, and is something else now ------------------------------------------------------


def _trusted(
    entry: ParsedEntry, usable: tuple[Mark, ...], seen: Mapping[Mark, SeenRow], *, is_rebuilt: bool
) -> tuple[Mark, ...]:
    """The marks that still mean the item that they meant; never none."""
    known = {mark[0]: seen[mark] for mark in usable if mark in seen}
    untrue = {kind for kind, doubt in (("id", _id_reused), ("content", _text_repeated)) if doubt(entry, usable, known)}
    if is_rebuilt:
        untrue.discard("content")
    return tuple(mark for mark in usable if mark[0] not in untrue) or usable


def _id_reused(entry: ParsedEntry, usable: tuple[Mark, ...], known: Mapping[str, SeenRow]) -> bool:
    """The id is known, and it is another item's now.

    Its address belongs to another item; or nothing else of it is known: address, text, date and the address' number.
    """
    before = known.get("id")
    if before is None or all(kind == "id" for kind, _ in usable):
        return False
    if "address" in known:
        return known["address"].entry_key != before.entry_key
    if "content" in known or before.entry is None:
        return before.entry is None and "content" not in known
    return not _is_same(before.entry, entry)


def _is_same(before: ParsedEntry, now: ParsedEntry) -> bool:
    """Whether an item that kept its id and nothing else is still the same: headline and address may be new."""
    if _address(now) is None and (before.published is None or now.published is None):
        return True  # nothing but the text tells them apart
    return before.published == now.published is not None or _akin(before, now) or bool(_numbers(before) & _numbers(now))


def _numbers(entry: ParsedEntry) -> set[str]:
    """The numbers of an address that may be an article's: five digits or more, and no date."""
    return {number for number in _NUMBER.findall(entry.address or "") if not _DATE.fullmatch(number)}


_NUMBER = re.compile(r"\d{5,}")
_DATE = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])\d{0,2}")


def _text_repeated(entry: ParsedEntry, usable: tuple[Mark, ...], known: Mapping[str, SeenRow]) -> bool:
    """Nothing but the text is known, and it is dated later: "Briefing: the news of the day", every day."""
    if set(known) != {"content"} or len(usable) == 1:
        return False
    before = known["content"].entry
    if before is None or before.published is None or entry.published is None:
        return False
    return entry.published - before.published > REDATED


def _is_rebuilt(ways: Sequence[tuple[Mark, ...]], seen: Mapping[Mark, SeenRow]) -> bool:
    """Whether most of the document is known by its texts alone: a server with new ids, addresses and perhaps dates."""
    by_text = sum({mark[0] for mark in way if mark in seen} == {"content"} and len(way) > 1 for way in ways)
    return by_text >= REBUILT and by_text * 2 > len(ways)


REDATED = timedelta(hours=14)
"""A date that moved by less may be the same one in another time zone."""

REBUILT = 3
"""Entries at the least; two may be two repetitions."""


def _akin(one: ParsedEntry, other: ParsedEntry) -> bool:
    """Whether two titles (texts, where there is no title) share half of the shorter one's letters in threes."""
    these, those = _threes(one), _threes(other)
    return 2 * len(these & those) >= min(len(these), len(those))


def _threes(entry: ParsedEntry) -> set[str]:
    text = fold(_plain(entry.title or (entry.summary or entry.content)[:200]))
    return {text[n : n + 3] for n in range(max(1, len(text) - 2))}


# What one document shows under two identities -------------------------------------------------------------


def _ambiguous(document: Sequence[Marked], before: set[Mark]) -> set[Mark]:
    """The marks that are no identity: those found so before, and those that this document shows to be."""
    strong = before | _shared(document, "id", _ids_apart)
    strong |= _shared(document, "address", partial(_addresses_apart, ambiguous=strong))
    founders: dict[Mark, set[Mark]] = defaultdict(set)
    for _, marks in document:
        founders[marks.marks[-1]].add(next(mark for mark in marks.marks if mark not in strong or mark[0] == "content"))
    return strong | {content for content, founding in founders.items() if len(founding) > 1}


def _shared(document: Sequence[Marked], kind: str, apart: Callable[[list[Marked]], bool]) -> set[Mark]:
    """The marks of a kind that several entries carry which are not the same entry."""
    holders: dict[bytes, list[Marked]] = defaultdict(list)
    for entry, marks in document:
        if (key := getattr(marks, kind)) is not None:
            holders[key].append((entry, marks))
    return {(kind, key) for key, group in holders.items() if len(group) > 1 and apart(group)}


def _ids_apart(group: list[Marked]) -> bool:
    """One id, but other texts and other addresses, or texts that have nothing in common: a constant guid."""
    if len({marks.content for _, marks in group}) == 1:
        return False
    one = group[0][0]
    return len({marks.address for _, marks in group}) > 1 or not all(_akin(one, other) for other, _ in group)


def _addresses_apart(group: list[Marked], ambiguous: set[Mark]) -> bool:
    """One address, but other ids; or no ids to go by, and other texts."""
    ids = {None if ("id", marks.id) in ambiguous else marks.id for _, marks in group}
    return len(ids - {None}) > 1 or (None in ids and len({marks.content for _, marks in group}) > 1)


def _hash(*parts: str) -> bytes:
    """16 bytes of BLAKE2b; the parts' lengths keep ("ab", "c") and ("a", "bc") apart."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
