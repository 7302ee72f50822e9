"""What would have matched, but for one thing, stays on record with what stood in the way."""

from __future__ import annotations

import json

from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
A = "http://one.example/a"
CAREFUL = CONFIG.replace('keywords = ["Venezuela", "Maduro"]', "query = 'Maduro UNLESS \"Maduro Street\" NOT football'")


async def near(bench: Bench) -> list[tuple[str, str, list[str]]]:
    rows = await bench.rows("SELECT kind, snippet, why FROM near_misses")
    return [(kind, snippet, json.loads(why)) for kind, snippet, why in rows]


async def read(bench: Bench, title: str, text: str) -> None:
    bench.web.entries(FEED, ("a", title, A))
    bench.web.page(A, title, text)
    await bench.turn()


async def test_what_not_keeps_out_is_on_record(bench: Bench) -> None:
    await bench.reload(CAREFUL)
    await read(bench, "Harbour", "Maduro opened the football season.")
    assert bench.post.sent == []
    ((kind, snippet, why),) = await near(bench)
    assert kind == "kept_out"
    assert "»Maduro«" in snippet
    assert "which NOT keeps out" in " ".join(why)


async def test_what_unless_drops_is_on_record(bench: Bench) -> None:
    await bench.reload(CAREFUL)
    await read(bench, "Harbour", "The bus stops in Maduro Street.")
    ((kind, _, why),) = await near(bench)
    assert kind == "kept_out"
    assert "dropped by UNLESS" in " ".join(why)


async def test_a_word_in_a_menu_is_on_record_as_furniture(bench: Bench) -> None:
    await read(bench, "Harbour", "The ship came from Portugal.")
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    bench.web.answers["http://one.example/b"] = page.replace(
        b"<body>", b"<body><nav><a href='/m'>Maduro on trial</a></nav>"
    )
    bench.web.entries(FEED, ("b", "Harbour news", "http://one.example/b"))
    await bench.turn()
    assert bench.post.sent == []
    ((kind, snippet, why),) = await near(bench)
    assert (kind, why) == ("furniture", [])
    assert "»Maduro« on trial" in snippet


async def test_a_match_is_no_near_miss_and_neither_is_a_page_without_the_word(bench: Bench) -> None:
    await read(bench, "Harbour", "Maduro spoke.")
    bench.web.page("http://one.example/b", "Other", "Nobody spoke.")
    bench.web.entries(FEED, ("b", "Other", "http://one.example/b"))
    await bench.turn()
    assert await near(bench) == []
