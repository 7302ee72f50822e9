import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.watches.lexer import LONGEST
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import (
    About,
    AllOf,
    AnyOf,
    AtLeast,
    In,
    Named,
    Near,
    Not,
    Phrase,
    Query,
    Regex,
    Unless,
)
from tests.rooms.trees import lists, written

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
    "ONEAR",
    "UNLESS",
    "UNLESS/2",
    "title:",
    "lang:es",
    "source:(a.b OR c.d)",
    "@two",
    "/a/",
    "*",
    "~2",
    "=US",
    "Ve*",
    "{2}",
    "\n",
]
pieces = (
    st.lists(st.sampled_from(PIECES)).map("".join)
    | st.lists(st.sampled_from(PIECES)).map(" ".join)
    | st.text()
    | written
)


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
    ("text", "tree"),
    [
        ("(Maduro OR Venezuela) oil", AllOf(children=(AnyOf(children=(MADURO, VENEZUELA)), OIL))),
        ("(Maduro oil) Venezuela", AllOf(children=(MADURO, OIL, VENEZUELA))),
        ("NOT Maduro oil", AllOf(children=(Not(child=MADURO), OIL))),
        ("Maduro -oil", AllOf(children=(MADURO, Not(child=OIL)))),
        ("Maduro AND NOT oil", AllOf(children=(MADURO, Not(child=OIL)))),
        ("NOT NOT oil", OIL),
        ("oil NEAR Maduro", Near(children=(OIL, MADURO), words=4)),
        ("oil ONEAR/0 Maduro", Near(children=(OIL, MADURO), words=0, ordered=True)),
        (
            "oil NEAR/1 Maduro NEAR/2 Venezuela",
            Near(children=(Near(children=(OIL, MADURO), words=1), VENEZUELA), words=2),
        ),
        ("Maduro UNLESS oil Venezuela", AllOf(children=(Unless(child=MADURO, but=OIL), VENEZUELA))),
        ("Maduro UNLESS/3 oil", Unless(child=MADURO, but=OIL, words=3)),
        ("NOT Maduro UNLESS oil", Not(child=Unless(child=MADURO, but=OIL))),
        ("oil{3} NEAR/2 Maduro", None),
        ("oil{3}", AtLeast(child=OIL, count=3)),
        ("title:oil{3}", In(field="title", child=AtLeast(child=OIL, count=3))),
        ("title: oil", In(field="title", child=OIL)),
        ("title:(oil OR Maduro)", In(field="title", child=AnyOf(children=(OIL, MADURO)))),
        ("lang:es", About(field="lang", values=("es",))),
        ("lang:(es | pt OR es)", About(field="lang", values=("es", "pt"))),
        ('author:"Ana  Ruiz"', About(field="author", values=("Ana Ruiz",))),
        ("=US", Phrase(text="US", tokens=("us",), exact=True)),
        ('="Apple Inc"~1', Phrase(text="Apple Inc", tokens=("apple", "inc"), exact=True, slop=1)),
        ("Madur*", Phrase(text="Madur", tokens=("madur",), prefix=True)),
        ("=Madur*", Phrase(text="Madur", tokens=("madur",), prefix=True, exact=True)),
        ("/a b|c\\/d/i", Regex(pattern="a b|c/d", ignore_case=True)),
        ("（Maduro｜oil） －Venezuela", AllOf(children=(AnyOf(children=(MADURO, OIL)), Not(child=VENEZUELA)))),
        ("\u200fMaduro \u200fOR oil\u200f", AnyOf(children=(MADURO, OIL))),
    ],
)
def test_every_operator_has_its_place(text: str, tree: Query | None) -> None:
    if tree is None:
        with pytest.raises(QueryError):
            parse_query(text)
    else:
        assert without_signs(parse_query(text)) == tree
        assert parse_query(str(tree)) == tree


def without_signs(tree: Query) -> Query:
    """Marks of direction belong to a word's spelling and to nothing else."""
    return parse_query(str(tree).replace("\u200f", ""))


@pytest.mark.parametrize(
    ("text", "position", "cure"),
    [
        ("", 0, "at least one word"),
        ("  ", 0, "at least one word"),
        ("...", 0, "leave this out"),
        ("Maduro ...", 7, "leave this out"),
        ('"unclosed', 0, "close it"),
        ('Maduro "', 7, "close it"),
        ('=" ', 1, "close it"),
        ('""', 0, "write a word"),
        ("OR b", 0, "on both sides"),
        ("a OR", 2, "on both sides"),
        ("a OR OR b", 5, "on both sides"),
        ("a AND", 2, "on both sides"),
        ("| a", 0, "on both sides"),
        ("NOT", 0, "on both sides"),
        ("(", 0, "write a word and a )"),
        ("()", 0, "write a word"),
        ("(a", 0, "write ) where it ends"),
        ("a)", 1, "leave it out"),
        ("(a OR) b", 3, "on both sides"),
        ("a UNLESS", 2, "on both sides"),
        ("a UNLESS b UNLESS c", 11, "OR"),
        ("a UNLESS NOT b", 9, "put NOT outside"),
        ("a UNLESS lang:es", 2, "use NOT"),
        ("lang:es UNLESS a", 8, "use NOT"),
        ("a UNLESS/ b", 2, "UNLESS/5"),
        ("a NEAR/3 (b AND c)", 9, "AND c"),
        ("(b OR -c) NEAR/3 a", 0, "AND c"),
        ("a NEAR/3 NOT b", 9, "put NOT outside"),
        ("a NEAR/3 -b", 9, "put NOT outside"),
        ("a NEAR/3 b{2}", 9, "AND c"),
        ("a NEAR/3 lang:es", 9, "AND c"),
        ("a NEAR/3 (b OR lang:es)", 9, "AND c"),
        ("a NEAR/3 (b c lang:es)", 9, "AND c"),
        ("a NEAR/3 (b AND NOT (c OR lang:es))", 9, "AND c"),
        ("a NEAR/3 (lang:es NOT lang:pt)", 9, "AND c"),
        ("a NEAR/x b", 2, "NEAR/5"),
        ("a NEAR/12345 b", 2, "NEAR/5"),
        ("NEAR/3 b", 0, "on both sides"),
        ("a OR/2 b", 2, "OR alone"),
        ("a{0}", 1, "{3}"),
        ("a{1001}", 1, "1000"),
        ("a{}", 1, "{3}"),
        ("a{2,3}", 1, "{3}"),
        ("a{3", 1, "{3}"),
        ("a}", 1, "leave it out"),
        ("{3}", 0, "behind a word"),
        ("a OR {3}", 5, "behind a word"),
        ("a{2}{3}", 4, "the greater"),
        ("(NOT a){2}", 7, "behind a word"),
        ("ti*tle", 2, "end of the word"),
        ("*tle", 0, "end of the word"),
        ("*", 0, "behind a word"),
        ("a*", 1, "at least 2 letters"),
        ("委*", 1, "at least 2 letters"),
        ("ab**", 2, "end of the word"),
        ('"ab*"', 3, "ONEAR/0"),
        ('"a b"*', 5, "single word"),
        ('"a b"~', 5, '"~2'),
        ('"a b"~12345', 5, "smaller"),
        ("ab~2", 2, "phrase"),
        ("=", 0, "=US"),
        ("= US", 0, "=US"),
        ("==US", 0, "=US"),
        ("=(a OR b)", 0, "=UN"),
        ("=@ve", 0, "=US"),
        ("a - b", 2, "NOT"),
        ("a – b", 2, "NOT"),
        ("a –b", 2, "NOT"),
        ("--a", 0, "NOT"),
        ("a !b", 2, "NOT"),
        ("ti?le", 2, "each form"),
        ("title:", 0, "title:oil"),
        ("title:)", 0, "title:oil"),
        ("title:NOT oil", 6, "NOT title:oil"),
        ("title:-oil", 6, "NOT title:oil"),
        ("a title: OR b", 2, "title:oil"),
        (":oil", 0, "title:oil"),
        ("Titel:oil", 0, '"title:"'),
        ("Title:oil", 0, '"title:"'),
        ("https://example.com", 0, "double quotes"),
        ("title:body:a", 6, "write the field once"),
        ("title:(a body:b)", 6, "write the field once"),
        ("title:lang:es", 6, "write the field once"),
        ("title:(lang:es OR NOT lang:pt)", 6, "write the field once"),
        ("lang:", 0, "lang:es"),
        ("lang:()", 6, "lang:es"),
        ("lang:(es pt)", 9, "OR"),
        ("lang:(es OR)", 11, "lang:es"),
        ("lang:(OR es)", 6, "OR"),
        ("lang:es|pt", 7, "lang:(es OR pt)"),
        ("lang:spanish", 5, "lang:es"),
        ("country:Venezuela", 8, "@country:VE"),
        ("source:dw.com*", 7, "source:dw.com"),
        ("source:…", 7, "source:dw.com"),
        ("author:…", 7, "author:"),
        ("@", 0, "as in @ve"),
        ("@ve", 0, "[aliases]"),
        ("oil @nope", 4, "[aliases]"),
        ("/(/", 0, "parenthesis"),
        ("/a", 0, "end it with /"),
        ("/a*/", 0, "+"),
        ("//", 0, "+"),
        ("/(?=a)b/", 0, "NEAR"),
        ("/\\C/", 0, "."),
        ("/\\pL{900}/", 0, "smaller counts"),
        ("/a/x", 3, "write i"),
        ("/\ud800/", 0, "sign"),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands_with_a_cure(text: str, position: int, cure: str) -> None:
    with pytest.raises(QueryError) as refusal:
        parse_query(text)
    assert refusal.value.position == position
    assert cure in refusal.value.cure


def test_a_list_stands_for_its_entries_and_is_written_by_its_name() -> None:
    tree = parse_query("@ve oil", {"ve": ("Venezuela", "Maduro")}.__getitem__)
    assert tree == AllOf(children=(Named(name="ve", child=AnyOf(children=(VENEZUELA, MADURO))), OIL))
    assert str(tree) == "@ve oil"


def test_an_entry_of_a_list_may_be_a_whole_query_in_parentheses_and_one_of_keywords_may_not() -> None:
    entry = '(Maduro UNLESS "oil Maduro")'
    tree = parse_keywords(["@ve"], {"ve": (entry, "oil")}.__getitem__)
    assert isinstance(tree, Named)
    assert tree.child == AnyOf(children=(parse_query(entry), OIL))
    with pytest.raises(QueryError, match="query ="):
        parse_keywords([entry])


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"ve": ("@b",), "b": ("x", "@ve")}, "@ve > @b > @ve"),
        ({"ve": ("@ve",)}, "@ve > @ve"),
        ({"ve": ()}, "empty"),
        ({"ve": ("x", "(a AND")}, "'(a AND'"),
        ({"ve": ("NOT x",)}, "NOT"),
        ({f"{'v' * n}e": (f"@{'v' * (n + 1)}e",) for n in range(1, 50)}, "levels"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_where_it_is_named(known: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(QueryError, match=re.escape(said)) as refusal:
        parse_query("oil @ve", known.__getitem__)
    assert refusal.value.position == 4


def test_a_list_that_many_lists_name_is_read_once() -> None:
    asked: list[str] = []

    def ask(name: str) -> tuple[str, ...]:
        asked.append(name)
        return ("x",) if name == "0" else (f"@{int(name) - 1}", f"(@{int(name) - 1} OR y)")

    parse_query("@9 OR @8", ask)
    assert sorted(asked) == [str(n) for n in range(10)]


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
        "Ma*duro",
        "Nicolas Madur*",
        "the =US",
        "@ve oil",
        "a{2}",
        "/a/",
        "lang:es",
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
    assert parse_keywords(['"NOT M*A*S*H"']) == phrase("NOT M*A*S*H", "not", "m", "a", "s", "h")


def test_a_keyword_may_be_exact_or_a_beginning() -> None:
    tree = parse_keywords(["=US", "Madur*", '"open talks"~2'])
    assert str(tree) == '=US OR Madur* OR "open talks"~2'


def test_spellings_stay_apart_where_a_language_tells_them_apart() -> None:
    assert isinstance(parse_keywords(["Uber", "Über"]), AnyOf)
    assert isinstance(parse_keywords(["=us", "=US"]), AnyOf)
    assert isinstance(parse_keywords(["Nicolas", "Nicolás"]), Phrase)


def parsed(text: str) -> Query | QueryError:
    try:
        return parse_query(text, lists)
    except QueryError as refusal:
        return refusal


@given(pieces)
def test_any_text_parses_or_is_refused_with_a_position_within_it(text: str) -> None:
    answer = parsed(text)
    if isinstance(answer, QueryError):
        assert 0 <= answer.position <= max(len(text) - 1, 0)
        assert answer.cure
    else:
        assert parse_query(str(answer), lists) == answer
        assert pickle.loads(pickle.dumps(answer)) == answer  # noqa: S301 - our own bytes


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1))
def test_keywords_written_as_a_query_are_the_same_tree(words: list[str]) -> None:
    try:
        tree = parse_keywords(words, lists)
    except QueryError:
        return
    assert parse_query(str(tree), lists) == tree


LONG = (
    *("a " * 2_500, '"' * 4_999, "a OR " * 900 + "a", "(" * 5_000, "a" * 5_000, "-a " * 1_600, "/a/ " * 1_250),
    *("NOT " * 1_000 + "a", "a NEAR " * 700 + "a", "title:" * 800, "lang:(" * 800, "=" * 5_000, "/" * 5_000),
    *("@two " * 1_000, "{" * 5_000, "\u200b" * 5_000, "\u0301" * 5_000, "l'" * 2_500, "a" * 1_000_000, "~" * 5_000),
    *('"a b"~2 ' * 600, "(a)" * 1_600, "a{2}" * 1_200, "/(a|b)*a(a|b){20}/ " * 20, "".join(map(chr, range(5_000)))),
)


@pytest.mark.timeout(10)  # milliseconds each; anything quadratic would not come back
@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_long_query_is_answered(text: str) -> None:
    answer = parsed(text)
    assert isinstance(answer, QueryError) or len(str(answer)) > LONGEST or parsed(str(answer)) == answer
