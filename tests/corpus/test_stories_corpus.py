"""Copies and reports told apart on real pages and labelled pairs; `python -m bench.stories` prints the whole curve."""

from __future__ import annotations

import os

import pytest

from bench import stories
from feedwatch.stories import group

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not stories.CORPUS.is_dir(), reason=f"no corpus at {stories.CORPUS}"),
    pytest.mark.timeout(600),
]

FULL = bool(os.environ.get("FULL"))  # every page; else those whose text an annotator wrote down, which takes seconds

REALLY_COPIES = {("art-a17012d454", "new-dfc796f1de"), ("tra-148af14108", "tra-ea2d17e776")}
"""Read by hand: one article under two extractions, and two outlets with one agency's text."""


@pytest.mark.parametrize("change", list(stories.CHANGES))
def test_a_changed_copy_is_recognised(change: str) -> None:
    found, every = stories.recall_of_change(change, stories.texts(written_down=not FULL))
    assert every > 150
    assert found / every >= 0.97


def test_no_two_different_pages_are_called_copies() -> None:
    assert {
        (one, other) for one, other, _ in stories.joined_pages(stories.texts(written_down=not FULL))
    } <= REALLY_COPIES


def test_labelled_pairs_that_are_called_copies_tell_one_story() -> None:
    joined, long = stories.copied_pairs()
    assert long > 100
    assert len(joined) >= 10
    assert all(pair.same for pair in joined)


def test_reports_are_joined_as_precisely_as_promised_on_the_half_that_nothing_was_chosen_on() -> None:
    _, kept = stories.curves()
    (rate,) = (rate for rate in kept if rate.threshold == group.LINK)
    assert rate.precision >= 0.95
    assert rate.recall >= 0.5


def test_the_threshold_is_the_first_that_is_right_in_four_of_five_where_it_was_chosen() -> None:
    learnt, _ = stories.curves()
    assert next(rate.threshold for rate in learnt if rate.precision >= 0.8) == group.LINK


def test_articles_of_different_stories_are_not_joined() -> None:
    links = stories.unrelated_links()
    assert len(links) > 5_000
    assert max(links) < group.LINK
