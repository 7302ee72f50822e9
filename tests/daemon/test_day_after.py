"""What comes after an alert, over a day: a correction, a page that goes, a live blog of 20 posts, a surge.

What must be told was written down before the day was first run. A feed is asked every five minutes, a tenth more or
less: what is published is read within ten.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from tests.daemon.day import Day, day

WATCHLISTS = """
[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk"]

[[watchlists]]
id = "quake"
keywords = ["earthquake"]
notify = ["desk"]
"""

OUTLETS = ("courier", "herald", "gazette")

PORT = (
    "The port of Guanta was closed on Tuesday for the visit of President Nicolas Maduro, and 40 fishing boats waited.",
    "A new pier of steel from the mills of Guayana carries two cranes, of which one was at work when the band played.",
    "The other stood still because its driver had the day off, and nobody else is allowed to climb into its cabin.",
    "The harbour master said that the timetable of the ferries would be printed anew before the end of the month.",
)
CORRECTION = "Correction: an earlier version of this article said that the old pier had been torn down. It stands."

SCHOOL = (
    "Maduro promised the teachers of Trujillo a rise in pay from January, and glasses for every child that needs them.",
    "The union of the teachers answered that it had heard the same promise on the same square in March of last year.",
    "A girl of nine asked the president how many pairs there were. He laughed and said that he would count them.",
)

QUAKE = (
    "An earthquake of magnitude 5 woke the town of Cumbal before dawn on Tuesday and cracked the tower of its church.",
    "Nobody was hurt. The bell rang by itself for a minute, and the bakers were the first ones on the street.",
    "Engineers closed the school until Friday and looked at the bridge, which the buses crossed again at noon.",
    "The last such shock was in 1923, when half of the roofs fell; since then the houses have been built of cane.",
)

BEFORE = tomllib.loads(Path(__file__).with_name("day.toml").read_text(encoding="utf-8"))["before"]

# Time of the day from and to → the alerts that are promised in it; at all other times: none.
EXPECTED: tuple[tuple[str, str, list[str]], ...] = (
    ("00:00", "07:00", ["digest"]),  # the first look at the feeds
    ("08:00", "08:11", ["first ve"]),  # an article
    ("08:11", "08:50", ["revision ve"]),  # its page says that it was corrected
    ("08:50", "11:00", []),  # a comma, a clock and a counter change on it
    ("11:00", "11:11", ["first ve"]),  # another article
    ("11:11", "12:00", []),  # its page is not there …
    ("12:00", "13:00", ["revision ve"]),  # … nor is it an hour later
    ("13:00", "15:00", []),
)
SURGE: tuple[tuple[str, str, list[str]], ...] = (
    ("15:00", "15:30", ["first quake", "surge quake"]),  # twelve pages with one text, where there are hardly any
    ("15:30", "24:00", []),
)
LIVE: tuple[tuple[str, str, list[str]], ...] = (
    ("16:00", "16:11", ["first ve"]),  # a live page of five posts, one about Maduro
    ("16:11", "17:00", ["revision ve"]),  # five more, one about him; then one more, not about him
    ("17:00", "18:30", ["revision ve"]),  # the last nine, three about him: one message
    ("18:30", "24:00", []),
)


def page(title: str, *paragraphs: str) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body>"
        "</html>"
    ).encode()


def live(address: str, last: int) -> bytes:
    """A live page with the posts 1 to `last`, the newest first; every fourth is about Maduro."""
    posts = [(n, says(n)) for n in range(last, 0, -1)]
    rows = ",".join(
        f'{{"@type":"BlogPosting","@id":"{address}#{n}","headline":"Post {n}",'
        f'"datePublished":"2026-11-03T{10 + n // 60:02}:{n % 60:02}:00+00:00","articleBody":"{text}"}}'
        for n, text in posts
    )
    shown = "".join(f"<section id='p{n}'><h2>Post {n}</h2><p>{text}</p></section>" for n, text in posts)
    data = f'{{"@context":"https://schema.org","@type":"LiveBlogPosting","liveBlogUpdate":[{rows}]}}'
    return (
        f"<html lang='en'><head><title>Live: the vote</title><script type='application/ld+json'>{data}</script></head>"
        f"<body><article><h1>Live: the vote</h1>{shown}</article></body></html>"
    ).encode()


def says(n: int) -> str:
    who = "Maduro greeted the crowd" if n % 4 == 0 else "The queue at the school grew longer"
    return f"{who} in district {n}, and the reporters at the gate wrote down all that was said about it there."


def begin(today: Day) -> None:
    """What the outlets had before: the words of a story weigh by how common they are."""
    for number, old in enumerate(BEFORE):
        today[OUTLETS[number % len(OUTLETS)]].publish(f"before{number}", old["title"], old["text"])


async def happened(today: Day, expected: tuple[tuple[str, str, list[str]], ...]) -> None:
    assert [(start, end, await today.told(start, end)) for start, end, _ in expected] == [
        (start, end, sorted(kinds)) for start, end, kinds in expected
    ]


async def test_what_changes_after_an_alert_is_told_as_promised_and_nothing_else(tmp_path: Path) -> None:
    async with day(tmp_path, OUTLETS, WATCHLISTS) as today:
        courier, herald = today["courier"], today["herald"]
        begin(today)
        await today.until("08:00")
        courier.publish("port", "New pier opened at Guanta", "\n".join(PORT))
        courier.page("port", page("New pier opened at Guanta", *PORT))
        await today.until("08:10")
        courier.page("port", page("New pier opened at Guanta", *PORT, CORRECTION))
        await today.until("08:50")
        retouched = (PORT[0], PORT[1].replace("pier of steel", "pier, of steel,"), *PORT[2:], CORRECTION)
        courier.page("port", page("New pier opened at Guanta", "Updated 08:55 GMT", *retouched, "31 comments"))
        await today.until("11:00")
        herald.publish("school", "Glasses for the children of Trujillo", "\n".join(SCHOOL))
        herald.page("school", page("Glasses for the children of Trujillo", *SCHOOL))
        await today.until("11:10")
        herald.remove("school")
        await today.until("15:00")
        await happened(today, EXPECTED)
        corrected = next(post for post in today.messages() if "corrected" in post["title"])
        assert CORRECTION.partition(" It stands.")[0] in corrected["message"]
        gone = next(post for post in today.messages() if "gone" in post["title"])
        assert "no longer at this address" in gone["message"]
        assert len(today.messages()) == sum(len(kinds) for _, _, kinds in EXPECTED)


async def test_a_surge_is_told_once(tmp_path: Path) -> None:
    async with day(tmp_path, OUTLETS, WATCHLISTS) as today:
        begin(today)
        await today.until("00:30")
        await today.change("UPDATE watchlists SET since = since - ?", timedelta(days=20) // timedelta(microseconds=1))
        await today.restart()
        await today.until("15:00")
        for n in range(4):
            for name in OUTLETS:
                today[name].publish(f"quake{n}", f"Cumbal shaken {'again ' * n}", "\n".join(QUAKE))
                today[name].page(f"quake{n}", page(f"Cumbal shaken {'again ' * n}", *QUAKE))
        await today.until("20:00")
        await happened(today, SURGE)


async def test_a_live_page_with_20_posts_is_told_post_by_post(tmp_path: Path) -> None:
    pytest.importorskip("feedwatch.articles.posts", reason="live pages are not read as posts yet")
    async with day(tmp_path, OUTLETS, WATCHLISTS) as today:
        gazette = today["gazette"]
        begin(today)
        address = f"{gazette.site.url}/vote"
        await today.until("16:00")
        gazette.publish("vote", "Live: the vote", "What happens at the schools.")
        gazette.page("vote", live(address, 5))
        await today.until("16:10")
        gazette.page("vote", live(address, 10))
        await today.until("16:30")
        gazette.page("vote", live(address, 11))
        await today.until("17:00")
        gazette.page("vote", live(address, 20))
        await today.until("23:00")
        await happened(today, LIVE)
        *_, second, last = [post["message"] for post in today.messages()]
        assert "district 8" in second
        assert "district 4," not in second
        assert last.index("district 20") < last.index("district 16") < last.index("district 12")
        assert "district 8" not in last
