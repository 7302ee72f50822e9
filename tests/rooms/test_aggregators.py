"""Where an aggregator's link leads, and what is known of an entry that leads nowhere."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.aggregators import is_headline_only, understood, unwrapped
from feedwatch.feeds.parse import parse_feed
from feedwatch.model import ParsedEntry

STORY = "https://courier.example/2026/ferry?id=7&b=a+b#part"
CODED = quote(STORY, safe="")

WRAPPED = {
    "a Google Alert": f"https://www.google.com/url?rct=j&sa=t&url={CODED}&ct=ga&cd=CAEY&usg=AOvVaw",
    "a Google redirect": f"https://www.google.com.br/url?q={CODED}&sa=D",
    "Google's own domain": f"https://google.de/url?sa=t&url={CODED}",
    "an old Google News link": f"http://news.google.com/news/url?sa=t&fd=R&url={CODED}",
    "Bing News": f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=6&url={CODED}&c=1&mkt=en-us",
    "Yahoo's search": f"https://r.search.yahoo.com/_ylt=A2;_ylu=X3/RV=2/RE=17/RO=10/RU={CODED}/RK=2/RS=x-",
    "Yahoo's old redirect": f"http://us.rd.yahoo.com/dailynews/rss/top/*{STORY}",
    "DuckDuckGo": f"https://duckduckgo.com/l/?uddg={CODED}&rut=1",
    "Facebook": f"https://l.facebook.com/l.php?u={CODED}&h=AT0",
    "Instagram": f"https://l.instagram.com/?u={CODED}&e=1",
    "YouTube": f"https://www.youtube.com/redirect?event=video&q={CODED}",
    "VK": f"https://vk.com/away.php?to={CODED}",
    "Reddit": f"https://out.reddit.com/t3_1?url={CODED}&token=A",
    "Outlook's safe links": f"https://eur01.safelinks.protection.outlook.com/?url={CODED}&data=05",
    "a link in a link": "https://www.google.com/url?url="
    + quote(f"https://www.bing.com/news/apiclick.aspx?url={CODED}", safe=""),
}  # fmt: skip


@pytest.mark.parametrize("link", WRAPPED.values(), ids=WRAPPED.keys())
def test_a_wrapped_link_leads_to_the_articles_own_address(link: str) -> None:
    assert unwrapped(link) == STORY


@pytest.mark.parametrize(
    ("link", "article"),
    [
        ("https://courier-example.cdn.ampproject.org/c/s/courier.example/amp/ferry?x=1", "https://courier.example/amp/ferry?x=1"),
        ("https://cdn.ampproject.org/v/s/courier.example/amp/ferry", "https://courier.example/amp/ferry"),
        ("https://cdn.ampproject.org/c/courier.example/amp/ferry", "http://courier.example/amp/ferry"),
        ("https://www.google.com/amp/s/courier.example/amp/ferry#x", "https://courier.example/amp/ferry#x"),
        ("https://www.google.co.uk/amp/courier.example/ferry", "http://courier.example/ferry"),
    ],
)  # fmt: skip
def test_an_amp_caches_copy_is_the_publishers_page(link: str, article: str) -> None:
    assert unwrapped(link) == article


@pytest.mark.parametrize(
    "link",
    [
        STORY,
        "https://courier.example/url?url=https://other.example/",
        f"https://www.google.com.evil.example/url?url={CODED}",
        f"https://evil.example/www.google.com/url?url={CODED}",
        f"https://www.google.com/search?q=x&url={CODED}",
        "https://www.google.com/url?url=javascript:alert(1)",
        "https://www.google.com/url?url=/relative",
        "https://www.google.com/url?url=",
        "https://www.google.com/url",
        "https://www.bing.com/news/apiclick.aspx?c=1",
        "https://cdn.ampproject.org/i/s/courier.example/picture.png",
        "https://www.youtube.com/watch?v=1",
        "https://news.google.com/rss/articles/CBMiX?oc=5",
        "tag:google.com,2013:googlealerts/feed:1",
        "/relative",
        "",
    ],
)
def test_any_other_link_stays_as_it_is(link: str) -> None:
    assert unwrapped(link) == link


@given(
    st.text(max_size=60),
    st.sampled_from([*WRAPPED.values(), "https://cdn.ampproject.org/c/s/", "https://rd.yahoo.com/*"]),
)
def test_whatever_stands_in_a_link_unwrapping_it_again_changes_nothing(junk: str, wrapper: str) -> None:
    once = unwrapped(wrapper.replace(CODED, junk) + junk)
    assert unwrapped(once) == once


def test_a_link_without_end_is_followed_only_so_far() -> None:
    link = STORY
    for _ in range(30):
        link = "https://www.google.com/url?url=" + quote(link, safe="")
        if len(link) > 100_000:
            break
    assert unwrapped(link).startswith("https://www.google.com/url?url=")


# Entries


def test_the_feeds_link_stays_for_people_beside_the_articles_address() -> None:
    link = WRAPPED["Bing News"]
    entry = understood(ParsedEntry(link=link, title="Ferry", summary="It sails."), source="The Courier")
    assert (entry.link, entry.target, entry.address) == (link, STORY, STORY)
    assert (entry.title, entry.summary, entry.outlet, entry.headline_only) == (
        "Ferry",
        "It sails.",
        "The Courier",
        False,
    )


def test_an_entry_of_no_aggregator_is_untouched() -> None:
    entry = ParsedEntry(link=STORY, title="Ferry - Courier", summary="It sails.")
    assert understood(entry, source="Courier") is entry


NEWS = "https://news.google.com/rss/articles/CBMiX?oc=5"


def headline(title: str, source: str) -> ParsedEntry:
    return understood(ParsedEntry(link=NEWS, title=title, summary="Ferry AP Bridge Reuters"), source=source)


def test_google_news_gives_a_headline_and_its_outlet_and_no_more() -> None:
    entry = headline("Ferry - back - AP News", "AP News")
    assert (entry.title, entry.outlet, entry.headline_only) == ("Ferry - back", "AP News", True)
    assert (entry.summary, entry.content) == ("", ""), "other outlets' headlines stand there"
    assert entry.address == NEWS


@pytest.mark.parametrize(
    ("title", "source"),
    [("Ferry - Courier", ""), ("Ferry by AP News", "AP News"), ("AP News", "AP News"), ("Ferry – AP", "AP")],
)  # fmt: skip
def test_of_a_title_only_the_outlet_that_is_named_is_cut(title: str, source: str) -> None:
    assert headline(title, source).title == title


@pytest.mark.parametrize(
    ("url", "only"),
    [
        ("https://news.google.com/rss/search?q=maduro", True),
        ("http://NEWS.google.com/atom/topics/1", True),
        ("https://news.google.com.evil.example/rss", False),
        ("https://www.google.com/alerts/feeds/1/2", False),
        ("https://courier.example/news.google.com", False),
        ("", False),
    ],
)
def test_which_feeds_give_headlines_only(url: str, only: bool) -> None:  # noqa: FBT001 - the table's column
    assert is_headline_only(url) is only


# Documents


def one_of(item: str, space: str = "") -> ParsedEntry:
    body = f"<rss version='2.0' {space}><channel><title>T</title><link>https://t.example</link><item>{item}</item></channel></rss>"
    (entry,) = parse_feed(body.encode(), None, "https://t.example/feed").entries
    return entry


def test_google_news_in_rss() -> None:
    entry = one_of(
        f"<title>Maduro &amp; Trump - Courier</title><link>{NEWS}</link><guid isPermaLink='false'>CBMiX</guid>"
        "<description>&lt;a href='x'&gt;Maduro&lt;/a&gt; Other</description><source url='https://c.example'>Courier</source>"
    )
    assert (entry.title, entry.outlet, entry.summary, entry.headline_only) == ("Maduro & Trump", "Courier", "", True)


def test_feedburner_in_rss() -> None:
    entry = one_of(
        "<title>Ferry</title><link>http://feeds.feedburner.com/~r/courier/~3/x/ferry</link>"
        "<feedburner:origLink>https://courier.example/ferry</feedburner:origLink>",
        "xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'",
    )
    assert entry.target == "https://courier.example/ferry"
    assert entry.link == "http://feeds.feedburner.com/~r/courier/~3/x/ferry"


def test_bing_in_rss() -> None:
    entry = one_of(
        f"<title>Ferry</title><link>{WRAPPED['Bing News'].replace('&', '&amp;')}</link>"
        "<News:Source>Courier</News:Source>",
        "xmlns:News='https://www.bing.com/news/search?q=x&amp;format=rss'",
    )
    assert (entry.target, entry.outlet) == (STORY, "Courier")


def test_a_google_alert_in_atom() -> None:
    link = WRAPPED["a Google Alert"].replace("&", "&amp;")
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Google Alert - ferry</title><entry><id>tag:google.com,2013:"
        "googlealerts/feed:1</id><title type='html'>The &lt;b&gt;ferry&lt;/b&gt; is back</title>"
        f"<link href='{link}'/><content type='html'>It &lt;b&gt;sails&lt;/b&gt;.</content></entry></feed>"
    )
    (entry,) = parse_feed(body.encode(), None, "https://www.google.com/alerts/feeds/1/2").entries
    assert (entry.title, entry.target, entry.content) == ("The ferry is back", STORY, "It sails.")


def test_a_link_of_a_json_feed() -> None:
    body = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1", "url": "{WRAPPED["VK"]}"}}]}}'
    (entry,) = parse_feed(body.encode(), None, "https://t.example/feed").entries
    assert entry.target == STORY
