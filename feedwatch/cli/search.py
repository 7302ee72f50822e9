"""`feedwatch search`: read articles, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedwatch.cli.options import read_query, reading, say
from feedwatch.cli.show import clean, json_line, local, put
from feedwatch.pipeline.archive import search as find
from feedwatch.pipeline.program import tags_of

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings
    from feedwatch.pipeline.archive import Found, Stretch


def search(settings: Settings, text: str, stretch: Stretch, *, limit: int, as_json: bool) -> int:
    """Prints what is found; the number of articles."""
    query = read_query(text, settings)
    with reading(settings.store.path) as db:
        results = find(db, query, tags_of(settings), stretch, limit=limit)
    for found in results.found:
        row = row_of(found)
        put(json_line(row) if as_json else lines_of(row))
    if results.stopped_at is not None:
        until = results.stopped_at.astimezone().isoformat(timespec="seconds")
        say(
            f"looked at {results.looked_at} articles that have some of the words, back to {local(results.stopped_at)};"
            f" older ones were not looked at (--until {until} goes on there)"
        )
    return len(results.found)


def row_of(found: Found) -> dict[str, Any]:
    """An article that was found, as data."""
    return {
        "seen": found.article.seen_at,
        "outlet": found.entry.outlet,
        "title": found.title,
        "link": found.entry.link,
        "strength": found.match.strength.word,
        "snippet": found.snippet,
        "body_seen": found.article.page is not None,
    }


def lines_of(row: dict[str, Any]) -> str:
    """An article that was found, for people."""
    lines = [f"{local(row['seen'])}  {clean(row['outlet'] or '')} · {clean(row['title'] or '')}"]
    lines.append(f"  “{clean(row['snippet'])}”")
    if row["link"]:
        lines.append(f"  {clean(row['link'])}")
    return "\n".join(lines)
