from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.group import FEWEST, MOST, Rarity, in_common, likeness, link, mean, same_language, terms, vector

NOTHING_KNOWN = Rarity(stories=0, counts={})

BLAST = terms(
    "Explosion at Amuay refinery kills 12",
    "An explosion at the Amuay refinery killed 12 workers on Tuesday, Governor Victor Alcala of Falcon said.",
)
OTHER_REPORT = terms(
    "12 workers die in Amuay refinery explosion",
    "Twelve workers were killed when a tank exploded at the Amuay refinery, said Governor Alcala. 12 coffins stood by.",
)
VOLLEYBALL = terms(
    "Volleyball: Peru lose in three sets",
    "The captain served four aces in the last set of a match that took seventy minutes in the hall of Rosario.",
)


def known(*told: dict[str, float]) -> Rarity:
    return Rarity(stories=len(told), counts=Counter(term for one in told for term in one))


def test_a_headline_counts_twice_and_a_name_more_than_a_word() -> None:
    found = terms("Amuay burns", "The Amuay refinery burns")
    assert found["^amuay"] == 3.0
    assert found["refin"] == 0.5
    assert found["burns"] == 1.5


def test_numbers_are_terms_of_their_own() -> None:
    assert "#12" in BLAST
    assert "12" not in BLAST


def test_a_short_word_at_the_beginning_of_a_sentence_is_no_name() -> None:
    found = terms("", "At noon the UN met. Be it so.")
    assert "^un" in found
    assert not {"^at", "^be"} & found.keys()


def test_two_characters_of_an_unspaced_script_are_a_term() -> None:
    assert "油厂" in terms("炼油厂爆炸", "")


def test_only_the_beginning_of_a_text_counts() -> None:
    assert "^zanzi" not in terms("", "word " * 200 + "Zanzibar")


@given(st.dictionaries(st.text(max_size=6), st.floats(0.5, 50), min_size=FEWEST, max_size=2 * MOST))
def test_a_vector_has_length_one_and_a_bounded_number_of_terms(found: dict[str, float]) -> None:
    made = vector(found, NOTHING_KNOWN)
    assert len(made) <= MOST
    assert math.isclose(sum(weight**2 for weight in made.values()), 1.0, rel_tol=1e-6)
    assert math.isclose(link(made, made), 1.0, rel_tol=1e-6)


def test_an_article_that_says_too_little_is_like_nothing() -> None:
    assert vector(terms("Rain today", ""), NOTHING_KNOWN) == {}
    assert link({}, vector(BLAST, NOTHING_KNOWN)) == 0.0


def test_another_report_of_the_event_is_likelier_than_another_event() -> None:
    rare = known(BLAST, VOLLEYBALL)
    told = vector(BLAST, known(VOLLEYBALL))
    assert likeness(OTHER_REPORT, rare, told) > 0.5
    assert likeness(VOLLEYBALL, rare, told) < 0.05


def test_what_all_stories_say_weighs_little() -> None:
    everywhere = [terms(f"Venezuela: {word}", f"{word} {word}s {word}ing") for word in ("baker", "fisher", "singer")]
    rare = known(*everywhere)
    assert rare.weight("^venez") < rare.weight("^baker")


def test_a_story_does_not_make_its_own_words_common() -> None:
    rare = known(VOLLEYBALL, BLAST)
    told = vector(BLAST, known(VOLLEYBALL))
    assert likeness(OTHER_REPORT, rare, told) > link(vector(OTHER_REPORT, rare), told)


def test_the_words_in_common_are_those_that_weigh_most() -> None:
    one, other = vector(BLAST, NOTHING_KNOWN), vector(OTHER_REPORT, NOTHING_KNOWN)
    assert set(in_common(one, other, 2)) == {"^amuay", "#12"}


def test_no_links_have_a_mean_of_nothing() -> None:
    assert mean([]) == 0.0
    assert mean([0.25, 0.75]) == 0.5


@pytest.mark.parametrize(
    ("one", "other", "same"), [("es", "es", True), ("es", "en", False), ("", "en", True), ("es", "", True)]
)
def test_an_unknown_language_is_no_reason_against(one: str, other: str, *, same: bool) -> None:
    assert same_language(one, other) is same
