from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.sketch import LEAST_WORDS, MOST_WORDS, contained, copied, known_share, sketch
from feedwatch.text.tokens import tokenize

WORDS = [f"w{n}" for n in range(400)]
FOREIGN = [f"f{n}" for n in range(400)]
texts = st.lists(st.sampled_from(WORDS), max_size=120)


def test_a_sketch_is_the_same_on_every_machine() -> None:
    assert sketch(WORDS[:40]).hashes == (26626624, 862799656, 2448899408, 3718669680, 4151401456)


def test_about_one_shingle_in_eight_is_kept() -> None:
    assert 30 <= len(sketch(WORDS).hashes) <= 70


@given(texts, texts)
def test_every_sample_of_a_text_is_in_the_sample_of_what_holds_it(text: list[str], other: list[str]) -> None:
    assert set(sketch(text).hashes) <= set(sketch([*other, *text]).hashes)


@given(texts, texts)
def test_what_is_copied_is_a_share_of_each(one: list[str], other: list[str]) -> None:
    there, back = copied(one, other), copied(other, one)
    assert (there is None) == (back is None)
    assert there is None or back is None or (there == back[::-1] and 0 < min(there) <= max(there) <= 1)


def test_a_part_is_wholly_copied_and_a_stranger_not_at_all() -> None:
    assert copied(WORDS[:100], WORDS[20:60]) == (36 / 96, 1.0)
    assert copied(WORDS[:100], WORDS[200:300]) is None


def test_a_text_without_shingles_is_contained_in_nothing() -> None:
    assert contained(0, 0, 12) == 0.0
    assert copied(["one", "two"], WORDS) is None


@pytest.mark.parametrize("words", [60, 120, 300])
def test_half_of_an_article_quoted_inside_a_piece_of_its_length_is_a_copy(words: int) -> None:
    article, piece = WORDS[:words], FOREIGN[:words]
    assert copied(article, [*piece[: words // 2], *article[: words // 2], *piece[words // 2 :]])


def test_the_second_half_of_a_long_article_is_a_copy_and_of_a_short_one_may_be_background() -> None:
    assert copied(WORDS[:240], [*FOREIGN[:120], *WORDS[120:240], *FOREIGN[120:240]])
    assert copied(WORDS[:120], [*FOREIGN[:60], *WORDS[60:120], *FOREIGN[60:120]]) is None


@given(st.integers(20, 100), st.integers(40, 160), st.integers(40, 160), st.sampled_from(["behind", "amid"]))
def test_a_paragraph_of_background_makes_no_copy_however_short_the_articles_are(
    shared: int, one: int, other: int, place: str
) -> None:
    background = [f"b{n}" for n in range(shared)]
    ones = [*WORDS[:one], *background]
    others = [*FOREIGN[:other], *background] if place == "behind" else [*FOREIGN[:40], *background, *FOREIGN[40:other]]
    assert copied(ones, others) is None


def test_a_form_with_other_names_in_it_is_no_copy() -> None:
    """A third of the words in one passage, and as much again in small ones, below half of all."""
    filled = [[*WORDS[:34], *(f"{name}{n}" if n % 9 > 4 else f"form{n}" for n in range(60))] for name in "ab"]
    assert copied(*filled) is None


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
