"""docs/language.md: every query on the page is one, every verdict is the one that comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feedwatch.config.packs import lists_of
from feedwatch.errors import QueryError
from feedwatch.model import Zone
from feedwatch.watches.cases import failures, read_cases
from feedwatch.watches.index import build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_query

PAGE = (Path(__file__).parents[2] / "docs/language.md").read_text(encoding="utf-8")
LISTS = lists_of({"ve": ("@country:VE", "@name:maduro", "Miraflores")})
SPAN = re.compile(r"`([^`\n]+)`")
HEADS = {"here", "you write", "query"}
NO_QUERY = re.compile(
    r"feedwatch |\[aliases\]|query$|keywords$|cases = |ve = |NEAR$|NOT$|UNLESS|AND$|OR$|or$|/…/i$|--url|\{3\}$"
)
"""Code outside of the tables that is none: commands, keys, operators that are spoken of."""


def tables() -> list[list[list[str]]]:
    """Rows of cells of every table on the page, the heading first."""
    found = re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE)
    return [[re.split(r" \| ", row.strip("| ")) for row in table.splitlines()] for table in found]


def queries() -> list[str]:
    """What stands in the columns of queries, and every piece of code in the prose that may be one."""
    in_tables = [
        span
        for heading, _, *rows in tables()
        for row in rows
        for name, cell in zip(heading, row, strict=True)
        if name in HEADS or name == "it finds"
        for span in SPAN.findall(cell)
    ]
    prose = re.sub(r"^(\|.*|```[^`]*```)$", "", PAGE, flags=re.MULTILINE)
    in_prose = SPAN.findall(re.sub(r"```.*?```", "", prose, flags=re.DOTALL))
    return [span for span in in_tables if span != "/…/i"] + [span for span in in_prose if not NO_QUERY.match(span)]


@pytest.mark.parametrize("query", sorted(set(queries())))
def test_every_query_on_the_page_is_understood(query: str) -> None:
    assert parse_query(str(parse_query(query, LISTS)), LISTS) == parse_query(query, LISTS)


def test_the_page_shows_every_part_of_the_language() -> None:
    shown = " ".join(queries())
    for part in (
        "NEAR/",
        "ONEAR/",
        "UNLESS",
        "NOT ",
        " -",
        " OR ",
        " AND ",
        "~",
        "{3}",
        "=US",
        "*",
        "/CVE",
        "@country:",
    ):
        assert part in shown
    fields = ("title", "body", "caption", "lead", "text", "source", "lang", "author", "url", "tag", "country", "feed")
    assert [field for field in fields if f"{field}:" not in shown] == []


EXAMPLES = [row for heading, _, *rows in tables() if heading == ["query", "text", "found"] for row in rows]


@pytest.mark.parametrize(("query", "text", "found"), EXAMPLES)
def test_an_example_comes_out_as_the_page_says(query: str, text: str, found: str) -> None:
    index = build_index((Zone(name="body", text=text),))
    assert (match(parse_query(query.strip("`"), LISTS), index) is not None) is (found == "yes")


def test_there_are_examples_of_both_kinds() -> None:
    assert {row[2] for row in EXAMPLES} == {"yes", "no"}
    assert len(EXAMPLES) >= 12


def test_the_table_of_cases_on_the_page_is_one() -> None:
    table = re.search(r"```text\n(id\t.*?)```", PAGE, re.DOTALL)
    assert table is not None
    cases = read_cases(table[1])
    assert len(cases) == 3
    own = parse_query('maduro UNLESS "plátano maduro"')
    assert failures(cases, lambda text: parse_query(text, LISTS), own) == ()


def test_lower_case_operators_are_words() -> None:
    with pytest.raises(QueryError):
        parse_query("OR b")
    assert parse_query("or b") != parse_query("a OR b")
