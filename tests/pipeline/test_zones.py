"""What is known of an article besides its text: what the fields of a query ask about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedwatch.model import Page
from feedwatch.pipeline.zones import facts, language_of
from feedwatch.store.articles import PendingEntry
from feedwatch.watches.index import build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_query
from tests.edges.rows import NOON

ENTRY = PendingEntry(
    id=1, version=1, feed="https://rss.dw.com/feed", title="T", summary="", content="", how="new", window_id=None,
    shown_at=NOON, link="https://www.dw.com/es/a", authors=("Ana Ruiz",), host="rss.dw.com", outlet="DW", language="es",
)  # fmt: skip
PAGE = Page(title="T", body="text", language="pt", authors=("Midhat Fatimah",))


def test_the_pages_language_comes_before_the_feeds() -> None:
    assert language_of(PAGE, ENTRY) == "pt"
    assert language_of(None, ENTRY) == "es"
    assert language_of(replace(PAGE, language=None), replace(ENTRY, language="")) == ""


@pytest.mark.parametrize(
    "query",
    [
        "lang:pt",
        "source:dw.com",
        "author:Fatimah",
        'author:"Ana Ruiz"',
        "tag:world",
        "feed:DW",
        "url:es/a",
        "country:UY",
    ],
)
def test_every_field_finds_what_is_known(query: str) -> None:
    known = facts(PAGE, ENTRY, "https://elpais.com.uy/es/a", ("world",))
    assert match(parse_query(query), build_index(()), known)
    field = query.partition(":")[0]
    other = {"lang": "fr", "country": "FR"}.get(field, "nothing.example")
    assert match(parse_query(f"{field}:{other}"), build_index(()), known) is None


@pytest.mark.parametrize(
    ("host", "country"), [("bbc.co.uk", "GB"), ("eltiempo.com", ""), ("news.tv", ""), ("nos.nl", "NL")]
)
def test_a_country_is_the_end_of_an_address_that_nobody_else_can_buy(host: str, country: str) -> None:
    entry = replace(ENTRY, host=host, link=None)
    assert facts(None, entry, None, ()).country == country
