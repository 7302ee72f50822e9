"""The lists that ship on real pages that people read, and against a collection of names made without Babel."""

from __future__ import annotations

import csv
import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feedwatch.articles.page import read_page
from feedwatch.config.packs import lists_of
from feedwatch.errors import PageUnreadable
from feedwatch.model import Zone
from feedwatch.watches.index import Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_keywords

SHARED = Path(os.environ.get("FEEDWATCH_SHARED") or Path(__file__).parents[2].parent / "shared")
CORPUS = SHARED / "corpus"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}"),
    pytest.mark.filterwarnings("default"),  # what libraries warn of on odd pages is theirs
]

QUERY = parse_keywords(["@country:VE", "@name:maduro"], lists_of({}))

SAYS_IT_ALL_THE_SAME = {
    "tra-84476099f9": "the label is about the country's name; the article speaks of venezolanos",
}


@cache
def labelled() -> list[dict[str, Any]]:
    if not CORPUS.is_dir():
        return []
    rows = map(json.loads, (CORPUS / "pages.jsonl").read_text(encoding="utf-8").splitlines())
    return [row for row in rows if "mentions_venezuela_or_maduro" in row]


@pytest.mark.parametrize("row", labelled(), ids=lambda row: str(row["id"]))
def test_a_page_that_people_read_is_judged_as_they_did(row: dict[str, Any]) -> None:
    body = gzip.decompress((CORPUS / "pages" / f"{row['id']}.html.gz").read_bytes())
    try:
        page = read_page(body, row["url"] or "https://unknown.example/article", None)
    except PageUnreadable:
        assert not row["mentions_venezuela_or_maduro"]
        return
    if not page.is_article:
        assert not row["mentions_venezuela_or_maduro"]
        return
    language = (page.language or "").partition("-")[0].lower()
    texts = (("title", page.title), ("body", page.body), ("caption", "\n".join(page.captions)))
    zones = tuple(Zone(name=name, text=text) for name, text in texts if text)
    found = match(QUERY, build_index(zones, language), Metadata(languages=(language,) if language else ()))
    assert (found is not None) == (row["mentions_venezuela_or_maduro"] or row["id"] in SAYS_IT_ALL_THE_SAME)


def test_every_collected_name_of_venezuela_is_found_in_its_language() -> None:
    query = parse_keywords(["@cldr:VE"], lists_of({}))
    with (CORPUS / "names/venezuela_cldr.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            index = build_index((Zone(name="body", text=f"{row['name']} 2026"),))
            tags = tuple(locale.partition("_")[0] for locale in row["locales"].split())
            assert match(query, index, Metadata(languages=tags)), row["name"]
