import csv
import math
import os
import pickle
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.model import Match, Strength, Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.index import Index, build_index, words_of
from feedwatch.watches.match import Presearch, match, needed_tokens
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.strength import Count, explain
from feedwatch.watches.tree import AllOf, AnyOf, Phrase, Query

SHARED = Path(os.environ.get("FEEDWATCH_SHARED", Path(__file__).parents[2].parent / "shared"))

FILLER = "word " * 100
WORDS = [
    "a",
    "b",
    "Maduro",
    "MADURO'S",
    "l'Oréal",
    "委内",
    "委",
    "ป",
    "Nicola\u0301s",
    "トランプ",
    "-",
    ".",
    "\n",
    "a-b",
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(
    st.sampled_from("ab' 委é\u0301"), max_size=12
)
zones = st.tuples(st.sampled_from(["title", "summary", "body"]), texts).map(lambda z: Zone(name=z[0], text=z[1]))
articles = st.lists(zones, max_size=4).map(tuple).map(build_index)
phrases = (
    st.lists(st.sampled_from([word for word in WORDS if word.isalnum()] + ["a-b", "l'Oréal"]), min_size=1, max_size=3)
    .map(" ".join)
    .map(lambda text: Phrase(text=text, tokens=tokenize(text).tokens))
)
queries: st.SearchStrategy[Query] = st.recursive(
    phrases,
    lambda children: st.builds(
        lambda kind, parts: kind(children=tuple(parts)),
        st.sampled_from([AnyOf, AllOf]),
        st.lists(children, min_size=2, max_size=3),
    ),
    max_leaves=5,
)


def article(title: str = "", body: str = "", summary: str = "") -> Index:
    named = (("title", title), ("summary", summary), ("body", body))
    return build_index(tuple(Zone(name=name, text=text) for name, text in named if text))


def verdict(query: str, index: Index) -> Match | None:
    return match(parse_query(query), index)


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


def test_presearch_needs_one_token_of_each_way_to_match() -> None:
    assert needed_tokens(parse_query('"on Maduro" oil OR gas')) == {"maduro", "gas"} or needed_tokens(
        parse_query('"on Maduro" oil OR gas')
    ) == {"oil", "gas"}


def test_presearch_leaves_out_who_cannot_match() -> None:
    presearch = Presearch({"ve": parse_query("Maduro OR Caracas"), "pl": parse_query("Tusk")})
    assert presearch.candidates(article(body="in Caracas")) == {"ve"}


@given(st.lists(queries, max_size=5), articles)
def test_a_match_was_a_candidate(asked: list[Query], index: Index) -> None:
    by_key = {str(i): query for i, query in enumerate(asked)}
    matching = {key for key, query in by_key.items() if match(query, index)}
    assert matching <= Presearch(by_key).candidates(index)


@given(queries, articles)
def test_a_highlight_folds_back_to_the_tokens_matched(query: Query, index: Index) -> None:
    found = match(query, index)
    for hit in found.hits if found else ():
        assert tokenize(index.zones[hit.zone].text[hit.start : hit.end]).tokens == tokenize(hit.term).tokens


@given(queries, articles)
def test_the_evaluator_agrees_with_reading_word_by_word(query: Query, index: Index) -> None:
    lines = [words_of(zone) for zone in index.zones]
    assert bool(match(query, index)) is _holds(query, lines)


def _holds(query: Query, lines: list[list[str]]) -> bool:
    if isinstance(query, Phrase):
        wanted, n = list(query.tokens), len(query.tokens)
        return any(line[i : i + n] == wanted for line in lines for i in range(len(line)))
    return (all if isinstance(query, AllOf) else any)(_holds(child, lines) for child in query.children)


@given(queries, texts)
def test_spelling_never_changes_a_verdict(query: Query, text: str) -> None:
    spellings = [text, text.upper(), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)]
    spellings.append("\u200b".join(text))
    assert len({match(query, article(body=spelt)) is None for spelt in spellings}) == 1


# A form that only the query language's word forms will find, or a letter that German keeps apart.
NEED_FORMS = {"83", "85", "86", "87", "91", "98", "100", "103"}


@pytest.mark.corpus
@pytest.mark.skipif(not (SHARED / "cases").is_dir(), reason="../shared is not here")
def test_the_shared_cases_give_their_verdict_or_are_refused() -> None:
    with (SHARED / "cases/queries.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["id"] not in NEED_FORMS]
    answers = {row["id"]: _answer(row) for row in rows}
    wrong = [row["id"] for row in rows if answers[row["id"]] not in {row["expected"], "error"}]
    assert wrong == []
    assert sum(answer != "error" for answer in answers.values()) >= 40


def _answer(row: dict[str, str]) -> str:
    try:
        query = parse_query(row["query"])
    except QueryError:
        return "error"
    return str(int(match(query, article(title=row["title"], body=row["body"])) is not None))
