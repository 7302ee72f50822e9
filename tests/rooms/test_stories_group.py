from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.group import FEWEST, MOST, Rarity, in_common, likeness, link, mean, same_language, terms, vector

NOTHING_KNOWN = Rarity(stories=0, counts={})

BLAST = terms(
    "Explosion at Amuay refinery kills 12",
    "An explosion at the Amuay refinery killed 12 workers on Tuesday, Governor Victor Alcala of Falcon said.",
)
OTHER_REPORT = terms(
    "12 workers die in Amuay refinery explosion",
    "Twelve workers were killed when a tank exploded at the Amuay refinery, said Governor Alcala. 12 coffins stood by.",
)
VOLLEYBALL = terms(
    "Volleyball: Peru lose in three sets",
    "The captain served four aces in the last set of a match that took seventy minutes in the hall of Rosario.",
)


def known(*told: dict[str, float]) -> Rarity:
    return Rarity(stories=len(told), counts=Counter(term for one in told for term in one))


def test_a_headline_counts_twice_and_a_name_more_than_a_word() -> None:
    found = terms("Amuay burns", "The Amuay refinery burns")
    assert found["^amuay"] == 3.0
    assert found["refin"] == 0.5
    assert found["burns"] == 1.5


def test_numbers_are_terms_of_their_own() -> None:
    assert "#12" in BLAST
    assert "12" not in BLAST


def test_a_short_word_at_the_beginning_of_a_sentence_is_no_name() -> None:
    found = terms("", "At noon the UN met. Be it so.")
    assert "^un" in found
    assert not {"^at", "^be"} & found.keys()


def test_two_characters_of_an_unspaced_script_are_a_term() -> None:
    assert "油厂" in terms("炼油厂爆炸", "")


def test_only_the_beginning_of_a_text_counts() -> None:
    assert "^zanzi" not in terms("", "word " * 200 + "Zanzibar")


@given(st.dictionaries(st.text(max_size=6), st.floats(0.5, 50), min_size=FEWEST, max_size=2 * MOST))
def test_a_vector_has_length_one_and_a_bounded_number_of_terms(found: dict[str, float]) -> None:
    made = vector(found, NOTHING_KNOWN)
    assert len(made) <= MOST
    assert math.isclose(sum(weight**2 for weight in made.values()), 1.0, rel_tol=1e-6)
    assert math.isclose(link(made, made), 1.0, rel_tol=1e-6)


def test_an_article_that_says_too_little_is_like_nothing() -> None:
    assert vector(terms("Rain today", ""), NOTHING_KNOWN) == {}
    assert link({}, vector(BLAST, NOTHING_KNOWN)) == 0.0


def test_another_report_of_the_event_is_likelier_than_another_event() -> None:
    rare = known(BLAST, VOLLEYBALL)
    told = vector(BLAST, known(VOLLEYBALL))
    assert likeness(OTHER_REPORT, rare, told) > 0.5
    assert likeness(VOLLEYBALL, rare, told) < 0.05


def test_what_all_stories_say_weighs_little() -> None:
    everywhere = [terms(f"Venezuela: {word}", f"{word} {word}s {word}ing") for word in ("baker", "fisher", "singer")]
    rare = known(*everywhere)
    assert rare.weight("^venez") < rare.weight("^baker")


def test_a_story_does_not_make_its_own_words_common() -> None:
    rare = known(VOLLEYBALL, BLAST)
    told = vector(BLAST, known(VOLLEYBALL))
    assert likeness(OTHER_REPORT, rare, told) > link(vector(OTHER_REPORT, rare), told)


def test_the_words_in_common_are_those_that_weigh_most() -> None:
    one, other = vector(BLAST, NOTHING_KNOWN), vector(OTHER_REPORT, NOTHING_KNOWN)
    assert set(in_common(one, other, 2)) == {"^amuay", "#12"}


def test_no_links_have_a_mean_of_nothing() -> None:
    assert mean([]) == 0.0
    assert mean([0.25, 0.75]) == 0.5


@pytest.mark.parametrize(
    ("one", "other", "same"), [("es", "es", True), ("es", "en", False), ("", "en", True), ("es", "", True)]
)
def test_an_unknown_language_is_no_reason_against(one: str, other: str, *, same: bool) -> None:
    assert same_language(one, other) is same


REPORTS = {
    "es": (
        ("Explosión en la refinería de Amuay deja 12 muertos",
         ("Una explosión en la refinería de Amuay, en el estado Falcón, mató el martes a 12 trabajadores,"
         " dijo el gobernador Víctor Alcalá.")),
        ("Doce trabajadores mueren en Amuay",
         ("El gobernador de Falcón, Víctor Alcalá, confirmó que 12 trabajadores murieron en la explosión de"
         " un tanque de la refinería de Amuay.")),
        ("La selección de voleibol pierde en Lima",
         ("Perú venció en tres sets a la selección de voleibol, que viajará el jueves a Rosario para su"
         " próximo partido.")),
        ("Abre en Mérida el teleférico más alto",
         ("El teleférico de Mérida volvió a subir a los turistas hasta el pico Espejo tras dos años de"
         " reparaciones.")),
    ),
    "uk": (
        ("Вибух на заводі в Амуаї: 12 загиблих",
         ("Унаслідок вибуху на нафтопереробному заводі Амуай у штаті Фалькон загинули 12 робітників, сказав"
         " губернатор Віктор Алькала.")),
        ("Дванадцять робітників загинули в Амуаї",
         ("Губернатор Фалькона Віктор Алькала підтвердив, що 12 робітників заводу Амуай загинули, коли"
         " вибухнув резервуар.")),
        ("Збірна з волейболу програла в Лімі",
         "Перу перемогло збірну з волейболу в трьох сетах, у четвер команда вирушить до Росаріо."),
        ("У Мериді відкрили найвищу канатну дорогу",
         "Канатна дорога Мериди після двох років ремонту знову возить туристів на вершину Еспехо."),
    ),
    "ar": (
        ("انفجار في مصفاة أمواي يقتل 12 عاملا",
         "قتل 12 عاملا في انفجار وقع يوم الثلاثاء في مصفاة أمواي بولاية فالكون كما قال الحاكم فيكتور ألكالا."),
        ("مقتل عمال في مصفاة أمواي",
         "أعلن حاكم فالكون فيكتور ألكالا مقتل 12 من عمال المصفاة بعد انفجار خزان في أمواي."),
        ("منتخب الكرة الطائرة يخسر في ليما",
         "فازت بيرو على منتخب الكرة الطائرة بثلاثة أشواط ويسافر الفريق يوم الخميس إلى روساريو."),
        ("افتتاح أعلى تلفريك في ميريدا",
         "عاد تلفريك ميريدا بعد عامين من الإصلاح لنقل السياح إلى قمة إسبيخو."),
    ),
    "zh": (
        ("阿穆艾炼油厂爆炸造成十二人死亡",
         "法尔孔州州长阿尔卡拉说,阿穆艾炼油厂星期二发生爆炸,十二名工人死亡。"),
        ("阿穆艾炼油厂十二名工人遇难",
         "州长阿尔卡拉证实,法尔孔州阿穆艾炼油厂一个储罐爆炸,十二名工人遇难。"),
        ("女排在利马输球",
         "秘鲁队三局击败来访的球队,球队将于周四前往罗萨里奥。"),
        ("梅里达最高缆车重新开放",
         "经过两年修理,梅里达的缆车再次把游客送上埃斯佩霍峰。"),
    ),
    "ja": (
        ("アムアイ製油所で爆発、12人死亡",
         "ファルコン州のアルカラ知事によると、アムアイ製油所で火曜日に爆発があり、作業員12人が死亡した。"),
        ("アムアイ製油所の作業員12人が死亡",
         "アルカラ知事は、ファルコン州のアムアイ製油所でタンクが爆発し、作業員12人が死亡したと確認した。"),
        ("バレー代表、リマで敗れる",
         "ペルーがバレー代表に三セットで勝ち、チームは木曜日にロサリオへ向かう。"),
        ("メリダの最も高いロープウェイが再開",
         "二年の修理を終え、メリダのロープウェイが観光客をエスペホ峰へ運び始めた。"),
    ),
    "ko": (
        ("아무아이 정유소 폭발로 12명 사망",
         "팔콘 주의 알칼라 지사는 화요일 아무아이 정유소에서 폭발이 일어나 노동자 12명이 숨졌다고 말했다."),
        ("아무아이 정유소에서 노동자 12명 숨져",
         "알칼라 지사는 팔콘 주 아무아이 정유소의 탱크가 폭발해 노동자 12명이 사망했다고 확인했다."),
        ("배구 대표팀 리마에서 패배",
         "페루가 배구 대표팀을 세 세트 만에 이겼고 팀은 목요일에 로사리오로 떠난다."),
        ("메리다에서 가장 높은 케이블카 다시 운행",
         "메리다의 케이블카가 두 해의 수리 끝에 관광객을 에스페호 봉으로 다시 나른다."),
    ),
}  # fmt: skip
"""In each language two reports of one event and two of others."""


@pytest.mark.parametrize("language", list(REPORTS))
def test_two_reports_of_an_event_are_alike_in_every_script(language: str) -> None:
    told, report, *others = (terms(*each) for each in REPORTS[language])
    rare = known(told, *others)
    first = vector(told, rare.without(told))
    assert likeness(report, rare, first) > 0.45
    assert all(likeness(other, rare, first) < 0.1 for other in others)


def test_an_arabic_article_and_a_korean_ending_make_no_other_word() -> None:
    assert terms("الحكومة", "").keys() == terms("حكومة", "").keys() | terms("والحكومة", "").keys()
    assert terms("폭발로", "").keys() == terms("폭발이", "").keys() == {"폭발"}


def test_as_much_is_read_of_a_text_without_spaces() -> None:
    assert "末尾" in terms("", "工人" * 45 + "末尾")
    assert "末尾" not in terms("", "工人" * 65 + "末尾")
