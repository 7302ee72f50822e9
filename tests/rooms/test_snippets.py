import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.model import Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.index import Index, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.snippets import snippet


def article(title: str = "", body: str = "", summary: str = "") -> Index:
    named = (("title", title), ("summary", summary), ("body", body))
    return build_index(tuple(Zone(name=name, text=text) for name, text in named if text))


def shown(index: Index, *keywords: str, limit: int = 160) -> str:
    found = match(parse_keywords(keywords), index)
    assert found
    return snippet(index, found, limit)


def test_a_short_text_is_shown_whole_with_its_hits_marked() -> None:
    body = "“Willing to talk with Venezuelan President Nicolás\n  Maduro’s people.”"
    expected = "“Willing to talk with »Venezuelan« President »Nicolás Maduro«’s people.”"
    assert shown(article(body=body), "venezuelan", "Nicolas Maduro", "Maduro") == expected


def test_a_long_text_is_cut_between_words_with_ellipses() -> None:
    body = "one two three four don't-know-it-all Maduro said-so five six seven eight nine."
    assert shown(article(body=body), "Maduro", limit=46) == "…don't-know-it-all »Maduro« said-so five six…"


def test_an_ellipsis_stands_only_where_text_is_missing() -> None:
    assert shown(article(body="  Maduro " + "word " * 50), "Maduro", limit=22) == "»Maduro« word word…"
    assert shown(article(body="word " * 50 + "Maduro.  \n"), "Maduro", limit=25) == "…word word »Maduro«."


def test_the_passage_with_most_different_terms_wins() -> None:
    body = "Maduro Maduro Maduro. " + "word " * 60 + "Maduro met Trump. " + "word " * 60
    assert "»Maduro« met »Trump«" in shown(article(body=body), "Maduro", "Trump", limit=60)


def test_the_title_is_shown_only_if_nothing_else_was_hit() -> None:
    assert shown(article(title="Maduro speaks", body="So said Maduro."), "Maduro") == "So said »Maduro«."
    assert shown(article(title="Maduro speaks", body="So said he."), "Maduro") == "»Maduro« speaks"


def test_text_without_spaces_is_cut_between_characters() -> None:
    assert (
        shown(article(body="美国对" * 9 + "委内瑞拉" + "的制裁" * 9), "委内瑞拉", limit=16)
        == "…对美国对»委内瑞拉«的制裁的…"
    )


def test_quotes_of_the_text_are_not_taken_for_marks() -> None:
    assert shown(article(body="»Maduro« sagt er"), "Maduro") == '"»Maduro«" sagt er'


def test_a_hit_within_a_word_marks_the_word() -> None:
    body = "word " * 20 + "said Nicola\u0301s-Maduro’s people" + " word" * 20
    assert asked("/ol.s-Ma/", article(body=body), limit=30) == "…said »Nicola\u0301s-Maduro«’s…"
    assert asked("/, €\\d/", article(body="cost, €15, so")) == "cost», €15«, so"


def test_a_match_without_hits_shows_the_beginning_of_the_text() -> None:
    assert asked("-cigars", article(title="On oil", body="  One two three four")) == "One two three four"
    assert asked("-cigars", article(title="On oil", body="One two three four"), limit=10) == "One two…"
    assert asked("-cigars", article(title="On oil")) == "On oil"
    assert asked("-cigars", article()) == ""
    assert asked("-cigars", article(body="e\u0301" * 30), limit=10) == "e\u0301" * 4 + "…"


def asked(query: str, index: Index, limit: int = 160) -> str:
    found = match(parse_query(query), index)
    assert found
    return snippet(index, found, limit)


def test_a_hit_longer_than_the_limit_is_cut_between_words_or_graphemes() -> None:
    assert shown(article(body="Nicolás Maduro Moros"), "Nicolas Maduro Moros", limit=20) == "»Nicolás Maduro«…"
    assert shown(article(body="e\u0301" * 30), "e" * 30, limit=10) == "»" + "e\u0301" * 3 + "«…"


PIECES = [
    "Maduro",
    "MADURO’s",
    "委内",
    "委",
    "字",
    "น้ำ",
    "cafe\u0301",
    "a",
    "👩🏽‍🚀",
    "«",
    "»",
    "…",
    " ",
    " ",
    " ",
    "\n\n",
    "\t",
    ".",
    "“",
    "pro-",
    "words",
]


@given(st.lists(st.sampled_from(PIECES), min_size=1).map("".join), st.integers(8, 60))
def test_a_snippet_is_a_cut_of_the_text(text: str, limit: int) -> None:
    index = article(body=text)
    found = match(parse_keywords(["Maduro", "委内", "cafe"]), index)
    if not found:
        return
    result = snippet(index, found, limit)
    assert len(result) <= limit
    assert result == " ".join(result.split())
    marked = regex.findall("»(.*?)«", result)
    assert marked
    whole = [word for word in marked if len(word) <= limit - 4]
    assert all(tokenize(word).tokens in {("maduro",), ("委", "内"), ("cafe",)} for word in whole[:-1])
    _assert_cut_between_graphemes(text, result)


def _assert_cut_between_graphemes(text: str, result: str) -> None:
    line = " ".join(text.replace("»", '"').replace("«", '"').split())
    bare = result.replace("»", "").replace("«", "")
    core = bare.removeprefix("…").removesuffix("…").strip()
    assert core in line
    graphemes = regex.findall(r"\X", line)
    assert any(
        regex.findall(r"\X", core) == graphemes[i : i + len(regex.findall(r"\X", core))] for i in range(len(graphemes))
    )


@pytest.mark.timeout(10)  # one word hit everywhere in a megabyte takes a tenth of a second
def test_a_text_full_of_hits_has_a_snippet() -> None:
    assert shown(article(body="Maduro the " * 90_000), "Maduro", limit=30) == "»Maduro« the »Maduro« the…"
