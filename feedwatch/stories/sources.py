"""Who stands behind a text? Credit lines, and what is left of many outlets when copies count once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AGENCIES: dict[str, tuple[str, ...]] = {
    "AFP": ("AFP", "Agence France-Presse", "Agence France Presse", "АФП", "ا ف ب", "أ ف ب", "法新社"),
    "AP": ("AP", "The Associated Press", "Associated Press", "Асошиэйтед Пресс", "أسوشيتد برس", "美联社"),
    "Reuters": ("Reuters", "REUTERS", "Рейтер", "Рейтерс", "Ройтерс", "رويترز", "ロイター", "路透社", "로이터"),
    "dpa": ("dpa", "DPA", "dpa-AFX", "Deutsche Presse-Agentur", "د ب أ", "德新社"),
    "EFE": ("EFE", "Agencia EFE", "ЭФЭ"),
    "ANSA": ("ANSA", "AnsaMed", "АНСА"),
    "AAP": ("AAP", "Australian Associated Press"),
    "AGERPRES": ("AGERPRES", "Agerpres"),
    "Adnkronos": ("Adnkronos", "ADNKRONOS"),
    "AGI": ("AGI",),
    "Agência Brasil": ("Agência Brasil", "Agencia Brasil"),
    "ANI": ("ANI",),
    "ANP": ("ANP",),
    "Anadolu": ("Anadolu", "Anadolu Agency", "Anadolu Ajansı", "Anadolu Agentur", "الأناضول", "Анадолу"),
    "Antara": ("Antara", "ANTARA"),
    "APA": ("APA", "Austria Presse Agentur"),
    "APS": ("APS", "Algérie Presse Service", "واج"),
    "AVN": ("AVN", "Agencia Venezolana de Noticias"),
    "BELGA": ("Belga", "BELGA"),
    "BelTA": ("БЕЛТА", "БелТА", "BelTA"),
    "Bernama": ("Bernama", "BERNAMA"),
    "Bloomberg": ("Bloomberg", "Блумберг", "彭博社"),
    "BNS": ("BNS",),
    "BTA": ("БТА", "BTA"),
    "The Canadian Press": ("The Canadian Press", "La Presse Canadienne", "Canadian Press"),
    "CNA": ("中央社",),
    "ČTK": ("ČTK",),
    "DHA": ("DHA", "Demirören Haber Ajansı"),
    "epd": ("epd", "Evangelischer Pressedienst"),
    "Europa Press": ("Europa Press", "EUROPA PRESS"),
    "HINA": ("HINA", "Hina"),
    "IANS": ("IANS",),
    "IHA": ("İHA", "IHA"),
    "Interfax": ("Interfax", "Интерфакс", "Interfax-Ukraine", "Интерфакс-Украина", "Інтерфакс-Україна"),
    "IRNA": ("IRNA", "ایرنا", "إرنا"),
    "ISNA": ("ISNA", "ایسنا"),
    "Jiji": ("Jiji", "JIJI", "時事", "時事通信"),
    "Keystone-SDA": ("Keystone-SDA", "Keystone-ATS", "SDA", "ATS", "sda", "awp"),
    "KNA": ("KNA",),
    "Kyodo": ("Kyodo", "KYODO", "共同", "共同通信"),
    "LETA": ("LETA",),
    "Lusa": ("Lusa", "LUSA"),
    "MAP": ("MAP",),
    "MTI": ("MTI",),
    "NTB": ("NTB",),
    "PA": ("PA Media", "Press Association", "PA"),
    "PAP": ("PAP", "Polska Agencja Prasowa"),
    "Petra": ("بترا",),
    "Prensa Latina": ("Prensa Latina",),
    "PTI": ("PTI", "Press Trust of India"),
    "QNA": ("QNA", "قنا"),
    "RIA Novosti": ("РИА Новости", "РИА «Новости»", "RIA Novosti", "RIA", "РИА", "ريا نوفوستي"),
    "Ritzau": ("Ritzau", "ritzau"),
    "SANA": ("SANA", "سانا"),
    "SID": ("SID",),
    "Sputnik": ("Sputnik", "Спутник", "سبوتنيك"),
    "SPA": ("SPA", "واس"),
    "STT": ("STT", "STT-FNB"),
    "Tanjug": ("Tanjug", "Танјуг"),
    "TASR": ("TASR",),
    "TASS": ("ТАСС", "TASS", "Itar-Tass", "ИТАР-ТАСС", "تاس"),
    "Télam": ("Télam", "Telam", "TÉLAM", "TELAM"),
    "TT": ("TT",),
    "Ukrinform": ("Ukrinform", "Укрінформ", "Укринформ"),
    "UNIAN": ("UNIAN", "УНИАН", "УНІАН"),
    "UPI": ("UPI", "United Press International"),
    "VNA": ("VNA", "TTXVN"),
    "WAFA": ("WAFA", "وفا"),
    "WAM": ("WAM", "وام"),
    "Xinhua": ("Xinhua", "XINHUA", "Синьхуа", "新华社", "新華社", "شينخوا"),
    "Yonhap": ("Yonhap", "연합뉴스", "聯合通訊社"),
}
"""News agencies, and how outlets spell them in a credit line. What is missing makes one source more."""

UNNAMED = "agencies"
"""A credit that names none: "Agencias", "wire services"."""

_UNNAMED_SPELT = (
    "Agencias", "AGENCIAS", "agencias", "Agências", "agências", "Agences", "agences", "Agencies", "agencies",
    "Agenturen", "agenturen", "Agenzie", "agenzie", "Agencje", "agencje", "Agentschappen", "agentury", "Agentury",
    "Агентства", "агентства", "Agenţii", "Agenții", "Ajanslar", "ajanslar", "وكالات", "الوكالات", "Wire services",
    "wire services", "news agencies", "Newswires", "Nachrichtenagenturen", "agentit", "byråerna", "bureauer",
)  # fmt: skip

_NAMES = {spelt: agency for agency, every in AGENCIES.items() for spelt in every} | dict.fromkeys(
    _UNNAMED_SPELT, UNNAMED
)
_longest_first = sorted(_NAMES, key=len, reverse=True)
_name = re.compile(rf"(?<![\w])(?:{'|'.join(map(re.escape, _longest_first))})(?!\w)")
_apart = r"(?:\s*(?:[,;/|+&·]|-|–|—|\b(?:and|und|y|e|et|i|och|og|en|и|та|і|ve|a)\b|\bو)\s*)"
_list = rf"(?:{_name.pattern})(?:{_apart}(?:{_name.pattern}))*"

_WITH = (
    r"with|with reporting by|with files from|with additional reporting by|additional reporting by|reporting by|by|via"
    r"|source|sources|from|mit|mit Material von|mit Informationen von|Quelle|Quellen|von|con|con información de"
    r"|con informacion de|con datos de|fuente|fuentes|por|avec|par|com|com informações d[aeo]|com agências|fonte|da|di"
    r"|źródło|za|na podstawie|zdroj|forrás|kaynak|källa|kilde|bron|lähde|sursa|izvor|извор|источник|по материалам"
    r"|джерело|за матеріалами|المصدر|出典|来源|來源"
)
"""What stands before the agency in a credit line, in whatever case."""

_said = rf"(?:(?i:{_WITH})\s*:?\s+)?"
_desk = r"(?:\s*/\s*\w{1,6})?"  # of the agency: dpa/bb
_whole_line = re.compile(rf"[\W_]*{_said}(?:[\w., ]{{1,24}}\s*/\s*)?{_list}(?:\s*/\s*[\w. ]{{1,24}})?[\W_]*")
_short_line = re.compile(
    rf"\W*(?:[\w.,'’]+\s+){{0,4}}\W*(?i:{_WITH})\s*:?\s+(?:[\w.,/]+\s+){{0,2}}{_list}{_desk}[^\w.]*"
)
_after_the_end = re.compile(rf"[.!?…\"”»)\]]\s*[-–—(\[]?\s*(?i:{_WITH})\s*:?\s+{_list}[\W_]*$")
_brackets = rf"[(\[（]\s*{_said}(?:[^()\[\]]{{0,30}}?\b(?i:{_WITH})\s+)?{_list}{_desk}\s*[)\]）]"
_begins_in_brackets = re.compile(
    rf"(?:^\W*|^[^.!?\n]{{0,80}}?){_brackets}\s*(?:[.,:]?\s*(?:--|-|–|—|:)|$)|^\W*{_brackets}"
)
_ends_in_brackets = re.compile(rf"{_brackets}[\W_]*$")
_in_slashes = re.compile(rf"^[^/\n]{{0,80}}/\s*{_list}\s*/|/\s*{_list}\s*/\W*$")
_dateline = re.compile(rf"^[^.!?\n]{{0,60}}[^.!?\n]?\.?\s*(?:--|-|–|—|:)\s*{_list}(?:[.,:]|\s*(?:--|-|–|—)|$)")
_dateline_first = re.compile(rf"^[\W_]*{_list}\s*(?:--|-|–|—|:|\|)\s")
_picture = re.compile(
    r"^\W*(?:foto|photo|image|bild|imagen|imagem|picture|фото|immagine|zdj|kép|kuva|صورة|file)", re.IGNORECASE
)

EDGE = 3
"""Paragraphs at either end in which a text says who wrote it."""

_HEAD = 160  # characters of a dateline
_TAIL = 120  # characters of a credit at the end
_LABEL = 40  # characters in which a line says that it is a picture's


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One outlet's article in a story, as far as its origin goes."""

    outlet: str
    text: int  # articles with the same number are copies of one text
    credits: tuple[str, ...] = ()


def credited(body: str, authors: Iterable[str] = ()) -> tuple[str, ...]:
    """The agencies that an article names as its origin, in their own spelling, each once; UNNAMED among them.

    Told by an author who is an agency, a dateline, brackets or slashes at either end, and a last line that says so.
    An agency named within a sentence, or as a picture's, is no credit.
    """
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    edges = dict.fromkeys([*lines[:EDGE], *lines[-EDGE:]])
    found = [name for author in authors for name in _exactly(author)]
    found += [name for line in lines[:EDGE] for name in _at_the_head(line)]
    found += [name for line in edges if not _picture.match(line[:_LABEL]) for name in _marked(line)]
    return tuple(dict.fromkeys(found))


def _exactly(text: str) -> list[str]:
    return _named(text) if len(text) <= _TAIL and _whole_line.fullmatch(text) else []


def _at_the_head(line: str) -> list[str]:
    head = line[:_HEAD]
    places = (_dateline.match(head), _dateline_first.match(head))
    return [name for place in places if place for name in _named(place[0])]


def _marked(line: str) -> list[str]:
    """A line that is a credit, brackets or slashes at either end, and what stands behind the last full stop."""
    head, tail = line[:_HEAD], line[-_TAIL:]
    places = (
        _whole_line.fullmatch(line[: _TAIL + 1]),
        _short_line.fullmatch(line[: _TAIL + 1]),
        _begins_in_brackets.match(head),
        _ends_in_brackets.search(tail),
        _after_the_end.search(tail),
        _in_slashes.search(head),
    )
    return [name for place in places if place for name in _named(place[0])]


def _named(text: str) -> list[str]:
    return [_NAMES[found[0]] for found in _name.finditer(text)]


def independent(reports: Sequence[Report]) -> tuple[str, ...]:
    """Who stands behind a story, each once: agencies by name, else the outlet that had its own text first.

    A credit that names no agency makes no source of its own beside a named one.
    """
    texts: dict[int, list[Report]] = {}
    for report in reports:
        texts.setdefault(report.text, []).append(report)
    behind = [name for copies in texts.values() for name in _behind(copies)]
    named = [name for name in dict.fromkeys(behind) if name != UNNAMED]
    agencies = [name for name in named if name in AGENCIES]
    return tuple(named) if agencies or UNNAMED not in behind else (*named, UNNAMED)


def _behind(copies: Sequence[Report]) -> Sequence[str]:
    found = [name for report in copies for name in report.credits]
    named = [name for name in found if name != UNNAMED]
    return named or found or [copies[0].outlet]
