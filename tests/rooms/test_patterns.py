import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.watches.patterns import find, refusal

signs = st.text(st.sampled_from("ab01.*+?{}()[]|\\^$dwbpLC,é\u0301-:=!<>P#\n"), max_size=30)
texts = st.text(st.sampled_from("ab é\u0301委\ud800\n.1"), max_size=30)


def found(pattern: str, text: str) -> list[str]:
    return [text[start:end] for start, end in find(pattern, text, ignore_case=False)]


@given(signs | st.text(max_size=30), texts)
def test_any_expression_is_refused_or_finds_places_of_the_text(pattern: str, text: str) -> None:
    wrong = refusal(pattern, ignore_case=True)
    if wrong is not None:
        assert all(wrong)
        return
    places = list(find(pattern, text, ignore_case=True))
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


def test_letters_are_the_same_however_they_are_composed() -> None:
    for pattern in ("Nicolás", unicodedata.normalize("NFD", "Nicolás")):
        assert found(pattern, "x Nicolás") == ["Nicolás"]
        assert found(pattern, unicodedata.normalize("NFD", "ñ Nicolás x")) == [unicodedata.normalize("NFD", "Nicolás")]


def test_half_a_character_in_the_text_is_passed_over() -> None:
    assert found("ab+", "\ud800 abb") == ["abb"]


def test_a_place_is_never_empty() -> None:
    assert refusal("b*", ignore_case=False)
    assert found("b*", "abb") == ["bb"]


RANDOM = random.Random(1)  # noqa: S311 - the same text in every run
MEGABYTES = ("a" * 1_000_000, "".join(RANDOM.choices("ab", k=1_000_000)), "aé委 " * 250_000, "e\u0301" * 500_000)


@pytest.mark.timeout(20)  # at the worst a tenth of a second each
@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "a.*b|a",
        "(x+x+)+y",
        "(a|b)*a(a|b){12}c|a",
        "(a|b)*a(a|b){200}c",
        r"\pL{8}q|a",
        r"\pL|a",
        "(.*a)?.{50}c",
        "a|b",
    ],
)
@pytest.mark.parametrize("text", MEGABYTES, ids=["one letter", "two letters", "wide", "decomposed"])
def test_no_expression_takes_long_over_a_megabyte(pattern: str, text: str) -> None:
    assert refusal(pattern, ignore_case=False) is None
    assert len(found(pattern, text)) <= 1_000


@pytest.mark.parametrize("pattern", [r"\pL{1,40}", r"\pL{900}", "a" * 1_001, "(a{1000}){1000}"])
def test_an_expression_that_is_too_large_is_refused(pattern: str) -> None:
    assert refusal(pattern, ignore_case=False)
