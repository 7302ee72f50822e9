"""`feedwatch watch replay`: what a watchlist would have told, and what another wording would gain and lose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import DONE, USAGE
from feedwatch.cli.options import (
    Config,
    Json,
    Limit,
    Until,
    examples,
    load_settings,
    moment_of,
    query_of,
    read_query,
    reading,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.pipeline.archive import Stretch
    from feedwatch.pipeline.replay import Gone, Replay, Wish
    from feedwatch.watches.tree import Query

EXAMPLES = examples(
    "feedwatch watch replay ve",
    """feedwatch watch replay ve --query '@country:VE OR maduro UNLESS "plátano maduro"' --since 14d""",
    """feedwatch watch replay --query 'petróleo NEAR/5 Caracas' --json""",
)


def replay_command(
    watchlist: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The watchlist's id.", show_default=False)
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="QUERY", help="A query; beside an ID, another wording to compare with it."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="From then on: 30d (ago), or a date such as 2026-11-01.")
    ] = "30d",
    until: Until = None,
    config: Config = None,
    limit: Limit = 5,
    as_json: Json = False,
) -> None:
    """Play a watchlist over the stored articles.

    Shows alerts a day, the strengths, and the newest examples. With an ID and --query: what the query would gain and
    lose. Each article counts as if it had come alone; nothing is told or stored, and a daemon may run.
    """
    from feedwatch.cli.progress import bar
    from feedwatch.pipeline.archive import Stretch
    from feedwatch.pipeline.program import tags_of
    from feedwatch.pipeline.replay import replay

    settings = load_settings(config)
    watch = _watchlist(settings, (watchlist or "").removeprefix("@"))
    before = query_of(settings, watch) if watch else None
    wanted = before if query is None else read_query(query, settings)
    if wanted is None:
        say("there is nothing to play (give a watchlist's ID, --query, or both)")
        raise typer.Exit(USAGE)
    stretch = Stretch(since=moment_of(since, "--since"), until=moment_of(until, "--until"))
    with reading(settings.store.path) as db, bar("articles") as progress:
        played = replay(
            db,
            wish_of(settings, watch, wanted),
            before if query is not None else None,
            tags_of(settings),
            stretch,
            limit=limit,
            progress=progress,
        )
    compared = watch is not None and query is not None
    if as_json:
        _put_json(played, compared=compared)
    else:
        _put(played, stretch, watchlist if compared else None)
    raise typer.Exit(DONE)


def _watchlist(settings: Settings, name: str) -> Watchlist | None:
    found = next((watch for watch in settings.watchlists if watch.id == name), None)
    if found is None and name:
        say(f"no watchlist {name} (there are: {', '.join(watch.id for watch in settings.watchlists) or 'none'})")
        raise typer.Exit(USAGE)
    return found


def wish_of(settings: Settings, watch: Watchlist | None, query: Query) -> Wish:
    """What is played for a watchlist: its feeds, and what its least particular channel lets through."""
    from feedwatch.pipeline.replay import Wish

    if watch is None:
        return Wish(query=query)
    floor = min(settings.channels[name].only for name in watch.notify)
    return Wish(query=query, feeds=settings.feeds_of(watch), floor=floor)


# ---- data


def _put_json(played: Replay, *, compared: bool) -> None:
    from feedwatch.cli.search import row_of
    from feedwatch.cli.show import json_line, put

    counts = {strength.word: count for strength, count in sorted(played.strengths.items(), reverse=True)}
    put(
        json_line(
            {
                "kind": "total",
                "articles": played.articles,
                "looked_at": played.looked_at,
                "alerts": played.alerts,
                "strengths": counts,
            }
        )
    )
    for day, found in sorted(played.days.items()):
        row = {"kind": "day", "day": day.isoformat()}
        put(json_line(row | {strength.word: count for strength, count in sorted(found.items(), reverse=True)}))
    for example in played.examples:
        put(json_line({"kind": "example", **row_of(example)}))
    if compared:
        change = {"before": played.told(played.before), "gained": played.gained, "lost": played.lost}
        put(json_line({"kind": "change", **change, "moved": played.moved}))
        for example in played.new:
            put(json_line({"kind": "gained", **row_of(example)}))
        for gone in played.gone:
            put(json_line({"kind": "lost", **row_of(gone.found), "missing": _missing(gone)}))


def _missing(gone: Gone) -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [asdict(each) for each in gone.missing]


# ---- for people


def _put(played: Replay, stretch: Stretch, other: str | None) -> None:
    """`other`: the watchlist that the query is compared with."""
    from feedwatch.cli.chart import chart, legend, width
    from feedwatch.cli.show import put

    of_query = "the query: " if other else ""
    put(f"{of_query}{summary(played)}; {played.articles} articles were stored in that time")
    if played.alerts:
        put(f"\nalerts a day   {legend(played.floor)}")
        for line in chart(_every_day(played, stretch), played.floor, width()):
            put(f"  {line}")
        _put_articles("examples", played.alerts, [_article(found) for found in played.examples])
    if other:
        put(f"\n{other} as it is: {_change(played)}")
        _put_articles("gained", played.gained, [_article(found) for found in played.new])
        _put_articles("lost", played.lost, [_lost(gone) for gone in played.gone])


def summary(played: Replay) -> str:
    """Alerts and strengths in one line."""
    from feedwatch.alerts.outgoing import counted

    split = ", ".join(f"{count} {strength.word}" for strength, count in sorted(played.strengths.items(), reverse=True))
    alerts, matches = counted(played.alerts, "alert"), counted(played.strengths.total(), "match", "matches")
    return f"{alerts} (from strength {played.floor.word} up) of {matches}" + (f": {split}" if split else "")


def _change(played: Replay) -> str:
    from feedwatch.alerts.outgoing import counted

    alerts, matches = counted(played.told(played.before), "alert"), counted(played.before.total(), "match", "matches")
    moved = f"; {played.moved} match with another strength" if played.moved else ""
    return f"{alerts} of {matches}; the query finds {played.gained} more and loses {played.lost}{moved}"


def _every_day(played: Replay, stretch: Stretch) -> dict[date, Any]:
    """Quiet days, too; not those before the archive begins."""
    first, last = min(played.days), max(played.days)
    if stretch.until is None:
        from feedwatch.pipeline.clock import now

        last = max(last, now().astimezone().date())
    length = (last - first).days + 1
    return {day: played.days.get(day, {}) for day in (first + timedelta(days=n) for n in range(length))}


def _put_articles(kind: str, total: int, shown: Iterable[list[str]]) -> None:
    from feedwatch.cli.chart import cut, width
    from feedwatch.cli.show import put

    listed = list(shown)
    if not listed:
        return
    newest = f", the newest {len(listed)} of {total}" if len(listed) < total else ""
    put(f"\n{kind}{newest}")
    for lines in listed:
        for line in lines:
            put(cut(f"  {line}", max(width(), 60)))


def _article(found: Any) -> list[str]:
    from feedwatch.cli.chart import width
    from feedwatch.cli.search import row_of
    from feedwatch.cli.show import clean, local
    from feedwatch.watches.snippets import snippet

    row = row_of(found)
    passage = snippet(found.index, found.match, min(max(width(), 60) - len("    “”"), 160))
    head = f"{local(row['seen'])}  {row['strength']}  {clean(row['outlet'] or '')} · {clean(row['title'] or '')}"
    return [head, f"  “{clean(passage)}”"]


def _lost(gone: Gone) -> list[str]:
    from feedwatch.cli.show import clean

    return [*_article(gone.found), *(f"  {clean(str(each))}" for each in gone.missing[:3])]
