"""Stories: how well copies and reports are told apart on real pages and labelled pairs, and P6, what looking costs.

`python -m bench.stories [copies] [pairs] [items] [P6]`. Thresholds are chosen on one half of the labelled pairs (by a hash
of their texts) and reported on the other.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from feedwatch.articles.page import read_page
from feedwatch.errors import PageElsewhere, PageUnreadable
from feedwatch.stories import group, sketch
from feedwatch.stories.group import Rarity, Vector
from feedwatch.stories.sketch import Sketch
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
def texts() -> tuple[Text, ...]:
    """The text of every page that has 60 words, as its annotator wrote it down, else as it is extracted."""
    rows = map(json.loads, (CORPUS / "pages.jsonl").read_text(encoding="utf-8").splitlines())
    made = ((row["id"], body) for row in rows if (body := _body(row)))
    found = [Text(id=name, body=body, tokens=tokenize(body).tokens) for name, body in made]
    return tuple(text for text in found if len(text.tokens) >= sketch.LEAST_WORDS)


def _body(row: dict[str, object]) -> str:
    if row.get("body") or row.get("paragraphs"):
        paragraphs = row.get("paragraphs") or ()
        assert isinstance(paragraphs, Iterable)
        return str(row.get("body") or "\n".join(map(str, paragraphs)))
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
    "2 % of words changed": _reworded(0.02),
    "5 % of words changed": _reworded(0.05),
    "10 % of words changed": _reworded(0.10),
}


def recall_of_changes() -> dict[str, tuple[int, int]]:
    """For each constructed change how many copies are recognised, and how many there are (of 60 words)."""
    chance = random.Random(4)  # noqa: S311 - the same changes every time
    every, found = texts(), dict[str, tuple[int, int]]()
    for name, change in CHANGES.items():
        copies = []
        for n, text in enumerate(every):
            other = every[(n + chance.randrange(1, len(every))) % len(every)]
            made = sketch.sketch(tokenize(change(chance, text.body, other.body)).tokens)
            if made.enough:
                copies.append(sketch.is_copy(sketch.sketch(text.tokens), made))
        found[name] = (sum(copies), len(copies))
    return found


def joined_pages() -> list[tuple[str, str, float]]:
    """Pairs of pages with different texts that are called copies, and how much of one is in the other."""
    every = texts()
    sketches = [sketch.sketch(text.tokens) for text in every]
    holders: dict[int, list[int]] = defaultdict(list)
    for n, sample in enumerate(sketches):
        for code in sample.hashes:
            holders[code].append(n)
    pairs = {pair for some in holders.values() for pair in itertools.combinations(some, 2)}
    return [
        (every[a].id, every[b].id, round(sketch.containment(sketches[a], sketches[b]), 2))
        for a, b in sorted(pairs)
        if every[a].tokens != every[b].tokens and sketch.is_copy(sketches[a], sketches[b])
    ]


def copies() -> list[str]:
    number = len(texts())
    lines = [f"copies: {number} real pages, {number * (number - 1) // 2} pairs of them"]
    lines += [f"  {name:38} {found / all_:.3f} of {all_}" for name, (found, all_) in recall_of_changes().items()]
    lines += [f"  joined: {one} {other} {share}" for one, other, share in joined_pages()] or ["  no pair joined"]
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


def vectors(articles: Iterable[tuple[str, tuple[str, str]]]) -> dict[tuple[str, str], Vector]:
    """(language, (title, text)) of each: their rarity is among all of them of a language."""
    named = {(language, text): group.terms(*text) for language, text in articles}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    number = Counter(language for language, _ in named)
    for (language, _), found in named.items():
        counts[language].update(found.keys())
    return {
        text: group.vector(found, Rarity(articles=number[language], counts=counts[language]))
        for (language, text), found in named.items()
    }


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
    made = vectors((pair.language, text) for pair in pairs() for text in (pair.one, pair.other))
    return [(pair, group.link(made[pair.one], made[pair.other])) for pair in pairs()]


def curves() -> tuple[list[Rate], list[Rate]]:
    """Of the half that thresholds are chosen on, and of the other."""
    every = pair_links()
    return (
        curve([(link, pair.same) for pair, link in every if pair.learnt_on]),
        curve([(link, pair.same) for pair, link in every if not pair.learnt_on]),
    )


def unrelated_links() -> list[float]:
    """Links between articles of different pairs, of one language: hardly any of these tell one story."""
    chance = random.Random(5)  # noqa: S311 - the same pairs every time
    made = vectors((pair.language, text) for pair in pairs() for text in (pair.one, pair.other))
    by_language: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs():
        by_language[pair.language].append(pair.one)
    drawn = [chance.sample(by_language[chance.choice(("ru", "en"))], 2) for _ in range(4000)]
    return [group.link(made[one], made[other]) for one, other in drawn]


def copied_pairs() -> tuple[list[tuple[Pair, Sketch, Sketch]], int]:
    """Labelled pairs that are called copies, and how many pairs are long enough."""
    made = [
        (pair, sketch.sketch(tokenize(pair.one[1]).tokens), sketch.sketch(tokenize(pair.other[1]).tokens))
        for pair in pairs()
    ]
    long = [(pair, one, other) for pair, one, other in made if one.enough and other.enough]
    return [each for each in long if sketch.is_copy(each[1], each[2])], len(long)


def pairs_row() -> list[str]:
    learnt, kept = curves()
    lines = [f"pairs: {len(pairs())} labelled, {sum(pair.same for pair in pairs())} of them one story"]
    lines += ["  same_story: threshold precision recall, chosen on | reported on"]
    lines += [
        f"    {one} | {str(other)[5:]}{'   <' if one.threshold == group.LINK else ''}"
        for one, other in zip(learnt, kept, strict=True)
    ]
    links = unrelated_links()
    lines += [
        f"  unrelated pairs joined: {sum(link >= group.LINK for link in links)} of {len(links)}, highest {max(links):.2f}"
    ]
    joined, long = copied_pairs()
    lines += [
        f"  same_text: {len(joined)} of {long} long enough, {sum(pair.same for pair, _, _ in joined)} of them one story"
    ]
    return lines


if __name__ == "__main__":
    print("\n".join(copies()))
    print("\n".join(pairs_row()))
