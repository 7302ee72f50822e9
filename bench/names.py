"""How many mentions of a name a query of that name alone finds, by language: as whole words only, and in all its forms.

`python -m bench.names FOLDER [--misses]`. The folder holds one table a language, ru.tsv: query, sentence and count,
parted by tabs, below a line of these words. A query is a name as one would type it (Россия, Анна Белова); the count
is how often the sentence mentions it, in any case form, judged without feedwatch. 1-3 stands for one mention and two
words that one may or may not call one (Czech *Petrův*, "Peter's"): to find them is neither right nor wrong. Every query
of a table is asked of every sentence of it; a pair that has no line counts 0, and a line with 0 brings in a sentence.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feedwatch.model import Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.index import Index, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords
from feedwatch.watches.tree import Query

FEWEST = 30  # mentions; below them a share says little
HEAD = ("query", "sentence", "count")
NO_MENTION = (0, 0)

Find = Callable[[str, str, str], int]  # query, sentence, language → mentions found
_count = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What one language's sentences mention."""

    language: str
    queries: tuple[str, ...]
    sentences: tuple[str, ...]
    counts: dict[tuple[str, str], tuple[int, int]]  # query, sentence → at least, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A query and a sentence of which more or fewer mentions were found than there are."""

    query: str
    sentence: str
    missed: int
    false: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    mentions: int
    found: int
    false: int
    wrong: tuple[Pair, ...]

    @property
    def recall(self) -> float | None:
        return self.found / self.mentions if self.mentions else None

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.false) if self.found + self.false else None


def read(path: Path) -> Gold:
    """The table of the language that the file is named after. Raises ValueError: where, and what is wrong."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or tuple(lines[0].split("\t")) != HEAD:
        raise ValueError(f"{path}: line 1: must be {' '.join(HEAD)}, parted by tabs")
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        query, sentence, count = _fields(line, f"{path}: line {number}")
        if (query, sentence) in counts:
            raise ValueError(f"{path}: line {number}: {query} was counted in this sentence before")
        counts[query, sentence] = count
    queries, sentences = (tuple(dict.fromkeys(pair[i] for pair in counts)) for i in (0, 1))
    return Gold(language=path.stem, queries=queries, sentences=sentences, counts=counts)


def measure(gold: Gold, find: Find) -> Score:
    """Every query asked of every sentence."""
    mentions = found = false = 0
    wrong = []
    for sentence in gold.sentences:
        for query in gold.queries:
            least, most = gold.counts.get((query, sentence), NO_MENTION)
            hits = find(query, sentence, gold.language)
            pair = Pair(query=query, sentence=sentence, missed=max(0, least - hits), false=max(0, hits - most))
            mentions, found, false = mentions + least, found + least - pair.missed, false + pair.false
            if pair.missed or pair.false:
                wrong.append(pair)
    return Score(mentions=mentions, found=found, false=false, wrong=tuple(wrong))


def whole_words(query: str, sentence: str, language: str) -> int:  # noqa: ARG001 - a Find; whole words know none
    """How often the query's tokens stand in a row in the sentence, overlapping nowhere."""
    wanted, tokens = _tokens(query), _tokens(sentence)
    hits = place = 0
    while place < len(tokens):
        here = tokens[place : place + len(wanted)] == wanted
        hits, place = hits + here, place + (len(wanted) if here else 1)
    return hits


def with_forms(query: str, sentence: str, language: str) -> int:
    """How many hits a watchlist with this one keyword has in an article of this one sentence."""
    found = match(_keyword(query), _article(sentence, language))
    return len(found.hits) if found else 0


def table(golds: list[Gold], *, misses: bool) -> Iterator[str]:
    yield "language  mentions  whole words: recall  precision  with forms: recall  precision"
    for gold in golds:
        plain, full = measure(gold, whole_words), measure(gold, with_forms)
        few = "" if full.mentions >= FEWEST else f"  too few: under {FEWEST} mentions"
        yield (
            f"{gold.language:<8}  {full.mentions:>8}  {_share(plain.recall):>19}  {_share(plain.precision):>9}"
            f"  {_share(full.recall):>18}  {_share(full.precision):>9}{few}"
        )
        if misses:
            yield from map(_wrong, full.wrong)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.names")
    parser.add_argument("folder", type=Path, help="with one table a language: ru.tsv")
    parser.add_argument("--misses", action="store_true", help="list what is missed and what is found falsely")
    asked = parser.parse_args()
    paths = sorted(asked.folder.glob("*.tsv"))
    if not paths:
        parser.error(f"{asked.folder} holds no table, such as ru.tsv")
    try:
        golds = [read(path) for path in paths]
    except ValueError as error:
        parser.error(str(error))
    for line in table(golds, misses=asked.misses):
        print(line, flush=True)


def _fields(line: str, where: str) -> tuple[str, str, tuple[int, int]]:
    fields = line.split("\t")
    if len(fields) != len(HEAD) or not all(fields):
        raise ValueError(f"{where}: must be {', '.join(HEAD)}, parted by tabs")
    query, sentence, written = fields
    count = _count.fullmatch(written)
    if not count or int(count[2] or count[1]) < int(count[1]):
        raise ValueError(f"{where}: {written!r} is no count: write 2, or 1-2 where one of two is arguable")
    return query, sentence, (int(count[1]), int(count[2] or count[1]))


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    return tokenize(text).tokens


@lru_cache(maxsize=4096)
def _keyword(query: str) -> Query:
    return parse_keywords([query])


@lru_cache(maxsize=4096)
def _article(sentence: str, language: str) -> Index:
    return build_index((Zone(name="body", text=sentence),), language)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _wrong(pair: Pair) -> str:
    what = f"missed {pair.missed}" if pair.missed else f"false {pair.false}"
    return f"    {what}  {pair.query}: {pair.sentence}"


if __name__ == "__main__":
    main()
