import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import AllOf, AnyOf, Phrase, Query

PIECES = [
    "Maduro",
    "Venezuela",
    "COVID-19",
    "委内瑞拉",
    '"Nicolas  Maduro"',
    "“el país”",
    "OR",
    "|",
    "AND",
    "NOT",
    '"',
    " ",
    " ",
    "(",
    ":",
    "*",
    "=",
    "@",
    "-",
    "…",
    "l'",
    "C++",
    'ארה"ב',
    "NEAR/3",
    "{2}",
    "\n",
]
written = st.lists(st.sampled_from(PIECES)).map("".join) | st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text()


def phrase(text: str, *tokens: str) -> Phrase:
    return Phrase(text=text, tokens=tokens)


MADURO, VENEZUELA, OIL = phrase("Maduro", "maduro"), phrase("Venezuela", "venezuela"), phrase("oil", "oil")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Maduro", MADURO),
        ("Maduro Venezuela", AllOf(children=(MADURO, VENEZUELA))),
        ("Maduro AND Venezuela", AllOf(children=(MADURO, VENEZUELA))),
        ("Maduro OR Venezuela", AnyOf(children=(MADURO, VENEZUELA))),
        ("Maduro|Venezuela", AnyOf(children=(MADURO, VENEZUELA))),
        ("Maduro oil OR Venezuela", AnyOf(children=(AllOf(children=(MADURO, OIL)), VENEZUELA))),
        ('"Nicolás  Maduro"', phrase("Nicolás Maduro", "nicolas", "maduro")),
        ("“Nicolás Maduro”", phrase("Nicolás Maduro", "nicolas", "maduro")),
        ("COVID-19", phrase("COVID-19", "covid", "19")),
        ("委内", phrase("委内", "委", "内")),
        ('"OR"', phrase("OR", "or")),
        ("or", phrase("or", "or")),
        ('"title: oil"', phrase("title: oil", "title", "oil")),
        ('ארה"ב', phrase("ארה״ב", "ארה", "ב")),
        ("Maduro MADURO", MADURO),
    ],
)
def test_a_query_means_what_it_looks_like(text: str, tree: Query) -> None:
    assert parse_query(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("  ", 0),
        ("...", 0),
        ("Maduro ...", 7),
        ('"unclosed', 0),
        ('Maduro "', 7),
        ('""', 0),
        ("OR b", 0),
        ("a OR", 2),
        ("a OR OR b", 5),
        ("a AND", 2),
        ("| a", 0),
        ("(", 0),
        ("a (b OR c)", 2),
        ("a)", 1),
        ("NOT a", 0),
        ("a -b", 2),
        ("a NEAR/3 b", 2),
        ("a ONEAR b", 2),
        ("a UNLESS b", 2),
        ("Venezuel*", 8),
        ("ti*tle", 2),
        ("=US", 0),
        ("title:oil", 0),
        ("title:", 0),
        ("https://example.com", 0),
        ("@ve", 0),
        ("/a+/", 0),
        ("a{3}", 1),
        ('"a b"~2', 5),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands(text: str, position: int) -> None:
    with pytest.raises(QueryError) as refusal:
        parse_query(text)
    assert refusal.value.position == position
    assert refusal.value.cure


def test_keywords_are_alternatives_and_an_entry_is_a_phrase() -> None:
    tree = parse_keywords(["Maduro", "Nicolás Maduro", '"open to talks"'])
    assert tree == AnyOf(
        children=(
            MADURO,
            phrase("Nicolás Maduro", "nicolas", "maduro"),
            phrase("open to talks", "open", "to", "talks"),
        )
    )


def test_one_keyword_is_a_tree_by_itself_and_a_repeated_one_counts_once() -> None:
    assert parse_keywords(["Maduro", "MADURO", "maduro’s"]) == MADURO


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "…",
        "@ve",
        "Maduro*",
        "=US",
        "NOT Maduro",
        "a OR b",
        "a AND b",
        "a|b",
        "a NEAR b",
        "(a)",
        "title:oil",
        '"a b" c',
        '"a',
        "a -b",
    ],
)
def test_a_keyword_that_would_silently_match_nothing_is_refused(entry: str) -> None:
    with pytest.raises(QueryError, match="keyword") as refusal:
        parse_keywords(["Maduro", entry])
    assert repr(entry) in str(refusal.value)


def test_no_keywords_at_all_are_refused() -> None:
    with pytest.raises(QueryError):
        parse_keywords([])


def test_operators_in_quotes_are_words() -> None:
    assert parse_keywords(['"NOT Maduro*"']) == phrase("NOT Maduro*", "not", "maduro")


def parsed(text: str) -> Query | QueryError:
    try:
        return parse_query(text)
    except QueryError as refusal:
        return refusal


@given(written)
def test_any_text_parses_or_is_refused_with_a_position_within_it(text: str) -> None:
    answer = parsed(text)
    if isinstance(answer, QueryError):
        assert 0 <= answer.position <= max(len(text) - 1, 0)
        assert answer.cure
    else:
        assert parse_query(str(answer)) == answer
        assert pickle.loads(pickle.dumps(answer)) == answer  # noqa: S301 - our own bytes


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1))
def test_keywords_written_as_a_query_are_the_same_tree(words: list[str]) -> None:
    try:
        tree = parse_keywords(words)
    except QueryError:
        return
    assert parse_query(str(tree)) == tree


@pytest.mark.timeout(10)  # milliseconds each; anything quadratic would not come back
@pytest.mark.parametrize("text", ["a " * 50_000, '"' * 100_001, "a OR " * 40_000 + "a", "(" * 100_000, "a" * 100_000])
def test_a_long_query_is_answered(text: str) -> None:
    assert isinstance(parsed(text), QueryError | Phrase)
