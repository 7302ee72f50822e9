"""What `search` finds, made anew from the stored texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.pipeline.reading import read_stored
from feedwatch.store import reindex as index

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedwatch.store.reindex import Stored
    from feedwatch.store.writer import Store

AT_ONCE = 50
"""Articles in one transaction: what a kill costs."""


async def reindex(store: Store, progress: Callable[[int, int], None]) -> int:
    """Goes on where a run that was cut off stopped; how many articles it did. `progress`: how many of how many."""
    after = await store.read(index.reached) or 0
    total, done = await store.read(index.left, after), 0
    while batch := await store.read(index.stored_texts, after, most=AT_ONCE):
        begin, after = after, batch[-1].article
        await store.write(index.replace_texts, begin, after, [tokens(each) for each in batch if each.entries])
        done += len(batch)
        progress(done, max(total, done))
    await store.write(index.finish)
    return done


def tokens(stored: Stored) -> tuple[int, str, str, str]:
    """An article's row of the search table."""
    searched = read_stored(stored.page, stored.entries).searched
    return stored.article, searched.title, searched.summary, searched.body
