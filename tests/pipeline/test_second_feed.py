"""One article in two feeds: read once, told once, and decided for whoever is only now concerned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pipeline.conftest import CONFIG, Bench, opened

ONE, TWO = "http://one.example/feed", "http://two.example/feed"
STORY = "http://one.example/story"
BOTH = CONFIG + f'\n[[feeds]]\nname = "Two"\nurl = "{TWO}"\ntags = ["second"]\n'
NARROWED = BOTH.replace('id = "ve"', 'id = "ve"\nfeeds = ["tag:second"]')


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Bench]:
    """Two known feeds, nothing in them yet."""
    async with opened(tmp_path, BOTH) as made:
        made.web.entries(ONE)
        made.web.entries(TWO)
        await made.poll()
        yield made


def pages_asked(bench: Bench) -> int:
    return sum(request.accept == "page" for request in bench.web.asked)


async def outcomes(bench: Bench) -> list[tuple[str, str]]:
    return await bench.rows(
        "SELECT feeds.name, decisions.outcome FROM decisions JOIN entries ON entries.id = entry_id"
        " JOIN feeds ON feeds.id = feed_id ORDER BY decisions.id"
    )


async def test_a_watchlist_that_is_narrowed_to_the_second_feed_is_told_when_it_shows_the_article(both: Bench) -> None:
    await both.reload(NARROWED)
    both.web.page(STORY, "Harbour", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    assert both.post.sent == []
    both.web.entries(TWO, ("x", "Harbour", STORY + "?utm_source=two"))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour"]
    assert pages_asked(both) == 1, "its page was read already"
    assert await both.rows("SELECT count(*) FROM articles") == [(1,)]


async def test_the_second_feeds_title_may_be_the_one_with_the_word(both: Bench) -> None:
    both.web.page(STORY, "Harbour", "A ship came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    both.web.entries(TWO, ("x", "Maduro's ship in the harbour", STORY))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Maduro's ship in the harbour"]
    assert pages_asked(both) == 1


async def test_a_stronger_title_in_the_second_feed_is_a_stronger_alert(both: Bench) -> None:
    both.web.page(STORY, "Harbour", "A ship came from Venezuela.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    both.web.entries(TWO, ("x", "Venezuela sends a ship", STORY))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour", "VE · stronger: Venezuela sends a ship"]


async def test_whoever_was_told_is_not_told_again_and_it_is_on_record_why(both: Bench) -> None:
    both.web.page(STORY, "Harbour", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    both.web.entries(TWO, ("x", "Harbour", STORY))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour"]
    assert await outcomes(both) == [("One", "alerted"), ("Two", "told")]


async def test_both_feeds_at_once_are_one_page_and_one_alert(both: Bench) -> None:
    both.web.page(STORY, "Harbour", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    both.web.entries(TWO, ("x", "The harbour", STORY))
    await both.turn()
    assert (len(both.post.titles("desk")), pages_asked(both)) == (1, 1)


async def test_what_was_too_old_in_the_first_feed_is_read_and_told_when_the_second_shows_it_as_new(both: Bench) -> None:
    await both.change("UPDATE feeds SET first_polled_at = NULL WHERE name = 'One'")
    both.web.page(STORY, "Harbour", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    dated = both.web.answers[ONE]
    assert isinstance(dated, bytes)
    both.web.answers[ONE] = dated.replace(b"pubDate", b"was")
    await both.turn()
    assert (both.post.sent, pages_asked(both)) == ([], 0)
    both.web.entries(TWO, ("x", "Harbour", STORY))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour"]


async def test_an_article_whose_page_is_not_to_be_had_is_judged_by_each_feeds_own_text(both: Bench) -> None:
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    both.web.entries(TWO, ("x", "Harbour", STORY), summary="Maduro came.")
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour"]


async def test_an_entry_whose_address_moved_is_read_where_it_is_now(both: Bench) -> None:
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    assert await both.rows("SELECT page_state FROM articles") == [("given_up",)]
    both.web.page(STORY + "-new", "Harbour", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour, as it is now", STORY + "-new"))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Harbour, as it is now"]
    both.web.entries(TWO, ("x", "Harbour", STORY + "-new"))
    await both.turn()
    assert await both.rows("SELECT count(*), page_state FROM articles") == [(1, "read")]
    assert await both.rows("SELECT DISTINCT link FROM entries") == [(STORY + "-new",)]


async def test_an_id_that_is_another_items_now_is_another_article(both: Bench) -> None:
    both.web.page(STORY, "Harbour", "A ship came.")
    both.web.page("http://one.example/else", "Elsewhere", "Maduro came.")
    both.web.entries(ONE, ("1", "Harbour", STORY))
    await both.turn()
    await both.change("UPDATE entries SET published_at = published_at - 3600000000")
    both.web.entries(ONE, ("1", "Quite another thing", "http://one.example/else"))
    await both.turn()
    assert both.post.titles("desk") == ["VE · Quite another thing"]
    assert await both.rows("SELECT count(*) FROM entries") == [(2,)]
