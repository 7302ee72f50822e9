"""The lists that ship: how they are found, that each is sound, and what each finds in sentences of many languages."""

from __future__ import annotations

import csv
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import regex

from feedwatch.config import cldr
from feedwatch.config.packs import called, lists_of, origins, shipped, tables_of
from feedwatch.errors import UnknownList
from feedwatch.model import Zone
from feedwatch.text.tokens import tokenize
from feedwatch.watches.index import Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import Phrase, Query

LISTS = lists_of({})
REVIEWED = [name for name in shipped() if not name.startswith("cldr:")]
GOLD = list(
    csv.DictReader(
        (Path(__file__).with_name("packs.gold.tsv")).read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)

SCRIPTS = {
    "Cyrillic": "ru uk bg sr mk",
    "Greek": "el",
    "Arabic": "ar fa ur",
    "Hebrew": "he",
    "Han": "zh",
    "Devanagari": "hi",
    "Bengali": "bn",
    "Hangul": "ko",
    "Thai": "th",
    "Georgian": "ka",
    "Armenian": "hy",
}
"""Script → the languages that are written in it; Japanese has three, all others here are Latin."""


@cache
def query(name: str) -> Query:
    return parse_query(f"@{name}", LISTS)


def entries(name: str) -> Iterator[tuple[str, str]]:
    """(languages, entry) of a reviewed list."""
    kind, _, key = name.partition(":")
    for table in tables_of(kind, key).values():
        for languages, listed in table.items():
            yield from ((languages, entry) for entry in listed)


@pytest.mark.parametrize("row", GOLD, ids=lambda row: f"{row['list']}-{row['lang']}-{row['sentence'][:30]}")
def test_a_list_finds_what_is_meant_and_not_what_only_looks_like_it(row: dict[str, str]) -> None:
    index = build_index((Zone(name="body", text=row["sentence"]),), row["lang"])
    found = match(query(row["list"]), index, Metadata(languages=(row["lang"],)))
    assert (found is not None) == (row["expected"] == "1")


def test_every_list_is_tried_on_a_sentence_with_it_and_one_without() -> None:
    verdicts = {(row["list"], row["expected"]) for row in GOLD}
    assert {(name, verdict) for name in REVIEWED for verdict in "01"} - verdicts == set()


@pytest.mark.parametrize("name", ["country:VE", "name:maduro"])
def test_the_running_example_is_tried_in_twelve_languages(name: str) -> None:
    assert len({row["lang"] for row in GOLD if row["list"] == name and row["expected"] == "1"}) >= 12


@pytest.mark.parametrize("name", shipped())
def test_every_list_that_ships_parses(name: str) -> None:
    assert parse_query(str(query(name)), LISTS) == query(name)


@pytest.mark.parametrize("name", shipped())
def test_every_list_that_ships_may_stand_wherever_a_word_may(name: str) -> None:
    for text in (
        "{} NEAR/10 oil",
        "oil ONEAR {}",
        "oil UNLESS/2 {}",
        "{} UNLESS oil",
        "title:{}",
        "lead:({} NEAR oil)",
    ):
        query = parse_query(text.format(f"@{name}"), LISTS)
        assert parse_query(str(query), LISTS) == query


@pytest.mark.parametrize("name", REVIEWED)
def test_no_entry_of_a_list_asks_for_what_another_asks_for(name: str) -> None:
    asked: dict[object, str] = {}
    for _, entry in entries(name):
        tree = parse_query(entry, LISTS) if entry.startswith("(") else parse_keywords([entry], LISTS)
        key = (tree.tokens, tree.exact and tree.text, tree.prefix) if isinstance(tree, Phrase) else tree
        assert key not in asked, f"{entry} and {asked[key]}"
        asked[key] = entry


@pytest.mark.parametrize("name", REVIEWED)
def test_an_entry_is_in_the_script_of_its_languages(name: str) -> None:
    for languages, entry in entries(name):
        letters = set(re.sub(r"lang:\([^)]*\)|lang:\w+|AND|OR|NOT|UNLESS|NEAR|@\S+", "", entry))
        for script, written in SCRIPTS.items():
            if set(languages.split()) <= set(written.split()) and "(" not in entry:
                is_latin_name = all(letter.isascii() for letter in letters)  # PDVSA, as Russian papers write it too
                assert is_latin_name or any(regex.match(rf"\p{{{script}}}", letter) for letter in letters), entry


@pytest.mark.parametrize("name", [name for name in REVIEWED if name.startswith("country:")])
def test_a_country_is_spelt_in_the_scripts_of_the_great_languages(name: str) -> None:
    words = " ".join([*LISTS(name), *LISTS(name.replace("country", "cldr"))])
    for script in ("Latin", "Cyrillic", "Arabic", "Han", "Greek", "Hangul"):
        assert regex.search(rf"\p{{{script}}}", words), script


def test_the_countries_that_make_news_are_reviewed() -> None:
    asked = (
        "VE CO BR AR CL PE EC BO MX CU NI US CA GB FR DE ES IT RU UA BY PL CN TW JP KR KP IN PK AF IR IQ SY IL PS LB "
        "SA YE EG LY SD ET NG ZA CD TR GR"
    )
    assert {f"country:{code}" for code in asked.split()} <= set(REVIEWED)


def test_a_list_says_of_each_entry_what_it_is() -> None:
    assert origins("country:VE")["Caracas"].startswith("capital: en es")
    assert "ru" in origins("cldr:VE")['"Венесуэла"'].split()
    assert origins("mine") == {}


# --- CLDR


def test_every_spelling_of_cldr_is_found_in_an_article_of_its_language() -> None:
    for language, names in cldr._all_territories():
        for code in ("VE", "RU", "DE", "GN", "CG"):
            for name in filter(None, names.get(code, "").split("/")):
                index = build_index((Zone(name="body", text=f"{name} 2026"),), language)
                assert match(query(f"cldr:{code}"), index, Metadata(languages=(language,))), (language, name)


def test_only_the_head_of_babels_files_is_read_and_says_what_the_whole_says() -> None:
    for file in cldr._folder().glob("*.dat"):
        whole = pickle.loads(file.read_bytes())  # noqa: S301 -- Babel's own
        assert cldr._territories(file.stem) == whole.get("territories", {})


def test_a_reviewed_spelling_is_one_of_cldr() -> None:
    spelt: dict[str, set[tuple[str, ...]]] = {}
    for _, names in cldr._all_territories():
        for code, name in names.items():
            spelt.setdefault(code, set()).add(tokenize(name).tokens)
    for table in cldr._review().values():
        for code, spellings in table.items():
            for spelling in spellings:
                assert tokenize(spelling).tokens in spelt[code], (code, spelling)


def test_a_country_within_another_ones_name_is_not_meant() -> None:
    index = build_index(
        (Zone(name="body", text="Die Wahl in Papua-Neuguinea und Äquatorialguinea; 白俄罗斯总统"),), "de"
    )
    assert match(query("cldr:GN"), index) is None
    assert match(query("cldr:RU"), index) is None


def test_a_short_name_counts_in_articles_of_its_language_only() -> None:
    index = build_index((Zone(name="body", text="Nga, Man, Tai"),), "")
    assert match(query("cldr:RU"), index, Metadata(languages=("vi",)))
    assert not match(query("cldr:RU"), index, Metadata(languages=("fil",)))


def test_a_config_without_lists_does_not_open_babel(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[channels.here]\nterminal = true\n[[watchlists]]\nid = "x"\nkeywords = ["oil"]\nnotify = ["here"]\n'
    )
    asked = (
        "import sys\nfrom pathlib import Path\nfrom feedwatch.config.load import load\n"
        "from feedwatch.pipeline.program import compile_plan\n"
        f"compile_plan(load(Path({str(config)!r}), {{}}))\nprint('babel' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


# --- names


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("name:madro", 'did you mean "@name:maduro"?'),
        ("country:Venezuela", 'did you mean "@country:VE"?'),
        ("country:ve", 'did you mean "@country:VE"?'),
        ("cldr:UK", 'did you mean "@cldr:GB"?'),
        ("country:QQQ", 'a country has two capital letters, as in "@country:VE"; `feedwatch watch lists` has them all'),
        ("maduro", 'did you mean "@name:maduro"?'),
        ("Venezuela", 'did you mean "@country:VE"?'),
        ("county:VE", 'did you mean "@country:VE"?'),
        ("xyzzy", "write it into [aliases], or see `feedwatch watch lists`"),
        ("name:", "`feedwatch watch lists` has them all"),
        ("name:../../cldr", "`feedwatch watch lists` has them all"),
    ],
)
def test_an_unknown_list_is_refused_with_the_nearest_one(name: str, cure: str) -> None:
    with pytest.raises(UnknownList) as refused:
        LISTS(name)
    assert refused.value.cure == cure


def test_an_alias_comes_before_what_ships_and_is_offered_where_it_is_near() -> None:
    lists = lists_of({"maduro": ("x",), "oil": ("crude",)})
    assert lists("maduro") == ("x",)
    with pytest.raises(UnknownList, match='did you mean "@oil"'):
        lists("oill")


def test_a_keyword_is_called_by_what_it_stands_for() -> None:
    keywords = ("@country:VE", "@name:maduro", "crude oil", "@mine")
    assert [called(word) for word in keywords] == ["Venezuela", "Nicolás Maduro", "crude oil", "@mine"]
