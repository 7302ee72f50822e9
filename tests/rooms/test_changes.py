"""What of a page's changes is told, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.articles.changes import Spans, compare, numbers, sentences, worth_telling
from feedwatch.model import Change, Page
from feedwatch.text.corrections import is_correction

LEAD = "Maduro met the envoy in Caracas on Monday. The talks lasted for 3 hours, an aide said."
FILLER = " ".join(f"The council of district {name} spoke about the harbour and its cranes." for name in "ABCDEFGHIJ")
BODY = f"{LEAD}\n{FILLER}\nLater the fishermen of Puerto Azul asked for 40 new boats."


def page(body: str, title: str = "Talks resume", language: str = "en") -> Page:
    return Page(title=title, body=body, language=language)


def hits(body: str, word: str = "Maduro") -> Spans:
    places = [i for i in range(len(body)) if body.startswith(word, i)]
    return tuple((at, at + len(word)) for at in places)


def told(
    old: str, new: str, *, was: str = "Talks resume", now: str = "Talks resume", lang: str = "en"
) -> Change | None:
    diff = compare(page(old, was, lang), page(new, now, lang))
    return worth_telling(diff, hits(old), hits(new))


def test_a_mended_typo_far_below_is_told_to_nobody() -> None:
    assert told(BODY, BODY.replace("fishermen of", "fishers of")) is None


def test_a_number_far_below_without_a_hit_is_told_to_nobody() -> None:
    assert told(BODY, BODY.replace("40 new", "60 new")) is None


def test_a_number_in_the_lead_is_told_with_both_wordings() -> None:
    change = told(BODY, BODY.replace("3 hours", "9 hours"))
    assert change == Change(
        kind="changed",
        lines=("“The talks lasted for 3 hours, an aide said.” → “The talks lasted for 9 hours, an aide said.”",),
    )


def test_a_number_in_words_is_a_number() -> None:
    old = BODY.replace("3 hours", "three hours")
    assert told(old, old.replace("three hours", "nine hours")) is not None


def test_a_name_in_a_sentence_with_a_hit_is_told() -> None:
    old = f"{BODY}\nAt night Maduro thanked Ana Torres for the bread."
    change = told(old, old.replace("Ana Torres", "Eva Prado"))
    assert change is not None
    assert "Eva Prado" in change.lines[0]


def test_a_name_elsewhere_is_told_to_nobody() -> None:
    assert told(BODY, BODY.replace("Puerto Azul", "Puerto Verde")) is None


def test_a_noun_in_german_is_no_name_but_two_in_a_row_are() -> None:
    old = "Maduro traf am Montag die Gesandte im Palast."
    assert told(old, old.replace("Palast", "Hotel"), lang="de") is None
    assert told(old, old.replace("die Gesandte", "Anna Schmidt"), lang="de") is not None


def test_a_reworded_sentence_with_the_same_hit_numbers_and_names_is_told_to_nobody() -> None:
    assert told(BODY, BODY.replace("Maduro met the envoy", "Maduro saw the envoy")) is None


def test_a_hit_that_came_is_told() -> None:
    change = told(BODY, f"{BODY}\nThe boats were promised by Maduro himself.")
    assert change == Change(kind="changed", lines=("new: “The boats were promised by Maduro himself.”",))


def test_a_hit_that_went_is_told() -> None:
    old = f"{BODY}\nThe boats were promised by Maduro himself."
    assert told(old, BODY) == Change(kind="changed", lines=("gone: “The boats were promised by Maduro himself.”",))


def test_another_headline_is_told_and_its_punctuation_is_not() -> None:
    assert told(BODY, BODY, now="Talks collapse") == Change(kind="changed", lines=("headline was “Talks resume”",))
    assert told(BODY, BODY, now="TALKS RESUME!") is None


def test_a_headline_that_was_not_found_this_time_is_no_other_headline() -> None:
    assert told(BODY, BODY, now="") is None


def test_a_correction_is_told_as_one_and_once() -> None:
    said = "Correction: an earlier version of this article gave the wrong harbour."
    change = told(BODY, f"{BODY}\n{said}")
    assert change == Change(kind="corrected", lines=(f"“{said}”",))
    assert told(f"{BODY}\n{said}", f"{BODY}\n{said}") is None


def test_a_sentence_that_moved_is_no_change() -> None:
    first, *rest = BODY.split("\n")
    assert told(BODY, "\n".join([*rest, first])) is None


def test_a_line_that_turned_out_to_be_furniture_is_no_change() -> None:
    box = "Maduro and the 5 oranges: a tale"
    before, after = page(f"{BODY}\n{box}"), replace(page(BODY), teasers=(box,))
    for old, new in ((before, after), (after, before)):
        assert worth_telling(compare(old, new), hits(old.body), hits(new.body)) is None


def test_a_page_that_is_cut_by_a_wall_is_no_change() -> None:
    assert told(BODY, LEAD) is None
    assert compare(page(BODY), page(LEAD)).cut


@pytest.mark.parametrize("stamp", ["Updated 14:05 GMT", "Hace 3 horas", "12 Comments", "5 min read"])
def test_a_line_that_only_says_when_or_how_many_is_no_change(stamp: str) -> None:
    later = stamp.replace("5", "7").replace("3", "4").replace("12", "31")
    assert told(f"{stamp}\n{BODY}", f"{later}\n{BODY}") is None


def test_many_changes_are_counted_and_the_first_are_shown() -> None:
    news = "".join(f"\nIn district {n} they cheered Maduro loudly." for n in range(9))
    change = told(BODY, BODY + news)
    assert change is not None
    assert len(change.lines) == 5
    assert change.lines[-1] == "and 5 more changes"


def test_a_title_before_a_name_ends_no_sentence() -> None:
    assert [each.text for each in sentences("Yesterday Dr. Soto met J. Diaz. They spoke.")] == [
        "Yesterday Dr. Soto met J. Diaz.",
        "They spoke.",
    ]


def test_sentences_without_spaces_are_parted() -> None:
    assert [each.text for each in sentences("今日は晴れ。明日は雨！")] == ["今日は晴れ。", "明日は雨！"]


def test_thousands_are_one_number_however_they_are_parted() -> None:
    assert numbers("1'200 and 1\u00a0200") == ["1200", "1200"]


@pytest.mark.parametrize(
    "sentence",
    [
        "This article has been corrected to say that the bridge stands.",
        "Corrections: the name was wrong.",
        "Editor's note: the figure was changed.",
        "Fe de errores",
        "Una versión anterior de esta nota decía otra cosa.",
        "Berichtigung: Die Zahl war falsch.",
        "In einer früheren Fassung dieses Artikels hieß es, die Brücke sei zu.",
        "Cet article a été corrigé le 3 mai.",
        "ERRAMOS: o texto foi corrigido.",
        "Questo articolo è stato corretto.",
        "В предыдущей версии заметки была ошибка.",
        "تصحيح: الرقم غير صحيح",
        "訂正：数字が違いました。",
        "Oprava: číslo bylo špatně.",
        "Düzeltme: sayı yanlıştı.",
    ],
)
def test_a_correction_is_known_in_many_languages(sentence: str) -> None:
    assert is_correction(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The department of correction opened a new house.",
        "The market saw a correction of 5 percent on Monday, brokers said.",
        "Er wurde gestern gewählt.",
        "La corrección política divide al país.",
    ],
)
def test_an_ordinary_sentence_is_no_correction(sentence: str) -> None:
    assert not is_correction(sentence)


text = st.text(alphabet=st.sampled_from("ab C.!?1 2\n…。á"), max_size=200)


@given(text)
def test_a_text_compared_with_itself_is_the_same(body: str) -> None:
    diff = compare(page(body), page(body))
    assert diff.same
    assert worth_telling(diff, (), ()) is None


@given(text)
def test_sentences_stand_where_they_say(body: str) -> None:
    assert all(body[each.start : each.end] == each.text for each in sentences(body))


@given(text, text)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    change = worth_telling(compare(page(one), page(other)), hits(one, "a"), hits(other, "a"))
    assert change is None or all(change.lines)
