"""An aggregator's entries, from the poll to the alert."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from tests.harness import feedwatch
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
STORY = "http://courier.example/talks"
ALERT = f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={quote(STORY, safe='')}&amp;usg=A"
NEWS = "https://news.google.com/rss/articles/CBMi"


def google_news(bench: Bench, *titles: str) -> None:
    items = "".join(
        f"<item><title>{title} - AP News</title><link>{NEWS}{n}?oc=5</link><guid isPermaLink='false'>CBMi{n}</guid>"
        f"<description>&lt;a href='x'&gt;{title}&lt;/a&gt; Maduro, says another outlet</description>"
        "<source url='https://apnews.com'>AP News</source></item>"
        for n, title in enumerate(titles)
    )
    bench.web.answers[FEED] = f"<rss version='2.0'><channel><title>Google News</title>{items}</channel></rss>".encode()


async def test_an_alerts_link_is_read_at_the_article_and_kept_for_people(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Talks", ALERT))
    bench.web.page(STORY, "Talks", "Maduro came to the harbour.")
    await bench.turn()
    assert bench.web.asked[-1].url == STORY
    assert await bench.rows("SELECT link FROM entries") == [(ALERT.replace("&amp;", "&"),)]
    assert await bench.rows("SELECT key, url, page_state FROM articles") == [
        (f"a:{STORY.replace('http:', 'https:')}", STORY, "read")
    ]


async def test_an_article_in_its_outlets_feed_and_in_an_aggregators_is_one(bench: Bench) -> None:
    await bench.reload(CONFIG + '\n[[feeds]]\nurl = "http://courier.example/feed"\n')
    bench.web.entries("http://courier.example/feed")
    await bench.poll()
    bench.web.entries(FEED, ("a", "Talks", ALERT))
    bench.web.entries("http://courier.example/feed", ("b", "Talks", STORY + "?utm_source=rss"))
    bench.web.page(STORY, "Talks", "Maduro came to the harbour.")
    await bench.turn()
    assert await bench.rows("SELECT count(*) FROM articles") == [(1,)]
    assert len(bench.post.titles("desk")) == 1


async def test_a_headline_of_google_news_alerts_without_a_page_and_says_so(bench: Bench) -> None:
    google_news(bench, "Maduro speaks")
    await bench.turn()
    assert [request.url for request in bench.web.asked] == [FEED, FEED], "no page was asked for"
    (said,) = [message for url, message in bench.post.sent if "desk" in url]
    assert said.title == "VE · Maduro speaks"
    assert said.body.startswith("AP News ")
    assert "(headline only)" in said.body
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("not_wanted", "headline_only")]


async def test_what_other_outlets_say_beside_a_headline_is_no_hit(bench: Bench) -> None:
    google_news(bench, "Harbour opens")
    await bench.turn()
    assert bench.post.sent == []
    assert await bench.rows("SELECT title, summary, outlet FROM entries") == [("Harbour opens", "", "AP News")]


async def test_headlines_that_were_old_at_the_first_poll_are_no_pages_either(bench: Bench) -> None:
    await bench.change("UPDATE feeds SET first_polled_at = NULL")
    google_news(bench, "Harbour opens")
    await bench.turn()
    google_news(bench, "Maduro speaks")
    await bench.turn()
    assert {request.url for request in bench.web.asked} == {FEED}


NEWS_FEEDS = "".join(f'[[feeds]]\nurl = "https://news.google.com/rss/search?q={word}"\n' for word in ("a", "b", "c"))


def test_check_and_add_say_of_google_news_what_it_gives(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(NEWS_FEEDS)
    said = feedwatch("check", folder=tmp_path)
    assert "config.toml:2: url: Google News gives headlines only" in said.stdout + said.stderr
    assert "; 2 more are such" in said.stdout + said.stderr
    added = feedwatch("feeds", "add", "--unseen", "https://news.google.com/rss/search?q=d", folder=tmp_path)
    assert added.returncode == 0, added.stderr
    assert "Google News gives headlines only, and no page is read behind them (add the outlets' own" in added.stderr
