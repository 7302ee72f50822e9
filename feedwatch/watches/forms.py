"""Which forms a word of a query may take in an article: a finite set, made on the query's side.

The index never stems. A form is the word with a prefix or a suffix, or with an ending in place of its own; every
rule is a row of a table, and every row that fits is followed. A form that nobody writes costs nothing, so a row
need not know a word's gender or class: it must only never make a *different* word. An adjective (киевский) is a
different word, and the number a word is given in is the number it keeps.

Languages that decline no names (English, Spanish, Chinese …) have no table. Nor has Turkish: there the suffix of a
name stands behind an apostrophe, which ends a token. All letters are folded ones (text/fold.py): ž is z, ä is a, ё
is е, but й, ї and ў are letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import takewhile

_SHORTEST = 3  # letters of an alphabet: what is shorter meets too many words
_SHORTEST_STEM = 3

_Table = Mapping[str, tuple[str, ...]]
_Rule = Callable[[str], Iterable[str]]


def _table(*rows: str) -> _Table:
    """Rows "ending: endings"; several may stand before the colon, - is the empty one and * any consonant."""
    table: dict[str, tuple[str, ...]] = {}
    for row in rows:
        olds, news = row.split(":")
        for old in olds.split():
            table[old] = (*table.get(old, ()), *(new.replace("-", "") for new in news.split()))
    return table


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Nouns, names and adjectives after Zaliznyak's types 1-8 (Wikipedia, "Russian declension"). Foreign names in -о
# (Мадуро, НАТО) stay as they are; places in -ово, -ино and nouns in -ство are declined.
_RUSSIAN = _table(
    "*: а у ом ем е",
    "ов: овым",
    "ев: евым",
    "ин: иным",
    "ын: ыным",
    "ь: я ю ем и ью е",
    "й: я ю ем е и",
    "ий: ого ому им ом его ему ем",
    "ый ой: ого ому ым им ом",
    "а: ы и е у ой ою ей",
    "я: и е ю ей ею",
    "ая: ой ую ою",
    "яя: ей юю",
    "ое: ого ому ым им ом",
    "ее: его ему им ем",
    "во: ва ву вом ве",
    "ино: ина ину ином ине",
    "ие: ия ию ием ии их им ими",
    "ье: ья ью ьем",
    "ы: ов ам ами ах -",
    "и: ей ям ями ях",
    "ки: ков ок ек кам ками ках",
    "ии: ий",
    "ые: ых ым ыми",
    "ел: ла лу лом ле",
    "ец: ца цу цом цем це",
    "ок: ка ку ком ке",
    "ень: ня ню нем не",
    "пет: пта пту птом пте",
    "лев: льва льву львом льве",
)

# Ukrainian orthography of 2019, §§ 79-111 (endings, і/о and і/е, к-ц, г-з, х-с); Wikipedia, "Ukrainian grammar".
# Of names in -о those in -ко and Slavic first names (Петро, Павло, Дмитро) are declined.
_UKRAINIAN = _table(
    "*: а у ові еві ом ем і",
    "ов: овим",
    "єв: євим",
    "ев: евим",
    "ін: іним",
    "їн: їним",
    "ів: ова ову овом ові ева еву евом еві єва єву євом єві",
    "їв: єва єву євом єві",
    "іль: оля олю олем олі олеві еля елю елем елі",
    "іг: ога огу огом озі",
    "ід: ода оду одом оді",
    "ік: ока оку оком оці",
    "г: зі",
    "ь: я ю еві єві ем єм і ю ",
    "сь: ссю",
    "нь: нню",
    "ль: ллю",
    "ть: ттю",
    "дь: ддю",
    "зь: ззю",
    "ць: ццю",
    "й: я ю єві єм ї",
    "ий: ого ому им ім",
    "ій: ього ьому ім",
    "а: и і у ою ею ої ій",
    "ка: ці",
    "кка: цці",
    "га: зі",
    "ха: сі",
    "я: і ї ю ею єю ям",
    "е: ого ому им ім",
    "во: ва ву вом ві",
    "ко: ка ку кові ком ці",
    "ло: ла лу лові лом лі",
    "тро: тра тру трові тром трі",
    "про: пра пру прові пром прі",
    "и: ів ам ами ах -",
    "і: ів їв ей ям ями ях їх их им ими",
    "ії: ій їям іям іями іях",
    "ель: ля лю лем лі",
    "ень: ня ню нем ні неві",
    "пет: пту птові птом пті",
    "ець: ця цю цеві цем ці",
    "ок: ка ку кові ком",
    "ел: ла лу лові лом лі",
)

# Wikipedia, "Belarusian grammar": nouns, adjectives, names.
_BELARUSIAN = _table(
    "*: а у ам ем ом е",
    "ь: я ю ем і",
    "сь: ссю",
    "нь: нню",
    "й: я ю ем і",
    "і ы: ага аму ім ым",
    "а: ы і е у ай ой аю ам",
    "ка: цы цэ",
    "га: зе",
    "я: і ю яй ей",
    "ая: ай ую",
    "аў: ава аву авым аве",
    "еў: ева еву евым еве",
    "оў: ова ову овым ове",
    "ін: іным",
)

# The article, which bears the only endings left (Wikipedia, "Bulgarian grammar"; "Macedonian grammar").
_BULGARIAN = _table("*: ът а", "й: ят я", "ки: кия кият", "и: те", "а: та", "я: та", "о: то", "е: то")
_MACEDONIAN = _table("*: от", "и: те", "а: та", "о: то", "е: то")

# Croatian and Serbian nouns, names, adjectives and possessives (Wikipedia, "Serbo-Croatian grammar"), in Latin
# letters; Cyrillic ones are made of them. Foreign names in -o are declined (Maduro, Madura), -i takes a j.
_SERBIAN = _table(
    "*: a u om em e ov ova ovo ove ovi ovu ovog ovom ovim ovih ev eva evo eve evi evu evog evom evim evih",
    "ar: ra ru rom re",
    "ac: ca cu cem ce",
    "ak: ka ku kom",
    "at: ta tu tom",
    "a: e i u o om oj",
    "ka: ci",
    "ga: zi",
    "ha: si",
    "o: a u om",
    "e: a u em ea eu eom ih im ima ama",
    "u: ua uu uom",
    "i: ija iju ijem ije og om im ih eg em e a ima ama",
)
_CYRILLIC = str.maketrans(dict(zip("abvgdezijklmnoprstufhc", "абвгдезијклмнопрстуфхц", strict=True)))
_SERBIAN_CYRILLIC = {
    old.translate(_CYRILLIC): tuple(new.translate(_CYRILLIC) for new in news) for old, news in _SERBIAN.items()
}

# Wikipedia, "Slovene declension"; Slovenski pravopis, § 740 on (names: fleeting e, -r and -i take a j).
_SLOVENE = _table(
    "*: a u om em ov ova ovo ove ovi ovega ovem ovim ovih ev eva evo eve evi evega evem evim evih",
    "r: rja rju rjem rjev rjeva rjevo rjeve rjevi rjevega rjevem rjevim rjevih",
    "er: ra ru rom",
    "el: la lu lom",
    "ec: ca cu cem",
    "ek: ka ku kom",
    "en: na nu nom",
    "a: e i o",
    "o: a u om",
    "u: uja uju ujem",
    "i: e ija iju ijem ega emu im em ov om ih",
    "e: eja eju ejem a u om ih im imi ah am ami -",
)

# Czech and Slovak share most endings once accents are off (Internetova jazykova prirucka, "Sklonovani"; Wikipedia,
# "Czech declension", "Slovak declension"): pan, hrad, muz, stroj, zena, ruze, mesto, mlady, jarni, otcuv.
_CZECH_AND_SLOVAK = _table(
    "*: a u ovi em om e i",
    "*: uv ov ova ovo ove ovi ovu ovy ovou ovych ovym ovymi",
    "ek: ka kovi kem kom ku",
    "el: la lovi lem lom lu le",
    "er: ra rovi rem rom ru re",
    "ol: la lovi lom",
    "ec: ca ci ce cem cu covi com",
    "a: y e u ou ovi ej",
    "ia: ii",
    "ja: ji",
    "ca: ci",
    "sa: si",
    "za: zi",
    "ea: eji eje",
    "rra: re",
    "ka: ce",
    "ga ha: ze",
    "cha: se",
    "o: a u em om ovi",
    "lo: le",
    "no: ne",
    "ro: re",
    "so: se",
    "to: te",
    "vo: ve",
    "e: i eho emu em ym ych ymi ich im imi",
    "ce: c cim cich cemi ciam ciach cami",
    "ky: ek cich",
    "y: eho emu em ym yho ymu u um ov om och mi ech ich am ach ami -",
    "i: iho imu im eho emu em",
    "um us: a u em om ovi",
    "ay: ayi aye ayem",
)

# Wikipedia, "Polish declension"; Wielki slownik ortograficzny PWN, rules 64-71 (foreign and Polish names).
_POLISH = _table(
    "*: a u owi em iem ie",
    "n: ni nia niu",
    "l: li",
    "c: ci",
    "s: si",
    "z: zi",
    "aw: awia awiu",
    "sc: scia sciu sciem",
    "t: cie",
    "d: dzie",
    "r: rze",
    "st: scie",
    "iek ek: ka kowi kiem ku",
    "iel el: la lowi lem le lu",
    "iec ec: ca cowi cem cu",
    "a: y e o ej",
    "ia: ii",
    "snia: sni",
    "ynia: yni",
    "ja: ji",
    "la: li",
    "ba: bie",
    "fa: fie",
    "ma: mie",
    "na: nie",
    "pa: pie",
    "sa: sie",
    "wa: wie",
    "za: zie",
    "ka: ki ce",
    "ga: gi dze",
    "ra: rze",
    "ta: cie",
    "da: dzie",
    "cha: sze",
    "sta: scie",
    "o: a u owi em ie",
    "ko: kiem ki ce ke",
    "ro: rze",
    "to: cie",
    "do: dzie",
    "e: ego emu ym em ych ymi",
    "ie: ich im imi ii iom iach iami",
    "ce: c com cach cami",
    "y: ego emu ym om ami ach -",
    "ty: tow",
    "any: anow",
    "cy: iec com cami czech",
    "chy: szech",
    "gry: gier grzech",
    "i: iego iemu im ich",
    "ki: k kow kom kami kach",
)

# Wikipedia, "Lithuanian declension"; foreign names without an ending are given one (VLKK: Bidenas, Trumpas).
_LITHUANIAN = _table(
    "*: as o ui a u e is io iui i iu",
    "as: o ui a u e",
    "is ys: io iui i iu yje",
    "tis: cio ciui ciu",
    "dis: dzio dziui dziu",
    "us: aus ui u umi uje",
    "ius: iaus iumi iuje",
    "a: os ai oje",
    "e: es ei eje",
    "ai: u ams us ais uose",
    "iai: iu iams ius iais iuose",
    "os: u oms as omis ose",
    "oji: osios ajai aja ojoje",
)

# Wikipedia, "Latvian declension"; foreign names without an ending are given one.
_LATVIAN = _table(
    "*: s a am u",
    "s: a am u",
    "is: a im i ja",
    "tis: sa",
    "dis: za",
    "us: u um",
    "a: as ai u am ajai aja",
    "e: es ei i",
    "i: u iem us os",
    "as: u am",
    "ais: a ajam o aja",
)

# Wikipedia, "Modern Greek grammar"; Triantafyllidis, "Modern Greek grammar". Accents are off, so their moves vanish; a
# folded sigma is never a final one.
_GREEK = _table(
    "οσ: ου ο ε",
    "ασ: α",
    "ησ: η",
    "ων: ωνα ωνοσ",
    "υσ: υ",
    "ουσ: ου",
    "ευσ εασ: εα",
    "εσ: ων",
    "οι: ων ουσ",
    "α: ασ ων",
    "αδα: αδοσ ασ",
    "η: ησ εωσ ων",
    "ω: ωσ",
    "ο: ου",
    "ι: ιου",
    "μα: ματοσ",
)

# The Finnish cases (Iso suomen kielioppi, 81-94), consonant gradation (41-47) and stems other than the nominative
# (55-71). Folding makes ä one with a, so vowel harmony does not show; -kin and -han are left out.
_FINNISH_STEMS = _table(
    "hti: hte",
    "mi: me",
    "vi: ve",
    "ki: ke",
    "joki: joe",
    "uusi: uute",
    "ari: are",
    "eri: ere",
    "e: ee",
    "nen: se",
    "as: akse aa",
    "kangas: kankaa",
    "is: ikse",
    "os: okse",
    "us: ukse",
    "ys: ykse",
)
_FINNISH_GRADES = _table(  # before the last vowel: strong, weak
    "kk: k",
    "pp: p",
    "tt: t",
    "nk: ng",
    "nt: nn",
    "mp: mm",
    "lt: ll",
    "rt: rr",
    "rk: r",
    "lk: l",
    "k: -",
    "p: v",
    "t: d",
)
_FINNISH_WEAK = _words("n ssa sta lla lta lle ksi t")
_FINNISH_STRONG = _words("a ta na seen")
_FINNISH_PLURALS = _table(
    "vallat: valtojen valtain valtoja valtoihin valtoina valloissa valloista valloilla valloilta valloille valloiksi",
    "maat: maiden maita maihin maina maissa maista mailla mailta maille maiksi",
    "it: ien eja eihin eina eissa eista eilla eilta eille eiksi",
    "saaret: saarten saarien saaria saariin saarissa saarista saarilla saarilta saarille",
    "nnat: ntien ntia ntiin nnissa nnista nnilla nnilta nnille",
)

# The Estonian cases stand after the genitive, whose vowel a name in a consonant takes as it likes (Wikipedia,
# "Estonian grammar"; Eesti keele kasiraamat, M 65-80).
_ESTONIAN_CASES = ("", *_words("s st sse l lt le ks ni na ta ga t d"))
_ESTONIAN_VOWELS = ("i", "a", "u", "e")
_ESTONIAN_STEMS = _table("ne: se", "ik: igi", "aak: aagi", "iit: iidu", "gi: e", "meri: mere", "ht: he")
_ESTONIAN_PLURALS = _table("riigid: riike", "saared: saari", "maad: maid", "id: eid")
_ESTONIAN_PLURAL_STEMS = _table("riigid: riikide", "saared: saarte", "maad: maade", "id: ide")

# The Hungarian cases with their linking vowels (Wikipedia, "Hungarian noun phrase"; AkH. 12, 94 and 163). Lengthened a
# and e (Venezuelában) fold to themselves; ö and o, ü and u are one, so back and front endings are both tried.
_HUNGARIAN_CASES = _words(
    "t ot at et n on en e ban ben ba be bol nak nek nal nel ra re rol hoz hez tol ert ig kent va ve val vel"
)
_HUNGARIAN_DIGRAPHS = ("cs", "gy", "ly", "ny", "sz", "ty", "zs")

# Genitive -s: Duden, "Grammatik", 275-305 (-es after a sibilant: des Roten Kreuzes; else an apostrophe alone), and the
# adjectives of names (in den Vereinigten Staaten, der Deutschen Bank; 474-500), which Hesse must not become; Svenska
# Akademiens grammatik 2, Substantiv 101; Retskrivningsordbogen 10; Leidraad (Taalunie) 11.
_SIBILANTS = ("s", "x", "z")
_DUTCH_ADJECTIVES = (*_SIBILANTS, "land", "rijk", "burg")  # Nederlands, Oostenrijks are adjectives
_GERMAN_ADJECTIVES = _table(
    "sche: schen scher",
    "sches: sche schen",
    "igte: igten igter",
    "igtes: igte igten",
    "rotes: rote roten",
    "weisses: weisse weissen",
    "neues: neue neuen",
)

# Particles (Standard Korean Language Dictionary, josa), after a final consonant or after a vowel; ㄹ takes 로.
_KOREAN_AFTER_CONSONANT = _words("은 이 을 과 으로 이나 이라 이라도 이라는 이라고 이며 이고 이랑")
_KOREAN_AFTER_VOWEL = _words("는 가 를 와 로 나 라 라도 라는 라고 며 고 랑")
_KOREAN_ANYWHERE = _words("의 에 에서 에게 에게서 께 께서 한테 도 만 까지 부터 조차 마저 보다 처럼 마다 밖에 하고")
_KOREAN_CHAINED = {
    "에": "는 도 만 까지",
    "에서": "는 도 만 의 까지 부터",
    "에게": "는 도 만",
    "까지": "는 도 의 만",
    "부터": "는 도 의",
    "만": "은 이 을 의 도 으로",
    "보다": "는 도",
    "처럼": "은 도",
    "과": "의 는 도",
    "와": "의 는 도",
    "으로": "는 도 만 의 서 써 부터",
    "로": "는 도 만 의 서 써 부터",
    "께서": "는 도",
}
_HANGUL_SYLLABLES = 0xAC00  # the first; each 28 share all but the final consonant (Unicode, 3.12)
_FINALS, _FINAL_RIEUL = 28, 8

# Arabic conjunctions and prepositions are written as one with the word (Ryding, "Modern Standard Arabic", 15-16); the
# article after li loses its alif, and before a lam its own lam too. Persian,
# Urdu, Kurdish, Pashto, Sindhi and Uyghur have none of them.
_ARABIC_CONJUNCTIONS = ("", "و", "ف")
_ARABIC_PREPOSITIONS = ("", "ب", "ك", "ل")
_NO_PROCLITICS = frozenset(("fa", "ur", "ps", "ckb", "sd", "ug", "pnb"))

# Hebrew prefixes (Academy of the Hebrew Language, otiyot ha-shimush): and, that, when; in, to, from, the. As (kaf)
# stands before names too seldom for what it hits (Greece would be a direction), so does "that" before three letters.
_HEBREW_CONJUNCTIONS = ("", "ו", "ש", "וש", "כש", "וכש")
_HEBREW_PREPOSITIONS = ("", "ב", "ל", "מ", "ה")
_HEBREW_SHORT = 3


@lru_cache(maxsize=16_384)
def forms(token: str, language: str) -> frozenset[str]:
    """The token and every form of it in an article of that language (its primary subtag, "" if unknown); all folded.

    Cyrillic, Greek, Arabic, Hebrew and Korean words take the forms of their script in every language.
    """
    script = _script(token)
    languages = _LANGUAGES[script]
    return _made(token, languages[language] if language in languages else languages[""])


def all_forms(token: str) -> frozenset[str]:
    """The forms of the token in all languages together."""
    return frozenset().union(*(_made(token, rules) for rules in _LANGUAGES[_script(token)].values()))


@lru_cache(maxsize=16_384)
def stem(token: str) -> str:
    """What all forms of the token in all languages begin with; "" if that is less than three characters."""
    found = all_forms(token)
    shared = shared_start(min(found), max(found))
    return shared if len(shared) >= _SHORTEST_STEM else ""


def shared_start(one: str, other: str) -> str:
    """What both begin with; and whatever is between them in alphabetical order."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def own_letters(language: str) -> str:
    """Letters that a query's letter without their mark does not mean in an article of that language, lower case."""
    return "äöü" if language == "de" else ""


def _made(token: str, rules: tuple[_Rule, ...]) -> frozenset[str]:
    return frozenset((token, *(form for rule in rules for form in rule(token))))


_SCRIPTS = (
    ("latin", re.compile(rf"[a-z\u00df-\u024f]{{{_SHORTEST},}}")),
    ("cyrillic", re.compile(rf"[\u0400-\u052f]{{{_SHORTEST},}}")),
    ("greek", re.compile(rf"[\u0370-\u03ff]{{{_SHORTEST},}}")),
    ("arabic", re.compile(rf"[\u0620-\u06d3]{{{_SHORTEST},}}")),
    ("hebrew", re.compile(rf"[\u05d0-\u05ea]{{{_SHORTEST},}}")),
    ("hangul", re.compile("[가-힣]{2,}")),
)


def _script(token: str) -> str:
    """The one script of a token that may take forms; "" for all others, and for all with a digit."""
    return next((script for script, letters in _SCRIPTS if letters.fullmatch(token)), "")


def _declined(token: str, table: _Table) -> Iterator[str]:
    """The token with each of its endings that the table has replaced by all that the table has for it."""
    if token.endswith(_UNDECLINED):
        return
    for start in range(len(token)):
        for new in table.get(token[start:], ()):
            yield token[:start] + new
    if token[-1] not in _VOWELS:
        yield from (token + new for new in table.get("*", ()))


_UNDECLINED = ("оа", "уа")  # Самоа must not become самое, the most
_VOWELS = frozenset("aeiouyаеиіоуыэюяїєйьαεηιουω")  # й and ь too: they give way to an ending like a vowel


def _by(*tables: _Table) -> tuple[_Rule, ...]:
    return tuple(partial(_declined, table=table) for table in tables)


def _finnish(token: str) -> Iterator[str]:
    yield from _declined(token, _FINNISH_PLURALS)
    yield from (token + ending for ending in ("ta", "tta"))
    nominative = token if token[-1] in _VOWELS else token + "i"
    for strong in (nominative, *_declined(token, _FINNISH_STEMS)):
        yield from _finnish_cases(strong)


def _finnish_cases(strong: str) -> Iterator[str]:
    last = strong[-1]
    yield from (strong + ending for ending in (*_FINNISH_STRONG, f"{last}n", f"h{last}n"))
    if last == "e":
        yield strong[:-1] + "ta"
    for weak in (strong[:-1], *_declined(strong[:-1], _FINNISH_GRADES)):
        yield from (weak + last + ending for ending in _FINNISH_WEAK)


def _estonian(token: str) -> Iterator[str]:
    yield from _declined(token, _ESTONIAN_PLURALS)
    stems = [token] if token[-1] in _VOWELS else [token, *(token + vowel for vowel in _ESTONIAN_VOWELS)]
    for genitive in (*stems, *_declined(token, _ESTONIAN_STEMS), *_declined(token, _ESTONIAN_PLURAL_STEMS)):
        yield from (genitive + case for case in _ESTONIAN_CASES)


def _hungarian(token: str) -> Iterator[str]:
    yield from (token + case for case in _HUNGARIAN_CASES)
    if token.endswith("s"):  # Barbadosszal: spoken sz
        yield from (token + "szal", token + "szel")
    is_digraph = token.endswith(_HUNGARIAN_DIGRAPHS)
    last = 2 if is_digraph else 1
    if is_digraph or token[-1] not in _VOWELS:  # the v of -val becomes the last consonant: Trumppal, Párizzsal
        yield from (token[:-last] + token[-last] + token[-last:] + ending for ending in ("al", "el", "a", "e"))


def _german(token: str) -> Iterator[str]:
    yield token + ("es" if token.endswith((*_SIBILANTS, "sch")) else "s")
    yield from _declined(token, _GERMAN_ADJECTIVES)


def _genitive(token: str, never_after: tuple[str, ...] = _SIBILANTS) -> tuple[str, ...]:
    return () if token.endswith(never_after) else (token + "s",)


def _korean(token: str) -> Iterator[str]:
    final = (ord(token[-1]) - _HANGUL_SYLLABLES) % _FINALS
    fitting = _KOREAN_AFTER_CONSONANT if final else _KOREAN_AFTER_VOWEL
    for particle in (*fitting, *_KOREAN_ANYWHERE, *(("로",) if final == _FINAL_RIEUL else ())):
        yield token + particle
        yield from (token + particle + more for more in _KOREAN_CHAINED.get(particle, "").split())


def _arabic(token: str) -> Iterator[str]:
    bare = token.removeprefix("ال")
    to_the = "ل" + bare if bare.startswith("ل") else "لل" + bare
    for conjunction in _ARABIC_CONJUNCTIONS:
        yield conjunction + to_the
        yield from (conjunction + preposition + token for preposition in _ARABIC_PREPOSITIONS)
        if bare == token:
            yield from (conjunction + preposition + "ال" + token for preposition in ("", "ب", "ك"))


def _hebrew(token: str) -> Iterator[str]:
    for conjunction in _HEBREW_CONJUNCTIONS if len(token) > _HEBREW_SHORT else ("", "ו"):
        yield from (conjunction + preposition + token for preposition in _HEBREW_PREPOSITIONS)


_EAST_SLAVIC = _by(_RUSSIAN, _UKRAINIAN, _BELARUSIAN)
_SOUTH_SLAVIC = _by(_BULGARIAN, _MACEDONIAN, _SERBIAN_CYRILLIC)

_LANGUAGES: Mapping[str, Mapping[str, tuple[_Rule, ...]]] = {  # script → language ("" any other) → rules
    "cyrillic": {
        "": (*_EAST_SLAVIC, *_SOUTH_SLAVIC),
        **dict.fromkeys(("ru", "uk", "be"), _EAST_SLAVIC),
        "bg": _by(_BULGARIAN),
        "mk": _by(_MACEDONIAN, _BULGARIAN),
        "sr": _by(_SERBIAN_CYRILLIC),
    },
    "latin": {
        "": (),
        **dict.fromkeys(("cs", "sk"), _by(_CZECH_AND_SLOVAK)),
        "pl": _by(_POLISH),
        **dict.fromkeys(("hr", "sr", "bs", "sh"), _by(_SERBIAN)),
        "sl": _by(_SLOVENE),
        "lt": _by(_LITHUANIAN),
        "lv": _by(_LATVIAN),
        "fi": (_finnish,),
        "et": (_estonian,),
        "hu": (_hungarian,),
        "de": (_german,),
        **dict.fromkeys(("sv", "da", "nb", "nn", "no"), (_genitive,)),
        "nl": (partial(_genitive, never_after=_DUTCH_ADJECTIVES),),
    },
    "greek": {"": _by(_GREEK)},
    "arabic": {"": (_arabic,), **dict.fromkeys(_NO_PROCLITICS, ())},
    "hebrew": {"": (_hebrew,)},
    "hangul": {"": (_korean,)},
    "": {"": ()},
}
