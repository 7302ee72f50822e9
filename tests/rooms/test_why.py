"""Why an article is no match: every part that is missing, and what stands there instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.model import Zone
from feedwatch.watches.index import Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_query
from feedwatch.watches.why import missing

TALKS = "Trump said on Monday that he would very soon talk to Maduro"
KNOWN = Metadata(languages=("en",), hosts=("www.dw.com",), authors=("Ana Ruiz",))


def why(query: str, body: str, title: str = "", language: str = "", known: Metadata = KNOWN) -> list[str]:
    zones = tuple(Zone(name=name, text=text) for name, text in (("title", title), ("body", body)) if text)
    return [str(each) for each in missing(parse_query(query), build_index(zones, language), known)]


@pytest.mark.parametrize(
    ("query", "body", "said"),
    [
        ("Maduro Caracas", "Maduro spoke", ["Caracas: not found"]),
        ("Oil (Caracas OR Miraflores)", "oil", ["Caracas | Miraflores: none of them found"]),
        ("a1 OR b1 OR c1 OR d1 OR e1", "x", ["a1 | b1 | c1 and 2 more: none of them found"]),
        ("Venezuela", "Venezuelan oil", ["Venezuela: only inside “Venezuelan” (a * at the end finds it)"]),
        ('"crude oil"', "crude and other oil", ['"crude oil": its words are there, but not in a row']),
        ('"crude oil"', "palm oil", ['"crude oil": “oil” is there, “crude” is not']),
        ('"open talks"~1', "talks open", ['"open talks"~1: its words are there, but not in this order']),
        ("=US", "tell us more", ["=US: not with these letters: there is “us”"]),
        ("Trump NEAR/5 Maduro", TALKS, ["NEAR/5: nearest are 10 words apart"]),
        ("Maduro ONEAR/12 Trump", TALKS, ["ONEAR/12: they stand in the other order"]),
        ("Trump NEAR/5 Caracas", TALKS, ["Caracas: not found"]),
        (
            'maduro UNLESS "plátano maduro"',
            "un plátano maduro",
            ['maduro: dropped by UNLESS: its only hit stands inside "plátano maduro"'],
        ),
        (
            "maduro UNLESS/2 cigar",
            "a maduro cigar, and one more cigar of maduro",
            ["maduro: dropped by UNLESS: all its 2 hits stand within 2 words of cigar"],
        ),
        ("maduro UNLESS cigar", "oil", ["maduro: not found"]),
        ("oil NOT olive", "olive oil", ["NOT olive: “olive” stands in the body, which NOT keeps out"]),
        ("oil{3}", "oil and oil", ["oil{3}: 2 hits, 3 are needed"]),
        ("oil{3}", "gas", ["oil: not found"]),
        ("title:oil", "oil", ["title:oil: not in the title, only in the body"]),
        ("title:oil", "gas", ["title:oil: not found"]),
        ("oil lang:pt", "oil", ["lang:pt: it is en"]),
        ("oil source:bbc.com", "oil", ["source:bbc.com: it is www.dw.com"]),
        ("oil tag:world", "oil", ["tag:world: not known of this article"]),
        (r"/CVE-\d+/", "oil", [r"/CVE-\d+/: not found in the text"]),
    ],
)
def test_what_is_missing_is_named(query: str, body: str, said: list[str]) -> None:
    assert why(query, body) == said


def test_sides_in_different_parts_are_told() -> None:
    assert why("Trump NEAR/5 Maduro", "Maduro", title="Trump") == [
        "NEAR/5: the two sides stand in different parts (title and body)"
    ]


def test_a_word_with_letters_of_the_languages_own_is_another_word() -> None:
    assert why("Uber", "Über die Lage", language="de") == ["Uber: “Über” is another word in this language (de)"]


def test_a_match_misses_nothing() -> None:
    assert why("Maduro", "Maduro spoke") == []


parts = st.sampled_from(["oil", "gas", '"crude oil"', "ca*", "=Oil", "title:oil", "lang:en", "/o.l/", "oil{2}"])
queries = st.recursive(
    parts,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) OR ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) UNLESS ({two[1]})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=5,
)
texts = st.lists(st.sampled_from(["oil", "Oil", "gas", "crude", "car", "x"]), max_size=6).map(" ".join)


@given(queries, texts, texts)
def test_something_is_missing_exactly_where_nothing_matches(query: str, title: str, body: str) -> None:
    zones = tuple(Zone(name=name, text=text) for name, text in (("title", title), ("body", body)) if text)
    try:
        tree = parse_query(query)
    except Exception:  # noqa: BLE001 - what the language refuses, such as UNLESS around a field, says nothing here
        return
    index = build_index(zones, "en")
    assert (match(tree, index, KNOWN) is None) is bool(missing(tree, index, KNOWN))
