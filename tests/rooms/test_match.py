import math
import pickle
import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from feedwatch.model import Match, Strength, Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.forms import forms
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.match import Needs, Presearch, match, needs
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.strength import Count, explain
from feedwatch.watches.tree import Phrase, Query, Regex, children_of, lasting
from tests.rooms.reader import Reader
from tests.rooms.trees import LANGUAGES, articles, lists, metadata, queries, texts

FILLER = "word " * 100


def article(title: str = "", body: str = "", summary: str = "", caption: str = "", language: str = "") -> Index:
    named = (("title", title), ("summary", summary), ("body", body), ("caption", caption))
    return build_index(tuple(Zone(name=name, text=text) for name, text in named if text), language)


def verdict(query: str, index: Index) -> Match | None:
    return match(parse_query(query, lists), index)


def certain(query: str, index: Index) -> Match:
    found = verdict(query, index)
    assert found
    return found


def cut(index: Index, found: Match) -> list[str]:
    return [index.zones[hit.zone].text[hit.start : hit.end] for hit in found.hits]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Nicolas", "Nicolás Maduro"),
        ("Nicolás", "Nicolas Maduro"),
        ("NICOLÁS", "nicola\u0301s"),
        ("Venezuela", "l’Venezuela"),
        ("Venezuela", "Vene\u200bzuela"),
        ("Maduro", "Maduro’s people"),
        ("O'Brien", "Sen. O’Brien said"),
        ("венесуэла", "ВЕНЕСУЭ́ЛА сегодня"),
        ("فنزويلا", "في فَنْزُوِيلَا اليوم"),
        ("委内瑞拉", "美国对委内瑞拉的制裁"),
        ("เวเนซุเอลา", "ประเทศเวเนซุเอลาประกาศ"),
        ("トランプ", "トランプ大統領は"),
        ("βενεζουέλα", "Η ΒΕΝΕΖΟΥΈΛΑ σήμερα"),
        ("Łódź", "Lodz"),
        ('"Nicolas Maduro"', "presidente Nicolás\nMaduro"),
        ("COVID-19", "covid 19 cases"),
    ],
)
def test_a_word_is_found_however_it_is_spelt(query: str, text: str) -> None:
    assert verdict(query, article(body=text))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("art", "particle"),
        ("Venezuela", "venezuelaanalysis"),
        ("イラン", "ブライランド"),
        ("COVID-19", "19 covid"),
        ('"Nicolas Maduro"', "Maduro, Nicolas"),
        ("Venezuela Maduro", "Venezuela only"),
        ("委内瑞拉", "委员内瑞拉"),
    ],
)
def test_other_words_are_no_hits(query: str, text: str) -> None:
    assert verdict(query, article(body=text)) is None


def test_words_joined_by_and_may_stand_in_different_zones_but_a_phrase_may_not() -> None:
    index = article(title="Maduro", body="Venezuela")
    assert verdict("Venezuela Maduro", index)
    assert verdict('"Maduro Venezuela"', index) is None


def test_hits_name_their_zone_place_and_term() -> None:
    index = article(title="Trump and Maduro", body="“Nicola\u0301s Maduro’s people”")
    found = match(parse_keywords(["nicolas maduro", "MADURO"]), index)
    assert found
    assert [(hit.name, hit.term) for hit in found.hits] == [
        ("title", "MADURO"),
        ("body", "nicolas maduro"),
        ("body", "MADURO"),
    ]
    assert cut(index, found) == ["Maduro", "Nicola\u0301s Maduro", "Maduro"]


def test_hits_of_one_phrase_never_overlap() -> None:
    index = article(body="ha ha ha ha ha")
    assert [hit.start for hit in certain('"ha ha"', index).hits] == [0, 6]


def test_a_word_asked_for_twice_is_hit_once() -> None:
    assert len(certain("Maduro oil OR Maduro gas", article(body="gas, oil, Maduro")).hits) == 3


def test_a_zone_that_repeats_an_earlier_one_of_its_name_is_dropped() -> None:
    same = (Zone(name="title", text="Maduro speaks"), Zone(name="title", text="MADURO  speaks."))
    assert len(build_index(same).zones) == 1
    assert len(build_index((*same, Zone(name="body", text="Maduro speaks"))).zones) == 2


@pytest.mark.parametrize(
    ("index", "strength"),
    [
        (article(title="Maduro", body=FILLER), Strength.HEADLINE),
        (article(title="Other", body="word " * 59 + "Maduro"), Strength.TOPIC),
        (article(title="Other", body="word " * 60 + "Maduro"), Strength.MENTION),
        (article(title="Other", body=FILLER + "Maduro", summary="on Maduro"), Strength.TOPIC),
        (article(title="Other", body=FILLER + "Maduro, Maduro"), Strength.MENTION),
        (article(title="Other", body=FILLER + "Maduro, Maduro and Maduro"), Strength.TOPIC),
    ],
)
def test_strength_is_where_and_how_often(index: Index, strength: Strength) -> None:
    assert certain("Maduro", index).strength is strength


@pytest.mark.parametrize(
    ("before", "strength"), [(118, Strength.TOPIC), (119, Strength.TOPIC), (120, Strength.MENTION)]
)
def test_the_lead_is_120_characters_where_words_are_not_spaced(before: int, strength: Strength) -> None:
    assert certain("委", article(body="字" * before + "委")).strength is strength


def test_a_name_within_a_longer_name_is_not_another_hit() -> None:
    index = article(body=FILLER + "Nicolás Maduro and Maduro")
    found = match(parse_keywords(["Nicolás Maduro", "Maduro", "Nicolás"]), index)
    assert found
    assert len(found.hits) == 4
    assert found.strength is Strength.MENTION


def test_the_score_is_the_formula() -> None:
    index = article(title="Maduro", body="word " * 998 + "Maduro")
    assert certain("Maduro", index).score == pytest.approx(3 + math.log(3) / 2)
    assert certain("Maduro", article(summary="Maduro")).score == pytest.approx(2 + math.log(2) / 1.001)


def test_the_explanation_counts_terms_by_zone() -> None:
    index = article(title="Maduro", body="Maduro and Maduro in Caracas " + FILLER + "Maduro")
    hits = certain("Maduro Caracas", index).hits
    assert explain(index, hits) == (
        Count(term="Maduro", zone="title", count=1),
        Count(term="Maduro", zone="lead", count=2),
        Count(term="Caracas", zone="lead", count=1),
        Count(term="Maduro", zone="body", count=1),
    )


def test_an_index_survives_the_way_between_processes() -> None:
    index = article(title="Maduro", body="委内瑞拉 " + FILLER)
    assert pickle.loads(pickle.dumps(index)) == index  # noqa: S301 - our own bytes


def test_presearch_needs_the_rarest_that_a_query_cannot_match_without() -> None:
    assert needs(parse_query('="on Maduro" ="oil" OR =gas')) in (
        Needs(tokens=frozenset(("maduro", "gas"))),
        Needs(tokens=frozenset(("oil", "gas"))),
    )
    assert needs(parse_query("Venezuel* NOT oil")) == Needs(starts=frozenset(("venezuel",)))
    assert needs(parse_query("-oil lang:es /a/")) is None
    assert needs(parse_query("Maduro OR /a/")) is None


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("Венесуэла", "о Венесуэлой", "ru"),
        ("Венесуэла", "о Венесуэлой", ""),
        ("فنزويلا", "وفنزويلا", "ar"),
        ("Maduro", "Maduros", "de"),
        ("Maduro", "Maduroa", "fi"),
        ("트럼프", "트럼프는", "ko"),
        ("Ub*", "Überall", "fr"),
    ],
)
def test_presearch_knows_every_form(query: str, text: str, language: str) -> None:
    index = article(body=text, language=language)
    asked = parse_query(query)
    assert match(asked, index)
    assert Presearch({"it": asked}).candidates(index) == {"it"}


def test_presearch_leaves_out_who_cannot_match() -> None:
    presearch = Presearch({"ve": parse_query("Maduro OR Caracas"), "pl": parse_query("Tusk"), "no": parse_query("-a")})
    assert presearch.candidates(article(body="in Caracas")) == {"ve", "no"}


# ---- words


@pytest.mark.parametrize(
    ("query", "text", "language", "expected"),
    [
        ("=US", "US troops", "en", True),
        ("=US", "us troops", "en", False),
        ("=US", "the US's troops", "en", True),
        ("=US", "USA", "en", False),
        ("=Nicolás", "Nicola\u0301s", "es", True),
        ("=Nicola\u0301s", "Nicolás", "es", True),
        ("=Nicolás", "Nicolas", "es", False),
        ("=Nicolas", "Nicolás", "es", False),
        ("=Трамп", "Трампом", "ru", False),
        ('="Apple Inc"', "Apple Inc.", "en", True),
        ('="Apple Inc"', "apple Inc.", "en", False),
        ('="Apple Inc"~1', "Apple (the) Inc.", "en", True),
        ("=Mad*", "Maduro", "en", True),
        ("=Mad*", "maduro", "en", False),
        ("Venezuel*", "VENEZUELAN", "en", True),
        ("Venezuel*", "Venezuel", "en", True),
        ("Venezuel*", "a venezuel", "en", True),
        ("zuela*", "Venezuela", "en", False),
        ("COVID-1*", "covid 19", "en", True),
        ("委内*", "委内瑞拉", "zh", True),
        ('"Николас Мадуро"', "встреча с Николасом Мадуро", "ru", True),
        ('"Nicolas Maduro"', "Nicolas\u2014Maduro", "en", True),
        ('"a b c"~1', "a x b c", "en", True),
        ('"a b c"~1', "a x b x c", "en", False),
        ('"a b c"~2', "a x b x c", "en", True),
        ('"a b"~2', "b x a", "en", False),
        ('"a a"~1', "a", "en", False),
        ('"a a"~1', "a x a", "en", True),
        ('"a b"~1', "a x x a b", "en", True),
        ("Uber", "Über die Lage", "de", False),
        ("Uber", "Uber die Lage", "de", True),
        ("Uber", "U\u0308ber die Lage", "de", False),
        ("Uber", "Über die Lage", "sv", True),
        ("Uber", "Über die Lage", "", True),
        ("Uber", "Über die Lage, sagt Uber", "de-AT", True),
        ("Über", "uber die Lage", "de", True),
        ("Über", "Über die Lage", "de", True),
        ("Ub*", "Überfall", "de", False),
        ("Üb*", "Überfall", "de", True),
        ("Bars", "Bärs", "de", False),
        ("Strasse", "Straße", "de", True),
        ("Strase", "Strasse", "de", False),
        ("Mullers", "Müllers", "de", False),
        ('"Uber Müller"', "Uber Muller", "de", True),
        ('"Uber Müller"', "Über Müller", "de", False),
    ],
)
def test_a_word_means_what_its_sign_says(query: str, text: str, language: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert (verdict(query, article(body=text, language=language)) is not None) is expected


# ---- near, unless, counts


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("a NEAR/0 b", "a, b", True),
        ("a NEAR/0 b", "b a", True),
        ("a ONEAR/0 b", "b a", False),
        ("a NEAR/1 b", "a x x b", False),
        ("a NEAR/2 b", "a x x b", True),
        ("a NEAR b", "a x x x x b", True),
        ("a NEAR b", "a x x x x x b", False),
        ("a NEAR/3 a", "a", False),
        ("a NEAR/3 a", "a x a", True),
        ('"a b" NEAR/3 b', "a b", False),
        ('"a b" NEAR/3 b', "a b x b", True),
        ("a NEAR/0 b NEAR/0 c", "c a b", True),
        ("a NEAR/0 b NEAR/0 c", "a c b", False),
        ("a ONEAR/0 b ONEAR/0 c", "a b c", True),
        ("a ONEAR/0 b ONEAR/0 c", "c a b", False),
        ("a NEAR/5 b NEAR/0 c", "a b b b c", True),
        ("(a OR b) NEAR/0 (c OR d)", "b d", True),
        ("/a/ NEAR/0 b", "a b", True),
        ("Mad* NEAR/1 @ve", "Maduro in Caracas", True),
        ("title:a NEAR/1 b", "a b", False),
        ("body:(a NEAR/1 b)", "a b", True),
        ("a UNLESS b", "a", True),
        ("a UNLESS a", "a", False),
        ("a UNLESS b", "a b", True),
        ('a UNLESS "b a"', "b a", False),
        ('a UNLESS "b a"', "b a a", True),
        ('a UNLESS ("b a" OR "a c")', "b a, a c", False),
        ("a UNLESS/0 b", "b a", False),
        ("a UNLESS/0 b", "b x a", True),
        ("a UNLESS/1 b", "b x a", False),
        ("a UNLESS/1 b", "a x b", False),
        ("a UNLESS/1 (b OR c)", "a x x b", True),
        ("a UNLESS (b NEAR/3 c)", "b a c", False),
        ('(a OR b) UNLESS "b a"', "b a", False),
        ('(a AND b) UNLESS "x b"', "a x b", False),
        ('(a AND b) UNLESS "x b"', "a x b b", True),
        ('(a NEAR/1 b) UNLESS "x a"', "x a b", False),
        ('NOT (a UNLESS "b a")', "b a", True),
        ('a{2} UNLESS "b a"', "a b a", False),
        ('a{2} UNLESS "b a"', "a x a b a", True),
        ("a UNLESS /b a/", "b a", False),
        ("a{2}", "a", False),
        ("a{2}", "a a", True),
        ("(a OR b){2}", "a b", True),
        ('(a OR "a b"){2}', "a b", False),
        ("(a NEAR/0 b){2}", "a b", False),
        ("(a NEAR/0 b){2}", "a b x a b", True),
        ("/b/{2}", "bb", True),
    ],
)
def test_places_count(query: str, text: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert (verdict(query, article(body=text)) is not None) is expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("中国", "其中，国内油价上涨", False),
        ("中国", "其中。\n国内", False),
        ("中国", "在中\n国", True),
        ("尼古拉斯马杜罗", "尼古拉斯·马杜罗", True),
        ("尼古拉斯·马杜罗", "尼古拉斯•马杜罗", True),
        ("尼古拉斯·马杜罗", "尼古拉斯马杜罗", True),
        ("3月", "今年3 月", True),
        ("3月", "排名第3，月底", False),
        ('"其中 国内"', "其中，国内", True),
        ("中国*", "其中，国内", False),
        ("=中国", "其中，国内", False),
        ("中\u200b国", "在中国", True),
    ],
)
def test_what_is_written_as_one_stands_as_one(query: str, text: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert (match(parse_query(query), build_index((Zone(name="body", text=text),))) is not None) is expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("(a lang:es) NEAR/1 b", "a b", True),
        ("(a NOT lang:es) NEAR/1 b", "a b", False),
        ("b NEAR/1 ((a AND NOT (lang:de OR lang:fr)) OR (c AND lang:pt))", "a b", True),
        ("b NEAR/1 ((a AND lang:de) OR (c AND lang:pt))", "a b c", False),
        ("a UNLESS (b a lang:de)", "b a", True),
        ('a UNLESS ("b a" lang:es)', "b a", False),
        ("title:(a lang:es)", "a", False),
        ("body:(a lang:es)", "a", True),
    ],
)
def test_what_is_known_of_the_article_narrows_a_word_down_wherever_the_word_stands(
    query: str,
    text: str,
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    index = build_index((Zone(name="body", text=text),))
    assert (match(parse_query(query), index, Metadata(languages=("es",))) is not None) is expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("@lai NEAR/0 spoke", "Lai spoke in Taiwan", True),
        ("@lai NEAR/0 spoke", "Lai of Taiwan spoke", False),  # the place is that of Lai
        ("@lai NEAR/0 spoke", "Lai spoke", False),
        ("@lai{2}", "Lai of Taiwan", False),
        ("@lai{2}", "Lai of Taiwan, Lai", True),
        ('Taiwan UNLESS ("x y" OR @lai)', "Lai of Taiwan", True),
        ("@lai UNLESS/1 x", "x Lai of Taiwan", False),
        ("@lai UNLESS/1 x", "x Lai of Taiwan, Lai", True),
    ],
)
def test_an_and_in_a_list_stands_where_its_first_part_does(
    query: str,
    text: str,
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    def lists(_name: str) -> tuple[str, ...]:
        return ("(Lai AND Taiwan)",)

    index = build_index((Zone(name="body", text=text),))
    assert (match(parse_query(query, lists), index) is not None) is expected


def test_near_and_unless_never_reach_from_zone_to_zone() -> None:
    index = article(title="a", summary="b", body="c", caption="a")
    assert not verdict("a NEAR/9999 b", index)
    assert not verdict("(a OR c) NEAR/9999 b", index)
    assert verdict("a UNLESS/9999 b", index)


def test_the_hits_of_near_are_those_that_took_part() -> None:
    index = article(body="a x x x a b x x x b")
    found = certain("a NEAR/0 b", index)
    assert [hit.start for hit in found.hits] == [8, 10]


def test_the_hits_that_unless_drops_are_not_named() -> None:
    found = certain('a UNLESS "b a" OR c', article(body="b a, a c"))
    assert [hit.start for hit in found.hits] == [5, 7]


# ---- fields


@pytest.mark.parametrize(
    ("query", "found_in"),
    [
        ("a", {"title", "summary", "body", "caption", "deep"}),
        ("text:a", {"title", "summary", "body", "caption", "deep"}),
        ("title:a", {"title"}),
        ("body:a", {"summary", "body", "deep"}),
        ("caption:a", {"caption"}),
        ("lead:a", {"summary", "body"}),
        ("lead:/a/", {"summary", "body"}),
        ('lead:(a UNLESS "b a")', {"summary", "body"}),
        ("NOT title:a", {"summary", "body", "caption", "deep"}),
        ("title:(NOT a)", {"summary", "body", "caption", "deep"}),
    ],
)
def test_a_field_is_a_part_of_the_text(query: str, found_in: set[str]) -> None:
    texts = {name: {name: "a"} for name in ("title", "summary", "body", "caption")} | {
        "deep": {"body": "x " * 60 + "a"}
    }
    assert {name for name, zones in texts.items() if verdict(query, article(**zones))} == found_in


def test_not_looks_at_the_whole_article_and_fields_at_their_own() -> None:
    index = article(title="Maduro speaks", body="on oil and cigars")
    assert not verdict("Maduro -cigars", index)
    assert verdict("Maduro -title:cigars", index)
    assert verdict("title:Maduro body:oil", index)
    assert not verdict("title:(Maduro oil)", index)


def test_a_query_that_asks_for_no_text_matches_without_hits_as_a_mention() -> None:
    index = article(title="On oil", body="Some text")
    for text in ("-cigars", "lang:es", "lang:es -cigars"):
        found = match(parse_query(text), index, Metadata(languages=("es",)))
        assert found
        assert found.hits == ()
        assert found.strength is Strength.MENTION
    assert not match(parse_query("lang:pt"), index, Metadata(languages=("es",)))
    assert not match(parse_query("lang:pt"), index)


def test_a_regular_expression_sees_the_text_as_it_stands() -> None:
    index = article(title="CVE-2025-1234", body="see cve-2025-77 and Nicola\u0301s")
    found = certain(r"/CVE-\d{4}-\d+/", index)
    assert cut(index, found) == ["CVE-2025-1234"]
    assert cut(index, certain(r"/cve-\d+-\d+/i", index)) == ["CVE-2025-1234", "cve-2025-77"]
    assert cut(index, certain("/Nicolás/", index)) == ["Nicola\u0301s"]


# ---- always true


@settings(deadline=None)
@given(st.lists(queries, max_size=5), articles, metadata)
def test_a_match_was_a_candidate(asked: list[Query], index: Index, known: Metadata) -> None:
    by_key = {str(i): query for i, query in enumerate(asked)}
    matching = {key for key, query in by_key.items() if match(query, index, known)}
    assert matching <= Presearch(by_key).candidates(index)


@settings(deadline=None)
@given(queries, articles)
def test_a_highlight_folds_back_to_the_tokens_matched(query: Query, index: Index) -> None:
    words = {phrase.term: phrase for phrase in _phrases(query)}
    found = match(query, index)
    for hit in found.hits if found else ():
        if hit.term in words:
            tokens = tokenize(index.zones[hit.zone].text[hit.start : hit.end]).tokens
            assert _agrees(words[hit.term], tokens, index.language)


def _phrases(query: Query) -> list[Phrase]:
    return [query] if isinstance(query, Phrase) else [each for child in children_of(query) for each in _phrases(child)]


def _agrees(phrase: Phrase, tokens: tuple[str, ...], language: str) -> bool:
    """Each of the phrase's tokens is there in one of its forms, in order."""
    left = list(tokens)
    for number, token in enumerate(phrase.tokens):
        may_go_on = phrase.prefix and number == len(phrase.tokens) - 1
        while left and not (left[0].startswith(token) if may_go_on else left[0] in forms(token, language)):
            left.pop(0)
        if not left:
            return False
        left.pop(0)
    return len(tokens) - len(phrase.tokens) <= phrase.slop


@settings(deadline=None)
@given(queries, articles, metadata)
def test_the_evaluator_agrees_with_reading_word_by_word(query: Query, index: Index, known: Metadata) -> None:
    assert (match(query, index, known) is not None) is Reader(index, known).holds(query)


@settings(deadline=None)
@given(queries, articles, articles, metadata)
def test_what_lasts_of_a_match_survives_any_more_text(query: Query, index: Index, more: Index, known: Metadata) -> None:
    kept = lasting(query)
    if kept is None or match(kept, index, known) is None:
        return
    zones = tuple(Zone(name=zone.name, text=zone.text) for zone in (*index.zones, *more.zones))
    assert match(query, build_index(zones, index.language), known) is not None
    assert match(query, index, known) is not None


@settings(deadline=None)
@given(queries, texts, st.sampled_from(LANGUAGES))
def test_spelling_never_changes_a_verdict(query: Query, text: str, language: str) -> None:
    assume(not _looks_at_letters(query))
    spellings = [text, text.upper(), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)]
    spellings.append(_between_letters.sub("\u200b", text))
    assert len({match(query, article(body=spelt, language=language)) is None for spelt in spellings}) == 1


_between_letters = re.compile(r"(?<=\w)(?=\w)")  # where people and programs hide zero-width characters


def _looks_at_letters(query: Query) -> bool:
    """What = and regular expressions are for."""
    own = isinstance(query, Regex) or (isinstance(query, Phrase) and query.exact)
    return own or any(map(_looks_at_letters, children_of(query)))


@pytest.mark.timeout(20)  # a tenth of a second each
@pytest.mark.parametrize(
    "query",
    [
        *("Maduro", "=Maduro", "Madu*", "the OR Maduro", "the -x", '"Maduro the Maduro"', '"Maduro the Maduro"~5'),
        *("Maduro NEAR/5 the NEAR/5 Maduro NEAR/5 the", 'Maduro UNLESS "the Maduro"', "Maduro UNLESS/9 the"),
        *("Maduro{1000}", "/Maduro|the/", "/(a|b)*a(a|b){50}c|a/", "/.*.*.*x/"),
    ],
)
def test_a_megabyte_full_of_hits_is_matched(query: str) -> None:
    verdict(query, article(body="Maduro the " * 90_000))
