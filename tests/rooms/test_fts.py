import sqlite3
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.model import Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.fts import FTS5_TOKENIZE, fts_text, to_fts5
from feedwatch.watches.index import Index, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import AllOf, AnyOf, Phrase, Query

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
    return bool(table.execute("SELECT count(*) FROM fts WHERE fts MATCH ?", [to_fts5(query)]).fetchone()[0])


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
    assert not finds(table, parse_query('"Nicolás Maduro"'), index)
    assert finds(table, parse_query("Nicolás Maduro"), index)


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


words = st.text(st.sampled_from("abNEAROT'\"*^(){}:-委字น้ำé\u0301ßٱ२"), min_size=1, max_size=4)
texts = st.lists(words, max_size=8).map(" ".join)
phrases = (
    st.lists(words, min_size=1, max_size=2)
    .map(" ".join)
    .map(lambda text: Phrase(text=text, tokens=tokenize(text).tokens))
    .filter(lambda phrase: bool(phrase.tokens))
)
queries: st.SearchStrategy[Query] = st.recursive(
    phrases,
    lambda children: st.builds(
        lambda kind, parts: kind(children=tuple(parts)),
        st.sampled_from([AnyOf, AllOf]),
        st.lists(children, min_size=2, max_size=3),
    ),
    max_leaves=4,
)
articles = st.lists(st.builds(Zone, name=st.sampled_from(NAMES), text=texts), max_size=4).map(tuple).map(build_index)


@settings(max_examples=300)
@given(query=queries, index=articles)
def test_full_text_search_finds_what_matches_and_nothing_else(
    table: sqlite3.Connection, query: Query, index: Index
) -> None:
    assert finds(table, query, index) is (match(query, index) is not None)
