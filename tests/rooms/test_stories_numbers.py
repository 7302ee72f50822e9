from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.numbers import changed_number

CHANGED = [
    ("Quake: 15 dead in Caracas", "Quake: 12 dead in Caracas", "15"),
    ("Death toll rises to 15", "Blast kills 12 at refinery", "15"),
    ("1,500 evacuated", "1.200 evacuated", "1500"),
    ("Число погибших выросло до 20", "Погибли 18 человек", "20"),
    ("Oil falls 4.5 percent", "Oil falls 3 percent", "4.5"),
    ("Zahl der Toten steigt auf 15", "12 Tote nach Explosion", "15"),
    ("Inflation at 12 % again", "Inflation at 9 %", "12"),
]
UNCHANGED = [
    ("Quake: 12 dead in Caracas", "Quake: 12 dead in Caracas"),
    ("Blast kills 12 at refinery", "Quake of 6.2 hits Caracas"),  # another thing is counted
    ("Elections in 2026", "Elections in 2025"),  # a year
    ("Refinery burns", "Blast kills 12 at refinery"),
    ("Blast kills 12 at refinery", "Refinery burns"),
    ("Repairs cost $30", "Blast kills 12"),
    ("GPT5 is here", "GPT4 is here"),  # part of a name
    ("Wave of 3rd kind", "Wave of 2nd kind"),
]


@pytest.mark.parametrize(("now", "before", "number"), CHANGED)
def test_a_number_that_takes_the_place_of_another_is_a_change(now: str, before: str, number: str) -> None:
    assert changed_number(now, [before]) == number


@pytest.mark.parametrize(("now", "before"), UNCHANGED)
def test_the_same_number_or_one_of_something_else_is_none(now: str, before: str) -> None:
    assert changed_number(now, [before]) == ""


def test_a_late_copy_of_the_old_headline_brings_no_change() -> None:
    assert changed_number("Blast kills 12", ["Blast kills 12", "Blast kills 15"]) == ""


def test_without_earlier_headlines_nothing_changes() -> None:
    assert changed_number("Blast kills 12", []) == ""


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_headline_is_taken_and_one_that_was_there_is_no_change(headline: str, earlier: list[str]) -> None:
    changed_number(headline, earlier)
    assert changed_number(headline, [*earlier, headline]) == ""
