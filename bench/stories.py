"""Stories: how well copies and reports are told apart on real pages and labelled pairs, and P6, what looking costs.

`python -m bench.stories [copies] [pairs] [items] [P6]`. Thresholds are chosen on one half of the labelled pairs (by a
hash of their texts) and reported on the other.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench import search
from feedwatch.articles.page import read_page
from feedwatch.errors import PageElsewhere, PageUnreadable
from feedwatch.pipeline.placing import place
from feedwatch.store import alerts
from feedwatch.store import stories as table
from feedwatch.store.times import moment
from feedwatch.stories import group, sketch
from feedwatch.stories.group import Rarity, Vector
from feedwatch.stories.telling import Telling, telling
from feedwatch.text.tokens import tokenize
from tests.harness import SHARED

CORPUS = SHARED / "corpus"
STEPS = tuple(round(0.3 + 0.05 * n, 2) for n in range(11))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A real page's text."""

    id: str
    body: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a threshold brings: of those that were joined how many rightly, of those to be joined how many."""

    threshold: float
    right: int
    joined: int
    to_join: int

    @property
    def precision(self) -> float:
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.to_join

    def __str__(self) -> str:
        return f"{self.threshold:.2f} {self.precision:.3f} {self.recall:.3f}"


# Copies: the eight changes, and pairs that are none.


@cache
def texts(*, written_down: bool = False) -> tuple[Text, ...]:
    """The text of every page that has 60 words, as its annotator wrote it down, else as it is extracted."""
    rows = map(json.loads, (CORPUS / "pages.jsonl").read_text(encoding="utf-8").splitlines())
    made = ((row["id"], body) for row in rows if (body := _body(row, written_down=written_down)))
    found = [Text(id=name, body=body, tokens=tokenize(body).tokens) for name, body in made]
    return tuple(text for text in found if len(text.tokens) >= sketch.LEAST_WORDS)


def _body(row: dict[str, Any], *, written_down: bool) -> str:
    if row.get("body") or row.get("paragraphs"):
        return str(row.get("body") or "\n".join(map(str, row["paragraphs"])))
    if written_down:
        return ""
    raw = gzip.decompress((CORPUS / "pages" / f"{row['id']}.html.gz").read_bytes())
    try:
        return read_page(raw, str(row.get("url") or "http://page.example/"), None).body
    except (PageUnreadable, PageElsewhere):
        return ""


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _part(text: str, begin: float, end: float) -> str:
    words = text.split()
    return " ".join(words[int(begin * len(words)) : int(end * len(words))])


def _reworded(share: float) -> Callable[[random.Random, str, str], str]:
    def reworded(chance: random.Random, text: str, other: str) -> str:
        words, foreign = text.split(), other.split()
        for place_ in chance.sample(range(len(words)), int(share * len(words))):
            words[place_] = chance.choice(foreign)
        return " ".join(words)

    return reworded


def _quoted(_: random.Random, text: str, other: str) -> str:
    """Another piece, twice as long, of which it is one half."""
    foreign, length = other.split(), len(text.split())
    return " ".join(foreign[: length // 2]) + "\n" + text + "\n" + " ".join(foreign[length // 2 : length])


def _half(begin: float) -> Callable[[random.Random, str, str], str]:
    """Half of the text, from there on, in the middle of a piece that is otherwise as long as the text."""

    def quoted(_: random.Random, text: str, other: str) -> str:
        start, middle = int(begin * len(text)), len(text) // 2
        foreign = other * (1 + len(text) // len(other))
        return "\n".join([foreign[:middle], text[start : start + middle], foreign[middle : len(text)]])

    return quoted


CHANGES: dict[str, Callable[[random.Random, str, str], str]] = {
    "truncated to 25 %": lambda _, text, __: _part(text, 0, 0.25),
    "paragraphs reordered": lambda chance, text, _: "\n".join(chance.sample(_paragraphs(text), len(_paragraphs(text)))),
    "updated: new lead, one paragraph out": lambda _, text, other: "\n".join(
        [_part(other, 0, 0.12), *(line for n, line in enumerate(_paragraphs(text)) if n != 1)]
    ),
    "other text before and behind": lambda _, text, other: "\n".join(
        [_part(other, 0, 0.15), text, _part(other, 0.5, 0.65)]
    ),
    "half of another piece": _quoted,
    "half of it in another piece": _half(0.0),
    "2 % of words changed": _reworded(0.02),
    "5 % of words changed": _reworded(0.05),
    "10 % of words changed": _reworded(0.10),
}


FURTHER = {"its middle in another piece": _half(0.25), "its second half in another piece": _half(0.5)}
"""Without its lead a text of less than 200 words is taken for background: no promise."""


def is_copy(one: Sequence[str], other: Sequence[str]) -> bool:
    """As the deciding transaction finds it: by the samples first, then by the whole texts."""
    ones, others = sketch.sketch(one), sketch.sketch(other)
    shared = len(set(ones.hashes) & set(others.hashes))
    maybe = sketch.contained(shared, len(ones.hashes), len(others.hashes)) >= sketch.MAYBE
    return ones.enough and others.enough and maybe and sketch.copied(one, other) is not None


def recall_of_change(name: str, every: Sequence[Text]) -> tuple[int, int]:
    """How many changed copies are recognised, and how many there are (of 60 words)."""
    chance = random.Random(4)  # noqa: S311 - the same changes every time
    copies_ = list[bool]()
    for n, text in enumerate(every):
        other = every[(n + chance.randrange(1, len(every))) % len(every)]
        made = tokenize((CHANGES | FURTHER)[name](chance, text.body, other.body)).tokens
        if len(made) >= sketch.LEAST_WORDS:
            copies_.append(is_copy(text.tokens, made))
    return sum(copies_), len(copies_)


def joined_pages(every: Sequence[Text]) -> list[tuple[str, str, float]]:
    """Pairs of pages with different texts that are called copies, and how much of one is in the other."""
    sketches = [sketch.sketch(text.tokens) for text in every]
    holders: dict[int, list[int]] = defaultdict(list)
    for n, sample in enumerate(sketches):
        for code in sample.hashes:
            holders[code].append(n)
    pairs = {pair for some in holders.values() for pair in itertools.combinations(some, 2)}
    return [
        (every[a].id, every[b].id, round(max(sketch.copied(every[a].tokens, every[b].tokens) or (0.0,)), 2))
        for a, b in sorted(pairs)
        if every[a].tokens != every[b].tokens and is_copy(every[a].tokens, every[b].tokens)
    ]


def copies() -> list[str]:
    number = len(texts())
    lines = [f"copies: {number} real pages, {number * (number - 1) // 2} pairs of them"]
    for name in (*CHANGES, *FURTHER):
        found, every = recall_of_change(name, texts())
        lines.append(f"  {name:38} {found / every:.3f} of {every}")
    lines += [f"  joined: {one} {other} {share}" for one, other, share in joined_pages(texts())] or ["  no pair joined"]
    return lines


# Reports of one event: labelled pairs.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles, and whether people call them one story."""

    one: tuple[str, str]
    other: tuple[str, str]
    language: str
    same: bool

    @property
    def learnt_on(self) -> bool:
        """Whether thresholds may be chosen on it."""
        text = "\0".join(sorted((*self.one, *self.other)))
        return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


@cache
def pairs() -> tuple[Pair, ...]:
    rows = map(json.loads, (CORPUS / "stories" / "pairs.jsonl").read_text(encoding="utf-8").splitlines())
    return tuple(
        Pair(one=_text(row["first"]), other=_text(row["second"]), language=row["lang"], same=row["same_story"] == "OK")
        for row in rows
        if row["first"] != row["second"]
    )


def _text(said: dict[str, str]) -> tuple[str, str]:
    return said["title"], said["text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Labelled articles by their terms, and in how many of a language each term is."""

    terms: dict[tuple[str, str], Vector]
    language: dict[tuple[str, str], str]
    rarity: dict[str, Rarity]

    def link(self, one: tuple[str, str], other: tuple[str, str]) -> float:
        """As if `one` were the latest story but one, and `other` came now: neither counts its own terms."""
        rare = self.rarity[self.language[other]].without(self.terms[other])
        return group.likeness(self.terms[other], rare, group.vector(self.terms[one], rare.without(self.terms[one])))


def base(articles: Iterable[tuple[str, tuple[str, str]]]) -> Base:
    """Of (language, (headline, text))."""
    language = {text: language for language, text in articles}
    named = {text: group.terms(*text) for text in language}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, found in named.items():
        counts[language[text]].update(found.keys())
    number = Counter(language.values())
    rarity = {each: Rarity(stories=number[each], counts=counts[each]) for each in number}
    return Base(terms=named, language=language, rarity=rarity)


@cache
def labelled() -> Base:
    return base((pair.language, text) for pair in pairs() for text in (pair.one, pair.other))


def curve(links: Sequence[tuple[float, bool]]) -> list[Rate]:
    to_join = sum(same for _, same in links)
    return [
        Rate(
            threshold=step,
            right=sum(same for link, same in links if link >= step),
            joined=sum(link >= step for link, _ in links),
            to_join=to_join,
        )
        for step in STEPS
    ]


def pair_links() -> list[tuple[Pair, float]]:
    return [(pair, labelled().link(pair.one, pair.other)) for pair in pairs()]


def curves() -> tuple[list[Rate], list[Rate]]:
    """Of the half that thresholds are chosen on, and of the other."""
    every = pair_links()
    return (
        curve([(link, pair.same) for pair, link in every if pair.learnt_on]),
        curve([(link, pair.same) for pair, link in every if not pair.learnt_on]),
    )


def unrelated_links() -> list[float]:
    """Links between articles of different labelled pairs, of one language: hardly any of these tell one story."""
    return [
        labelled().link(one.one, other.other)
        for one, other in itertools.combinations(pairs(), 2)
        if one.language == other.language and not {one.one, one.other} & {other.one, other.other}
    ]


def copied_pairs() -> tuple[list[Pair], int]:
    """Labelled pairs that are called copies, and how many pairs are long enough."""
    made = [(pair, tokenize(pair.one[1]).tokens, tokenize(pair.other[1]).tokens) for pair in pairs()]
    long = [each for each in made if min(len(each[1]), len(each[2])) >= sketch.LEAST_WORDS]
    return [pair for pair, one, other in long if is_copy(one, other)], len(long)


def pairs_row() -> list[str]:
    learnt, kept = curves()
    lines = [f"pairs: {len(pairs())} labelled, {sum(pair.same for pair in pairs())} of them one story"]
    lines += ["  same_story: threshold precision recall, chosen on | reported on"]
    lines += [
        f"    {one} | {str(other)[5:]}{'   <' if one.threshold == group.LINK else ''}"
        for one, other in zip(learnt, kept, strict=True)
    ]
    links = unrelated_links()
    lines += [f"  unrelated pairs joined: {sum(link >= group.LINK for link in links)} of {len(links)}"]
    joined, long = copied_pairs()
    lines += [
        f"  same_text: {len(joined)} of {long} long enough, {sum(pair.same for pair in joined)} of them one story"
    ]
    return lines


# Items: a week of headlines with hardly any text, as feeds give them.


def items_row() -> list[str]:
    """Pairs of items of one language with other headlines or texts: joined, and rightly."""
    rows = map(json.loads, (CORPUS / "stories" / "items.jsonl").read_text(encoding="utf-8").splitlines())
    stories = {(row["title"], str(row["item"].get("body_text") or "")): row["story"] for row in rows}
    made = base(("en", text) for text in stories)
    every = [
        (made.link(one, other), stories[one] == stories[other]) for one, other in itertools.combinations(stories, 2)
    ]
    lines = [f"items: {len(stories)} different ones, {len(every)} pairs, {sum(same for _, same in every)} of one story"]
    return lines + [f"    {rate}{'   <' if rate.threshold == group.LINK else ''}" for rate in curve(every)]


# P6: what a look costs, by how many articles are known.

WORDS = 250
ASKED = 400
REAL = 1_000
"""Of the known articles that have a text, the latest: what is asked for copies these."""


def p6_row(_: int = 0, sizes: Sequence[int] = (10_000, 100_000)) -> list[str]:
    """Articles that all have a hit, the worst case; one in ten copies an earlier one, one in ten reports its event."""
    lines = ["near-duplicate and story, ms an article inside the transaction, of CPU (must: 3, flat)"]
    with tempfile.TemporaryDirectory() as name, closing(search.built(Path(name), 0)) as db:
        made, known = articles(), 0
        for size in sizes:
            fill(db, made, known + 1, size - REAL)
            db.execute("BEGIN")
            for _, headline, body in itertools.islice(made, REAL):
                known = add(db, telling(headline, body, "en", ()), body)
            db.execute("COMMIT")
            lines.append(f"{size:7} known: {asked(db, itertools.islice(made, ASKED))}")
            known += ASKED
        (pages, page) = (db.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in ("page_count", "page_size"))
        lines.append(f"the whole database then: {pages * page / 1e6:.0f} MB")
    lines.append(f"in the worker: {worker():.2f} ms an article of {WORDS} words")
    return lines


def fill(db: sqlite3.Connection, made: Iterator[tuple[int, str, str]], first: int, last: int) -> None:
    """Articles with the terms of a few thousand texts and shingles of nobody else's."""
    chance = random.Random(7)  # noqa: S311 - the same articles every time
    pool = [telling(headline, body, "en", ()) for _, headline, body in itertools.islice(made, 2_000)]
    db.execute("BEGIN")
    for number in range(first, last + 1):
        told = pool[number % len(pool)]
        codes = tuple(sorted(8 * chance.randrange(2**29) for _ in told.sketch.hashes))
        add(db, replace(told, sketch=replace(told.sketch, hashes=codes)), "")
    db.execute("COMMIT")


def add(db: sqlite3.Connection, told: Telling, body: str) -> int:
    """An article with a hit, known to be a story of its own without a look; its number."""
    number = int(db.execute("SELECT ifnull(max(id), 0) + 1 FROM articles").fetchone()[0])
    search.insert(db, [(number, told.headline, body)])
    alerts.story_of(db, number, f"a:{number}", _at(number))
    table.count_terms(db, "en", told.terms)
    own = group.vector(told.terms, table.rarity(db, "en", told.terms))
    table.remember(db, number, told, own, _at(number))
    return number


def asked(db: sqlite3.Connection, some: Iterable[tuple[int, str, str]]) -> str:
    costs, relations = list[float](), Counter[str]()
    for _, headline, body in some:
        number = int(db.execute("SELECT max(id) + 1 FROM articles").fetchone()[0])
        search.insert(db, [(number, headline, body)])
        told = telling(headline, body, "en", ())
        db.execute("BEGIN")
        began = time.process_time()
        placed = place(db, number, f"a:{number}", told, _at(number))
        costs.append(1000 * (time.process_time() - began))
        db.execute("COMMIT")
        relations[placed.relation] += 1
    tail = statistics.quantiles(costs, n=20)[-1]
    return (
        f"median {statistics.median(costs):.2f}, mean {statistics.mean(costs):.2f}, p95 {tail:.2f}; {dict(relations)}"
    )


def worker() -> float:
    some = list(itertools.islice(articles(), 200))
    began = time.process_time()
    for _, headline, body in some:
        telling(headline, body, "en", ())
    return 1000 * (time.process_time() - began) / len(some)


def _at(number: int) -> datetime:
    """A hundred thousand articles in three days."""
    return moment(search.DAY_ONE) + timedelta(seconds=number * 2.5)


def articles() -> Iterator[tuple[int, str, str]]:
    """Number, headline and body; invented words by Zipf's law, one in six with a capital."""
    chance = random.Random(6)  # noqa: S311 - the same articles every time
    words = search.vocabulary(chance, 40_000)
    words = [word.capitalize() if n % 6 == 0 else word for n, word in enumerate(words)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    latest: list[tuple[str, list[str]]] = []
    for number in itertools.count(1):
        body = chance.choices(words, cum_weights=weights, k=WORDS)
        headline = " ".join(chance.choices(words[50:], k=8))
        if latest and number % 10 == 0:
            body = chance.choice(latest)[1][: int(WORDS * 0.8)] + body[:40]
        elif latest and number % 10 == 5:
            headline, text = chance.choice(latest)
            body = [word for word in text[:60] if chance.random() < 0.8] + body[50:]
        latest = [*latest[-500:], (headline, body)]
        yield number, headline, " ".join(body)


ROWS = {"copies": copies, "pairs": pairs_row, "items": items_row, "P6": p6_row}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stories")
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=", ".join(ROWS))
    for name in parser.parse_args().rows:
        print("\n".join(ROWS[name]()), flush=True)


if __name__ == "__main__":
    main()
