"""What a page's parts mean for those who watch: captions, walls, tastes, lists, and what its host repeats."""

from __future__ import annotations

import json

from tests.harness import feedwatch
from tests.pipeline.conftest import Bench

FEED = "http://one.example/feed"
A = "http://one.example/a"
TEXT = "The council met on Tuesday and spoke at length about the harbour, its cranes and the boats of the winter. " * 4
BACKGROUND = (
    "The harbour office answers to the ministry since the reform of last spring, when Nicolás Maduro sent the first of"
    " three delegations to the northern ports, and the towns along the river were promised a bridge that nobody built."
)


def page(inside: str, head: str = "", title: str = "Harbour") -> bytes:
    shown = f"<article><h1>{title}</h1>{inside}</article>"
    return f"<html lang='en'><head><title>{title}</title>{head}</head><body>{shown}</body></html>".encode()


async def test_a_name_in_a_caption_is_a_mention(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    picture = "<figure><img src='a.jpg'><figcaption>The boat that Maduro sent, on the bank</figcaption></figure>"
    bench.web.answers[A] = page(f"<p>{TEXT}</p>{picture}<p>{TEXT.lower()}</p>")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Harbour"]
    assert bench.post.titles("phone") == []
    [(strength, reasons)] = await bench.rows("SELECT strength, reasons FROM decisions")
    assert strength == "mention"
    assert '"zone": "caption"' in reasons


async def test_a_name_in_a_teaser_alerts_nobody_and_the_teaser_is_kept(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.answers[A] = page(f"<p>{TEXT}</p><p>Read more: <a href='/m'>Maduro speaks</a></p><p>{TEXT.lower()}</p>")
    await bench.turn()
    assert bench.post.sent == []
    assert await bench.rows("SELECT teasers FROM revisions") == [('["Read more: Maduro speaks"]',)]


async def test_a_front_page_is_not_decided_on_as_an_article(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A), summary="A quiet day.")
    rows = "".join(f"<h2><a href='/{n}'>Story {n}</a></h2><p>Maduro spoke of the harbour again.</p>" for n in range(30))
    data = '<script type=\'application/ld+json\'>{"@type":"CollectionPage"}</script>'
    bench.web.answers[A] = page(rows, data)
    await bench.turn()
    assert bench.post.sent == []
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("given_up", "no_text")]


async def test_a_wall_is_asked_again(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.answers[A] = page("<p>Checking your browser before you can go on.</p>", title="Just a moment...")
    await bench.turn()
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("pending", "refused")]
    bench.web.page(A, "Harbour", "The ship came from Venezuela.")
    await bench.change("UPDATE articles SET due_at = 0")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Harbour"]


async def test_a_taste_is_decided_with_the_summary_told_as_body_not_seen_and_read_again(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A), summary="A ship from Venezuela.")
    costs = '<script type=\'application/ld+json\'>{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
    bench.web.answers[A] = page(f"<p>{TEXT[:320]}</p>", costs)
    await bench.turn()
    [(_, message)] = [one for one in bench.post.sent if "desk" in one[0]]
    assert "body not seen" in message.body
    assert await bench.rows("SELECT why, due_at IS NOT NULL FROM rereads") == [("body_not_seen", 1)]


async def test_a_taste_that_concerns_nobody_is_read_again_too(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.answers[A] = page(f"<p>{TEXT[:320]}</p><div class='paywall'></div>")
    await bench.turn()
    assert bench.post.sent == []
    assert await bench.rows("SELECT why FROM rereads") == [("body_not_seen",)]


async def test_a_background_paragraph_that_the_site_repeats_is_a_mention_and_says_so(bench: Bench) -> None:
    items = [(f"k{n}", f"Harbour {n}", f"http://one.example/k{n}") for n in range(7)]
    for n, (_, title, link) in enumerate(items):
        words = " ".join(f"word{n}x{m}" for m in range(60))
        bench.web.answers[link] = page(f"<p>{words}</p><p>{BACKGROUND}</p><p>{words[::-1]}</p>", title=title)
        bench.web.entries(FEED, *reversed(items[: n + 1]))
        await bench.turn()
    rows = await bench.rows("SELECT strength, json_extract(reasons, '$.background') FROM decisions ORDER BY id")
    assert [background for _, background in rows] == [None] * 5 + ["only"] * 2
    assert {strength for strength, background in rows if background} == {"mention"}
    assert "only in a paragraph that this site repeats" in bench.post.sent[-1][1].body
    assert (await bench.rows("SELECT count(*) FROM host_pages"))[0] == (7,)


async def test_a_background_paragraph_counts_as_little_in_a_second_look_as_in_the_first(bench: Bench) -> None:
    items = [(f"k{n}", f"Harbour {n}", f"http://one.example/k{n}") for n in range(7)]
    for n, (_, title, link) in enumerate(items):
        words = " ".join(f"word{n}x{m}" for m in range(60))
        lead = f"<p>{BACKGROUND}</p><p>{words}</p><p>{words[::-1]}</p>"
        bench.web.answers[link] = page(lead, title=title)
        bench.web.entries(FEED, *reversed(items[: n + 1]))
        await bench.turn()
    bench.post.sent.clear()
    key, _, link = items[-1]
    bench.web.entries(FEED, (key, "Harbour and cranes", link))
    await bench.turn()
    assert bench.post.sent == []
    told = "SELECT entries.title, strength FROM decisions JOIN entries ON entries.id = entry_id ORDER BY decisions.id"
    assert {strength for title, strength in await bench.rows(told) if title == "Harbour and cranes"} == {"mention"}
    played = feedwatch("watch", "replay", "ve", "--json", "--limit", "20", folder=bench.folder)
    rows = [json.loads(line) for line in played.stdout.splitlines()]
    assert rows[0]["strengths"] == {"topic": 5, "mention": 2}
    text = why_of(bench, link)
    assert "    only in a paragraph that this site repeats on other pages, which counts less" in text


def why_of(bench: Bench, address: str) -> str:
    return feedwatch("why", address, folder=bench.folder).stdout
