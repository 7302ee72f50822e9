"""Is this entry new? An entry is known per feed by its id, else its address with fragment, else its content.

What one document shows under two identities is no identity: an address under two ids (every link leads to the
home page, a live page), an id under two addresses (a constant guid), a text under two ids and two addresses
(two items called "Briefing"). Such marks are remembered as ambiguous and recognise nothing from then on.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from feedwatch.text.addresses import entry_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from feedwatch.model import ParsedEntry

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
    content: bytes  # of title and summary

    @property
    def fingerprint(self) -> bytes:
        """What must be equal for an entry to be unchanged: title and summary."""
        return self.content

    @property
    def marks(self) -> tuple[Mark, ...]:
        """From the strongest to the weakest."""
        pairs = (("id", self.id), ("address", self.address), ("content", self.content))
        return tuple((kind, key) for kind, key in pairs if key is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A mark that a feed has shown before, as table `seen` keeps it."""

    kind: str
    key: bytes
    entry_key: str
    fingerprint: bytes
    ambiguous: bool = False

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


def keys(entry: ParsedEntry) -> EntryKeys:
    address = entry_address(entry.address) if entry.address else None
    return EntryKeys(
        id=_hash("id", entry.id) if entry.id else None,
        address=_hash("address", address) if address else None,
        content=_hash("content", entry.title, entry.summary or entry.content),
    )


def classify(entries: Sequence[ParsedEntry], seen: Mapping[Mark, SeenRow]) -> tuple[Verdict, ...]:
    """A verdict for every entry of one document, in its order; a duplicate within it has none.

    `seen` needs the feed's rows for all marks of the entries (`keys(entry).marks`); more do no harm.
    """
    pairs = [(entry, keys(entry)) for entry in entries]
    ambiguous = _ambiguous([marks for _, marks in pairs], {mark for mark, row in seen.items() if row.ambiguous})
    verdicts: list[Verdict] = []
    shown: set[Mark] = set()
    for entry, marks in pairs:
        usable = _usable(entry, marks, ambiguous)
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
        remember=tuple(_row(mark, entry_key, marks.fingerprint, usable) for mark in marks.marks),
        address_is_identity=any(kind == "address" for kind, _ in usable),
    )


def _novelty(known: SeenRow | None, fingerprint: bytes) -> Novelty:
    if known is None:
        return Novelty.NEW
    return Novelty.SEEN if known.fingerprint == fingerprint else Novelty.CHANGED


def _row(mark: Mark, entry_key: str, fingerprint: bytes, usable: tuple[Mark, ...]) -> SeenRow:
    kind, key = mark
    return SeenRow(kind=kind, key=key, entry_key=entry_key, fingerprint=fingerprint, ambiguous=mark not in usable)


# What one document shows under two identities -------------------------------------------------------------


def _ambiguous(document: Sequence[EntryKeys], before: set[Mark]) -> set[Mark]:
    """The marks that are no identity: those found so before, and those that this document shows to be."""
    strong = before | _shared(document, "id", _ids_apart) | _shared(document, "address", _addresses_apart)
    founders: dict[Mark, set[Mark]] = defaultdict(set)
    for marks in document:
        founders[marks.marks[-1]].add(next(mark for mark in marks.marks if mark not in strong or mark[0] == "content"))
    return strong | {content for content, founding in founders.items() if len(founding) > 1}


def _shared(document: Sequence[EntryKeys], kind: str, apart: Callable[[list[EntryKeys]], bool]) -> set[Mark]:
    """The marks of a kind that several entries carry which are not the same entry."""
    holders: dict[bytes, list[EntryKeys]] = defaultdict(list)
    for marks in document:
        if (key := getattr(marks, kind)) is not None:
            holders[key].append(marks)
    return {(kind, key) for key, group in holders.items() if len(group) > 1 and apart(group)}


def _ids_apart(group: list[EntryKeys]) -> bool:
    """One id, but other addresses and other texts: a constant guid."""
    return len({marks.address for marks in group}) > 1 and len({marks.content for marks in group}) > 1


def _addresses_apart(group: list[EntryKeys]) -> bool:
    """One address, but other ids; or no ids to go by, and other texts."""
    ids = {marks.id for marks in group}
    return len(ids - {None}) > 1 or (None in ids and len({marks.content for marks in group}) > 1)


def _hash(*parts: str) -> bytes:
    """16 bytes of BLAKE2b; the parts' lengths keep ("ab", "c") and ("a", "bc") apart."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
