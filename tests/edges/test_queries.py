"""A table of queries with texts and the verdicts that a reader expects: what the language promises, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.config.packs import lists_of
from feedwatch.errors import QueryError
from feedwatch.watches.cases import Case, failures, index_of, metadata_of, read_cases
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.match import Presearch, match
from feedwatch.watches.parse import parse_query
from feedwatch.watches.tree import Query

CASES = read_cases(Path(__file__).with_name("queries.tsv").read_text(encoding="utf-8"))
LISTS = lists_of({"ve": ("Venezuela", "Caracas", "Nicolas Maduro", "Venezuel*")})


def parsed(text: str) -> Query:
    return parse_query(text, LISTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id}: {case.note}")
def test_a_row_has_its_verdict(case: Case) -> None:
    assert failures([case], parsed) == ()


@pytest.mark.parametrize("case", [case for case in CASES if case.expected == "error"], ids=lambda case: case.query)
def test_a_refusal_has_a_place_and_a_cure(case: Case) -> None:
    with pytest.raises(QueryError) as refusal:
        parsed(case.query)
    assert 0 <= refusal.value.position < len(case.query)
    assert refusal.value.cure


@pytest.mark.parametrize("case", [case for case in CASES if case.expected == "1"], ids=lambda case: f"{case.id}")
def test_a_match_is_a_candidate_and_its_query_is_read_back(case: Case) -> None:
    query, index = parsed(case.query), index_of(case)
    assert match(query, index, metadata_of(case))
    assert Presearch({"it": query}).candidates(index) == {"it"}
    assert parsed(str(query)) == query
    assert isinstance(to_fts5(query), str)
