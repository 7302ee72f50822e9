from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedwatch.errors import PageUnreadable, WorkerCrash
from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline.read import SHORT, is_short
from feedwatch.store.articles import PendingEntry
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
A = "http://one.example/a"


async def test_a_word_in_the_body_alerts_by_its_strength(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "The ship came from Venezuela.")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Harbour"]
    assert bench.post.titles("phone") == []  # a mention is too weak for it


async def test_a_word_in_the_headline_reaches_every_channel(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.page(A, "Maduro speaks", "He spoke.")
    await bench.turn()
    assert bench.post.titles("desk") == bench.post.titles("phone") == ["VE · Maduro speaks"]


async def test_a_page_without_the_word_alerts_nobody(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "The ship came from Portugal.")
    await bench.turn()
    assert bench.post.sent == []
    assert await bench.rows(
        "SELECT decided_version, page_state FROM entries JOIN articles ON articles.id=article_id"
    ) == [(1, "read")]


async def test_the_same_article_alerts_once_however_often_it_is_shown(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A + "?utm_source=rss"))
    bench.web.page(A + "?utm_source=rss", "Maduro speaks", "He spoke.")
    await bench.turn()
    bench.web.entries(FEED, ("c", "Maduro has spoken", A + "#later"))
    await bench.turn()
    assert len(bench.post.titles("desk")) == 1


async def test_a_stronger_reading_raises_the_alert_and_is_a_first_to_whom_it_is_new(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "The ship came from Venezuela.")
    await bench.turn()
    bench.web.entries(FEED, ("a", "Venezuela sends a ship", A))
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Harbour", "VE · stronger: Venezuela sends a ship"]
    assert bench.post.titles("phone") == ["VE · Venezuela sends a ship"]


async def test_a_page_that_is_not_there_is_decided_on_the_feeds_text(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A), summary="A ship from Venezuela.")
    await bench.turn()
    [(_, message)] = bench.post.sent
    assert "body not seen" in message.body
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("given_up", "not_found")]


async def test_a_page_that_may_come_back_is_tried_again_and_alerts_meanwhile(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.answers[A] = Failure(reason=Reason.TIMEOUT, detail="20 s")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]
    assert await bench.rows("SELECT page_state, tries FROM articles") == [("pending", 1)]
    bench.web.page(A, "Maduro speaks", "He spoke of Venezuela.")
    await bench.change("UPDATE articles SET due_at = 0")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]  # the body brings no second alert
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("read", None)]


async def test_a_page_is_given_up_after_three_tries(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.answers[A] = Failure(reason=Reason.TIMEOUT, detail="20 s")
    for _ in range(5):
        await bench.turn()
        await bench.change("UPDATE articles SET due_at = 0 WHERE due_at IS NOT NULL")
    assert sum(request.url == A for request in bench.web.asked) == 3
    assert await bench.rows("SELECT page_state, reason, tries FROM articles") == [("given_up", "timeout", 3)]


async def test_a_poison_page_is_recorded_and_decided_on_the_feeds_text(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.page(A, "Maduro speaks", "He spoke.")
    bench.workers.failing["read_fetched"] = WorkerCrash("signal 11")
    for _ in range(4):
        await bench.turn()
        await bench.change("UPDATE articles SET due_at = 0 WHERE due_at IS NOT NULL")
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("given_up", "worker_crash")]


async def test_a_page_without_text_says_so(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "", "")
    bench.workers.failing["read_fetched"] = PageUnreadable("no text")
    await bench.turn()
    assert await bench.rows("SELECT page_state, reason FROM articles") == [("given_up", "no_text")]


async def test_a_change_during_the_read_stays_pending(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "Nothing.")
    await bench.poll()
    inner = bench.web.get

    async def get_and_change(request: object) -> object:
        bench.web.get = inner  # type: ignore[method-assign]
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        await bench.poll()
        return await inner(request)  # type: ignore[arg-type]

    bench.web.get = get_and_change  # type: ignore[method-assign,assignment]
    await bench.read()
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]


async def test_an_entry_without_a_link_is_an_article_of_its_own_text(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", ""))
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]


async def test_a_watchlist_narrowed_to_other_feeds_is_not_asked(bench: Bench) -> None:
    other = '\n[[feeds]]\nurl = "http://two.example/feed"\ntags = ["second"]\n'
    narrowed = CONFIG.replace('keywords = ["Venezuela", "Maduro"]', 'keywords = ["Maduro"]\nfeeds = ["tag:second"]')
    await bench.reload(narrowed + other)
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    assert bench.post.sent == []


async def test_two_watchlists_do_not_silence_each_other(bench: Bench) -> None:
    second = '\n[[watchlists]]\nid = "boss"\nkeywords = ["Maduro"]\nnotify = ["desk"]\n'
    await bench.reload(CONFIG + second)
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    assert sorted(bench.post.titles("desk")) == ["BOSS · Maduro speaks", "VE · Maduro speaks"]


async def test_a_new_watchlist_alerts_nobody_of_what_was_seen_before(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.poll()
    second = '\n[[watchlists]]\nid = "boss"\nkeywords = ["Maduro"]\nnotify = ["desk"]\n'
    await bench.reload(CONFIG + second)
    await bench.read()
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]
    assert await bench.rows("SELECT outcome FROM decisions ORDER BY outcome") == [("alerted",), ("before",)]


async def test_every_decision_has_its_reasons(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "The ship came from Venezuela.")
    await bench.turn()
    [(outcome, snippet, reasons)] = await bench.rows("SELECT outcome, snippet, reasons FROM decisions")
    assert outcome == "alerted"
    assert "»Venezuela«" in snippet
    assert '"judged": "page"' in reasons
    assert '"term": "Venezuela"' in reasons


async def test_an_article_that_was_interrupted_too_often_is_not_fetched_again(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.page(A, "Maduro speaks", "He spoke.")
    await bench.poll()
    await bench.change("UPDATE articles SET interrupted = 6")
    await bench.read()
    await bench.deliver()
    assert A not in [request.url for request in bench.web.asked]
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]


async def test_pages_wait_where_the_server_asked_a_feed_of_their_host_for_peace(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    bench.web.page("http://one.example/a", "Maduro speaks", "Maduro spoke.")
    await bench.poll()
    bench.web.answers[FEED] = Failure(reason=Reason.REFUSED, detail="429", status=429)
    await bench.poll()
    asked = len(bench.web.asked)
    await bench.read()
    assert len(bench.web.asked) == asked, "no page was asked for"
    ((state, reason, detail),) = await bench.rows("SELECT page_state, reason, detail FROM articles")
    assert (state, reason) == ("pending", "refused")
    assert "asked for peace" in detail
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    await bench.poll()
    await bench.change("UPDATE articles SET due_at = 0")
    await bench.read()
    assert await bench.rows("SELECT page_state FROM articles") == [("read",)], "it is over with the feed's next answer"


async def test_what_a_page_earns_never_delays_a_feed(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    bench.web.answers["http://one.example/a"] = Failure(
        reason=Reason.REFUSED, detail="429", status=429, retry_after=timedelta(days=1)
    )
    await bench.poll()
    before = await bench.rows("SELECT next_check_at, hold_until FROM feeds")
    await bench.read()
    assert await bench.rows("SELECT next_check_at, hold_until FROM feeds") == before


def leading(to: str) -> bytes:
    return f"<html><head><meta http-equiv='refresh' content='0;url={to}'></head><body>Wait.</body></html>".encode()


async def test_a_page_that_leads_on_by_meta_refresh_is_followed(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Talks", "http://one.example/go"))
    bench.web.answers["http://one.example/go"] = leading("/a")
    bench.web.page("http://one.example/a", "Talks", "Maduro spoke.")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Talks"]
    assert await bench.rows("SELECT address, how FROM addresses ORDER BY how") == [
        ("https://one.example/go", "link"),
        ("https://one.example/a", "redirect"),
    ]


async def test_pages_that_lead_on_in_a_circle_are_given_up(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro", "http://one.example/1"))
    bench.web.answers["http://one.example/1"] = leading("/2")
    bench.web.answers["http://one.example/2"] = leading("/1")
    await bench.turn()
    ((state, detail),) = await bench.rows("SELECT page_state, detail FROM articles")
    assert state == "given_up"
    assert "leads on" in detail
    assert len(bench.web.asked) <= 6


async def asked_for(bench: Bench, query: str) -> list[str]:
    """What desk hears of a page about Venezuela that a redirect of another host led to."""
    end = "http://www.outlet.example.ve/politics/a"
    await bench.reload(CONFIG.replace('keywords = ["Venezuela", "Maduro"]', f"query = '{query}'"))
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(end, "Harbour", "The ship came from Venezuela.")
    page = bench.web.answers.pop(end)
    assert isinstance(page, bytes)
    bench.web.answers[A] = Fetched(url=end, status=200, headers={}, body=page, hops=(A,))
    await bench.turn()
    return bench.post.titles("desk")


@pytest.mark.parametrize(
    "query",
    [
        *("source:outlet.example.ve", "source:one.example", "url:/politics/", "country:VE", "lang:en", "feed:one"),
        *("Venezuela{1} NOT lang:es", "NOT cigars"),
    ],
)
async def test_a_query_may_ask_what_is_known_of_the_article(bench: Bench, query: str) -> None:
    assert await asked_for(bench, query) == ["VE · Harbour"]


@pytest.mark.parametrize(
    "query", ["source:other.example", "lang:es", "country:CO", 'Venezuela UNLESS "from Venezuela"', "-harbour"]
)
async def test_what_is_not_so_keeps_the_article_out(bench: Bench, query: str) -> None:
    assert await asked_for(bench, query) == []


async def early(bench: Bench, query: str) -> list[str]:
    """What desk hears of a match on the feed's text, while the page is still tried."""
    await bench.reload(CONFIG.replace('keywords = ["Venezuela", "Maduro"]', f"query = '{query}'"))
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.answers[A] = Failure(reason=Reason.TIMEOUT, detail="slow")
    await bench.turn()
    return bench.post.titles("desk")


@pytest.mark.parametrize(
    "query",
    [
        *(
            'Maduro UNLESS "plátano maduro"',
            "Maduro NEAR speaks",
            "title:Maduro",
            "(Maduro OR speaks){2}",
            "/Mad/ speak*",
        ),
        *("Maduro OR (speaks NOT cigar)", "@country:SY OR Maduro"),
    ],
)
async def test_a_match_that_more_text_cannot_undo_alerts_before_the_page_is_read(bench: Bench, query: str) -> None:
    assert await early(bench, query) == ["VE · Maduro speaks"]


@pytest.mark.parametrize(
    "query",
    [
        "speaks NOT (cigar OR lang:es)",
        "NOT cigar",
        "Maduro UNLESS (Maduro AND cigar)",
        "Maduro UNLESS Maduro{2}",
        "Maduro UNLESS (x NOT y)",
    ],
)
async def test_a_match_that_the_page_may_undo_waits(bench: Bench, query: str) -> None:
    assert await early(bench, query) == []


async def test_a_match_that_the_page_undoes_never_alerts(bench: Bench) -> None:
    assert await early(bench, "Maduro NOT cigar") == []
    bench.web.page(A, "Maduro speaks", "He smoked a cigar.")
    await bench.change("UPDATE articles SET due_at = 0")
    await bench.turn()
    assert bench.post.titles("desk") == []
    assert await bench.rows("SELECT page_state FROM articles") == [("read",)]


def test_only_a_short_text_of_common_letters_is_read_on_the_spot() -> None:
    said = _entry("El presidente de Venezuela, Николас Мадуро, habló ayer.")
    assert is_short((said,))
    assert is_short((_entry(""),))
    assert not is_short((said, said))
    assert not is_short((_entry("a" * (SHORT + 1)),))
    assert not is_short((_entry("委内瑞拉"),))  # any of a hundred thousand letters, each to be looked up once


def _entry(summary: str) -> PendingEntry:
    at = datetime(2025, 2, 3, tzinfo=UTC)
    return PendingEntry(
        id=1, version=1, feed=FEED, title="", summary=summary, content="", how="new", window_id=None, shown_at=at
    )
