"""What a page changed since it was read, and whether those who were told of it must know.

A text is compared sentence by sentence, as a set: a sentence that moved is the same, and case, accents and punctuation
are no change. What is told is little: another headline, a correction that says so, a hit that came or went, and a
number or a name that changed where it counts: in the headline, in the lead, or in a sentence with a hit.

A caption is a sentence like others where it is reworded. One that came or went is another picture, which is no news,
unless its hit stands nowhere else in the article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import regex

from feedwatch.model import Change, Page
from feedwatch.text.corrections import is_correction
from feedwatch.text.fold import fold
from feedwatch.text.tokens import is_unspaced, tokenize

Spans = tuple[tuple[int, int], ...]

LEAD = 120
"""Half words of the body: 60 words, or 120 characters where words are not spaced."""

AKIN = 0.5
"""Share of common words (Dice) from which a new sentence counts as an old one reworded."""

PAIRED = 200
"""Sentences on each side at the most that are compared with each other; a text with more is another text."""

LINES = 4
"""Of a change, in a message."""

LONGEST = 220
"""Characters of a sentence in a message."""

CUT = 0.6
"""A text that lost more than the rest and says nothing new was cut: a wall came down before it."""

INVITATION = 40
"""Words with which a wall asks for money, at the most."""

LEFT = 0.2
"""Share of its sentences that an article may have in common with another page, by its menus or by chance."""

HEADING = 4
"""Words of a heading above a correction, at the most."""

STAMP = 10
"""Words of a line that only says when it was written, or how long it takes to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a body."""

    text: str
    start: int
    end: int
    words: tuple[str, ...]  # folded
    lead: bool
    caption: bool = False

    def hits(self, spans: Spans, text: str) -> list[str]:
        """The words of the hits in it, folded."""
        return sorted(fold(text[start:end]) for start, end in spans if self.start < end and start < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A sentence that was reworded; one that is new has no old one, one that went no new one."""

    old: Sentence | None
    new: Sentence | None

    @property
    def lead(self) -> bool:
        return any(side is not None and side.lead for side in (self.old, self.new))

    @property
    def is_another_picture(self) -> bool:
        return (self.old is None and self.new is not None and self.new.caption) or (
            self.new is None and self.old is not None and self.old.caption
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """All that changed between two readings of a page."""

    old: Page
    new: Page
    headline: bool
    edits: tuple[Edit, ...]  # in the order of the new text; what went comes last
    known: frozenset[str]  # names, by their place in the middle of a sentence somewhere in either text
    cut: bool  # the new text is the old one without a part: it was not seen whole
    another: bool  # hardly anything is left of it, the headline included: another page is in its place

    @property
    def same(self) -> bool:
        """Nothing that a reader would call a change."""
        return not self.headline and not self.edits


def compare(old: Page, new: Page) -> Diff:
    """What changed; linear in the texts but for the PAIRED sentences that differ."""
    before, after = said_by(old), said_by(new)
    gone, come = _without(before, after, _aside(new)), _without(after, before, _aside(old))
    left, lost = (sum(_length(each) for each in many if not each.caption) for many in (after, before))
    edits = tuple(_paired(gone, come))
    return Diff(
        old=old,
        new=new,
        headline=bool(new.title) and bool(old.title) and _words(old.title) != _words(new.title),
        edits=edits,
        known=frozenset((_introduced if _nouns_are_large(new) else _names_inside)((*before, *after))),
        another=_shared(old.title, new.title) < AKIN and len(before) - _lost(edits) < LEFT * len(before),
        cut=left < CUT * lost and _says_nothing_new(edits),
    )


def worth_telling(diff: Diff, old_hits: Spans, new_hits: Spans) -> Change | None:
    """What a watchlist's people must know of the change, or None. Hits are spans of the two pages' text_of()."""
    if diff.cut:
        return None
    corrections = _corrections(diff)
    lines = [f"headline was “{_shown(diff.old.title)}”"] if diff.headline else []
    lines += [f"“{_shown(text_of(diff.new)[start:end])}”" for start, end in corrections]
    touched = (edit for edit in diff.edits if _touches(edit, diff, old_hits, new_hits))
    lines += [_line(edit) for edit in touched if not (edit.new and _within(edit.new, corrections))]
    if not lines:
        return None
    more = [f"and {len(lines) - LINES} more changes"] if len(lines) > LINES + 1 else lines[LINES : LINES + 1]
    return Change(kind="corrected" if corrections else "changed", lines=(*lines[:LINES], *more))


# ---- sentences

_END = regex.compile(r"(?<=[.!?…؟।۔][\p{Pe}\p{Pf}\"']{0,3})\s+|(?<=[。！？][\p{Pe}\p{Pf}]{0,2})(?=\S)|\n+")
# A dot behind a single letter or a short title ends no sentence, nor does that of "3. November".
_SHORT = regex.compile(
    r"(?:^|[\s(])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|Sr|Sra|St|No|vs|bzw|ca|z\.B|p\.ej|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.$"
)
_DAY = regex.compile(
    r"(?<=\b\d{1,2}\.)\s+"
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
)


def text_of(page: Page) -> str:
    """The body, and below it the captions, a line each."""
    return "\n".join((page.body, *page.captions))


def said_by(page: Page) -> list[Sentence]:
    """The sentences of the body, then those of the captions; they stand where text_of() has them."""
    found, at = sentences(page.body), len(page.body) + 1
    for caption in page.captions:
        found += (
            replace(each, start=at + each.start, end=at + each.end, lead=False, caption=True)
            for each in sentences(caption)
        )
        at += len(caption) + 1
    return found


def sentences(body: str) -> list[Sentence]:
    """The body's sentences that have words, in their order."""
    found: list[Sentence] = []
    half_words = 0
    for start, end in _stretches(body):
        text = body[start:end]
        words = tokenize(text).tokens
        if words:
            found.append(Sentence(text=text, start=start, end=end, words=words, lead=half_words < LEAD))
            half_words += sum(1 if is_unspaced(word) else 2 for word in words)
    return found


def _stretches(body: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _END.finditer(body):
        if "\n" not in gap[0] and (
            _SHORT.search(body, max(start, gap.start() - 8), gap.start()) or _DAY.match(body, gap.start())
        ):
            continue
        yield start, gap.start()
        start = gap.end()
    yield start, len(body)


def _words(text: str) -> tuple[str, ...]:
    return tokenize(text).tokens


def _length(sentence: Sentence) -> int:
    return len(sentence.words)


def _aside(page: Page) -> frozenset[tuple[str, ...]]:
    """What the page says beside its text: a line that goes over to it, or comes from it, is no change."""
    return frozenset(each.words for line in page.teasers for each in sentences(line))


def _without(
    these: Iterable[Sentence], others: Iterable[Sentence], aside: frozenset[tuple[str, ...]]
) -> list[Sentence]:
    """Those that the others do not have, as often as they have not; lines about time and length are none."""
    left = Counter(other.words for other in others)
    kept = []
    for each in these:
        left[each.words] -= 1
        if left[each.words] < 0 and each.words not in aside and not _is_stamp(each):
            kept.append(each)
    return kept


_CLOCK = regex.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d\d\b|"
    r"\b(?:ago|min|mins|minutes?|read|comments?|shares?|views?|hace|il y a|vor|há|назад|минут\w*|wyświetle\w*)\b",
    regex.IGNORECASE,
)


_UPDATED = regex.compile(
    r"\s*(?:(?:first|last|latest|zuletzt|última|dernière|ultimo|последн\w+)\s+)?"
    r"(?:update|publish|posted|modified|actuali[zs]|publica|atualiza|aktualisier|veröffentlich|stand\b|mis(?:e)? à jour"
    r"|publi[ée]|modifié|aggiorna|zaktualizowan|opublikowan|обновл|опубликов|оновл|опублік|gepubliceerd|bijgewerkt)",
    regex.IGNORECASE,
)
"""How a line begins that says when the page was written."""

_MONTH = (
    r"(?:jan|feb|fév|m[aä]r|apr|avr|abr|ma[iy]|jun|jui|jul|aug|ago|aoû|se[pt]|o[ck]t|out|nov|de[czk]|dic|déc"
    r"|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)\w*"
)
_TIMES = regex.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d\d\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?{_MONTH}|\b{_MONTH}\.?\s+\d{{1,2}}\b",
    regex.IGNORECASE,
)


_READERS = regex.compile(r"\d.*\b(?:are|is) (?:reading|viewing|watching) (?:this|now)\b", regex.IGNORECASE)


def _is_stamp(sentence: Sentence) -> bool:
    """Whether it only says when, how long or how many read it: "Updated 14:05 GMT", "12 Comments", "5 min read".

    What ends like a sentence must begin as such a line does, and have no number but a time.
    """
    text = sentence.text
    if _READERS.search(text):
        return len(sentence.words) <= STAMP
    if not any(map(str.isdigit, text)) or not _CLOCK.search(text):
        return False
    if text.rstrip().endswith((".", "!", "?", "。")):
        times = bool(_UPDATED.match(text)) and not any(map(str.isdigit, _TIMES.sub("", text)))
        return times and len(sentence.words) <= 2 * STAMP
    return len(sentence.words) <= STAMP


def _paired(gone: list[Sentence], come: list[Sentence]) -> Iterator[Edit]:
    """Each new sentence with the old one that it rewords most closely, if any."""
    left = list(islice(gone, PAIRED))
    for number, new in enumerate(come):
        best = max(left, key=lambda old: _alike(old, new), default=None) if number < PAIRED else None
        if best is not None and _alike(best, new) >= AKIN:
            left.remove(best)
            yield Edit(old=best, new=new)
        else:
            yield Edit(old=None, new=new)
    rest = {id(old) for old in left} | {id(old) for old in gone[PAIRED:]}
    yield from (Edit(old=old, new=None) for old in gone if id(old) in rest)


def _says_nothing_new(edits: Iterable[Edit]) -> bool:
    """Whether what came is an invitation to pay, besides sentences that were cut short."""
    here = [edit for edit in edits if edit.new and not edit.new.caption and not _is_cut_short(edit)]
    words = sum(_length(edit.new) for edit in here if edit.new)
    return words <= INVITATION and not any(edit.old or (edit.new and is_correction(edit.new.text)) for edit in here)


def _is_cut_short(edit: Edit) -> bool:
    if edit.old is None or edit.new is None:
        return False
    whole = edit.new.words[:-1]  # the last word may be a part of one
    return edit.old.words[: len(whole)] == whole


def _alike(one: Sentence, other: Sentence) -> float:
    return _dice(one.words, other.words)


def _dice(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / max(1, len(one) + len(other))


def _shared(title: str, other: str) -> float:
    return _dice(_words(title), _words(other))


def _lost(edits: Iterable[Edit]) -> int:
    """Sentences of the old text of which nothing is left."""
    return sum(edit.new is None for edit in edits)


# ---- what counts


def _corrections(diff: Diff) -> list[tuple[int, int]]:
    """Where new sentences say that something was put right, and the rest of their lines what is right.

    One that only reworded such a sentence is none. Below one that is a heading the line beneath belongs to it.
    """
    text, begun = f"{text_of(diff.new)}\n", {edit.new.start for edit in diff.edits if edit.new}
    found: list[tuple[int, int]] = []
    for edit in diff.edits:
        new = edit.new
        if new is None or not is_correction(new.text) or (edit.old and is_correction(edit.old.text)):
            continue
        if not _within(new, found):
            end = text.index("\n", new.start)
            heads = len(new.words) <= HEADING and end == new.end and end + 1 in begun
            found.append((new.start, text.index("\n", end + 1) if heads else end))
    return found


def _within(sentence: Sentence, stretches: Iterable[tuple[int, int]]) -> bool:
    return any(start <= sentence.start < end for start, end in stretches)


def _touches(edit: Edit, diff: Diff, old_hits: Spans, new_hits: Spans) -> bool:
    before = edit.old.hits(old_hits, text_of(diff.old)) if edit.old else []
    after = edit.new.hits(new_hits, text_of(diff.new)) if edit.new else []
    if edit.is_another_picture:
        return not (_said_in(diff.new, new_hits).issuperset(before) and _said_in(diff.old, old_hits).issuperset(after))
    if before != after:
        return True
    return (edit.lead or bool(after)) and _facts(edit.old, diff) != _facts(edit.new, diff)


def _said_in(page: Page, hits: Spans) -> set[str]:
    """The words of all hits, and those of the title, folded."""
    text = text_of(page)
    return {fold(text[start:end]) for start, end in hits} | set(_words(page.title))


def _facts(sentence: Sentence | None, diff: Diff) -> tuple[list[str], set[str]]:
    """The numbers and the names of a sentence."""
    if sentence is None:
        return [], set()
    return numbers(sentence.text), _names(sentence.text, diff.known, strict=_nouns_are_large(diff.new))


_NUMBER = regex.compile(r"(?<![\p{L}\p{Nd}])[-−]?\p{Nd}+(?:[.,’'\u00a0\u202f]\p{Nd}+)*%?")
_PARTED = regex.compile(r"[’'\u00a0\u202f]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{Nd}]+(?:[’'-][\p{L}\p{M}\p{Nd}]+)*")
_NOUNS_ARE_LARGE = frozenset({"de", "lb"})
"""Languages whose nouns all begin with a capital: a name is then two of them in a row, or was introduced so."""

_ARTICLES = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner zum zur im am vom beim ins
    mein meine sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere dieser diese dieses diesen diesem
    jeder jede jedes jeden jedem alle viele mehr beide de den dat dei dee e eng engem enger um vum
    """.split()  # noqa: SIM905 - a list literal of these would be three times as long
)
"""Small words of German and Luxembourgish behind which no person's name stands, folded."""

_BEFORE = "an auf aus bei bis durch fur gegen in mit nach seit und uber unter von vor"
_OPENINGS = _ARTICLES | frozenset(_BEFORE.split())
"""Those that begin a sentence with a capital and are no noun."""


def _nouns_are_large(page: Page) -> bool:
    return page.language in _NOUNS_ARE_LARGE


_IN_WORDS = """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozens hundreds
    dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince veinte treinta cuarenta cincuenta
    sesenta setenta ochenta noventa cien ciento mil millones dois quatro sete oito nove dez doze vinte trinta cem
    deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante
    soixante cent mille zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig
    hundert tausend millionen due tre quattro cinque sei sette otto dieci venti trenta cento mila milioni
    два две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать двадцать тридцать сорок сто
    тысяча тысячи тысяч миллион миллиона миллионов
"""
_SPELT = frozenset(tokenize(_IN_WORDS).tokens)
"""Numbers as headlines write them out, folded; not "one", which is an article in most of these languages."""


def numbers(text: str) -> list[str]:
    """The numbers of a text in their order, in figures (whatever parts their thousands) and in words."""
    found = [(each.start(), fold(_PARTED.sub("", each[0]))) for each in _NUMBER.finditer(text)]
    found += [(each.start(), word) for each in _WORD.finditer(text) if (word := fold(each[0])) in _SPELT]
    return [number for _, number in sorted(found)]


def _names(text: str, known: frozenset[str], *, strict: bool) -> set[str]:
    """Words that begin with a capital inside a sentence; its first word if that is a name elsewhere."""
    words = _WORD.findall(text)
    large = [_is_large(word) for word in words]
    beside = [large[i - 1] if i else False for i in range(len(words))]
    after = [*large[1:], False]
    return {
        _name(word, known)
        for i, word in enumerate(words)
        if large[i] and (_name(word, known) in known or after[i] or (beside[i] if strict else i > 0))
    }


_POSSESSIVE = regex.compile(r"[’']s?$")


def _name(word: str, known: frozenset[str]) -> str:
    """The name without its genitive: Maduro's, Maduros."""
    name = fold(_POSSESSIVE.sub("", word))
    return name[:-1] if name.endswith("s") and name[:-1] in known else name


def _introduced(several: Iterable[Sentence]) -> set[str]:
    """Surnames, by their first names: these stand before one word alone, no article or number before either."""
    words = [[*_WORD.findall(each.text), ""] for each in several]
    none = {fold(word) for each in words for before, word in pairwise(each) if _counts(before)}
    none |= {word for each in words for word in each if word[:1].islower()} | _OPENINGS
    after: dict[str, set[str]] = {}
    for first, last in (pair for each in words for pair in pairwise(each) if _is_large(pair[0])):
        after.setdefault(fold(first), set()).add(fold(last) if _is_large(last) else "")
    lasts = {last for first, (last, *others) in after.items() if last and not others and first not in none}
    return {last for last in lasts - none if not last.endswith(_OF_NOUNS)}


def _counts(word: str) -> bool:
    """Whether a noun follows, and no name: behind an article or a number."""
    return fold(word) in _ARTICLES or any(map(str.isdigit, word))


_OF_NOUNS = ("ung", "ungen", "heit", "heiten", "keit", "schaft", "schaften", "ion", "ionen", "tat", "ismus", "innen")
"""How no name ends, folded."""


def _is_large(word: str) -> bool:
    return word[:1].isupper() and len(word) > 1


def _names_inside(several: Iterable[Sentence]) -> Iterator[str]:
    for each in several:
        yield from (fold(word) for word in _WORD.findall(each.text)[1:] if _is_large(word))


# ---- in words


def _line(edit: Edit) -> str:
    if edit.old is None:
        return f"new: “{_shown(edit.new.text)}”" if edit.new else ""
    if edit.new is None:
        return f"gone: “{_shown(edit.old.text)}”"
    old, new = _narrowed(edit.old.text, edit.new.text)
    return f"“{old}” → “{new}”"


def _narrowed(old: str, new: str) -> tuple[str, str]:
    """Both sentences without what they share at their ends, but for some words around the change."""
    before, after = old.split(), new.split()
    shared = min(len(before), len(after))
    head = next((i for i in range(shared) if before[i] != after[i]), shared)
    tail = next((i for i in range(shared - head) if before[-1 - i] != after[-1 - i]), shared - head)
    low, high = max(0, head - _AROUND), max(0, tail - _AROUND)
    return _piece(before, low, len(before) - high), _piece(after, low, len(after) - high)


_AROUND = 6  # words


def _piece(words: list[str], low: int, high: int) -> str:
    text = f"{'…' if low else ''}{' '.join(words[low:high])}{'…' if high < len(words) else ''}"
    return _shown(text)


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
