"""P5: matching 100, 1,000 and 10,000 watchlists, and the index, beside trafilatura on the same pages; CPU time."""

from __future__ import annotations

import gzip
import os
import random
import statistics
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench import ratio
from bench.pages import PAGES, extract
from feedwatch.articles.page import read_page
from feedwatch.errors import PageUnreadable
from feedwatch.model import Zone
from feedwatch.watches.index import Index, build_index
from feedwatch.watches.match import Presearch, match
from feedwatch.watches.parse import parse_query
from feedwatch.watches.tree import OPERATORS, Query

SIZES = (100, 1_000, 10_000)
MUST = {100: "0.02", 1_000: "–", 10_000: "0.50"}
EVERY = 5  # pages of the corpus
RANDOM = 20_250_203

_Each = TypeVar("_Each")


@dataclass
class Article:
    html: bytes
    zones: tuple[Zone, ...]
    language: str
    index: Index


def row(pairs: int) -> list[str]:
    if not PAGES.exists():
        return [f"matching: not measured, there are no pages at {PAGES}"]
    articles = [
        article for path in sorted(PAGES.glob("*.html.gz"))[::EVERY] if (article := _article(path.read_bytes()))
    ]
    words = vocabulary(articles)
    extracting, indexing = [], []
    matching: dict[int, list[float]] = {size: [] for size in SIZES}
    held = {size: Watchlists(size, words) for size in SIZES}
    for _ in range(pairs):
        extracting.append(taken(extract, [article.html for article in articles]))
        indexing.append(taken(_index, articles))
        for size, lists in held.items():
            matching[size].append(taken(lists.judge, articles))
    per_page = statistics.median(extracting) / len(articles) * 1e3
    first = f"{len(articles)} pages, CPU: trafilatura {per_page:.1f} ms a page; index"
    return [
        f"{first} {ratio(indexing, extracting)} of it (must: 0.10)",
        *(
            f"{lists.said(len(articles) * pairs)}; {ratio(matching[size], extracting)} of it (must: {MUST[size]})"
            for size, lists in held.items()
        ),
    ]


def taken(work: Callable[[_Each], object], each_of: list[_Each]) -> float:
    """CPU seconds for all of them."""
    began = time.process_time()
    for one in each_of:
        work(one)
    return time.process_time() - began


def _article(packed: bytes) -> Article | None:
    html = gzip.decompress(packed)
    try:
        page = read_page(html, "https://example.org/", None)
    except PageUnreadable:
        return None
    zones = (Zone(name="title", text=page.title), Zone(name="body", text=page.body))
    language = page.language or ""
    return Article(html=html, zones=zones, language=language, index=build_index(zones, language))


def _index(article: Article) -> Index:
    return build_index(article.zones, article.language)


def vocabulary(articles: list[Article]) -> list[str]:
    """Words of the pages that begin with a capital: what watchlists are made of. Once each, at random."""
    words = {
        word.strip("“”\"'.,:;()!?»«") for article in articles for zone in article.zones for word in zone.text.split()
    }
    words -= OPERATORS
    names = [word for word in words if word.isalpha() and len(word) > 2 and unicodedata.category(word[0]) != "Ll"]
    return random.Random(RANDOM).sample(sorted(names), len(names))  # noqa: S311 - the same in every run


class Watchlists:
    """So many watchlists of the shapes that people write, compiled."""

    def __init__(self, size: int, words: list[str]) -> None:
        draw = random.Random(size)  # noqa: S311 - the same in every run
        before = allocated()
        began = time.process_time()
        self._queries: dict[str, Query] = {str(n): _query(draw, words) for n in range(size)}
        self._presearch = Presearch(self._queries)
        self.seconds = time.process_time() - began
        self.megabytes = (allocated() - before) / 1e6
        self.candidates = self.found = 0

    def said(self, pages: int) -> str:
        found = f"{self.candidates / pages:.1f} candidates, {self.found / pages:.1f} matches a page"
        return f"{len(self._queries):,} watchlists ({found}; made in {self.seconds:.1f} s, {self.megabytes:.0f} MB)"

    def judge(self, article: Article) -> None:
        candidates = self._presearch.candidates(article.index)
        found = sum(match(self._queries[key], article.index) is not None for key in candidates)
        self.candidates, self.found = self.candidates + len(candidates), self.found + found


def allocated() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _query(draw: random.Random, words: list[str]) -> Query:
    a, b, c, d = draw.sample(words, 4)
    shapes = (
        f'{a} OR "{b} {c}" OR {d}',
        f'"{a} {b}" OR {c}',
        f"({a} OR {b}) {c} -{d}",
        f"{a} NEAR/5 ({b} OR {c})",
        f'{a} UNLESS "{b} {a}"',
        f'{a[:4]}* OR ="{b}"',
        f"title:({a} OR {b}) OR {c}{{3}}",
        f"{a} lang:(es OR en)",
    )
    return parse_query(draw.choice(shapes))
