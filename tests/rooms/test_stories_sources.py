from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.stories.sources import AGENCIES, UNNAMED, Report, credited, independent

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
    ("COLUMBIA, S.C. (AP) — The council met.\n" + REST, ("AP",)),
    ("Wiesbaden (KNA/iz). Der Rat trat zusammen.\n" + REST, ("KNA",)),
    ("London, Jun 11 (efe-epa).- The council met.\n" + REST, ("EFE",)),
    (REST + "With reporting by Associated Press writer Ana Perez", ("AP",)),
    (REST + "Con información de EFE", ("EFE",)),
    (REST + "Con información de EFE.", ("EFE",)),
    (REST + "*Con información de AFP y Reuters.", ("AFP", "Reuters")),
    ("EFE | Caracas\n" + REST, ("EFE",)),
    ("Caracas / EFE\n" + REST, ("EFE",)),
    ("Caracas, 3 nov. (EFE).- El presidente\n" + REST, ("EFE",)),
    ("Caracas, 3 nov (EFE) .- El presidente\n" + REST, ("EFE",)),
    ("Agencia EFE - 3 de noviembre\n" + REST, ("EFE",)),
    ("Por EFE\n" + REST, ("EFE",)),
    ("Redacción / Agencias\n" + REST, ("agencies",)),
    (REST + "(Agencias)", ("agencies",)),
    (REST + "Fuente: AFP", ("AFP",)),
    (REST + "Fuentes: EFE / AFP", ("EFE", "AFP")),
    (REST + "Con datos de AP", ("AP",)),
    (REST + "Agencia AP", ("AP",)),
    (REST + "EFE/JM", ("EFE",)),
    (REST + "AFP / EFE", ("AFP", "EFE")),
    ("Washington, 3 nov (AFP) - El\n" + REST, ("AFP",)),
    ("CARACAS (AP) — El\n" + REST, ("AP",)),
    ("(EFE).- El gobierno\n" + REST, ("EFE",)),
    ("MADRID, 3 Nov. (EUROPA PRESS) -\nEl gobierno\n" + REST, ("Europa Press",)),
    ("La Habana, 3 nov (Prensa Latina) El gobierno\n" + REST, ("Prensa Latina",)),
    ("Caracas, 3 Nov. AVN.- El ministro\n" + REST, ("AVN",)),
    ("BUENOS AIRES (Noticias Argentinas) - El\n" + REST, ("Noticias Argentinas",)),
    ("ANSA, Roma.- El papa\n" + REST, ("ANSA",)),
    ("CARACAS, 3 nov (Xinhua) -- El\n" + REST, ("Xinhua",)),
    (REST + "Vía EFE", ("EFE",)),
    (REST + "Texto: EFE", ("EFE",)),
    (REST + "Información de Reuters", ("Reuters",)),
    (REST + "Con información de agencias", ("agencies",)),
    (REST + "Con información de las agencias EFE y AFP", ("EFE", "AFP")),
    (REST + "Escrito por Ana Pérez con información de Reuters.", ("Reuters",)),
    ("CARACAS (Reuters) - The\n" + REST, ("Reuters",)),
    ("CARACAS, Venezuela (AP) — The\n" + REST, ("AP",)),
    ("CARACAS, Nov 3 (Xinhua) -- The\n" + REST, ("Xinhua",)),
    ("By Ana Perez, Associated Press\n" + REST, ("AP",)),
    ("By REGINA GARCIA CANO Associated Press\n" + REST, ("AP",)),
    (REST + "© 2026 The Associated Press. All rights reserved.", ("AP",)),
    (REST + "Copyright 2026 Associated Press. All rights reserved. This material may not be published.", ("AP",)),
    (REST + "© Agence France-Presse", ("AFP",)),
    (REST + "© 2026 AFP", ("AFP",)),
    ("Reuters\n" + REST, ("Reuters",)),
    ("(Reuters) - The\n" + REST, ("Reuters",)),
    ("Nov 3 (Reuters) - The\n" + REST, ("Reuters",)),
    (REST + "—AFP", ("AFP",)),
    (REST + "– Reuters", ("Reuters",)),
    (REST + "The talks go on. — AFP", ("AFP",)),
    (REST + "The talks go on. AFP", ("AFP",)),
    (REST + "The talks go on.—Reuters", ("Reuters",)),
    (REST + "AFP/ab/cd", ("AFP",)),
    (REST + "bur-abc/def © Agence France-Presse", ("AFP",)),
    (REST + "AP contributed to this report.", ("AP",)),
    (REST + "The Associated Press contributed to this report.", ("AP",)),
    (REST + "Reuters contributed to this story.", ("Reuters",)),
    (REST + "(With inputs from agencies)", ("agencies",)),
    (REST + "(With agency inputs)", ("agencies",)),
    (REST + "With input from Reuters, AFP", ("Reuters", "AFP")),
    (REST + "Source: Reuters", ("Reuters",)),
    (REST + "Agencies", ("agencies",)),
    (REST + "News Agencies", ("agencies",)),
    (REST + "With reporting by AP and AFP", ("AP", "AFP")),
    (REST + "With reporting by Reuters, AP, and AFP", ("Reuters", "AP", "AFP")),
    (REST + "Based on reporting by AFP and TASS", ("AFP", "TASS")),
    ("London, Nov 3 (IANS) The\n" + REST, ("IANS",)),
    ("New Delhi [India], November 3 (ANI): The\n" + REST, ("ANI",)),
    ("New Delhi, Nov 3 (PTI) The\n" + REST, ("PTI",)),
    (REST + "PTI AB CD", ("PTI",)),
    (
        "TORONTO — The\n" + REST + "This report by The Canadian Press was first published Nov. 3, 2026.",
        ("The Canadian Press",),
    ),
    ("ANKARA (AA) - The\n" + REST, ("Anadolu",)),
    ("ROME, NOV 3 - The\n" + REST + "(ANSA)", ("ANSA",)),
    ("(ANSA) - ROME, NOV 3 - The\n" + REST, ("ANSA",)),
    ("SEOUL, Nov. 3 (Yonhap) -- The\n" + REST, ("Yonhap",)),
    ("DUBAI, 3rd November, 2026 (WAM) -- The\n" + REST, ("WAM",)),
    ("TOKYO (Kyodo) -- The\n" + REST, ("Kyodo",)),
    ("MOSCOW, November 3. /TASS/. The\n" + REST, ("TASS",)),
    ("MOSCOW (Sputnik) – The\n" + REST, ("Sputnik",)),
    ("(Bloomberg) -- The\n" + REST, ("Bloomberg",)),
    (REST + "©2026 Bloomberg L.P.", ("Bloomberg",)),
    ("LAGOS, Nov. 3 (NAN) The\n" + REST, ("NAN",)),
    ("Islamabad - Nov 3 (APP): The\n" + REST, ("APP",)),
    ("PARIS, Nov 3, 2026 (AFP) -\nThe\n" + REST, ("AFP",)),
    (REST + "Mit Material der dpa", ("dpa",)),
    (REST + "Mit Material der Nachrichtenagentur dpa", ("dpa",)),
    (REST + "Mit Informationen der Agenturen dpa und AFP", ("dpa", "AFP")),
    (REST + "(dpa)", ("dpa",)),
    (REST + "dpa", ("dpa",)),
    (REST + "(dpa/AFP/lob)", ("dpa", "AFP")),
    (REST + "abc/dpa/AFP", ("dpa", "AFP")),
    ("Caracas (dpa) – Der\n" + REST, ("dpa",)),
    ("Caracas - Der\n" + REST + "© dpa-infocom, dpa:261103-99-123456/2", ("dpa",)),
    ("Wien (APA) - Der\n" + REST, ("APA",)),
    ("(sda) Der\n" + REST, ("Keystone-SDA",)),
    ("SDA/abc\n" + REST, ("Keystone-SDA",)),
    (REST + "Quelle: SID", ("SID",)),
    (REST + "(APA/AFP)", ("APA", "AFP")),
    (REST + "(red, APA, 3.11.2026)", ("APA",)),
    (REST + "(APA, red, 3.11.2026)", ("APA",)),
    (REST + "(Reuters, dpa, AFP)", ("Reuters", "dpa", "AFP")),
    (REST + "sti/kle (dpa, rtr, afp)", ("dpa", "Reuters", "AFP")),
    (REST + "ab/cd (dpa, afp)", ("dpa", "AFP")),
    (REST + "mit dpa", ("dpa",)),
    (REST + "Dieser Text wurde mit Material der dpa erstellt.", ("dpa",)),
    ("Berlin (dts Nachrichtenagentur) - Der\n" + REST, ("dts",)),
    (REST + "rtr/dpa", ("Reuters", "dpa")),
    ("KEYSTONE-SDA\n" + REST, ("Keystone-SDA",)),
    ("Le Monde avec AFP\n" + REST, ("AFP",)),
    (REST + "(avec AFP)", ("AFP",)),
    ("Par Le Figaro avec AFP\n" + REST, ("AFP",)),
    ("Par AFP\n" + REST, ("AFP",)),
    (REST + "Avec AFP et Reuters", ("AFP", "Reuters")),
    (REST + "(AFP)", ("AFP",)),
    (REST + "Source AFP", ("AFP",)),
    (REST + "Avec les agences", ("agencies",)),
    ("PARIS, 3 nov (Reuters) - Le\n" + REST, ("Reuters",)),
    ("L'Express avec AFP\n" + REST, ("AFP",)),
    ("ATS/NXP\n" + REST, ("Keystone-SDA",)),
    (REST + "(Belga)", ("BELGA",)),
    (REST + "ats/ab", ("Keystone-SDA",)),
    ("La rédaction avec AFP\n" + REST, ("AFP",)),
    ("(ANSA) - ROMA, 03 NOV - Il\n" + REST, ("ANSA",)),
    ("ROMA (ITALPRESS) - Il\n" + REST, ("Italpress",)),
    ("Roma, 3 nov. (askanews) - Il\n" + REST, ("Askanews",)),
    ("Roma, 3 nov. (Adnkronos) - Il\n" + REST, ("Adnkronos",)),
    ("AGI - Il\n" + REST, ("AGI",)),
    (REST + "(fonte: Agi)", ("AGI",)),
    (REST + "Fonte: ANSA", ("ANSA",)),
    ("Milano, 3 nov. (LaPresse) - Il\n" + REST, ("LaPresse",)),
    (REST + "Com informações da AFP", ("AFP",)),
    (REST + "*Com informações da Agência Brasil", ("Agência Brasil",)),
    (REST + "Com informações das agências", ("agencies",)),
    (REST + "Com agências", ("agencies",)),
    (REST + "Com Lusa", ("Lusa",)),
    ("Lisboa, 03 nov 2026 (Lusa) — O\n" + REST, ("Lusa",)),
    ("Agência Lusa\n" + REST, ("Lusa",)),
    (REST + "(Estadão Conteúdo)", ("Estadão Conteúdo",)),
    ("SÃO PAULO, SP (FOLHAPRESS) - O\n" + REST, ("Folhapress",)),
    ("Agence France-Presse\n" + REST, ("AFP",)),
    ("МОСКВА, 3 ноября. /ТАСС/. Мост\n" + REST, ("TASS",)),
    ("МОСКВА, 3 ноя — РИА Новости. Мост\n" + REST, ("RIA Novosti",)),
    ("МОСКВА, 3 ноя - РИА Новости, Иван Петров. Мост\n" + REST, ("RIA Novosti",)),
    ("Москва. 3 ноября. INTERFAX.RU - Мост\n" + REST, ("Interfax",)),
    ("3 ноября. Интерфакс - Мост\n" + REST, ("Interfax",)),
    (REST + "Источник: ТАСС", ("TASS",)),
    ("Киев. 3 ноября. УНН. Мост\n" + REST, ("УНН",)),
    (REST + "По материалам: Reuters", ("Reuters",)),
    (REST + "По данным ТАСС", ("TASS",)),
    (REST + "Об этом сообщает ТАСС.", ("TASS",)),
    ("Об этом сообщает РИА Новости со ссылкой на мэра.\n" + REST, ("RIA Novosti",)),
    (REST + "Джерело: Укрінформ", ("Ukrinform",)),
    (REST + "За матеріалами: УНІАН", ("UNIAN",)),
    (REST + "Про це повідомляє Укрінформ.", ("Ukrinform",)),
    (REST + "(Рейтер)", ("Reuters",)),
    ("БЕЛТА — Мост\n" + REST, ("BelTA",)),
    ("3 ноября, Минск /Корр. БЕЛТА/. Мост\n" + REST, ("BelTA",)),
    ("新华社北京11月3日电 港口今天\n" + REST, ("Xinhua",)),
    ("新华社加拉加斯11月3日电（记者王明）港口\n" + REST, ("Xinhua",)),
    ("（法新社加拉加斯3日电）港口\n" + REST, ("AFP",)),
    ("【法新社加拉加斯三日电】港口\n" + REST, ("AFP",)),
    ("(中央社記者王明台北3日電)港口\n" + REST, ("CNA",)),
    ("中新社加拉加斯11月3日電 港口\n" + REST, ("China News Service",)),
    ("中新网11月3日电 港口\n" + REST, ("China News Service",)),
    (REST + "来源：新华社", ("Xinhua",)),
    (REST + "来源：新华网", ("Xinhua",)),
    (REST + "(来源: 新华社)", ("Xinhua",)),
    (REST + "（新华社）", ("Xinhua",)),
    (REST + "（路透社）", ("Reuters",)),
    ("【カラカス共同】港が\n" + REST, ("Kyodo",)),
    ("【ワシントン時事】港が\n" + REST, ("Jiji",)),
    ("[カラカス 3日 ロイター] - 港が\n" + REST, ("Reuters",)),
    ("［カラカス　３日　ロイター］ - 港が\n" + REST, ("Reuters",)),
    (REST + "（共同）", ("Kyodo",)),
    (REST + "（共同通信）", ("Kyodo",)),
    ("【11月3日 AFP】港が\n" + REST, ("AFP",)),
    (REST + "(c)AFP", ("AFP",)),
    (REST + "[時事通信社]", ("Jiji",)),
    ("(서울=연합뉴스) 김철수 기자 = 항구\n" + REST, ("Yonhap",)),
    ("(카라카스 AP=연합뉴스) 항구\n" + REST, ("AP", "Yonhap")),
    ("[서울=뉴시스] 항구\n" + REST, ("Newsis",)),
    ("(서울=뉴스1) 항구\n" + REST, ("News1",)),
    ("كراكاس (رويترز) - قال\n" + REST, ("Reuters",)),
    ("كراكاس 3 نوفمبر (رويترز) - قال\n" + REST, ("Reuters",)),
    ("كراكاس (أ ف ب) – قال\n" + REST, ("AFP",)),
    (REST + "(أ ف ب)", ("AFP",)),
    (REST + "(أ.ف.ب)", ("AFP",)),
    (REST + "المصدر: وكالات", ("agencies",)),
    (REST + "المصدر: رويترز", ("Reuters",)),
    (REST + "المصدر : الجزيرة + وكالات", ("agencies",)),
    (REST + "وكالات", ("agencies",)),
    ("القاهرة – د ب أ: قال\n" + REST, ("dpa",)),
    ("كراكاس / الأناضول\n" + REST, ("Anadolu",)),
    ("CARACAS, (ANTARA) - Pelabuhan\n" + REST, ("Antara",)),
    ("Jakarta (ANTARA) - Pelabuhan\n" + REST, ("Antara",)),
    (REST + "(AA)", ("Anadolu",)),
    (REST + "Kaynak: AA", ("Anadolu",)),
    (REST + "Źródło: PAP", ("PAP",)),
    (REST + "(PAP)", ("PAP",)),
    ("PAP\n" + REST, ("PAP",)),
    (REST + "ab/ cd/ (PAP)", ("PAP",)),
    ("Praha - Ministr\n" + REST + "Zdroj: ČTK", ("ČTK",)),
    ("Praha 3. listopadu (ČTK) - Ministr\n" + REST, ("ČTK",)),
    (REST + "(ČTK, Reuters)", ("ČTK", "Reuters")),
    ("Budapest, (MTI) - A\n" + REST, ("MTI",)),
    (REST + "Forrás: MTI", ("MTI",)),
    (REST + "(NTB)", ("NTB",)),
    ("STOCKHOLM TT\n" + REST, ("TT",)),
    ("/TT-Reuters/\n" + REST, ("TT", "Reuters")),
    (REST + "Bron: ANP", ("ANP",)),
    (REST + "Door ANP", ("ANP",)),
    (REST + "ANP/NU.nl", ("ANP",)),
    ("ΑΠΕ-ΜΠΕ\n" + REST, ("ΑΠΕ-ΜΠΕ",)),
    (REST + "Πηγή: ΑΠΕ-ΜΠΕ", ("ΑΠΕ-ΜΠΕ",)),
    (REST + "Πηγή: Reuters", ("Reuters",)),
    (REST + "Theo Reuters", ("Reuters",)),
    (REST + "Theo TTXVN", ("VNA",)),
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
    REST + "Reporting by Ana Perez; Editing by Tom Smith",
    REST + "This story was produced by Reuters.",
    REST + "Фото: ТАСС",
    "（ＣＮＮ）港が\n" + REST,
    REST + "He said so to Reuters on Tuesday, after the council.",
    "Reuters was founded in 1851 in London.\n" + REST,
    REST + "Reuters declined to comment.",
    REST + "AP Photo/Ana Perez",
    REST + "Photo: Reuters",
    REST + "Foto: Reuters/Ana",
    REST + "(Photo by AFP)",
    REST + "(AP Photo/Ana Perez)",
    REST + "Фото: РИА Новости",
    REST + "EFE/Miguel Gutiérrez",
    "EFE/ Miguel Gutiérrez\n" + REST,
    "El presidente, en una fotografía de archivo. EFE/Ana Pérez\n" + REST,
    "A man walks past a bank. REUTERS/Ana Perez/File Photo\n" + REST,
    "The port in 2024. (AFP via Getty Images)\n" + REST,
    "A file image of the port. — AFP pic\n" + REST,
    "Getty Images\n" + REST,
    "Imagen: Ana Pérez/AP\n" + REST,
    "Der Hafen. © dpa\n" + REST,
    "(Archivbild) Keystone\n" + REST,
    "Le port de Caracas. AFP\n" + REST,
    "The port. (AP Photo/Ana Perez, File)\n" + REST,
    "© Reuters. FILE PHOTO: The port\n" + REST,
    "Photo credit: AFP\n" + REST,
    "Image source, Reuters\n" + REST,
    "Image caption, The port\n" + REST,
    "Image source,Getty Images\n" + REST,
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


@given(st.text(max_size=400) | st.text(alphabet="AFP dpa(/)[]【】-.,\n\ue000con de", max_size=300))
def test_any_text_is_taken(body: str) -> None:
    assert all(name in AGENCIES or name == UNNAMED for name in credited(body))


@pytest.mark.parametrize(
    "part", ["AFP, ", "(AFP ", "a/", "with ", "AFP ab ", "con información de ", "（新华社", "word. "]
)
def test_a_line_that_was_made_to_be_slow_is_not(part: str) -> None:
    began = time.process_time()
    credited("\n".join([part * 2_000] * 8))
    assert time.process_time() - began < 0.2


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
