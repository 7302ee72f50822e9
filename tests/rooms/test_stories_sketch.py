from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.sketch import LEAST_WORDS, MOST_WORDS, contained, containment, known_share, sketch
from feedwatch.text.tokens import tokenize

WORDS = [f"w{n}" for n in range(400)]
texts = st.lists(st.sampled_from(WORDS), max_size=120)


def test_a_sketch_is_the_same_on_every_machine() -> None:
    assert sketch(WORDS[:40]).hashes == (26626624, 862799656, 2448899408, 3718669680, 4151401456)


def test_about_one_shingle_in_eight_is_kept() -> None:
    assert 30 <= len(sketch(WORDS).hashes) <= 70


@given(texts, texts)
def test_every_sample_of_a_text_is_in_the_sample_of_what_holds_it(text: list[str], other: list[str]) -> None:
    assert set(sketch(text).hashes) <= set(sketch([*other, *text]).hashes)


@given(texts, texts)
def test_containment_is_a_share_and_no_order_of_the_two_matters(one: list[str], other: list[str]) -> None:
    assert 0 <= containment(one, other) == containment(other, one) <= 1


def test_a_part_is_wholly_contained_and_a_stranger_not_at_all() -> None:
    assert containment(WORDS[:100], WORDS[20:60]) == 1.0
    assert containment(WORDS[:100], WORDS[200:300]) == 0.0


def test_a_text_without_shingles_is_contained_in_nothing() -> None:
    assert contained(0, 0, 12) == 0.0
    assert containment(["one", "two"], WORDS) == 0.0


def test_a_short_text_is_nobodys_copy() -> None:
    assert not sketch(WORDS[: LEAST_WORDS - 1]).enough
    assert sketch(WORDS[:200]).enough


def test_a_page_of_a_million_words_costs_no_more_than_its_beginning() -> None:
    endless = [f"word{n}" for n in range(MOST_WORDS * 3)]
    assert sketch(endless).hashes == sketch(endless[:MOST_WORDS]).hashes
    assert sketch(endless).words == MOST_WORDS * 3


def test_a_script_without_spaces_has_shingles_of_its_characters() -> None:
    text = "委内瑞拉西部一座炼油厂星期二黎明前发生爆炸造成十二名工人死亡州长说消防员在十点钟控制了火势" * 3
    assert sketch(tokenize(text).tokens).enough


def test_a_new_passage_shares_next_to_nothing_with_the_text() -> None:
    assert known_share(WORDS[300:330], WORDS[:200]) == 0.0
    assert known_share(WORDS[50:80], WORDS[:200]) == 1.0
    assert known_share(["four", "words", "say", "little"], WORDS) == 1.0
