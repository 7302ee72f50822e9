import sqlite3
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.model import Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.forms import all_forms
from feedwatch.watches.fts import FTS5_TOKENIZE, fts_text, to_fts5
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import AllOf, AnyOf, Phrase, Query
from tests.rooms.trees import articles, metadata, queries

NAMES = ("title", "summary", "body")


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f'CREATE VIRTUAL TABLE fts USING fts5({", ".join(NAMES)}, tokenize="{FTS5_TOKENIZE}")')
    yield connection
    connection.close()


def finds(table: sqlite3.Connection, query: Query, index: Index) -> bool:
    table.execute("DELETE FROM fts")
    table.execute("INSERT INTO fts VALUES (?, ?, ?)", [fts_text(index, name) for name in NAMES])
    expression = to_fts5(query)
    if not expression:
        return True
    return bool(table.execute("SELECT count(*) FROM fts WHERE fts MATCH ?", [expression]).fetchone()[0])


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Nicolás", "NICOLA\u0301S"),
        ("委内瑞拉", "美国对委内瑞拉的制裁"),
        ("เวเนซุเอลา", "ประเทศเวเนซุเอลาประกาศ"),
        ("फ़्रांस", "आज फ़्रांस में"),
        ("O'Brien", "Sen. O’Brien"),
        ("COVID-19", "covid 19"),
        ('"NOT AND"', "not and"),
        ("Oil OR Tusk", "oil"),
        ("Oil Maduro", "Maduro on oil"),
    ],
)
def test_what_is_stored_is_found(table: sqlite3.Connection, query: str, text: str) -> None:
    assert finds(table, parse_query(query), build_index((Zone(name="body", text=text),)))


def test_a_phrase_reaches_from_no_zone_into_the_next(table: sqlite3.Connection) -> None:
    index = build_index((Zone(name="title", text="Nicolás"), Zone(name="title", text="Maduro")))
    assert fts_text(index, "title") == "nicolas ¶ maduro"
    assert fts_text(index, "body") == ""
    assert not finds(table, parse_query('="Nicolás Maduro"'), index)
    assert finds(table, parse_query("Nicolás Maduro"), index)


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("=US", '"us"'),
        ("Venezuel*", '"venezuel" *'),
        ("Венесуэла", '"венесуэл" *'),
        ("COVID-19*", '"covid 19" *'),
        ("委内瑞拉", '"委 内 瑞 拉"'),
        ('="a b"~2', 'NEAR("a" "b", 2)'),
        ('"Nicolas Maduro"', 'NEAR("nicol" * "madur" *, 0)'),
        ("a NEAR/3 b ONEAR c", 'NEAR("a" "b" "c", 8)'),
        ('(a OR b) NEAR "c d"', '(NEAR("a" "c d", 5) OR NEAR("b" "c d", 5))'),
        ("(a AND lang:es) NEAR (b UNLESS c)", 'NEAR("a" "b", 4)'),
        ("(title:a) NEAR b", '(({title} : "a") AND "b")'),
        ("a NEAR /x/", '"a"'),
        ("title:(a NEAR b)", '({title} : NEAR("a" "b", 4))'),
        ("a b OR c", '(("a" AND "b") OR "c")'),
        ("a NOT b", '"a"'),
        ("NOT b", ""),
        ("a OR NOT b", ""),
        ("a lang:es /x/", '"a"'),
        ("/x/", ""),
        ("a UNLESS b", '"a"'),
        ("a NEAR b{2}", None),
        ("(a NEAR b){2}", 'NEAR("a" "b", 4)'),
        ("title:a", '({title} : "a")'),
        ("lead:(a OR b)", '({summary body} : ("a" OR "b"))'),
        ("caption:a", '({body} : "a")'),
        ("text:a", '"a"'),
        ("title:(NOT a)", ""),
    ],
)
def test_a_query_becomes_an_expression_that_finds_no_less(query: str, expression: str | None) -> None:
    if expression is None:
        with pytest.raises(QueryError):
            parse_query(query)
    else:
        assert to_fts5(parse_query(query)) == expression


def test_near_of_too_many_forms_looks_for_the_words_alone() -> None:
    query = f"({' OR '.join(f'a{n}' for n in range(15))}) NEAR ({' OR '.join(f'b{n}' for n in range(14))})"
    assert "NEAR" not in to_fts5(parse_query(query))
    assert "NEAR" in to_fts5(parse_query(query.replace("a14 OR ", "").replace(" OR a14", "")))


def test_a_word_that_few_forms_share_a_beginning_with_is_no_short_beginning() -> None:
    assert set(to_fts5(parse_query("sea")).split('"')) >= {"sea", "see"}  # of which "se" would find half of the table


def test_captions_are_in_the_column_of_the_body() -> None:
    index = build_index((Zone(name="body", text="on oil"), Zone(name="caption", text="Maduro")))
    assert fts_text(index, "body") == "on oil ¶ maduro"


def test_every_token_there_can_be_stays_one_in_the_table(table: sqlite3.Connection) -> None:
    letters = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c)[0] in "LMN"]
    tokens = {token for c in letters for token in tokenize(f"{c} a{c}b").tokens}
    assert len(tokens) > 100_000
    table.execute("DELETE FROM fts")
    table.execute("INSERT INTO fts(body) VALUES (?)", [" ".join(sorted(tokens))])
    table.execute("CREATE VIRTUAL TABLE IF NOT EXISTS seen USING fts5vocab(fts, row)")
    assert table.execute("SELECT sum(cnt) FROM seen").fetchone()[0] == len(tokens)


def test_a_query_of_thousands_of_words_is_no_burden(table: sqlite3.Connection) -> None:
    query = parse_keywords([f"w{i}" for i in range(3000)])
    assert finds(table, query, build_index((Zone(name="body", text="w2999"),)))


words = st.text(st.sampled_from("abNEAROT'\"*^(){}:-é\u0301ßٱ२"), min_size=1, max_size=4) | st.sampled_from("委字น")
line = st.lists(words, max_size=8).map(" ".join)
plain = (
    st.lists(words, min_size=1, max_size=2)
    .map(" ".join)
    .map(lambda text: Phrase(text=text, tokens=tokenize(text).tokens))
    .filter(lambda phrase: bool(phrase.tokens) and all(len(all_forms(token)) == 1 for token in phrase.tokens))
)
joined: st.SearchStrategy[Query] = st.recursive(
    plain,
    lambda children: st.builds(
        lambda kind, parts: kind(children=tuple(parts)),
        st.sampled_from([AnyOf, AllOf]),
        st.lists(children, min_size=2, max_size=3),
    ),
    max_leaves=4,
)
lines = st.lists(st.builds(Zone, name=st.sampled_from(NAMES), text=line), max_size=4).map(tuple).map(build_index)


@settings(max_examples=300, deadline=None)
@given(query=joined, index=lines)
def test_words_without_forms_are_found_where_they_match_and_nowhere_else(
    table: sqlite3.Connection, query: Query, index: Index
) -> None:
    assert finds(table, query, index) is (match(query, index) is not None)


@settings(max_examples=300, deadline=None)
@given(query=queries, index=articles, known=metadata)
def test_whatever_matches_is_found(table: sqlite3.Connection, query: Query, index: Index, known: Metadata) -> None:
    assert match(query, index, known) is None or finds(table, query, index)
