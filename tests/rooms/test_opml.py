"""Lists of feeds, right and broken ones."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedwatch.feeds.opml import FeedList, Listed, decoded, read_opml, write_opml

RIGHT = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Latin America">
  <outline type="rss" text="El &quot;Faro&quot;" title="other" xmlUrl="https://faro.example/rss?a=1&amp;b=2"/>
</outline>
<outline type="rss" text="Plain" xmlUrl="https://plain.example/feed"></outline>
</outline>
<!-- <outline text="Off" xmlUrl="https://off.example/"/>
-->
<outline text="Last" xmlUrl='https://last.example/rss' category="/Press/Daily, ve"/>
</body></opml>"""


def read(text: str) -> FeedList:
    return read_opml(text.encode())


def only(outline: str) -> Listed:
    found = read(f"<opml><body>{outline}</body></opml>")
    assert found.remarks == ()
    (feed,) = found.feeds
    return feed


def test_folders_are_tags_and_every_feed_knows_its_line() -> None:
    assert read(RIGHT).feeds == (
        Listed(url="https://faro.example/rss?a=1&b=2", name='El "Faro"', tags=("World", "Latin America"), line=4),
        Listed(url="https://plain.example/feed", name="Plain", tags=("World",), line=6),
        Listed(url="https://last.example/rss", name="Last", tags=("Press", "Daily", "ve"), line=10),
    )


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="Tom & Ann" xmlUrl="https://a.example/?x=1&copy=2&y"/>',
        '<outline text="Tom & Ann" XMLURL = "https://a.example/?x=1&amp;copy=2&amp;y" >',
        "<OUTLINE title=\"Tom &amp;amp; Ann\" xmlurl='https://a.example/?x=1&copy=2&y'></outline>",
        '<outline type="rss" text="Tom & Ann" url="https://a.example/?x=1&copy=2&y"/>',
        '<outline text="Tom & Ann" feedUrl=" feed:https://a.example/?x=1&copy=2\n&y "/>',
        '<outline text="Tom > & < Ann" title="no" xmlUrl="https://a.example/?x=1&copy=2&y"',
    ],
)
def test_what_is_not_well_formed_is_read_and_no_address_is_torn(outline: str) -> None:
    feed = only(outline)
    assert feed.url == "https://a.example/?x=1&copy=2&y"
    assert feed.name in {"Tom & Ann", "Tom > & < Ann"}


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="He said "hi"" xmlUrl="https://a.example/rss"/>',
        '<outline text="torn xmlUrl="https://a.example/rss" type="rss"/>',
        "<outline text=bare xmlUrl=https://a.example/rss />",
        "<outline text='L'équipe' xmlUrl='https://a.example/rss'/>",
    ],
)
def test_a_torn_tag_keeps_its_address_and_spoils_no_other(outline: str) -> None:
    found = read(f'<body>{outline}<outline text="B" xmlUrl="https://b.example/rss"/></body>')
    assert [feed.url for feed in found.feeds] == ["https://a.example/rss", "https://b.example/rss"]


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ('<outline type="rss" text="Gone"/>', "a feed without an address: Gone"),
        ('<outline text="x" xmlUrl="ftp://a.example/"/>', '"ftp://a.example/" is no web address'),
        ('<outline text="x" xmlUrl="a.example/rss"/>', '"a.example/rss" is no web address'),
        ('<outline type="include" text="x" url="https://a.example/b.opml"/>', "another list, which is not fetched"),
        ('<outline text="x" isComment="true"><outline xmlUrl="https://a.example/"/></outline>', "switched off"),
        ('<outline text="x" xmlUrl="https://a.example/" disabled="true"/>', "switched off"),
        ('<outline text="x" xmlUrl="https://a.example/" enabled="false"/>', "switched off"),
    ],
)
def test_a_line_that_brings_no_feed_is_named(outline: str, said: str) -> None:
    found = read(f"<opml>\n<body>\n{outline}</body></opml>")
    assert found.feeds == ()
    (remark,) = found.remarks
    assert remark.line == 3
    assert said in remark.text


def test_a_feed_in_two_folders_comes_once_with_both_tags() -> None:
    row = '<outline text="A" xmlUrl="http://a.example/rss"/>'
    found = read(f'<outline text="x">{row}</outline><outline text="y">{row.replace("http:", "https:")}</outline>')
    assert [(feed.url, feed.tags) for feed in found.feeds] == [("http://a.example/rss", ("x", "y"))]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("windows-1251", "windows-1251"),
        ("koi8-r", "KOI8-R"), ("utf-8", "ISO-8859-1"), ("utf-8", "no-such-thing"), ("utf-8", "idna"),
    ],
)  # fmt: skip
def test_names_are_read_in_every_encoding(encoding: str, declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><outline text="Новости" xmlUrl="https://a.example/"/>'
    assert [feed.name for feed in read_opml(text.encode(encoding)).feeds] == ["Новости"]


def test_what_says_nothing_of_its_encoding_is_old_windows() -> None:
    assert decoded("Élan".encode("cp1252")) == "Élan"
    assert decoded('<?xml encoding="iso-2022-jp"?>新聞'.encode("iso-2022-jp")).endswith("新聞")


@pytest.mark.parametrize("text", ["", "<html><a href='https://a.example/'>x</a></html>", "{}", "\0"])
def test_what_is_no_list_is_empty(text: str) -> None:
    assert read(text) == FeedList()


def test_nothing_is_expanded() -> None:
    bomb = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert only(f'{bomb}<outline text="&x;" xmlUrl="https://a.example/"/>').name == "&x;"


@pytest.mark.parametrize("noise", ["<!--", '<outline text="', "<outline ", "a" * 9, '="', "<outline xmlUrl='"])
def test_a_hostile_list_takes_no_longer_than_its_length(noise: str) -> None:
    began = process_time()
    read(noise * 40_000)
    assert process_time() - began < 10


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    assert isinstance(read_opml(data), FeedList)


TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Cf", "Cn", "Co"]), min_size=1, max_size=8
)
NAMES = TEXT.filter(lambda text: "&" not in text and "<" not in text) | st.sampled_from(
    ["A & B", 'The "X"', "O'Neil", "a, b / c"]
)
LISTS = st.lists(
    st.builds(
        Listed,
        url=st.integers(0, 99).map(lambda n: f"https://a.example/{n}?x=1&copy=2"),
        name=st.none() | NAMES,
        tags=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        kind=st.sampled_from(["feed", "sitemap"]),
        interval=st.sampled_from([None, "5m"]),
    ),
    unique_by=lambda feed: feed.url,
    max_size=8,
)


@given(LISTS)
def test_what_is_written_is_well_formed_and_read_back_as_it_was(feeds: list[Listed]) -> None:
    text = write_opml(feeds, "Mine & <yours>")
    assert etree.fromstring(text.encode()).get("version") == "2.0"
    back = {feed.url: feed for feed in read(text).feeds}
    assert back.keys() == {feed.url for feed in feeds}
    for feed in feeds:
        found = back[feed.url]
        assert (found.name, found.kind, found.interval) == (feed.name, feed.kind, feed.interval)
        assert set(found.tags) == set(feed.tags)


@given(LISTS)
def test_every_attribute_is_read_as_an_xml_parser_reads_it(feeds: list[Listed]) -> None:
    text = write_opml(feeds, "Mine")
    tree = etree.fromstring(text.encode())
    assert {feed.url for feed in read(text).feeds} == {
        str(row.get("xmlUrl")) for row in tree.iter("outline") if row.get("xmlUrl")
    }
