"""The gate of what is found and what leaks, on all annotated pages, on each half; plain trafilatura beside it."""

from __future__ import annotations

import os
from functools import cache

import pytest

from bench import zones

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not zones.CORPUS.is_dir(), reason=f"no corpus at {zones.CORPUS}"),
    pytest.mark.skipif(os.environ.get("FULL") != "1", reason="takes a minute: make corpus"),
    pytest.mark.timeout(900),
]


@cache
def score(reader: str, half: str) -> zones.Score:
    pages = [row for row in zones.rows() if zones.HALVES[half](row)]
    return zones.score(pages, read(reader), zones.body)


@cache
def read(reader: str) -> dict[str, zones.Read]:
    return zones.read_all(reader, zones.rows())


@pytest.mark.parametrize("half", zones.HALVES)
def test_more_is_found_and_less_leaks_than_with_plain_trafilatura(half: str) -> None:
    ours, plain = score("feedwatch", half), score("trafilatura", half)
    assert ours.found >= plain.found - (0 if half == "all" else 0.003)  # on the other half: two segments of 704
    assert ours.leaked <= plain.leaked - 0.015
    assert ours.f1 >= plain.f1


def test_the_figures_hold_that_the_documents_name() -> None:
    ours = score("feedwatch", "all")
    assert ours.found >= 0.955
    assert ours.leaked <= 0.068


@pytest.mark.parametrize("told", ["title", "date", "author"])
def test_titles_dates_and_authors_agree_at_least_as_often(told: str) -> None:
    assert getattr(score("feedwatch", "all"), told) >= getattr(score("trafilatura", "all"), told)
