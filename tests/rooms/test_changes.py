"""What of a page's changes is told, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.articles.changes import Spans, compare, numbers, sentences, text_of, worth_telling
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


SCHOLZ = (
    "Maduro telefonierte mit Bundeskanzler Olaf Scholz. Später sprach Scholz mit der Presse im Palast.\n"
    "Oppositionsführer Friedrich Merz schwieg dazu den ganzen Tag im Hotel."
)


def test_a_german_surname_that_was_introduced_with_its_first_name_is_a_name_alone() -> None:
    change = told(SCHOLZ, SCHOLZ.replace("sprach Scholz", "sprach Merz"), lang="de")
    assert change is not None
    assert "sprach Merz" in change.lines[0]


@pytest.mark.parametrize(("was", "now"), [("im Palast", "im Hotel"), ("der Presse", "den Medien"), ("Später", "Dann")])
def test_a_german_noun_beside_such_names_is_still_none(was: str, now: str) -> None:
    assert told(SCHOLZ, SCHOLZ.replace(was, now), lang="de") is None


def test_a_names_genitive_is_the_same_name() -> None:
    old = "Maduro thanked the envoy of Ana Torres for the bread."
    assert told(old, old.replace("the envoy of Ana Torres", "Ana Torres's envoy")) is None


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


def test_a_correction_is_told_with_what_is_right() -> None:
    said = "Correction: an earlier version said that the pier had been torn down. It stands, Maduro said."
    change = told(BODY, f"{BODY}\n{said}")
    assert change == Change(kind="corrected", lines=(f"“{said}”",))


def test_a_correction_below_a_heading_is_told_with_it() -> None:
    change = told(BODY, f"{BODY}\nCorrection\nThe pier was built in 1958, and not by Maduro.\nAnother line.")
    assert change == Change(kind="corrected", lines=("“Correction The pier was built in 1958, and not by Maduro.”",))
    change = told(f"{BODY}\nAn old line.", f"{BODY}\nCorrection appended\nAn old line.")
    assert change == Change(kind="corrected", lines=("“Correction appended”",))


def captioned(*captions: str, body: str = BODY) -> Page:
    return replace(page(body), captions=captions)


def marks(of: Page) -> Spans:
    return hits(text_of(of))


@pytest.mark.parametrize(
    ("was", "now", "tells"),
    [
        ("Maduro and 3 envoys on Monday", "Maduro and 9 envoys on Monday", True),
        ("The pier of Guanta in May", "Correction: an earlier caption named the wrong pier.", True),
        ("Maduro at the pier", "A crane in the evening sun", False),
        ("A crane in the evening sun", "Maduro waves to the band", False),
        ("A crane and 3 boats", "A crane and 9 boats", False),
    ],
)
def test_a_caption_that_is_reworded_counts_and_another_picture_does_not(was: str, now: str, *, tells: bool) -> None:
    old, new = captioned(was), captioned(now)
    assert (worth_telling(compare(old, new), marks(old), marks(new)) is not None) == tells


def test_a_caption_whose_hit_stands_nowhere_else_is_told() -> None:
    body = BODY.replace("Maduro", "The president")
    old, new = captioned("A crane", body=body), captioned("Maduro waves to the band", body=body)
    for one, other in ((old, new), (new, old)):
        assert worth_telling(compare(one, other), marks(one), marks(other)) is not None


def test_a_caption_that_an_extractor_takes_for_a_paragraph_this_time_is_no_change() -> None:
    old, new = captioned("Maduro waves to the band. It plays."), page(f"{BODY}\nMaduro waves to the band. It plays.")
    assert compare(old, new).same
    assert compare(new, old).same


def test_another_page_in_its_place_shares_hardly_anything_with_it() -> None:
    other = "The shop is open from nine to five.\nBooks are on the left, and bread is on the right."
    assert compare(page(BODY), page(other, "Welcome to our shop")).another
    assert not compare(page(BODY), page(f"{BODY}\n{other}", "Welcome to our shop")).another
    assert not compare(page(BODY), page(other)).another


@pytest.mark.parametrize(
    "stamp",
    [
        "Updated 14:05 GMT.",
        "Last updated on Nov. 3, 2026 at 2:05 p.m.",
        "Stand: 3. November 2026, 14:05 Uhr.",
        "Обновлено: 14:05.",
        "1,205 people are reading this now.",
    ],
)
def test_a_line_about_the_page_is_no_change_even_if_it_ends_like_a_sentence(stamp: str) -> None:
    later = stamp.replace("5", "7")
    assert told(f"{stamp}\n{BODY}", f"{later}\n{BODY}") is None


@pytest.mark.parametrize(
    "line", ["Update 14:05: 12 dead in Caracas.", "The blast came at 14:05.", "Published: 12 dead."]
)
def test_a_line_with_another_number_than_a_time_is_a_change(line: str) -> None:
    assert told(f"{line}\n{BODY}", f"{line.replace('5', '7').replace('12', '15')}\n{BODY}") is not None


ASKS = "Subscribe to read on. One month is free, then it costs 5 a week, and you may leave whenever you like."


@pytest.mark.parametrize("asks", ["", f"\n{ASKS}", f"\nThe council of district A spoke about the har\n{ASKS}"])
def test_a_wall_that_asks_for_money_says_nothing_new(asks: str) -> None:
    assert told(BODY, f"Maduro met the envoy in Caracas on Monday.{asks}") is None


@pytest.mark.parametrize(
    "instead",
    [
        LEAD.replace("3 hours", "9 hours"),
        "This article has been withdrawn.",
        f"{LEAD} "
        + " ".join(f"Then the minister spoke for hours about the price of {n} and of bread." for n in "abcde"),
    ],
)
def test_a_shorter_text_that_says_something_new_was_not_cut(instead: str) -> None:
    assert not compare(page(BODY), page(instead)).cut


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
        "Correction, Nov. 3, 2026: The number was wrong.",
        "(Correction) It was nine.",
        "Correction appended",
        "An earlier version misidentified the minister.",
        "This piece was updated to correct an error.",
        "Nota de corrección: la cifra era otra.",
        "Esta nota fue corregida.",
        "Por error, en una versión anterior se dijo otra cosa.",
        "Korrekturhinweis: Die Zahl war falsch.",
        "In einer ersten Fassung dieses Artikels stand eine andere Zahl.",
        "Contrairement à ce que nous écrivions, le pont est ouvert.",
        "Diferentemente do informado, a ponte está aberta.",
        "В первой версии заметки было указано другое число.",
        "Уточнено: мост открыт.",
        "Виправлено: міст відкрито.",
        "【訂正】数字が違いました。",
        "[정정] 숫자가 틀렸습니다.",
        "Corectare: numărul era greșit.",
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
        "Correction, he said, was needed.",
        "In einer ersten Fassung des Gesetzes stand das nicht.",
        "Исправлено 12 ошибок.",
        "The minister corrected himself: there were nine.",
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
