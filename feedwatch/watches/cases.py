"""A table of texts with the verdict that is expected of a query: tests for watchlists.

Tab-separated with CSV quoting, a heading line first: id, query, lang, title, body, expected, meta, note. `expected`
is 1 (a match), 0 (none) or error (the query is refused). `meta` is what is known of the article, as in
`source=dw.com; author=Ana Ruiz`. Only `expected` must be there; an empty query is the watchlist's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from feedwatch.errors import AskedWrongly, QueryError
from feedwatch.model import Zone
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.tree import Query
from feedwatch.watches.why import missing

COLUMNS = ("id", "query", "lang", "title", "body", "expected", "meta", "note")
VERDICTS = ("1", "0", "error")
META = ("source", "author", "url", "tag", "country", "feed")
"""What `meta` may say of an article; the names of the language's fields."""

Parse = Callable[[str], Query]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row of the table."""

    line: int  # where it begins in the file, from 1
    id: str
    query: str  # "": the watchlist's own
    language: str
    title: str
    body: str
    expected: str
    meta: Mapping[str, tuple[str, ...]]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A row whose verdict is another one."""

    case: Case
    why: str


def read_cases(text: str) -> tuple[Case, ...]:
    """The rows; AskedWrongly, with line and cure, where this is no such table."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter="\t", strict=True)
    try:
        heading = next(lines, [])
        _check_heading(heading)
        cases, begin = [], lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _check_length(cells, heading, begin)
                cases.append(_case(dict(zip(heading, cells, strict=False)), begin))
            begin = lines.line_num + 1
    except csv.Error as error:
        raise AskedWrongly(f"{lines.line_num}: {error} (double the quotes inside a quoted field)") from None
    return tuple(cases)


def _check_heading(heading: list[str]) -> None:
    strange = [name for name in heading if name not in COLUMNS]
    if strange or "expected" not in heading or "query" not in heading:
        wrong = f'no column "{strange[0]}"' if strange else "the first line must name the columns"
        raise AskedWrongly(f"1: {wrong} (they are {', '.join(COLUMNS)}, with tabs between them)")


def _check_length(cells: list[str], heading: list[str], line: int) -> None:
    if len(cells) > len(heading):
        raise AskedWrongly(f"{line}: more fields than columns (quote a field that holds a tab)")


def _case(row: Mapping[str, str], line: int) -> Case:
    expected = row.get("expected", "").strip()
    if expected not in VERDICTS:
        raise AskedWrongly(f'{line}: expected is "{expected}" (write 1, 0 or error)')
    return Case(
        line=line,
        id=row.get("id", "") or str(line),
        query=row.get("query", "").strip(),
        language=row.get("lang", "").strip(),
        title=row.get("title", ""),
        body=row.get("body", ""),
        expected=expected,
        meta=_meta(row.get("meta", ""), line),
        note=row.get("note", ""),
    )


def _meta(text: str, line: int) -> dict[str, tuple[str, ...]]:
    facts: dict[str, tuple[str, ...]] = {}
    for pair in filter(None, map(str.strip, text.split(";"))):
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or key not in META:
            known = ", ".join(META)
            raise AskedWrongly(f'{line}: meta "{pair}" is not understood (write {known}, as in source=dw.com)')
        facts[key] = (*facts.get(key, ()), value)
    return facts


def failures(cases: Iterable[Case], parse: Parse, own: Query | None = None) -> tuple[Failed, ...]:
    """The rows whose verdict is not the expected one, each with why. `own`: what an empty query stands for."""
    return tuple(Failed(case=case, why=why) for case in cases if (why := _wrong(case, parse, own)))


def _wrong(case: Case, parse: Parse, own: Query | None) -> str:
    try:
        query = parse(case.query) if case.query else own
    except QueryError as error:
        return "" if case.expected == "error" else f"refused: {error}"
    if query is None:
        return "it has no query, and no watchlist lends it one (write a query)"
    return "not refused" if case.expected == "error" else _verdict(case, query)


def _verdict(case: Case, query: Query) -> str:
    index, known = index_of(case), metadata_of(case)
    found = match(query, index, known)
    if found is None and case.expected == "1":
        return "no match: " + "; ".join(map(str, missing(query, index, known)))
    if found is not None and case.expected == "0":
        return f"matches: “{snippet(index, found)}”" if index.zones else "matches"
    return ""


def index_of(case: Case) -> Index:
    texts = (("title", case.title), ("body", case.body))
    return build_index(tuple(Zone(name=name, text=text) for name, text in texts if text), case.language)


def metadata_of(case: Case) -> Metadata:
    def known(name: str) -> tuple[str, ...]:
        return case.meta.get(name, ())

    return Metadata(
        languages=(case.language,) if case.language else (),
        hosts=known("source"),
        authors=known("author"),
        url="".join(known("url")[:1]),
        tags=known("tag"),
        country="".join(known("country")[:1]),
        feeds=known("feed"),
    )
