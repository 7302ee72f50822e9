import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.text.fold import fold
from feedwatch.text.tokens import tokenize
from feedwatch.watches.forms import all_forms, forms, own_letters, stem

LETTERS = {
    "Latin": "abcdefghijklmnopqrstuvwxyz",
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґў",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשתםןךףץ",
    "Hangul": "가나다라마바사아자차카타파하각난달람맙삿앙트럼프",
}
LANGUAGES = ["", "ru", "uk", "be", "bg", "mk", "sr", "cs", "sk", "pl", "hr", "bs", "sl", "lt", "lv", "fi", "et", "hu"]
LANGUAGES += [
    "de",
    "nl",
    "sv",
    "da",
    "nb",
    "nn",
    "no",
    "el",
    "ar",
    "fa",
    "he",
    "ko",
    "en",
    "es",
    "fr",
    "pt",
    "it",
    "zh",
]
languages = st.sampled_from(LANGUAGES)
one_script = st.sampled_from(sorted(LETTERS)).flatmap(
    lambda script: st.text(st.sampled_from(LETTERS[script]), min_size=1)
)
any_token = one_script | st.text(min_size=1, max_size=12).map(fold).filter(bool)


def as_token(word: str) -> str:
    (token,) = tokenize(word).tokens
    return token


@pytest.mark.parametrize(
    ("language", "word", "written"),
    [
        ("ru", "Венесуэла", "Венесуэлы Венесуэле Венесуэлу Венесуэлой"),
        ("ru", "Зеленский", "Зеленского Зеленскому Зеленским Зеленском"),
        ("ru", "Россия", "России Россию Россией"),
        ("ru", "Путин", "Путина Путину Путиным Путине"),
        ("ru", "Израиль", "Израиля Израилю Израилем Израиле"),
        ("ru", "Китай", "Китая Китаю Китаем Китае"),
        ("ru", "Павел", "Павла Павлу Павлом"),
        ("ru", "Филиппины", "Филиппин Филиппинам Филиппинами Филиппинах"),
        ("ru", "Северная", "Северной Северную"),
        ("uk", "Київ", "Києва Києву Києвом Києві"),
        ("uk", "Харків", "Харкова Харкову Харковом Харкові"),
        ("uk", "Україна", "України Україні Україну Україною"),
        ("uk", "Америка", "Америці Америки"),
        ("uk", "Порошенко", "Порошенка Порошенку Порошенком"),
        ("be", "Лукашэнка", "Лукашэнкі Лукашэнку Лукашэнкам"),
        ("bg", "съюз", "съюзът съюза"),
        ("sr", "Мадуро", "Мадура Мадуру Мадуром"),
        ("sr", "Америка", "Америке Америци Америку Америком"),
        ("hr", "Maduro", "Madura Maduru Madurom"),
        ("hr", "Berlusconi", "Berlusconija Berlusconiju"),
        ("cs", "Praha", "Prahy Praze Prahu Prahou"),
        ("cs", "Maduro", "Madura Madurovi Madurem"),
        ("cs", "Trump", "Trumpa Trumpovi Trumpem Trumpova"),
        ("cs", "Marek", "Marka Markovi Markem"),
        ("cs", "Pardubice", "Pardubic Pardubicích"),
        ("sk", "Fico", "Fica Ficovi Ficom"),
        ("pl", "Ukraina", "Ukrainy Ukrainie Ukrainę Ukrainą"),
        ("pl", "Warszawa", "Warszawy Warszawie Warszawę"),
        ("pl", "Polska", "Polski Polsce Polskę"),
        ("pl", "Trump", "Trumpa Trumpowi Trumpem Trumpie"),
        ("pl", "Marek", "Marka Markowi Markiem"),
        ("pl", "Poznań", "Poznania Poznaniu"),
        ("pl", "Niemcy", "Niemiec Niemczech"),
        ("pl", "Indie", "Indii Indiach"),
        ("sl", "Slovenija", "Slovenije Sloveniji Slovenijo"),
        ("lt", "Trumpas", "Trumpo Trumpui Trumpą Trumpu"),
        ("lt", "Vilnius", "Vilniaus Vilniuje Vilnių"),
        ("lt", "Biden", "Bidenas Bideno"),
        ("lv", "Krievija", "Krievijas Krievijai Krieviju Krievijā"),
        ("lv", "Tramps", "Trampa Trampam Trampu"),
        ("fi", "Venezuela", "Venezuelan Venezuelassa Venezuelaan Venezuelasta"),
        ("fi", "Helsinki", "Helsingin Helsingissä Helsinkiin"),
        ("fi", "Trump", "Trumpin Trumpia Trumpille"),
        ("fi", "Suomi", "Suomen Suomessa Suomeen"),
        ("fi", "Virtanen", "Virtasen Virtasta Virtaselle"),
        ("fi", "Yhdysvallat", "Yhdysvaltain Yhdysvaltojen Yhdysvalloissa"),
        ("et", "Tallinn", "Tallinna Tallinnas Tallinnast"),
        ("et", "Trump", "Trumpi Trumpile Trumpiga"),
        ("hu", "Venezuela", "Venezuelában Venezuelát Venezuelával Venezuelából"),
        ("hu", "Trump", "Trumppal Trumpot Trumpnak"),
        ("hu", "Párizs", "Párizzsal Párizsban"),
        ("hu", "Budapest", "Budapesten Budapestről"),
        ("hu", "Barbados", "Barbadosszal Barbadosról"),
        ("hr", "Peru", "Perua Peruu"),
        ("sk", "Cyprus", "Cypru Cyprom"),
        ("et", "Ühendriigid", "Ühendriikide Ühendriikides"),
        ("uk", "Захід", "Заходу Заході"),
        ("de", "Maduro", "Maduros"),
        ("de", "Kreuz", "Kreuzes"),
        ("de", "Vereinigte", "Vereinigten"),
        ("de", "Deutsche", "Deutschen"),
        ("de", "Rotes", "Roten Rote"),
        ("sv", "Sverige", "Sveriges"),
        ("nl", "Trump", "Trumps"),
        ("el", "Βενεζουέλα", "Βενεζουέλας"),
        ("el", "Κύπρος", "Κύπρου Κύπρο"),
        ("el", "Μητσοτάκης", "Μητσοτάκη"),
        ("el", "Λονδίνο", "Λονδίνου"),
        ("ar", "فنزويلا", "وفنزويلا بفنزويلا لفنزويلا وبفنزويلا"),
        ("ar", "الصين", "والصين بالصين للصين وللصين"),
        ("ar", "اللغة", "للغة وللغة"),
        ("ar", "عراق", "العراق للعراق بالعراق"),
        ("he", "טראמפ", "לטראמפ וטראמפ שטראמפ"),
        ("cs", "Brno", "Brna Brně Brnu"),
        ("pl", "Emiraty", "Emiratów Emiratach"),
        ("ko", "트럼프", "트럼프는 트럼프가 트럼프를 트럼프의 트럼프와 트럼프에게 트럼프로부터"),
        ("ko", "미국", "미국은 미국이 미국을 미국과 미국으로 미국에서는"),
        ("ko", "서울", "서울로 서울에서"),
    ],
)
def test_a_name_is_found_in_its_cases(language: str, word: str, written: str) -> None:
    found = forms(as_token(word), language)
    assert [form for form in written.split() if as_token(form) not in found] == []


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [
        ("ru", "Киев", "киевский"),
        ("ru", "Мадуро", "Мадура"),
        ("ru", "Иван", "Иванов"),
        ("uk", "Україна", "українець"),
        ("ko", "트럼프", "트럼프월드"),
        ("ko", "한국", "한국인"),
        ("en", "Maduro", "Maduros"),
        ("es", "Maduro", "Maduros"),
        ("tr", "Venezuela", "Venezuelada"),
        ("", "Praha", "Prahy"),
        ("hu", "Budapest", "budapesti"),
        ("fa", "ایران", "وایران"),
        ("de", "Madrid", "Madrider"),
        ("de", "Hesse", "Hessen"),
        ("pl", "Polska", "polskie"),
        ("pl", "Niger", "Nigeria"),
        ("pl", "Panama", "panami"),
        ("cs", "Německo", "německé"),
        ("cs", "Čína", "činí"),
        ("nl", "Nederland", "Nederlands"),
        ("ru", "Самоа", "самое"),
        ("he", "יוון", "כיוון"),
        ("sv", "Paris", "Pariss"),
        ("cs", "U2", "U2a"),
        ("ru", "ЕС", "ЕСа"),
    ],
)
def test_another_word_is_no_form(language: str, word: str, other: str) -> None:
    assert as_token(other) not in forms(as_token(word), language)


@pytest.mark.parametrize("word", ["Киев", "Ελλάδα", "فنزويلا", "트럼프"])
def test_words_of_their_own_script_take_its_forms_in_any_language(word: str) -> None:
    assert forms(as_token(word), "en") == forms(as_token(word), "") != {as_token(word)}


def test_german_keeps_its_own_letters() -> None:
    assert own_letters("de") == "äöü"
    assert {own_letters(language) for language in LANGUAGES if language != "de"} == {""}


@given(any_token, languages)
def test_a_token_is_a_form_of_itself(token: str, language: str) -> None:
    assert token in forms(token, language) <= all_forms(token)


@given(any_token, languages)
def test_forms_are_few(token: str, language: str) -> None:
    assert len(forms(token, language)) <= 200
    assert len(all_forms(token)) <= 400


@given(any_token)
def test_all_forms_begin_with_the_stem(token: str) -> None:
    assert all(form.startswith(stem(token)) for form in all_forms(token))
    assert not stem(token) or len(stem(token)) >= 3


@given(st.sampled_from(sorted(LETTERS)), st.data(), languages)
def test_no_form_is_of_another_script(script: str, data: st.DataObject, language: str) -> None:
    token = data.draw(st.text(st.sampled_from(LETTERS[script]), min_size=1))
    letters = regex.compile(rf"\p{{{script}}}+")
    assert [form for form in forms(token, language) if not letters.fullmatch(form)] == []


@given(one_script)
def test_every_form_is_one_folded_token(token: str) -> None:
    assert [form for form in all_forms(token) if tokenize(form).tokens != (form,)] == []


@given(any_token, languages)
def test_a_token_with_a_digit_takes_no_form(token: str, language: str) -> None:
    assert forms(token + "1", language) == {token + "1"}


@given(
    st.text(st.sampled_from("".join(LETTERS[script] for script in sorted(LETTERS) if script != "Hangul")), max_size=2)
)
def test_two_letters_take_no_form(token: str) -> None:
    assert all_forms(token) == {token}


def test_forms_of_a_thousand_words_are_made_in_a_moment() -> None:
    started = time.process_time()
    for i in range(1000):
        stem(f"venezuel{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}a")
    assert time.process_time() - started < 1
