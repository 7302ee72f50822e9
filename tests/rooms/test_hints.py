"""How often servers and documents ask to be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.hints import fresh_for
from feedwatch.feeds.parse import parse_feed
from feedwatch.model import NOTHING_ASKED, Asked

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
URL = "https://a.example/rss"


def channel(head: str) -> Asked:
    body = (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>A</title>'
        f"{head}<item><guid>1</guid><title>x</title></item></channel></rss>"
    )
    return parse_feed(body.encode(), None, URL).asked


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache-control": "public, max-age=600"}, 10 * MINUTE),
        ({"cache-control": 'max-age="600"'}, 10 * MINUTE),
        ({"cache-control": "max-age=600", "age": "120"}, 8 * MINUTE),
        ({"cache-control": "max-age=600", "age": "900"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"expires": "Tue, 03 Feb 2026 12:30:00 GMT"}, 30 * MINUTE),
        ({"expires": "Tue, 03 Feb 2026 18:30:00 GMT", "date": "Tue, 03 Feb 2026 18:00:00 GMT"}, 30 * MINUTE),
        ({"expires": "Tue, 03 Feb 2026 11:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"cache-control": "max-age=60", "expires": "Tue, 03 Feb 2036 12:30:00 GMT"}, MINUTE),
        ({}, None),
    ],
)
def test_what_the_headers_say_of_freshness(headers: dict[str, str], expected: timedelta | None) -> None:
    assert fresh_for(headers, NOW) == expected


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age"]), st.text()))
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    found = fresh_for(headers, NOW)
    assert found is None or found > timedelta(0)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<ttl>300</ttl>", Asked(wait=5 * HOUR)),
        ("<ttl> 0 </ttl>", NOTHING_ASKED),
        ("<ttl>soon</ttl>", NOTHING_ASKED),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", Asked(wait=6 * HOUR)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", Asked(wait=HOUR / 2)),
        ("<sy:updatePeriod>\n hourly </sy:updatePeriod><sy:updateFrequency> 1 </sy:updateFrequency>", NOTHING_ASKED),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", NOTHING_ASKED),
        ("<sy:updatePeriod>never</sy:updatePeriod>", NOTHING_ASKED),
        (
            "<skipHours><hour>0</hour><hour> 24 </hour><hour>7</hour><hour>99</hour></skipHours>",
            Asked(hours=frozenset({0, 7})),
        ),
        ("<skipDays><day>Saturday</day><day>sunday</day><day>x</day></skipDays>", Asked(days=frozenset({5, 6}))),
    ],
)
def test_what_the_document_asks(head: str, expected: Asked) -> None:
    assert channel(head) == expected


def test_what_stands_in_an_item_is_no_wish_of_the_channel() -> None:
    body = b"<rss version='2.0'><channel><item><skipHours><hour>3</hour></skipHours></item></channel></rss>"
    assert parse_feed(body, None, URL).asked == NOTHING_ASKED
