from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.numbers import changed_number

CHANGED = [
    ("Quake: 15 dead in Caracas", "Quake: 12 dead in Caracas", "15", "en"),
    ("Death toll rises to 15", "Blast kills 12 at refinery", "15", "en"),
    ("1,500 evacuated", "1.200 evacuated", "1500", "en"),
    ("Число погибших выросло до 20", "Погибли 18 человек", "20", "ru"),
    ("Oil falls 4.5 percent", "Oil falls 3 percent", "4.5", "en"),
    ("Zahl der Toten steigt auf 15", "12 Tote nach Explosion", "15", "de"),
    ("Inflation at 12 % again", "Inflation at 9 %", "12", "en"),
    ("Five dead in Caracas blast", "Three dead in Caracas blast", "5", "en"),
    ("12 dead in Caracas blast", "Three dead in Caracas blast", "12", "en"),
    ("Quince muertos en Amuay", "Doce muertos en Amuay", "15", "es"),
    ("12人死亡", "8人死亡", "12", "zh"),
    ("委内瑞拉炼油厂爆炸致15人死亡", "委内瑞拉炼油厂爆炸已致12人死亡", "15", "zh"),
    ("爆発で15人死亡", "爆発で12人死亡", "15", "ja"),
    ("폭발로 15명 사망", "폭발로 12명 사망", "15", "ko"),
    ("مقتل ١٥ شخصا في انفجار", "مقتل ١٢ شخصا في انفجار", "15", "ar"),
    ("ارتفاع عدد القتلى إلى 15", "مقتل 12 في انفجار", "15", "ar"),
    ("Damage put at $1.5M", "Damage put at $1.2M", "1500000", "en"),
    ("Damage put at $1.5 million", "Damage put at $1.2 million", "1500000", "en"),
    ("12,5 mil evacuados", "12 mil evacuados", "12500", "es"),
    ("12 mil 500 evacuados", "12 mil evacuados", "12500", "es"),
    ("Venezuela frees 80 prisoners", "Venezuela frees 50 political prisoners", "80", "en"),
    ("Government says 80 prisoners released", "Government frees 50", "80", "en"),
    ("Opposition wins 62 seats", "Opposition wins 50 seats", "62", "en"),
    ("Blast kills 15 and injures 30", "Blast kills 12 and injures 30", "15", "en"),
    ("Blast kills 12 and injures 40", "Blast kills 12 and injures 30", "40", "en"),
    ("15 workers die in refinery explosion", "12 dead in blast", "15", "en"),
    ("Al menos 20 muertos", "Al menos 12 muertos", "20", "es"),
    ("Death toll from Amuay refinery blast rises to 15", "Blast kills 12", "15", "en"),
    ("3.000 Menschen evakuiert", "2.000 Menschen evakuiert", "3000", "de"),
    ("3000 muertos", "2000 muertos", "3000", "es"),
    ("1.3 مليون نازح", "1.1 مليون نازح", "1300000", "ar"),
    ("死者120万人", "死者100万人", "1200000", "ja"),
    ("Trece heridos", "12 heridos", "13", "es"),
    ("Погибли пятеро", "Погибли трое", "5", "ru"),
    ("Число жертв возросло до 1 240", "Число жертв возросло до 1 203", "1240", "ru"),
    ("Gasoline at 5 bolívares", "Gasoline at 4.50 bolívares", "5", "en"),
    ("Inflación sube 12 por ciento", "Inflación sube 9 %", "12", "es"),
    ("Oil at $75", "Oil at $72", "75", "en"),
    ("Flight 447: 228 dead", "Flight 447: 220 dead", "228", "en"),
    ("Ascienden a 1.943 los muertos", "Muertos: 1.719", "1943", "es"),
    ("US offers $50M for Maduro", "US offers $25 million for Maduro", "50000000", "en"),
]
UNCHANGED = [
    ("Game 4: Leones win", "Game 3: Leones win", "en"),
    ("UPDATE 3: Oil falls", "UPDATE 2: Oil falls", "en"),
    ("Oil falls on 24 hours of talks", "Oil falls on 12 hours of talks", "en"),
    ("Quake: 12 dead in Caracas", "Quake: 12 dead in Caracas", "en"),
    ("Blast kills 12 at refinery", "Quake of 6.2 hits Caracas", "en"),
    ("Elections in 2026", "Elections in 2025", "en"),
    ("Refinery burns", "Blast kills 12 at refinery", "en"),
    ("Blast kills 12 at refinery", "Refinery burns", "en"),
    ("Repairs cost $30", "Blast kills 12", "en"),
    ("GPT5 is here", "GPT4 is here", "en"),
    ("Wave of 3rd kind", "Wave of 2nd kind", "en"),
    ("Caracas strike on Nov 4", "Caracas strike on Nov 3", "en"),
    ("Paro en Caracas el 4 de noviembre", "Paro en Caracas el 3 de noviembre", "es"),
    ("Забастовка 4 ноября в Каракасе", "Забастовка 3 ноября в Каракасе", "ru"),
    ("Streik am 4. November", "Streik am 3. November", "de"),
    ("11月4日罢工", "11月3日罢工", "zh"),
    ("Strike on 4/11", "Strike on 3/11", "en"),
    ("Paro 04.11.2026", "Paro 03.11.2026", "es"),
    ("Real Madrid beats Caracas 3-1", "Real Madrid beats Caracas 2-1", "en"),
    ("Caracas 3:1 Táchira", "Caracas 2:1 Táchira", "es"),
    ("Vinotinto gana 3 - 1", "Vinotinto gana 2 - 1", "es"),
    ("Vinotinto gana 3–1", "Vinotinto gana 2–1", "es"),
    ("Blackout at 10:30", "Blackout at 9:15", "en"),
    ("Apagón a las 21h00", "Apagón a las 20h00", "es"),
    ("Streik ab 10 Uhr", "Streik ab 9 Uhr", "de"),
    ("Protest at 5 pm", "Protest at 4 pm", "en"),
    ("Day 4 of Caracas blackout", "Day 3 of Caracas blackout", "en"),
    ("Blackout enters 72 hours", "Blackout enters 48 hours", "en"),
    ("24/7 Live", "10/7 Live", "en"),
    ("34-year-old man dies in blast", "12 die in blast", "en"),
    ("Man, 34, dies in blast", "12 die in blast", "en"),
    ("5 things to know about Caracas blast", "12 dead in Caracas blast", "en"),
    ("Police arrest 30 after blast", "Blast kills 12", "en"),
    ("3 arrested after blast", "12 dead after blast", "en"),
    ("At least 3 arrested", "At least 12 dead", "en"),
    ("Two men arrested over Caracas blast", "12 dead in Caracas blast", "en"),
    ("Caracas: 3 theories", "Caracas: 12 dead", "en"),
    ("COVID-19 in Caracas", "Three dead in Caracas", "en"),
    ("Boeing 737 lands", "Boeing 747 lands", "en"),
    ("Article 350 invoked", "Article 333 invoked", "en"),
    ("Blast: 1.2 million without power", "Blast: 1,200,000 without power", "en"),
    ("12 mil evacuados", "12.000 evacuados", "es"),
    ("12.500 evacuados", "12 mil 500 evacuados", "es"),
    ("1 200 evacuated", "1,200 evacuated", "en"),
    ("1'200 evakuiert", "1.200 evakuiert", "de"),
    ("Three dead in blast", "3 dead in blast", "en"),
    ("1,200 dead", "1,203 dead", "en"),
    ("Inflation at 4.5 %", "Inflation at 4.48 %", "en"),
    ("Season 2025/26 begins", "Season 2024/25 begins", "en"),
    ("2. Tag der Proteste", "3. Tag der Proteste", "de"),
    ("Top 5 des villes", "Top 10 des villes", "fr"),
    ("Los 7 muertos de Amuay: quiénes eran", "7 muertos en Amuay", "es"),
    ("Sismo de 6,2 sacude Caracas", "Sismo de 6.2 sacude Caracas", "es"),
    ("百里的12年", "百里的13年", "zh"),
    ("第3次罢工", "第2次罢工", "zh"),
    ("Prices in No. 3 region", "Prices in No. 2 region", "en"),
    ("#3 Maduro", "#2 Maduro", "en"),
    ("Version 2.0.1 out", "Version 2.0.0 out", "en"),
    ("Die 15 besten Bilder", "12 Tote", "de"),
    ("US sends 2 more ships", "Blast kills 12", "en"),
    ("G-20 meets", "G-7 meets", "en"),
    ("iPhone 16 sales", "iPhone 15 profits", "en"),
    ("Resolución 2334 de la ONU", "Resolución 2231 de la ONU", "es"),
    ("March 3 rally", "March 2 rally", "en"),
    ("3 March rally", "2 March rally", "en"),
    ("¡12.000 evacuados!", "12 000 evacuados", "es"),
    ("12k evacuated", "12,000 evacuated", "en"),
]


@pytest.mark.parametrize(("now", "before", "number", "language"), CHANGED)
def test_a_number_that_takes_the_place_of_another_is_a_change(
    now: str, before: str, number: str, language: str
) -> None:
    assert changed_number(now, [before], language) == number


@pytest.mark.parametrize(("now", "before", "language"), UNCHANGED)
def test_the_same_number_a_day_a_score_or_a_count_of_something_else_is_none(
    now: str, before: str, language: str
) -> None:
    assert changed_number(now, [before], language) == ""
    assert changed_number(before, [before], language) == ""


def test_a_word_is_a_number_only_where_the_language_is_known() -> None:
    assert changed_number("Once muertos", ["Dos muertos"], "es") == "11"
    assert changed_number("Once dead, always dead", ["Two dead"], "en") == ""
    assert changed_number("Cinco muertos", ["Dos muertos"]) == ""


def test_a_late_copy_of_the_old_headline_brings_no_change() -> None:
    assert changed_number("Blast kills 12", ["Blast kills 12", "Blast kills 15"]) == ""


def test_a_number_of_a_thousand_digits_is_none() -> None:
    endless = "9" * 1_000
    assert changed_number(f"{endless} dead", ["12 dead"]) == ""
    assert changed_number("15 dead", [f"{endless} dead", "12 dead"]) == "15"
    assert changed_number("1,5 mil" + " million" * 20, ["12 million"]) == ""


def test_a_table_of_numbers_costs_no_more_than_its_beginning() -> None:
    seats, votes = (
        " ".join(f"{digit}{n} {word}" for n in range(1_000)) for digit, word in ((1, "seats"), (9, "votes"))
    )
    began = time.process_time()
    assert changed_number(seats, [votes]) == ""
    assert time.process_time() - began < 0.5


def test_without_earlier_headlines_nothing_changes() -> None:
    assert changed_number("Blast kills 12", []) == ""


headlines = st.text(max_size=60) | st.text(alphabet="0123456789., -:/%$kmdea十人月", max_size=30)


@given(headlines, st.lists(headlines, max_size=4), st.sampled_from(["", "en", "es", "ru", "xx"]))
def test_any_headline_is_taken_and_one_that_was_there_is_no_change(
    headline: str, earlier: list[str], language: str
) -> None:
    changed_number(headline, earlier, language)
    assert changed_number(headline, [*earlier, headline], language) == ""
