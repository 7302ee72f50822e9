"""Who stands behind a text? Credit lines, and what is left of many outlets when copies count once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EAST = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Of a script that does not part a name from what stands beside it."""

AGENCIES: dict[str, tuple[str, ...]] = {
    "AFP": (
        "AFP",
        "Agence France-Presse",
        "Agence France Presse",
        "afp",
        "АФП",
        "ا ف ب",
        "أ ف ب",
        "أ.ف.ب",
        "أف ب",
        "法新社",
        "法新",
    ),
    "AP": (
        "AP",
        "The Associated Press",
        "Associated Press",
        "Асошиэйтед Пресс",
        "أسوشيتد برس",
        "أ ب",
        "美联社",
        "美聯社",
        "AP通信",
    ),
    "Reuters": (
        "Reuters",
        "REUTERS",
        "Рейтер",
        "Рейтерс",
        "Ройтерс",
        "رويترز",
        "ロイター",
        "路透社",
        "路透",
        "로이터",
        "rtr",
        "Thomson Reuters",
    ),
    "dpa": ("dpa", "DPA", "dpa-AFX", "Deutsche Presse-Agentur", "dpa-infocom", "د ب أ", "德新社"),
    "EFE": ("EFE", "efe", "EFE-EPA", "efe-epa", "Agencia EFE", "ЭФЭ"),
    "ANSA": ("ANSA", "AnsaMed", "АНСА"),
    "AAP": ("AAP", "Australian Associated Press"),
    "AGERPRES": ("AGERPRES", "Agerpres"),
    "Adnkronos": ("Adnkronos", "ADNKRONOS", "AdnKronos"),
    "AGI": ("AGI", "Agi"),
    "Agência Brasil": ("Agência Brasil", "Agencia Brasil"),
    "ANI": ("ANI",),
    "ANP": ("ANP",),
    "Anadolu": ("AA", "Anadolu", "Anadolu Agency", "Anadolu Ajansı", "Anadolu Agentur", "الأناضول", "Анадолу"),
    "Antara": ("Antara", "ANTARA"),
    "APA": ("APA", "apa", "Austria Presse Agentur"),
    "APS": ("APS", "Algérie Presse Service", "واج"),
    "AVN": ("AVN", "Agencia Venezolana de Noticias"),
    "BELGA": ("Belga", "BELGA"),
    "BelTA": ("БЕЛТА", "БелТА", "BelTA"),
    "Bernama": ("Bernama", "BERNAMA"),
    "Bloomberg": ("Bloomberg", "Блумберг", "彭博社"),
    "BNS": ("BNS",),
    "BTA": ("БТА", "BTA"),
    "The Canadian Press": ("The Canadian Press", "La Presse Canadienne", "Canadian Press"),
    "CNA": ("中央社", "中央通訊社"),
    "ČTK": ("ČTK",),
    "DHA": ("DHA", "Demirören Haber Ajansı"),
    "epd": ("epd", "Evangelischer Pressedienst"),
    "Europa Press": ("Europa Press", "EUROPA PRESS"),
    "HINA": ("HINA", "Hina"),
    "IANS": ("IANS",),
    "IHA": ("İHA", "IHA"),
    "Interfax": ("Interfax", "INTERFAX.RU", "Интерфакс", "Interfax-Ukraine", "Интерфакс-Украина", "Інтерфакс-Україна"),
    "IRNA": ("IRNA", "ایرنا", "إرنا"),
    "ISNA": ("ISNA", "ایسنا"),
    "Jiji": ("Jiji", "JIJI", "時事", "時事通信", "時事通信社"),
    "Keystone-SDA": ("Keystone-SDA", "KEYSTONE-SDA", "Keystone-ATS", "SDA", "ATS", "sda", "ats", "awp"),
    "KNA": ("KNA",),
    "Kyodo": ("Kyodo", "KYODO", "共同", "共同通信", "共同社", "共同通信社"),
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
    "SID": ("SID", "sid"),
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
    "Xinhua": ("Xinhua", "XINHUA", "Синьхуа", "新华社", "新華社", "新华网", "新華網", "شينخوا"),
    "Yonhap": ("Yonhap", "연합뉴스", "聯合通訊社"),
    "ΑΠΕ-ΜΠΕ": ("ΑΠΕ-ΜΠΕ", "ΑΠΕ", "AMNA"),
    "APP": ("APP", "Associated Press of Pakistan"),
    "Askanews": ("askanews", "Askanews", "ASKANEWS"),
    "BSS": ("BSS",),
    "China News Service": ("中新社", "中新网", "中新網", "China News Service"),
    "Colprensa": ("Colprensa", "COLPRENSA"),
    "dts": ("dts", "dts Nachrichtenagentur"),
    "Estadão Conteúdo": ("Estadão Conteúdo", "ESTADÃO CONTEÚDO"),
    "Folhapress": ("Folhapress", "FOLHAPRESS"),
    "Italpress": ("Italpress", "ITALPRESS"),
    "KCNA": ("KCNA", "조선중앙통신", "朝鲜中央通讯社", "朝鮮中央通信"),
    "KUNA": ("KUNA", "كونا"),
    "LaPresse": ("LaPresse",),
    "MENA": ("MENA",),
    "NAN": ("NAN",),
    "News1": ("뉴스1", "News1"),
    "Newsis": ("뉴시스", "Newsis"),
    "Noticias Argentinas": ("Noticias Argentinas",),
    "Notimex": ("Notimex", "NOTIMEX"),
    "PNA": ("PNA",),
    "УНН": ("УНН", "UNN"),
}
"""News agencies, and how outlets spell them in a credit line. What is missing makes one source more."""

UNNAMED = "agencies"
"""A credit that names none: "Agencias", "wire services"."""

_UNNAMED_SPELT = (
    "Agencias", "AGENCIAS", "agencias", "Agências", "AGÊNCIAS", "agências", "Agences", "agences", "Agencies",
    "agencies",
    "Agenturen", "agenturen", "Agenzie", "agenzie", "Agencje", "agencje", "Agentschappen", "agentury", "Agentury",
    "Агентства", "агентства", "Агенції", "агенції", "агентств", "Agenţii", "Agenții", "Ajanslar", "ajanslar", "وكالات",
    "الوكالات", "Wire services", "wire services", "News agencies", "news agencies", "News Agencies", "agency inputs",
    "Newswires", "Nachrichtenagenturen", "agentit", "byråerna", "bureauer",
)  # fmt: skip

_NAMES = {spelt: agency for agency, every in AGENCIES.items() for spelt in every} | dict.fromkeys(
    _UNNAMED_SPELT, UNNAMED
)
_longest_first = sorted(_NAMES, key=len, reverse=True)
_spaced = "|".join(re.escape(name) for name in _longest_first if not _EAST.match(name))
_unspaced = "|".join(re.escape(name) for name in _longest_first if _EAST.match(name))
_spelt = re.compile(rf"(?<!\w)(?:{_spaced})(?!\w)|{_unspaced}")

_SIGN = 0xE000  # of the private use area: names become one character each, so that patterns need not spell them
_agencies = tuple(dict.fromkeys(_NAMES.values()))
_signs = {spelt: chr(_SIGN + _agencies.index(agency)) for spelt, agency in _NAMES.items()}
_private = re.compile("[\ue000-\uf8ff]")
_name = "[\ue000-\uf8ff]"
_and = r"and|und|y|e|et|i|och|og|en|и|та|і|ve|a"
_apart = rf"(?:\s*+(?:[,;/|+&·،、・，=＝]|-|–|—)?+\s*+(?:\b(?:{_and})\b|\bو)?+\s*+)"
_list = rf"(?>{_name}(?:{_apart}{_name})*)"  # atomic: it ends where it ends
_gap = r"[^\w\ue000-\uf8ff]"
_gaps = rf"(?:{_gap}|_)*"

_WITH = (
    r"with|with reporting by|with files from|with (?:additional )?inputs? from|additional reporting by|reporting by|by"
    r"|based on reporting by|via|sources?|from|mit|mit Material von|mit Informationen von|Quellen?|von|aus|con"
    r"|con información de"
    r"|con informacion de|con datos de|información de|fuentes?|por|vía|texto|avec|par|com|com informações d[aeo]s?"
    r"|fonte|da|di|źródło|za|na podstawie|zdroj|forrás|kaynak|källa|kilde|bron|door|lähde|sursa|izvor|извор|источник"
    r"|по материалам|по данным|джерело|за матеріалами|за даними|πηγή|theo|nguồn|sumber|المصدر|出典|来源|來源|출처"
)
"""What stands before the agency in a credit line, in whatever case."""

_KIND = (
    r"the|las?|los|el|der|des|den|die|de|da|das|dos|do|les?|news|agencias?|agências?|agences?|agentur(?:en)?"
    r"|nachrichtenagentur(?:en)?|agenzi[ae]|agency|agencies|agencj[ia]|агентств\w*|информагентств\w*|وكالة"
)
"""What may stand between: "der Nachrichtenagentur dpa"."""

_STAFF = r"[Rr]eda[ckç]\w+|REDACCIÓN|[Rr]édaction|[Ss]taff|[Рр]едакция"

_said = rf"(?:(?i:{_WITH})\b\s*[:：]?\s*)?(?:(?i:{_KIND})\s+){{0,3}}"
_really_said = rf"(?i:{_WITH})\b\s*[:：]?\s*(?:(?i:{_KIND})\s+){{0,3}}"
_before = r"(?:[\w.\-]{1,7}\s*[/,]\s*){0,3}"  # initials of a desk: abc/dpa
_behind_it = rf"(?:\s*[/,]\s*(?:\d[\d. ]{{3,10}}|{_STAFF}|[\w.]{{1,6}})(?!\w))*"  # dpa/bb; APA, 3.11.2026
_whole_line = re.compile(
    rf"{_gaps}{_said}(?:[\w., ]{{1,24}}\s*/\s*)?{_before}{_list}(?:{_behind_it}|(?: [A-Z]{{2,3}}){{1,4}}){_gaps}"
)
_short_line = re.compile(
    rf"{_gap}*(?:[\w.,'’+]+\s+){{0,4}}{_gap}*{_really_said}(?:[\w.,/]+\s+){{0,2}}{_gaps}{_list}{_behind_it}[^\w.]*"
)
_byline = re.compile(rf"{_gap}*(?i:by|por|par|von|door|di|da|av)\s+(?:[\w.'’\-]+,?\s+){{1,5}}{_list}{_gap}*")
_helped = re.compile(
    rf"{_gap}*{_really_said}{_list}\s+(?:writers?|reporters?|correspondents?|journalists?)\b"
    rf"|{_gap}*{_list}[^.!?]{{0,80}}?\s+contributed\s+(?:reporting\s+)?to\b|^{_gap}*(?i:this|dieser|este|esta|cet)\b"
    rf"[^.!?]{{0,60}}?\s(?:report|story|article) by {_list}|.{{0,80}}\b(?i:mit (?:Material|Informationen) (?:der"
    rf"|des|von)"
    rf"|con informaci[óo]n de|com informaç(?:ão|ões) d[aeo]s?|with files from)\s+(?:(?i:{_KIND})\s+){{0,3}}{_list}"
)
_reported = re.compile(
    rf"^(?:Об этом|Про це|О чем|Как)\s[^.!?]{{0,40}}?(?:сообща|переда|пиш|повідомля"
    rf"|сообщил)\w*\s+[^.!?]{{0,20}}?{_list}"
)
_copyright = re.compile(
    rf"^[\w/\-]{{0,16}}\s*(?:©|\([cC]\)|(?i:copyright))\s*(?:(?i:copyright|by)\s*|©\s*|\d{{4}}\s*)*{_list}"
)
_after_the_end = re.compile(rf"[.!?…\"”»)\]。]\s*(?:[-–—(\[]{{0,2}}\s*{_really_said}|(?:--|-|–|—|―)\s*){_list}{_gaps}$")
_last_word = re.compile(rf"[.!?…\"”»。]\s*{_list}{_gaps}$")
_brackets = rf"[(\[（［【]\s*{_said}(?:[^()\[\]]{{0,30}}?\b(?i:{_WITH})\s+)?{_before}{_list}{_behind_it}\s*[)\]）］】]"
_begins_in_brackets = re.compile(
    rf"(?:^{_gap}*|^(?:[^.!?\n]|(?<=[A-Z\d])\.|\.(?=\s*[\d(\[,/])){{0,80}}?){_brackets}\s*(?:[.,:]?\s*(?:--|-|–|—|:)|$)"
    rf"|^{_gap}*{_brackets}|^[\w \-]{{2,30}}{_brackets}\.\s"
    rf"|^[\w\s.,\[\]]{{0,40}}\d(?:\w\w)?(?:\s+[^\W\d]{{3,10}})?\.?\s*{_brackets}"
)
_ends_in_brackets = re.compile(rf"{_brackets}{_gaps}$")
_eastern = re.compile(
    rf"^{_gap}{{0,2}}[(\[（［【][^)\]）］】]{{0,24}}?{_list}(?:[^)\]）］】\w]|[^)\]）］】]{{0,14}}[电電])?[^)\]）］】\w]{{0,3}}[)\]）］】]"
    rf"|^{_gap}{{0,2}}{_name}[^\s，。,.]{{0,20}}?[电電讯訊]"
)
_in_slashes = re.compile(rf"^[^/\n]{{0,80}}/\s*(?:[Кк]орр\.\s*)?{_list}\s*/|/\s*{_list}\s*/{_gap}*$")
_dateline = re.compile(rf"^[^.!?\n]{{0,60}}[^.!?\n]?\.?\s*(?:--|-|–|—|:)\s*{_list}(?:[.,:]|\s*(?:--|-|–|—)|$)")
_dated = re.compile(
    rf"^{_gap}*(?:[\w\-]+[.,]?\s+){{0,5}}\d(?:[\w\-]*[.,]?\s+)(?:[^\W\d]+[.,]?\s+){{0,2}}(?<=[.,]\s){_list}\s*(?:\.\s"
    rf"|\.?\s*(?:--|-|–|—))"
)
_dateline_first = re.compile(rf"^{_gaps}{_list}(?:,\s[\w ]{{2,24}}\.)?\s*(?:--|-|–|—|:|\|)\s")
_capitals = re.compile(rf"^[^\W\d_a-z]{{4,20}}\s{_list}$")
_picture = re.compile(
    r"^\W*(?:foto|photo|image|bild|imagen|imagem|picture|фото|immagine|zdj|kép|kuva|صورة|file|archiv|写真|图|圖|사진)"
    r"|\b(?:photos?|fotos?|getty|images?|pic|archivbild|archivfoto|file photo)\b|(?:©"
    r"|\(c\))\s*[^.]{1,24}\.\s*(?:file|handout)",
    re.IGNORECASE,
)

EDGE = 3
"""Paragraphs at either end in which a text says who wrote it."""

_HEAD = 160  # characters of a dateline
_TAIL = 120  # characters of a credit at the end
_MOST = 12  # agencies that one line credits
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
    head, tail = lines[:EDGE], lines[EDGE:][-EDGE:]
    edges = [_with_signs(_edge(line)) for line in (*head, *tail)]
    said = [line if 0 < len(_private.findall(line)) <= _MOST and not _is_picture(line) else "" for line in edges]
    found = [name for author in authors for name in _exactly(author)]
    found += [name for line in said[: len(head)] for name in _at_the_head(line)]
    found += [name for line in said for name in _marked(line)]
    found += [name for line in said[-1:] if (last := _last_word.search(line)) for name in _named(last[0])]
    named = [name for name in found if name != UNNAMED]
    return tuple(dict.fromkeys(named or found))


def _is_picture(line: str) -> bool:
    """Whether a short line speaks of a picture; a long one may do so in passing."""
    return _picture.search(line if len(line) <= _TAIL else line[:_LABEL]) is not None


def _edge(line: str) -> str:
    """A long paragraph's beginning and end, with a mark between them that nothing crosses."""
    return line if len(line) <= _HEAD + _TAIL else f"{line[:_HEAD]}\n{line[-_TAIL:]}"


def _exactly(text: str) -> list[str]:
    marked = _with_signs(text)
    return _named(marked) if len(text) <= _TAIL and _whole_line.fullmatch(marked) else []


def _at_the_head(line: str) -> list[str]:
    head = line[:_HEAD]
    places = (
        _dateline.match(head),
        _dateline_first.match(head),
        _dated.match(head),
        _eastern.match(head),
        _byline.fullmatch(head),
        _capitals.match(head),
    )
    return [name for place in places if place for name in _named(place[0])]


def _marked(line: str) -> list[str]:
    """A line that is a credit, brackets or slashes at either end, and what stands behind the last full stop."""
    head, tail = line[:_HEAD], line[-_TAIL:]
    places = (
        _whole_line.fullmatch(line[: _TAIL + 1]),
        _short_line.fullmatch(line[: _TAIL + 1]),
        _helped.match(head),
        _reported.match(head),
        _copyright.match(head),
        _begins_in_brackets.match(head),
        _ends_in_brackets.search(tail),
        _after_the_end.search(tail),
        _in_slashes.search(head),
    )
    return [name for place in places if place for name in _named(place[0])]


def _with_signs(line: str) -> str:
    """The line with a character of its own for each agency that it names."""
    return _spelt.sub(lambda found: _signs[found[0]], _private.sub("", line))


def _named(marked: str) -> list[str]:
    return [_agencies[ord(sign) - _SIGN] for sign in _private.findall(marked)]


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
