"""Doubts about a watchlist: each says what happens, what to write instead, and where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.watches.lint import Doubt, Spoken, lint
from feedwatch.watches.parse import parse_keywords, parse_query


def of_query(text: str, spoken: Spoken | None = None) -> tuple[Doubt, ...]:
    return lint(parse_query(text), [text], keywords=False, spoken=spoken)


def of_keywords(*words: str, spoken: Spoken | None = None) -> tuple[Doubt, ...]:
    return lint(parse_keywords(words), words, keywords=True, spoken=spoken)


@pytest.mark.parametrize(
    ("query", "position", "message", "cure"),
    [
        ("oil Donald Trump", 4, "Donald Trump finds the two words anywhere", 'write "Donald Trump"'),
        ("tariffs OR US", 11, "US finds “us” too", "write =US"),
        ("oil or gas", 4, "“or” is searched as a word", "write OR for the operator"),
        ("oil OR C++", 7, "+ in C++ is not searched: it finds “c”", r"write /C\+\+/"),
        ("oil OR gas Caracas", 11, "AND and OR are mixed", "put parentheses"),
        ("oil AND gas OR Caracas", 12, "AND and OR are mixed", "put parentheses"),
        ("(oil OR gas coal) Caracas", 12, "AND and OR are mixed", "put parentheses"),
    ],
)
def test_a_doubt_has_its_place_and_its_cure(query: str, position: int, message: str, cure: str) -> None:
    (doubt,) = of_query(query)
    assert doubt.position == position
    assert doubt.message.startswith(message)
    assert doubt.cure.startswith(cure)


@pytest.mark.parametrize(
    "query",
    [
        '"Donald Trump"', "=US", '="US"', "oil Trump", "Maduro", "(oil OR gas) Caracas", "oil (gas OR coal)",
        "oil OR (gas coal)", "#Venezuela", "COVID-19", "O'Brien", "Trump NEAR/5 Maduro OR Caracas",
        "title:(oil OR gas) Caracas", 'oil OR "WHO says"', "Oil lang:es", "oil{3} gas",
        '"a b"~2 OR c', "near", 'oil "or" gas', "/US [A-Z]+/ oil",
    ],
)  # fmt: skip
def test_what_is_meant_is_not_doubted(query: str) -> None:
    assert of_query(query) == ()


def test_a_keyword_of_two_names_is_a_phrase_already() -> None:
    assert of_keywords("Donald Trump", "Caracas") == ()


def test_a_keyword_in_capitals_is_named_by_its_number() -> None:
    (doubt,) = of_keywords("Caracas", "WHO")
    assert (doubt.entry, doubt.position) == (1, 0)


@pytest.mark.parametrize("query", ["lang:es", "NOT oil", "/Venezuela/", "oil OR lang:es"])
def test_a_query_without_a_word_that_must_be_there_is_doubted(query: str) -> None:
    assert any("every article is looked through" in doubt.message for doubt in of_query(query))


def test_not_that_holds_the_term_itself_is_unless() -> None:
    (doubt,) = of_query('maduro NOT "plátano maduro"')
    assert doubt.cure.startswith('write maduro UNLESS "plátano maduro"')
    assert of_query('maduro NOT "plátano verde"') == ()
    assert of_query('maduro UNLESS "plátano maduro"') == ()


RUSSIAN = Spoken(languages=frozenset({"ru"}), scripts={"cyrillic": "feeds in Russian"})


def test_feeds_in_a_script_that_no_word_has_are_named() -> None:
    (doubt,) = of_keywords("Venezuela", "Caracas", spoken=RUSSIAN)
    assert doubt.message == "feeds in Russian, but no form of Venezuela in Cyrillic letters"
    assert doubt.entry is None


def test_one_word_in_the_script_is_enough_and_each_part_of_an_and_needs_one() -> None:
    assert of_keywords("Venezuela", "Венесуэла", spoken=RUSSIAN) == ()
    (doubt,) = of_query("(Venezuela OR Венесуэла) oil", RUSSIAN)
    assert "no form of oil in Cyrillic letters" in doubt.message
    assert of_query("Венесуэла NOT oil", RUSSIAN) == ()
    assert of_query("/CVE/ 2025", RUSSIAN) == ()


def test_a_list_that_ships_is_the_cure_where_there_is_one() -> None:
    query = parse_query("Venezuela")
    (doubt,) = lint(
        query, ["Venezuela"], keywords=False, spoken=RUSSIAN, pack_of={"Venezuela": "@country:VE"}.__getitem__
    )
    assert doubt.cure == "add @country:VE"


def test_languages_whose_endings_are_not_covered_are_named() -> None:
    basque = Spoken(languages=frozenset({"eu"}))
    (doubt,) = of_query("Venezuela", basque)
    assert doubt.message == "feeds in Basque, where only the bare word Venezuela is found"
    assert doubt.cure == "add Venezuela*"
    assert of_query("Venezuela*", basque) == ()


@pytest.mark.parametrize("language", ["fi", "hu", "et"])
def test_languages_whose_endings_are_covered_are_not(language: str) -> None:
    assert of_query("Venezuela", Spoken(languages=frozenset({language}))) == ()


def test_turkish_names_have_their_endings_behind_an_apostrophe() -> None:
    turkish = Spoken(languages=frozenset({"tr"}))
    assert of_query("Maduro", turkish) == ()
    assert len(of_query("petrol", turkish)) == 1


@settings(max_examples=200)
@given(st.text(st.sampled_from('aB US()|"/:=*~{}3-+# OR AND NOT UNLESS NEAR/2 Донья委'), max_size=30))
def test_whatever_is_a_query_can_be_linted(text: str) -> None:
    try:
        tree = parse_query(text)
    except QueryError:
        return
    for doubt in lint(tree, [text], keywords=False, spoken=RUSSIAN):
        assert doubt.message
        assert doubt.cure
        assert doubt.position is None or 0 <= doubt.position < len(text)
