import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.text.fold import fold

ASSIGNED = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in {"Cn", "Co", "Cs"}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NICOLÁS", "Nicolas"),
        ("Nicola\u0301s", "Nicolás"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("Ærø Þórr Œuvre", "aero thorr oeuvre"),
        ("DIYARBAKIR", "Diyarbakır"),
        ("İstanbul", "istanbul"),
        ("Ёлка", "елка"),
        ("Украи́на", "украина"),
        ("ΒΕΝΕΖΟΥΈΛΑ", "βενεζουελα"),
        ("Ὀδυσσεύς", "οδυσσεύΣ"),
        ("فَنْزُوِيلَا", "فنزويلا"),
        ("أوباما إيران آسيا", "اوباما ايران اسيا"),
        ("فنـــزويلا", "فنزويلا"),
        ("کی", "كي"),
        ("حكومة", "حكومه"),
        ("שָׁלוֹם", "שלום"),
        ("٢٠٢٥ ۲۰۲۵ २०२५ ２０２５", "2025 2025 2025 2025"),
        ("Ｍａｄｕｒｏ", "maduro"),
        ("ｶﾞﾏ", "ガマ"),
        ("Mad\u00aduro Vene\u200bzuela", "maduro venezuela"),
        ("O’Brien Oʼbrien O`Brien", "o'brien o'brien o'brien"),
        ("COVID‐19 COVID‑19 COVID–19", "covid-19 covid-19 covid-19"),
        ("ﬁnal ĳ", "final ij"),
    ],
)
def test_what_a_reader_takes_for_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("май", "маи"),
        ("їжак", "ижак"),
        ("ガマ", "カマ"),
        ("कि", "क"),
        ("น้ำ", "นำ"),
        ("ñandu", "mandu"),
        ("Киев", "Київ"),
    ],
)
def test_letters_of_their_own_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("sign", ["™", "½", "ﷺ", "€"])
def test_a_sign_that_would_become_letters_or_words_stays(sign: str) -> None:
    assert fold("Venezuela" + sign) == "venezuela" + sign


def test_folding_any_character_twice_changes_nothing_more() -> None:
    assert [c for c in ASSIGNED if fold(fold(c)) != fold(c)] == []


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_each_line_folds_by_itself(one: str, other: str) -> None:
    assert fold(f"{one}\n{other}") == f"{fold(one)}\n{fold(other)}"


@given(st.text(st.sampled_from("aи\u0301\u0316\u0344\u0306\u0f73\u0e38\u0e48\u093cﾞ\u3099か\u034f"), min_size=60))
def test_a_long_run_of_marks_folds_as_a_short_one(text: str) -> None:
    plain = unicodedata.normalize("NFC", text)
    assert fold(text) == fold(plain) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u0e48\u0e38", "\u0f73", "ﾞ\u093c", "\u05b0\u05bc\u0591"])
def test_a_megabyte_of_marks_folds_in_a_moment(marks: str) -> None:
    """unicodedata alone would take minutes for the first two."""
    text = "a" + marks * (500_000 // len(marks))
    started = time.process_time()
    assert fold(fold(text)) == fold(text)
    assert time.process_time() - started < 10


@given(st.text(st.sampled_from("aeiouñиеї\u0301\u0308\u0306\u0323\u3099かカक\u093cأاوي\u0654가ᄀ ᅡ'\u200d")))
def test_composition_makes_no_difference(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)
