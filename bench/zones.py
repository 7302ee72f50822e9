"""What is found of articles, and what leaks into them, on annotated real pages: plain trafilatura and feedwatch.

`python -m bench.zones [--misses]`. Rules were learnt on one half of the pages alone, told apart by a hash of the page's
id; the other half says what they are worth. Figures:

    found    segments that the annotators ask for and that are in the text
    leaked   segments that they refuse and that are in the text
    F1       of the text's words against the whole text where that is known, as bags, the mean over pages
    title, date, author   pages that tell the known one

The text is the body; the second line of feedwatch is all that is searched: title, body and captions. Annotators refuse
captions, which we want to know of and keep apart.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import multiprocessing
import os
import re
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from feedwatch.articles.page import read_page
from feedwatch.errors import PageElsewhere, PageUnreadable
from feedwatch.text.fold import fold

SHARED = Path(os.environ.get("FEEDWATCH_SHARED", Path(__file__).parents[2] / "shared"))
CORPUS = SHARED / "corpus"
WORKERS = len(os.sched_getaffinity(0))
NOWHERE = "https://unknown.example/article"
"""The address of a page whose own is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reader made of a page."""

    key: str
    title: str = ""
    body: str = ""
    captions: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    day: str = ""  # 2026-02-03, in UTC
    seconds: float = 0.0  # of CPU


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a reader found of some pages; shares of 1."""

    pages: int
    found: float
    leaked: float
    f1: float
    title: float
    date: float
    author: float
    seconds: float  # of CPU, a page

    def __str__(self) -> str:
        shares = f"found {self.found:.3f}  leaked {self.leaked:.3f}  F1 {self.f1:.3f}"
        told = f"title {self.title:.2f}  date {self.date:.2f}  author {self.author:.2f}"
        return f"{shares}  {told}  {1_000 * self.seconds:.1f} ms a page"


def is_learning(row: dict[str, Any]) -> bool:
    return hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 0


def rows() -> list[dict[str, Any]]:
    """The annotated pages; none where there is no corpus."""
    if not CORPUS.is_dir():
        return []
    lines = (CORPUS / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row.keys() & {"must", "must_not", "body", "paragraphs"}]


def source(row: dict[str, Any]) -> bytes:
    return gzip.decompress((CORPUS / "pages" / f"{row['id']}.html.gz").read_bytes())


# Two readers --------------------------------------------------------------------------------------------


def plain(row: dict[str, Any]) -> Read:
    """Trafilatura as its documentation calls it."""
    import trafilatura  # it takes a second

    page, began = source(row), time.process_time()
    document: Any = trafilatura.bare_extraction(page, url=row["url"], include_comments=False, with_metadata=True)
    seconds = time.process_time() - began
    if document is None:
        return Read(key=row["id"], seconds=seconds)
    return Read(
        key=row["id"],
        title=document.title or "",
        body=document.text or "",
        authors=tuple((document.author or "").split("; ")),
        day=document.date or "",
        seconds=seconds,
    )


def ours(row: dict[str, Any]) -> Read:
    body, began = source(row), time.process_time()
    try:
        page = read_page(body, row["url"] or NOWHERE, None)
    except (PageUnreadable, PageElsewhere):
        return Read(key=row["id"], seconds=time.process_time() - began)
    return Read(
        key=row["id"],
        title=page.title,
        body=page.body,
        captions=page.captions,
        authors=page.authors,
        day=page.published.date().isoformat() if page.published else "",
        seconds=time.process_time() - began,
    )


READERS = {"trafilatura": plain, "feedwatch": ours}


def read_all(reader: str, pages: list[dict[str, Any]], workers: int = WORKERS) -> dict[str, Read]:
    """What the reader makes of every page, by its id."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return {read.key: read for read in pool.imap_unordered(partial(_quietly, reader), pages, chunksize=8)}


def _quietly(reader: str, row: dict[str, Any]) -> Read:
    with warnings.catch_warnings():  # what libraries warn of on odd pages is theirs
        warnings.simplefilter("ignore")
        return READERS[reader](row)


# Figures ------------------------------------------------------------------------------------------------


def score(pages: list[dict[str, Any]], reads: dict[str, Read], text: Callable[[Read], str]) -> Score:
    return Score(
        pages=len(pages),
        found=_mean(not missed for _, missed in segments(pages, reads, "must", text)),
        leaked=_mean(not absent for _, absent in segments(pages, reads, "must_not", text)),
        f1=_mean(word_f1(row["body"], reads[row["id"]].body) for row in pages if row.get("body")),
        title=_mean(_line(row["title"]) == _line(reads[row["id"]].title) for row in _fundus(pages, "title")),
        date=_mean(_day(row["date"]) == reads[row["id"]].day for row in _fundus(pages, "date")),
        author=_mean(_names(row["authors"]) == _names(reads[row["id"]].authors) for row in _fundus(pages, "authors")),
        seconds=_mean(reads[row["id"]].seconds for row in pages),
    )


def segments(
    pages: list[dict[str, Any]], reads: dict[str, Read], kind: str, text: Callable[[Read], str]
) -> Iterator[tuple[tuple[str, str], bool]]:
    """Every annotated segment as (page, segment), and whether it is absent from the page's text."""
    for row in pages:
        shown = text(reads[row["id"]])
        for segment in row.get(kind, ()):
            yield (row["id"], segment), _line(segment) not in shown


def searched(read: Read) -> str:
    """All that a word is looked for in, as one line."""
    return _line(" ".join((read.title, read.body, *read.captions)))


def body(read: Read) -> str:
    return _line(read.body)


def word_f1(known: str, text: str) -> float:
    """Of two texts' words, as bags; 1 if both are empty."""
    first, second = _words(known), _words(text)
    both, all_words = (first & second).total(), first.total() + second.total()
    return 2 * both / all_words if all_words else 1.0


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", fold(text)))


def _fundus(pages: list[dict[str, Any]], known: str) -> list[dict[str, Any]]:
    return [row for row in pages if row["source"] == "fundus" and row.get(known)]


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(_line(fold(name)) for name in names if name)


def _day(date: str) -> str:
    moment = datetime.fromisoformat(date)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat()


def _line(text: str) -> str:
    return " ".join(text.split())


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


HALVES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "learning": is_learning,
    "other": lambda row: not is_learning(row),
    "all": lambda _: True,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.zones")
    parser.add_argument("--misses", action="store_true", help="print what is missed and leaks of the learning half")
    parser.add_argument("--workers", type=int, default=WORKERS)
    asked = parser.parse_args()
    pages = rows()
    for name in READERS:
        reads = read_all(name, pages, asked.workers)
        for half, belongs in HALVES.items():
            part = [row for row in pages if belongs(row)]
            print(f"{name:12} {half:9} {score(part, reads, body)}", flush=True)
        everything = score(pages, reads, searched)
        print(f"{name:12} searched  found {everything.found:.3f}  leaked {everything.leaked:.3f}", flush=True)
    if asked.misses:
        _print_misses([row for row in pages if is_learning(row)], reads)


def _print_misses(pages: list[dict[str, Any]], reads: dict[str, Read]) -> None:
    for kind, wrong in (("must", True), ("must_not", False)):
        for (key, segment), absent in segments(pages, reads, kind, body):
            if absent == wrong:
                print(f"{kind} {key} {segment!r}")


if __name__ == "__main__":
    main()
