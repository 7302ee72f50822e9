"""What `feedwatch check` says of watchlists beyond "all well": doubts, and cases that come out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.cli.options import reading
from feedwatch.cli.show import clean
from feedwatch.config.cases import failed_cases
from feedwatch.errors import ConfigError, StoreError
from feedwatch.pipeline.lint import NOTHING_LEARNT, Learnt, doubts, learn, unused_aliases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.watches.lint import Doubt
    from feedwatch.watches.tree import Query


def refuse_failed_cases(settings: Settings, queries: Mapping[str, Query]) -> None:
    """ConfigError with every row of the watchlists' cases that comes out otherwise."""
    failed = [clean(line) for line in failed_cases(settings, queries)]
    if failed:
        raise ConfigError(failed)


def doubt_lines(settings: Settings, queries: Mapping[str, Query]) -> Iterator[str]:
    """Each doubt as `file:line: message (cure)`, in the order of the watchlists."""
    learnt = _learnt(settings)
    for number, watch in enumerate(settings.watchlists):
        for doubt in doubts(settings, watch, queries[watch.id], learnt):
            yield f"{where(settings, number, watch, doubt)}: {clean(str(doubt))}"
    for alias in unused_aliases(settings):
        yield f"{settings.where('aliases', alias)}: no watchlist uses the list @{alias} (name it, or remove it)"


def where(settings: Settings, number: int, watch: Watchlist, doubt: Doubt) -> str:
    """The file and the line of the words that a doubt is about."""
    if watch.query is not None:
        place = settings.where("watchlists", number, "query")
        return place if doubt.position is None else f"{place}: character {doubt.position + 1}"
    if doubt.entry is None:
        return settings.where("watchlists", number, "keywords")
    return settings.where("watchlists", number, "keywords", doubt.entry)


def _learnt(settings: Settings) -> Learnt:
    """What the database knows of the feeds; nothing where it cannot be asked, which is no fault of the config."""
    try:
        with reading(settings.store.path) as db:
            return learn(db)
    except StoreError:
        return NOTHING_LEARNT
