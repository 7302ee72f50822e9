"""A table of cases: what it may hold, where it is refused, and what a wrong verdict says."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.errors import AskedWrongly
from feedwatch.watches.cases import Failed, failures, read_cases
from feedwatch.watches.parse import parse_query
from tests.harness import SHARED

HEAD = "id\tquery\tlang\ttitle\tbody\texpected\tmeta\tnote\n"


def failed(rows: str, own: str | None = None) -> tuple[Failed, ...]:
    return failures(read_cases(HEAD + rows), parse_query, parse_query(own) if own else None)


def test_a_row_as_expected_says_nothing() -> None:
    assert (
        failed("1\tMaduro\ten\tMaduro speaks\t\t1\t\t\n2\tCaracas\ten\tMaduro speaks\t\t0\t\t\n3\t(\t\t\t\terror\t\t")
        == ()
    )


def test_a_row_that_comes_out_otherwise_says_why() -> None:
    one, two, three, four = failed(
        "1\tCaracas\ten\tMaduro speaks\t\t1\t\t\n2\tMaduro\ten\tMaduro speaks\t\t0\t\t\n"
        "3\tMaduro\ten\tx\t\terror\t\t\n4\t(\ten\tx\t\t1\t\t\n"
    )
    assert (one.case.line, one.why) == (2, "no match: Caracas: not found")
    assert two.why == "matches: “»Maduro« speaks”"
    assert three.why == "not refused"
    assert four.why.startswith("refused: ")


def test_an_empty_query_is_the_watchlists_own() -> None:
    assert failed("1\t\ten\tMaduro\t\t1\t\t\n", "Maduro") == ()
    (one,) = failed("1\t\ten\tMaduro\t\t1\t\t\n")
    assert "write a query" in one.why


def test_quotes_are_doubled_and_a_quoted_field_may_hold_lines() -> None:
    cases = read_cases(HEAD + '1\t"""a b"""\t\t\t"one\ntwo"\t1\t\t\n2\tb\t\t\t\t0\t\t\n')
    assert [(case.query, case.line) for case in cases] == [('"a b"', 2), ("b", 4)]


def test_what_is_known_of_the_article_counts() -> None:
    row = "1\tsource:dw.com lang:pt author:Ruiz maduro\tpt-BR\tmaduro\t\t1\tsource=www.dw.com; author=Ana Ruiz\t\n"
    assert failed(row) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the first line must name the columns"),
        ("id\tquery\texpect\n", '1: no column "expect" (they are id, query,'),
        (HEAD + "1\tx\t\t\t\tyes\t\t\n", '2: expected is "yes" (write 1, 0 or error)'),
        (HEAD + "1\tx\t\t\t\t1\thost=a\t\n", '2: meta "host=a" is not understood'),
        (HEAD + "1\tx\t\t\t\t1\t\t\t\tmore\n", "2: more fields than columns"),
        (HEAD + '1\t"a" b\t\t\t\t1\t\t\n', "2: "),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(AskedWrongly) as refused:
        read_cases(text)
    assert str(refused.value).startswith(said)


@pytest.mark.corpus
def test_the_shared_table_comes_out_whole() -> None:
    file = SHARED / "cases" / "queries.tsv"
    if not file.exists():
        pytest.skip(f"no {file}")
    lists = {"ve": ("Venezuela", "Caracas", '"Nicolas Maduro"', "Venezuel*")}

    def known(name: str) -> tuple[str, ...]:
        from feedwatch.errors import UnknownList

        if name not in lists:
            raise UnknownList(name, "there is none")
        return lists[name]

    cases = read_cases(Path(file).read_text(encoding="utf-8"))
    assert len(cases) > 80
    found = failures(cases, lambda text: parse_query(text, known))
    assert [(each.case.id, each.case.query, each.why) for each in found] == []
