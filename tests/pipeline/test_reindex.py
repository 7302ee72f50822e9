"""The search index made anew: it says the same, it goes on where it stopped, and `doctor` knows."""

from __future__ import annotations

import pytest

from feedwatch.pipeline import reindex as module
from feedwatch.pipeline.reindex import reindex
from feedwatch.store import reindex as index
from feedwatch.text.fold import FOLD_VERSION
from tests.pipeline.conftest import Bench

FEED = "http://one.example/feed"
ROWS = "SELECT rowid, title, summary, body FROM fts ORDER BY rowid"


def silent(_done: int, _total: int) -> None: ...


async def filled(bench: Bench, articles: int = 6) -> list[object]:
    """Articles of all kinds: read, without a page, without an entry of their own; what search knows of them."""
    items = [(f"i{n}", f"Überschrift {n}", f"http://one.example/{n}") for n in range(articles)]
    for _, title, link in items[1:]:
        bench.web.page(link, title, "Maduro spoke in Mérida.")
    bench.web.entries(FEED, *items, summary="A summary of it.")
    await bench.turn()
    return await bench.rows(ROWS)


async def test_the_new_index_says_what_the_old_one_said(bench: Bench) -> None:
    before = await filled(bench)
    assert len(before) == 6
    await bench.change("DELETE FROM fts WHERE rowid = 2")
    await bench.change("UPDATE fts SET body = 'old tokens' WHERE rowid = 3")
    await bench.change("INSERT INTO fts(rowid, title) VALUES (99, 'ghost')")
    assert await reindex(bench.store, silent) == 6
    assert await bench.rows(ROWS) == before


async def test_only_the_end_says_that_the_index_is_of_this_version(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    before = await filled(bench)
    await bench.change("UPDATE meta SET value = '0' WHERE key = 'fold_version'")
    await bench.change("UPDATE fts SET body = 'old'")

    def stop(done: int, total: int) -> None:
        assert total == 6
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reindex(bench.store, stop)
    assert await bench.store.read(index.fold_version) == 0
    assert await bench.store.read(index.reached) == 4
    assert await reindex(bench.store, silent) == 2
    assert await bench.rows(ROWS) == before
    assert await bench.store.read(index.fold_version) == FOLD_VERSION
    assert await bench.store.read(index.reached) is None


async def test_a_run_for_another_folding_is_not_gone_on_with(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(bench)
    await bench.store.write(index.replace_texts, 0, 3, [])
    monkeypatch.setattr(index, "FOLD_VERSION", FOLD_VERSION + 1)
    assert await bench.store.read(index.reached) is None
    assert await reindex(bench.store, silent) == 6
    assert await bench.store.read(index.fold_version) == FOLD_VERSION + 1


async def test_an_empty_database_is_indexed_at_once(bench: Bench) -> None:
    assert await reindex(bench.store, silent) == 0
