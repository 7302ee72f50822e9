"""`feedwatch search`: read articles, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedwatch.cli.options import read_query, reading
from feedwatch.cli.show import clean, json_line, local, put
from feedwatch.model import Zone
from feedwatch.store.search import search as find
from feedwatch.store.times import moment
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.index import build_index
from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.tree import Query

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings
    from feedwatch.store import Row


def search(settings: Settings, text: str, *, limit: int, as_json: bool) -> int:
    """Prints what is found; the number of articles."""
    query = read_query(text)
    with reading(settings.store.path) as db:
        found = [_result(row, query) for row in find(db, to_fts5(query), limit=limit)]
    for result in found:
        put(json_line(result) if as_json else _text(result))
    return len(found)


def _result(row: Row, query: Query) -> dict[str, Any]:
    zones = (("title", row["title"]), ("title", row["page_title"]), ("summary", row["summary"]), ("body", row["body"]))
    index = build_index(tuple(Zone(name=name, text=value) for name, value in zones if value))
    hit = match(query, index)
    return {
        "seen": moment(row["first_seen_at"]),
        "outlet": row["outlet"] or row["host"],
        "title": row["title"] or row["page_title"],
        "link": row["link"],
        "snippet": snippet(index, hit) if hit else None,
        "body_seen": row["reason"] is None,
    }


def _text(result: dict[str, Any]) -> str:
    lines = [f"{local(result['seen'])}  {clean(result['outlet'] or '')} · {clean(result['title'] or '')}"]
    if result["snippet"]:
        lines.append(f"  “{clean(result['snippet'])}”")
    if result["link"]:
        lines.append(f"  {clean(result['link'])}")
    return "\n".join(lines)
