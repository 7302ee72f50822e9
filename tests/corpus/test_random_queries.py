"""Random queries over real articles, asked here and of SQLite, which reads the raw text in its own way.

`make corpus` asks 10,000 about every article; a plain run some hundred about every twelfth. SEED=… draws others.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import regex

from feedwatch.articles.page import read_page
from feedwatch.config.packs import lists_of
from feedwatch.errors import PageElsewhere, PageUnreadable, QueryError
from feedwatch.model import Page, Zone
from feedwatch.watches.fts import FTS5_TOKENIZE, fts_text, to_fts5
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.match import Presearch, match
from feedwatch.watches.parse import parse_query
from feedwatch.watches.tree import Query
from tests.harness import SHARED

ROWS = SHARED / "corpus" / "pages.jsonl"
EVERY, MANY = (1, 10_000) if os.environ.get("FULL") else (12, 200)
SEED = int(os.environ.get("SEED", "1"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not ROWS.exists(), reason="../shared is not here"),
]

COLUMNS = ("title", "summary", "body")

_RUNS = regex.compile(r"[\p{Han}\p{Hiragana}]{2,}|\p{Thai}{2,}")
RUNS = 20  # an article that has more is written without spaces

Say = Callable[[str], None]


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    """Every twelfth, and all that write without spaces."""
    found = []
    for number, row in enumerate(map(json.loads, ROWS.read_text(encoding="utf-8").split("\n")[:-1])):
        if number % EVERY and len(_RUNS.findall(str(row))) < RUNS:
            continue
        packed = ROWS.parent / "pages" / f"{row['id']}.html.gz"
        try:
            found.append(
                read_page(gzip.decompress(packed.read_bytes()), row["url"] or "https://unknown.example/article", None)
            )
        except (PageUnreadable, PageElsewhere):
            continue
    return found


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def said(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")  # noqa: T201 - the figures are what this run is for

    return said


def sqlite(tokenize: str, rows: list[tuple[str, ...]]) -> sqlite3.Connection:
    """A full-text table of these rows, numbered from 0."""
    db = sqlite3.connect(":memory:")
    columns = ", ".join(COLUMNS[-len(rows[0]) :])
    db.execute(f'CREATE VIRTUAL TABLE fts USING fts5({columns}, tokenize="{tokenize}")')
    for number, row in enumerate(rows):
        db.execute(f"INSERT INTO fts(rowid, {columns}) VALUES (?{', ?' * len(row)})", [number, *row])
    return db


def rows_of(db: sqlite3.Connection, expression: str) -> set[int]:
    return {row[0] for row in db.execute("SELECT rowid FROM fts WHERE fts MATCH ?", [expression])}


# ---- words, phrases, beginnings, AND, OR, NOT: as SQLite finds them in the raw text


STOCK = "unicode61 remove_diacritics 2"
"""SQLite's own reading of a text."""

_SAID_OTHERWISE = (
    (re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]"), ""),  # what nobody sees parts no word
    (re.compile(r"(?<=\w)['’‘`´]s\b(?!['’‘`´]\w)", re.IGNORECASE), ""),  # Maduro's is Maduro
    (
        re.compile(  # l'Iran is Iran
            r"\b(?:[ldjmtsncv]|(?:jus|lors|puis|quoi)?qu|dell|all|dall|nell|sull|un)['’‘`´](?=\w)", re.IGNORECASE
        ),
        "",
    ),
)
_OTHER_LETTERS = str.maketrans(
    dict(zip("łŁøØđĐðÐıªº¹²³", "llooddddiao123", strict=True)) | {"ß": "ss", "æ": "ae", "œ": "oe"}
)
"""Where watchlists read otherwise than SQLite, and say so: what SQLite gets instead. Nothing of ours is in it."""

_NOT_ALIKE = regex.compile(
    r"(?V1)[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}[\p{Nd}--[0-9]][\p{No}--[¹²³]][\p{M}--[\u0300-\u036f]]]"
)
"""SQLite knows no words without spaces between, no vowel signs and no digits but 0 to 9."""

_WORD = re.compile(r"[^\W_]+")
_TAKES_FORMS = regex.compile(r"(?V1)[\p{L}--\p{Latin}]")


@dataclass(frozen=True)
class Asked:
    """A query as it is written here and as it is written there."""

    here: str
    there: str


def plain(draw: random.Random, words: list[str], depth: int) -> Asked:
    """A random query of words that stand in a row in some text."""
    if depth == 0 or draw.random() < 0.2:
        return _leaf(draw, words)
    one, other = plain(draw, words, depth - 1), plain(draw, words, depth - 1)
    sign = draw.choice(("AND", "OR", "NOT"))
    return Asked(here=f"({one.here}) {sign} ({other.here})", there=f"({one.there}) {sign} ({other.there})")


def _leaf(draw: random.Random, words: list[str]) -> Asked:
    """In a script whose words take forms only a beginning means the same in both places: it takes none."""
    at = draw.randrange(len(words))
    kind = draw.choice(("word", "phrase", "beginning"))
    if any(map(_TAKES_FORMS.search, words[at : at + 4])):
        kind = "beginning"
    if kind == "phrase":
        phrase = " ".join(words[at : at + draw.randint(2, 4)])
        return Asked(here=f'"{phrase}"', there=f'"{phrase}"')
    word = draw.choice((str.lower, str.upper, str.title, str))(words[at])
    if kind == "beginning" and len(word) > 1:
        start = word[: draw.randint(2, len(word))]
        return Asked(here=f"{start}*", there=f'"{start}" *')
    return Asked(here=f'"{word}"', there=f'"{word}"')


def as_sqlite_must_get_it(text: str) -> str:
    for pattern, new in _SAID_OTHERWISE:
        text = pattern.sub(new, text)
    return text.translate(_OTHER_LETTERS)


def test_words_are_found_where_sqlite_finds_them_in_the_raw_text(pages: list[Page], say: Say) -> None:
    texts = [page.body for page in pages if not _NOT_ALIKE.search(page.body)]
    raw = list(map(as_sqlite_must_get_it, texts))
    words = [found for text in raw if (found := _WORD.findall(text))]
    indexes = [build_index((Zone(name="body", text=text),)) for text in texts]
    draw = random.Random(SEED)  # noqa: S311 - the same in every run
    matches, different = 0, []
    with closing(sqlite(STOCK, [(text,) for text in raw])) as db:
        for _ in range(MANY):
            asked = plain(draw, draw.choice(words), draw.randint(0, 3))
            query = parse_query(asked.here)
            here = {number for number, index in enumerate(indexes) if match(query, index)}
            matches += len(here)
            if wrong := here ^ rows_of(db, asked.there):
                different.append((asked.here, sorted(wrong)))
    say(f"{MANY} queries, {len(texts)} articles in raw text: {matches} matches, {len(different)} differences")
    assert not different
    assert matches > MANY


# ---- scripts without spaces: a word stands wherever its characters do

_GRAPHEME = regex.compile(r"\X")


def test_words_of_unspaced_scripts_are_found_where_their_characters_stand(pages: list[Page], say: Say) -> None:
    texts = [page.body for page in pages]
    runs = [found for text in texts if len(found := _RUNS.findall(text)) >= RUNS]
    indexes = [build_index((Zone(name="body", text=text),)) for text in texts]
    draw = random.Random(SEED)  # noqa: S311 - the same in every run
    matches, different = 0, []
    for _ in range(MANY // 5):
        characters = _GRAPHEME.findall(draw.choice(draw.choice(runs)))
        at = draw.randrange(len(characters))
        some = characters[at : at + draw.randint(1, 6)]
        query = parse_query("".join(some))
        here = {number for number, index in enumerate(indexes) if match(query, index)}
        stands = regex.compile(r"[\s·・]*".join(map(regex.escape, some)) + r"(?!\p{M})")
        near = [number for number, text in enumerate(texts) if some[0] in text]
        matches += len(here)
        if wrong := here ^ {number for number in near if stands.search(texts[number])}:
            different.append(("".join(some), sorted(wrong)))
    say(f"{MANY // 5} words without spaces, {len(texts)} articles: {matches} matches, {len(different)} differences")
    assert not different


# ---- the whole language: nothing that matches is ever passed over


LISTS = lists_of({"ve": ("Venezuela", "Caracas", "Nicolas Maduro", "Venezuel*")})
_NAMED = ("@ve", "@country:VE", "@country:DE", "@name:maduro", "@name:trump", "@cldr:FR")
_ABOUT = ("lang:de", "lang:(es OR en)", "lang:pl")


def anything(draw: random.Random, words: list[str], depth: int) -> str:
    """A random query in the whole language; some are refused."""
    if depth == 0 or draw.random() < 0.2:
        return _anything_small(draw, words)
    one, other = anything(draw, words, depth - 1), anything(draw, words, depth - 1)
    sign = draw.choice(("AND", "OR", "OR", "NOT", "NEAR", "NEAR/9", "ONEAR/20", "UNLESS", "UNLESS/3", "{2}", "in"))
    if sign == "{2}":
        return f"({one}){{{draw.randint(1, 3)}}}"
    if sign == "in":
        return f"{draw.choice(('title', 'body', 'lead', 'text', 'caption'))}:({one})"
    return f"({one}) {sign} ({other})"


def _anything_small(draw: random.Random, words: list[str]) -> str:
    at = draw.randrange(len(words))
    word, phrase = words[at], " ".join(words[at : at + draw.randint(2, 4)])
    return draw.choice(
        (
            *(f'"{word}"', f'"{word.upper()}"', f'="{word}"', f"{word[:3]}*", f'"{phrase}"', f'="{phrase}"'),
            *(f'"{words[at]} {words[min(at + 2, len(words) - 1)]}"~2', f"/{word}/", f"/{word[:4]}/i"),
            *(draw.choice(_NAMED), draw.choice(_ABOUT)),
        )
    )


def written(draw: random.Random, texts: list[list[str]]) -> Iterator[str]:
    while True:
        yield anything(draw, draw.choice(texts), draw.randint(0, 3))


def allowed(text: str) -> Query | None:
    try:
        return parse_query(text, LISTS)
    except QueryError:
        return None


@dataclass(frozen=True)
class Article:
    index: Index
    known: Metadata


def article(page: Page) -> Article:
    zones = tuple(Zone(name=name, text=text) for name, text in (("title", page.title), ("body", page.body)) if text)
    language = page.language or ""
    return Article(index=build_index(zones, language), known=Metadata(languages=(language,) if language else ()))


def test_whatever_matches_was_a_candidate_of_the_presearch_and_of_the_table(pages: list[Page], say: Say) -> None:
    texts = [words for page in pages if (words := _WORD.findall(f"{page.title} {page.body}"))]
    articles = list(map(article, pages))
    queries = {}
    for text in written(random.Random(SEED), texts):  # noqa: S311 - the same in every run
        if (tree := allowed(text)) is not None:
            queries[text] = tree
        if len(queries) == MANY:
            break
    presearch = Presearch(queries)
    candidates = [presearch.candidates(each.index) for each in articles]
    matches = 0
    passed_over, not_found, not_read_back = list[object](), list[object](), list[str]()
    with closing(
        sqlite(FTS5_TOKENIZE, [tuple(fts_text(each.index, name) for name in COLUMNS) for each in articles])
    ) as db:
        for text, query in queries.items():
            found = {number for number, each in enumerate(articles) if match(query, each.index, each.known)}
            matches += len(found)
            passed_over += [(text, number) for number in found if text not in candidates[number]]
            expression = to_fts5(query)
            not_found += [(text, number) for number in (found - rows_of(db, expression) if expression else set())]
            not_read_back += [text] if parse_query(str(query), LISTS) != query else []
    say(
        f"{MANY} queries of the whole language, {len(articles)} articles: {matches} matches, {len(passed_over)} were no"
        f" candidates of the presearch, {len(not_found)} none of the table, {len(not_read_back)} not read back"
    )
    assert not passed_over
    assert not not_found
    assert not not_read_back
    assert matches > MANY
