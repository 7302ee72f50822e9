"""The demo's newsroom over real HTTP, read by the real feedparser and trafilatura."""

from __future__ import annotations

import calendar
import ipaddress
import re
import socket
import struct
import unicodedata
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import feedparser
import pytest
import trafilatura

from feedwatch.cli.demo import press
from feedwatch.cli.demo.newsroom import Expected, Newsroom
from feedwatch.model import Strength

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EDITION = press.edition()
FRESH = [article for article in EDITION.articles if not article.days]
LEAD = 60  # words


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(clock: Clock) -> Iterator[Newsroom]:
    with Newsroom(clock) as room:
        yield room


@pytest.fixture(scope="module")
def full_room() -> Iterator[Newsroom]:
    with Newsroom(Clock()) as room:
        publish_all(room)
        yield room


def publish_all(room: Newsroom) -> list[str]:
    return list(iter(room.publish_next, None))


def get(url: str, **headers: str) -> Answer:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with opener.open(urllib.request.Request(url, headers=asked), timeout=5) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())


def parsed(url: str) -> Any:
    return feedparser.parse(get(url).body, response_headers={"content-type": "application/xml"})


def dated(url: str) -> list[tuple[str, datetime]]:
    """Title and date of every entry; feedparser's times are UTC."""
    moments = ((row.title, row.get("published_parsed") or row.updated_parsed) for row in parsed(url).entries)
    return [(title, datetime.fromtimestamp(calendar.timegm(moment), UTC)) for title, moment in moments]


def entries(room: Newsroom) -> list[Any]:
    return [entry for feed in room.feeds for entry in parsed(feed.url).entries]


def words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


KEYWORDS = {word for keyword in EDITION.keywords for word in words(keyword)}


def hits(text: str) -> int:
    return sum(word in KEYWORDS for word in words(text))


def visible(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def strength(title: str, summary: str, body: str) -> Strength | None:
    """The rule in its shortest form: headline, else lead or thrice, else anywhere."""
    lead = " ".join(words(body)[:LEAD])
    if hits(title):
        return Strength.HEADLINE
    if hits(summary) or hits(lead) or hits(body) >= 3:
        return Strength.TOPIC
    return Strength.MENTION if hits(body) else None


def extracted(url: str) -> Any:
    page = get(url)
    assert page.status == 200
    return trafilatura.bare_extraction(page.body, url=url, include_comments=False, with_metadata=True)


def expectation(room: Newsroom, article: press.Article) -> Expected:
    return next(e for e in room.expected if e.title == article.title)


def test_every_address_is_loopback_and_each_outlet_has_its_own(room: Newsroom) -> None:
    hosts = [urlsplit(feed.url).hostname for feed in room.feeds]
    assert len(set(hosts)) == len(hosts) == 4
    assert all(ipaddress.ip_address(host or "").is_loopback for host in hosts)
    assert len({urlsplit(feed.url).port for feed in room.feeds}) == 1


def test_the_outlets_speak_rss_atom_and_rdf(room: Newsroom) -> None:
    versions = [parsed(feed.url).version for feed in room.feeds]
    assert versions == ["rss20", "atom10", "rss10", "rss20"]


def test_every_feed_is_well_formed_and_named(room: Newsroom) -> None:
    for feed in room.feeds:
        document = parsed(feed.url)
        assert not document.bozo
        assert document.feed.title == feed.name


def test_at_first_every_feed_shows_entries_that_are_days_old(room: Newsroom) -> None:
    for feed in room.feeds:
        dates = [date for _, date in dated(feed.url)]
        assert dates
        assert all(NOON - date >= timedelta(days=2) for date in dates)


def test_an_article_comes_out_dated_by_the_clock(room: Newsroom, clock: Clock) -> None:
    clock.now = NOON + timedelta(minutes=7, microseconds=5)
    title = room.publish_next()
    assert title == FRESH[0].title
    assert dated(room.feeds[0].url)[0] == (title, NOON + timedelta(minutes=7))


def test_the_newest_entry_stands_first_even_within_one_second(full_room: Newsroom) -> None:
    fresh = [title for title, date in dated(full_room.feeds[1].url) if date == NOON]
    assert fresh == [article.title for article in reversed(FRESH) if article.outlet == "diario"]


def test_articles_come_out_one_by_one_until_none_is_left(room: Newsroom) -> None:
    before = len(entries(room))
    assert publish_all(room) == [article.title for article in FRESH]
    assert len(entries(room)) == before + len(FRESH)
    assert room.publish_next() is None


def test_a_naive_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="no moment"), Newsroom(datetime.now):
        pass


def test_an_article_that_is_not_out_has_no_page(room: Newsroom) -> None:
    url = expectation(room, FRESH[0]).url
    assert get(url).status == 404
    room.publish_next()
    assert get(url).status == 200


def test_an_unchanged_feed_answers_304_to_its_own_validators(room: Newsroom) -> None:
    for feed in room.feeds:
        first = get(feed.url)
        again = get(feed.url, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert get(feed.url, If_Modified_Since=first.headers["Last-Modified"]).status == 304


def test_a_fresh_article_ends_the_304_even_within_the_same_second(room: Newsroom) -> None:
    room.publish_next()
    first = get(room.feeds[0].url)
    while room.publish_next() != "A pianist's long way back to the stage":
        pass
    second = get(
        room.feeds[0].url,
        If_None_Match=first.headers["ETag"],
        If_Modified_Since=first.headers["Last-Modified"],
    )
    assert second.status == 200


def test_a_foreign_entity_tag_gets_the_whole_feed(room: Newsroom) -> None:
    last_modified = get(room.feeds[0].url).headers["Last-Modified"]
    asked = get(room.feeds[0].url, If_None_Match='"other"', If_Modified_Since=last_modified)
    assert asked.status == 200


def test_requests_are_counted_by_path_and_status(room: Newsroom) -> None:
    first = get(room.feeds[0].url)
    get(room.feeds[0].url, If_None_Match=first.headers["ETag"])
    get(room.feeds[0].url, If_None_Match=first.headers["ETag"])
    get(room.feeds[1].url.replace("atom.xml", "robots.txt"))
    assert room.requests == {
        ("127.0.0.2/rss.xml", 200): 1,
        ("127.0.0.2/rss.xml", 304): 2,
        ("127.0.0.3/robots.txt", 404): 1,
    }


def test_a_reader_that_hangs_up_says_nothing_on_stderr(room: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
    parts = urlsplit(room.feeds[0].url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(b"GET /rss")
    assert get(room.feeds[0].url).status == 200
    assert capfd.readouterr() == ("", "")


def test_after_leaving_nobody_listens(clock: Clock) -> None:
    with Newsroom(clock) as room:
        urls = [feed.url for feed in room.feeds]
    for url in urls:
        with pytest.raises(urllib.error.URLError):
            get(url)


def test_two_newsrooms_stand_side_by_side(room: Newsroom, clock: Clock) -> None:
    with Newsroom(clock) as other:
        assert {feed.url for feed in other.feeds}.isdisjoint(feed.url for feed in room.feeds)
        assert get(other.feeds[0].url).status == 200


@pytest.mark.parametrize("article", FRESH, ids=lambda article: article.key)
def test_a_page_gives_its_article_and_no_furniture(full_room: Newsroom, article: press.Article) -> None:
    expected = expectation(full_room, article)
    page = extracted(expected.url)
    assert page.title == article.title
    assert page.author == article.author
    assert strength(article.title, article.summary, page.text) == expected.strength


@pytest.mark.parametrize("article", FRESH, ids=lambda article: article.key)
def test_the_extracted_text_is_the_written_text_word_for_word(full_room: Newsroom, article: press.Article) -> None:
    source = press._text("articles", f"{article.key}.html")
    without_boxes = re.sub(r"<aside.*?</aside>", "", source, flags=re.DOTALL)
    written = words(visible(without_boxes))
    assert words(extracted(expectation(full_room, article).url).text) == written
    assert 140 <= len(written) <= 350


@pytest.mark.parametrize("article", EDITION.articles, ids=lambda article: article.key)
def test_the_feed_says_what_the_table_says(full_room: Newsroom, article: press.Article) -> None:
    url = expectation(full_room, article).url
    entry = next(entry for entry in entries(full_room) if entry.link == url)
    assert (entry.title, entry.summary) == (article.title, article.summary)
    assert get(url).status == 200


@pytest.mark.parametrize("outlet", EDITION.outlets, ids=lambda outlet: outlet.key)
def test_every_outlets_furniture_says_the_words(outlet: press.Outlet) -> None:
    empty_page = visible(press._text("outlets", f"{outlet.key}.html"))
    assert hits(empty_page) >= 3, "without them a page proves nothing"


def test_every_kind_of_verdict_is_in_the_edition() -> None:
    assert {article.strength for article in FRESH} == {None, *Strength}
    assert {article.outlet for article in FRESH} == {outlet.key for outlet in EDITION.outlets}
    assert all(article.strength is None for article in EDITION.articles if article.days)


def test_a_recipe_for_ripe_plantains_is_a_near_miss() -> None:
    recipe = next(article for article in FRESH if article.key == "plantains")
    assert "maduros" in words(recipe.title)
    assert "madura" in words(recipe.summary)
    assert recipe.strength is None


def test_an_old_entry_with_a_hit_shows_what_a_baseline_is() -> None:
    old = [article for article in EDITION.articles if article.days and hits(article.title)]
    assert [article.key for article in old] == ["carnival"]


def test_every_article_says_why() -> None:
    assert all(len(article.because) > 20 for article in EDITION.articles)
