"""What servers do to their feeds between two polls: nothing that was told is new again, and what is new is not lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from feedwatch.feeds.aggregators import understood
from feedwatch.feeds.novelty import Novelty
from feedwatch.feeds.parse import parse_feed
from feedwatch.model import ParsedEntry
from tests.rooms.test_novelty import Feed

Document = list[ParsedEntry]
Change = Callable[[ParsedEntry], ParsedEntry]

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
HEADLINES = (
    "Ferry back after nine days",
    'Bridge & "tunnel" shut for repairs',
    "Harbour master resigns",
    "Maduro speaks in the capital",
    "Rain expected all week",
    "Three fishermen rescued at sea",
)


def entry(n: int, *, summary: bool = True) -> ParsedEntry:
    return ParsedEntry(
        id=f"http://courier.example/?p={10_000 + n}",
        link=f"http://courier.example/2026/02/03/{'-'.join(re.findall('[a-z]+', HEADLINES[n].lower()))}/",
        title=HEADLINES[n],
        summary=f"{HEADLINES[n]}: the whole story, as told on day {n}." if summary else "",
        published=NOON - timedelta(hours=n),
    )


def old(*, summary: bool = True) -> Document:
    return [entry(n, summary=summary) for n in range(1, 6)]


def link(change: Callable[[str], str]) -> Change:
    return lambda each: replace(each, link=change(each.link or ""))


def key(change: Callable[[str], str]) -> Change:
    return lambda each: replace(each, id=change(each.id or ""))


def both(change: Callable[[str], str]) -> Change:
    return lambda each: link(change)(key(change)(each))


def text(change: Callable[[str], str]) -> Change:
    return lambda each: replace(each, title=change(each.title), summary=change(each.summary))


def moved(change: Callable[[datetime], datetime | None]) -> Change:
    return lambda each: replace(each, published=change(each.published or NOON))


def after(*changes: Change) -> Change:
    def done(each: ParsedEntry) -> ParsedEntry:
        for change in changes:
            each = change(each)
        return each

    return done


def to_https(url: str) -> str:
    return url.replace("http:", "https:")


def to_www(url: str) -> str:
    return url.replace("//courier", "//www.courier")


CHANGES: dict[str, Change] = {
    "all ids are other ones": key(lambda was: f"urn:uuid:{hash(was)}"),
    "ids are gone": lambda each: replace(each, id=None),
    "ids are numbers now": key(lambda was: was[-5:]),
    "http is https in ids and links": both(to_https),
    "www. in ids and links": both(to_www),
    "https and www. at once": both(lambda was: to_www(to_https(was))),
    "the last slash is gone, and the ids": after(
        link(lambda was: was.rstrip("/")), lambda each: replace(each, id=None)
    ),
    "tracking parameters and new ids": after(
        link(lambda was: was + "?utm_source=rss&at_medium=RSS"), key(lambda was: was + "#1")
    ),
    "a tracking fragment and new ids": after(
        link(lambda was: was + "#Echobox=1770112800"), key(lambda was: was + "#1")
    ),
    "a port and capitals in the host, and new ids": after(
        link(lambda was: was.replace("courier.example", "Courier.Example:80")), key(lambda was: was + "x")
    ),
    "escapes spelt otherwise, and new ids": after(
        link(lambda was: was.replace("-", "%2D")), key(lambda was: was + "x")
    ),
    "a session in ids": key(lambda was: f"{was}&sid=0a1b2c"),
    "a session in ids and links": after(
        key(lambda was: was + ";jsessionid=0A1B"), link(lambda was: was.rstrip("/") + ";jsessionid=0A1B?PHPSESSID=77")
    ),
    "a session in the id and another host": after(
        key(lambda was: was + ";s=1"), link(lambda was: was.replace("courier.example", "courier-news.example"))
    ),
    "another host, same ids": link(lambda was: was.replace("courier.example", "courier-news.example")),
    "another path, same ids": link(lambda was: "http://courier.example/a/" + was.rsplit("/", 2)[1]),
    "links are gone": lambda each: replace(each, link=None),
    "links lead through a redirect of Google's": lambda each: understood(
        replace(each, id=None, link="https://www.google.com/url?url=" + quote(each.link or "", safe=""))
    ),
    "links lead to an AMP cache": lambda each: understood(
        replace(
            each, id=None, link=(each.link or "").replace("http://", "https://courier-example.cdn.ampproject.org/c/")
        )
    ),
    "dates in the future": moved(lambda was: was + timedelta(days=400)),
    "dates of 1970": moved(lambda _: datetime(1970, 1, 1, tzinfo=UTC)),
    "dates are gone": moved(lambda _: None),
    "dates moved to another zone, all ids other ones": after(
        moved(lambda was: was + timedelta(hours=5)), key(lambda was: was + "z")
    ),
    "titles and summaries escaped once more": text(html.escape),
    "white space": text(lambda was: "\n  " + was.replace(" ", " \u00a0 ") + " "),
    "white space, no ids, no links": after(text(lambda was: f" {was}  "), lambda each: replace(each, id=None)),
    "authors and categories": lambda each: replace(each, authors=("Ana",), categories=("News",)),
    "the full text as well": lambda each: replace(each, content="A long text. " * 50),
    "ids, links and dates at once (a new system)": lambda each: replace(
        each, id=f"n{each.title}", link=f"https://new.example/{hash(each.title)}", published=NOON + timedelta(days=3)
    ),
}

CONTENT_CHANGES: dict[str, Change] = {
    "new headlines": lambda each: replace(each, title=f"UPDATE {each.title[::-1]}"),
    "new headlines and links, same ids": lambda each: replace(
        each, title=f"{each.title}: what we know", link=f"{(each.link or '').rstrip('/')}-what-we-know"
    ),
    "new headlines and ids, same links": lambda each: replace(each, title=each.title[::-1], id=f"{each.id}#1"),
    "wholly new headlines and links, same ids and dates": lambda each: replace(
        each, title=each.title[::-1], link=f"http://courier.example/{each.title[::-1]}"
    ),
    "summaries are gone": lambda each: replace(each, summary=""),
    "a wrong encoding": text(lambda was: was.replace("e", "Ã©")),
    "an encoding set right, and new ids": after(text(lambda was: was.replace("a", "ä")), key(lambda was: was + "x")),
}


def news(before: Document, later: Document) -> list[str]:
    """Titles of what is new in the second of two documents."""
    feed = Feed()
    feed.verdicts(*before)
    return [verdict.entry.title for verdict in feed.verdicts(*later) if verdict.novelty is Novelty.NEW]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_a_server_changed_is_not_new_and_what_is_new_beside_it_is(change: Change) -> None:
    fresh = entry(0)
    assert news(old(), [change(each) for each in old()]) == []
    assert news(old(), [fresh, *map(change, old())]) == [fresh.title]
    assert news(old(), [change(fresh), *map(change, old())]) == [change(fresh).title]


TITLES_ALONE = {
    name: change
    for name, change in CHANGES.items()
    if not re.search("another host$|a new system|session in the id and", name)
}
"""Without a summary, what has another id and another address is another item: "Briefing", every day."""


@pytest.mark.parametrize("change", TITLES_ALONE.values(), ids=TITLES_ALONE.keys())
def test_the_same_holds_for_titles_without_summaries(change: Change) -> None:
    before = old(summary=False)
    fresh = change(entry(0, summary=False))
    assert news(before, [fresh, *map(change, before)]) == [fresh.title]


@pytest.mark.parametrize("change", CONTENT_CHANGES.values(), ids=CONTENT_CHANGES.keys())
def test_what_says_something_else_is_changed_and_not_new(change: Change) -> None:
    feed = Feed()
    keys = [verdict.entry_key for verdict in feed.verdicts(*old())]
    fresh = change(entry(0))
    first, *rest = feed.verdicts(fresh, *map(change, old()))
    assert first.novelty is Novelty.NEW
    assert {verdict.novelty for verdict in rest} == {Novelty.CHANGED}
    assert [verdict.entry_key for verdict in rest] == keys


def test_a_number_in_the_address_is_the_articles_whatever_else_is_new() -> None:
    before = replace(entry(1), link="https://courier.example/20260203/ferry-4711234.html")
    now = replace(entry(2), id=before.id, published=NOON + timedelta(days=1))
    feed = Feed()
    feed.verdicts(before)
    (same,) = feed.verdicts(replace(now, link="https://courier.example/20260204/a4711234"))
    assert same.novelty is Novelty.CHANGED
    assert news([before], [replace(now, link="https://courier.example/20260203/else-4711299.html")]) == [now.title]


# The order, the number, the return


def test_another_order_makes_nothing_new() -> None:
    assert news(old(), old()[::-1]) == []


def test_everything_twice_makes_nothing_new() -> None:
    assert news(old(), [*old(), *old()]) == []
    assert news([], [*old(), *old()]) == [each.title for each in old()]


def test_what_comes_back_after_an_absence_is_not_new() -> None:
    feed = Feed()
    feed.verdicts(*old())
    feed.verdicts(entry(0))
    assert {verdict.novelty for verdict in feed.verdicts(*old())} == {Novelty.SEEN}


def test_the_old_ones_come_back_after_an_empty_document() -> None:
    feed = Feed()
    feed.verdicts(*old())
    feed.verdicts()
    assert {verdict.novelty for verdict in feed.verdicts(*old())} == {Novelty.SEEN}


# Ids that are none


def test_ids_that_are_places_in_the_list() -> None:
    feed = Feed()
    shown = [
        feed.verdicts(*(replace(entry(n), id=str(place)) for place, n in enumerate(range(first, first + 3))))
        for first in (3, 2, 1, 0)
    ]
    new = [[verdict.entry.title for verdict in verdicts if verdict.novelty is not Novelty.SEEN] for verdicts in shown]
    assert new == [list(HEADLINES[3:6]), [HEADLINES[2]], [HEADLINES[1]], [HEADLINES[0]]]


def test_one_id_for_whatever_is_latest() -> None:
    feed = Feed()
    for n in (5, 4, 3):
        (verdict,) = feed.verdicts(replace(entry(n), id="latest"))
        assert verdict.novelty is Novelty.NEW
    assert [verdict.novelty for verdict in feed.verdicts(replace(entry(3), id="latest"))] == [Novelty.SEEN]


def test_one_id_and_one_address_for_everything() -> None:
    home = "https://alerts.example/now"
    items = [replace(entry(n), id=home, link=home) for n in range(4)]
    assert news(items[2:], items) == list(HEADLINES[:2])
    assert news([], items) == list(HEADLINES[:4])


def test_every_link_is_the_home_page_and_one_item_is_shown_at_a_time() -> None:
    feed = Feed()
    for n in (3, 2, 1):
        (verdict,) = feed.verdicts(replace(entry(n), link="https://alerts.example/"))
        assert (verdict.novelty, verdict.address_is_identity) == (Novelty.NEW, False)


def test_an_id_that_is_used_again_after_its_item_was_pruned() -> None:
    feed = Feed()
    feed.verdicts(replace(entry(1), id="7"))
    feed.rows = {mark: replace(row, entry=None) for mark, row in feed.rows.items()}
    (verdict,) = feed.verdicts(replace(entry(2), id="7"))
    assert verdict.novelty is Novelty.NEW
    assert verdict.entry_key not in {
        row.entry_key for row in feed.rows.values() if row.entry and row.entry.title != verdict.entry.title
    }


# One address, many posts


def test_posts_of_one_page_that_differ_in_the_fragment() -> None:
    def post(n: int) -> ParsedEntry:
        return replace(entry(n), id=None, link=f"https://courier.example/live#post-{n}", summary="")

    assert news([post(2), post(1)], [post(3), post(2), post(1)]) == [HEADLINES[3]]


def test_posts_of_one_page_that_differ_in_the_id() -> None:
    def post(n: int) -> ParsedEntry:
        return replace(entry(n), link="https://courier.example/live")

    assert news([post(2), post(1)], [post(3), post(2), post(1)]) == [HEADLINES[3]]


# Texts that come back


def test_the_same_words_every_day_are_new_every_day() -> None:
    feed = Feed()
    for day in range(4):
        said = ParsedEntry(
            id=f"d{day}", link=f"https://courier.example/{day}", title="Briefing", summary="The news of the day.",
            published=NOON + timedelta(days=day),
        )  # fmt: skip
        assert [verdict.novelty for verdict in feed.verdicts(said)] == [Novelty.NEW]
        assert [verdict.novelty for verdict in feed.verdicts(said)] == [Novelty.SEEN]


# Another format

RSS = """<rss version="2.0"><channel><title>C</title><link>http://courier.example/</link>{}</channel></rss>"""
ITEM = "<item><guid>{id}</guid><link>{link}</link><title>{title}</title><description>{summary}</description></item>"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>C</title><id>urn:c</id>{}</feed>"""
ENTRY = "<entry><id>urn:c:{title}</id><link href='{link}'/><title>{title}</title><summary>{summary}</summary></entry>"
RDF = (
    """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">{}</rdf:RDF>"""
)
RDF_ITEM = (
    "<item rdf:about='{link}'><link>{link}</link><title>{title}</title><description>{summary}</description></item>"
)


def written(document: Document, whole: str, part: str, encoding: str = "utf-8") -> Document:
    parts = "".join(part.format(id=one.id, link=one.link, title=one.title, summary=one.summary) for one in document)
    body = f"<?xml version='1.0' encoding='{encoding}'?>{whole.format(parts)}".encode(encoding)
    return list(parse_feed(body, None, "http://courier.example/feed").entries)


@pytest.mark.parametrize(("whole", "part"), [(ATOM, ENTRY), (RDF, RDF_ITEM), (RSS, ITEM)], ids=["Atom", "RDF", "RSS"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_another_format_or_encoding_makes_nothing_new(whole: str, part: str, encoding: str) -> None:
    said = [replace(each, title=f"{each.title} é", summary=f"{each.summary} ü") for each in old()]
    fresh = entry(0)
    assert news(written(said, RSS, ITEM), written([fresh, *said], whole, part, encoding)) == [fresh.title]
