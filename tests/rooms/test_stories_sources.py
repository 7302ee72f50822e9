from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.sources import Report, credited, independent

REST = "The council met on Tuesday and spoke at length about the harbour.\n" * 6

CREDITS = [
    ("CARACAS, Nov 3 (Reuters) - The president said.\n" + REST, ("Reuters",)),
    ("CARACAS (AFP) – The president said.\n" + REST, ("AFP",)),
    ("BERLIN (dpa/bb) - Der Hafen.\n" + REST, ("dpa",)),
    ("МОСКВА, 25 мая. /ТАСС/. Мост открыт.\n" + REST, ("TASS",)),
    ("МОСКВА, 25 мая - РИА Новости. Мост открыт.\n" + REST, ("RIA Novosti",)),
    ("北京（新华社）— 港口\n" + REST, ("Xinhua",)),
    ("Caracas, 3 nov (EFE).- El presidente\n" + REST, ("EFE",)),
    ("AP — the harbour.\n" + REST, ("AP",)),
    ("By The Associated Press\n" + REST, ("AP",)),
    (REST + "with AFP, Reuters", ("AFP", "Reuters")),
    (REST + "(Reuters)", ("Reuters",)),
    (REST + "Agencias", ("agencies",)),
    (REST + "dpa/AFP", ("dpa", "AFP")),
    (REST + "Con información de EFE y AFP", ("EFE", "AFP")),
    (REST + "Mit Material von dpa und AFP", ("dpa", "AFP")),
    (REST + "Quelle: ntv.de, ino/AFP/dpa", ("AFP", "dpa")),
    (REST + "Источник: Интерфакс", ("Interfax",)),
    (REST + "Le Monde avec AFP", ("AFP",)),
    (REST + "He left. -with AAP", ("AAP",)),
    (REST + "Agencias / Redacción", ("agencies",)),
    (REST + "(with inputs from ANI)", ("ANI",)),
    ("Redacción / EFE\n" + REST, ("EFE",)),
]
NO_CREDITS = [
    "Reuters reported on Tuesday that the harbour is closed.\n" + REST,
    "He told the Associated Press (AP) on Tuesday that it is over.\n" + REST,
    REST + "He told the Associated Press that it is over.",
    REST + "He gave an interview with Reuters.",
    REST + "It was read by AFP.",
    REST + "The council works with agencies.",
    REST + "Sie sprach mit Petra",
    REST + "Foto: dpa",
    REST + "Photo by AP",
    "",
]


@pytest.mark.parametrize(("body", "agencies"), CREDITS)
def test_a_credit_line_names_its_agencies(body: str, agencies: tuple[str, ...]) -> None:
    assert credited(body) == agencies


@pytest.mark.parametrize("body", NO_CREDITS)
def test_an_agency_in_a_sentence_or_under_a_picture_is_no_credit(body: str) -> None:
    assert credited(body) == ()


@pytest.mark.parametrize(
    ("author", "agencies"), [("Reuters", ("Reuters",)), ("By AFP", ("AFP",)), ("dpa, AFP", ("dpa", "AFP")), ("Ann", ())]
)
def test_an_author_may_be_an_agency(author: str, agencies: tuple[str, ...]) -> None:
    assert credited(REST, [author]) == agencies


@given(st.text(max_size=400))
def test_any_text_is_taken(body: str) -> None:
    credited(body)


def report(outlet: str, text: int, *agencies: str) -> Report:
    return Report(outlet=outlet, text=text, credits=agencies)


def test_copies_of_one_agencys_text_are_one_source_though_only_one_names_it() -> None:
    copies = [report("Courier", 1, "AFP"), report("Herald", 1), report("Gazette", 1)]
    assert independent(copies) == ("AFP",)


def test_two_texts_of_one_agency_are_one_source() -> None:
    assert independent([report("Courier", 1, "AFP"), report("Herald", 2, "AFP")]) == ("AFP",)


def test_an_outlet_with_a_text_of_its_own_is_a_source() -> None:
    assert independent([report("Courier", 1, "AFP"), report("Standard", 2)]) == ("AFP", "Standard")


def test_copies_without_a_credit_are_the_outlets_that_had_the_text_first() -> None:
    assert independent([report("Courier", 1), report("Herald", 1)]) == ("Courier",)


def test_a_credit_without_a_name_is_a_source_only_where_nobody_is_named() -> None:
    assert independent([report("Courier", 1, "agencies"), report("Herald", 2, "AFP")]) == ("AFP",)
    assert independent([report("Courier", 1, "agencies")]) == ("agencies",)


def test_nobody_has_no_source() -> None:
    assert independent([]) == ()
