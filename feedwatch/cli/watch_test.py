"""`feedwatch watch test`: whether a text would be a match, and why; a whole table of texts with `--cases`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import DONE, FAILED, TRY_AGAIN, USAGE
from feedwatch.cli.options import Config, Json, Wanted, examples, say, wanted_query

if TYPE_CHECKING:
    from feedwatch.model import Match
    from feedwatch.watches.index import Index, Metadata

EXAMPLES = examples(
    """feedwatch watch test Maduro --title "Talks with Maduro resume" """.rstrip(),
    """feedwatch watch test 'Caracas OR "Delcy Rodríguez"' --text - < article.txt""",
    """feedwatch watch test @ve --url https://www.dw.com/en/a-page""",
    """feedwatch watch test @ve --cases ve.cases.tsv""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What is judged."""

    index: Index
    metadata: Metadata


def try_query(
    query: Annotated[
        str | None,
        typer.Argument(metavar="[QUERY]", help="A query, or @ID for a watchlist of the config.", show_default=False),
    ] = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The article's headline.")] = "",
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="The article's text; - reads it from stdin.")
    ] = "",
    language: Annotated[
        str, typer.Option("--language", metavar="L", help="The article's language, as in es; unknown otherwise.")
    ] = "",
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Fetch this page and judge it, instead of a text.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="FILE", help="Judge a table of texts with the verdicts expected.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say whether a text matches, and why or why not.

    Exit code 0: a match, 1: none, 2: the query is refused, and where; 75: the page is not to be had. With --cases 0:
    every row as expected, 1: the rows that are listed are not.
    """
    wanted = wanted_query(query, config) if query is not None else None
    if cases is not None:
        raise typer.Exit(_table(cases, wanted, config, as_json=as_json))
    if wanted is None:
        say("there is no query to test (give QUERY or @ID; --cases FILE has its own)")
        raise typer.Exit(USAGE)
    if url is not None and (title or text):
        say("give --url, or --title and --text: one of the two")
        raise typer.Exit(USAGE)
    article = _fetched(url, wanted) if url is not None else _typed(title, text, language)
    raise typer.Exit(_judge(wanted, article, as_json=as_json))


def _typed(title: str, text: str, language: str) -> Article:
    from feedwatch.model import Zone
    from feedwatch.watches.index import Metadata, build_index

    body = sys.stdin.read() if text == "-" else text
    zones = tuple(Zone(name=name, text=words) for name, words in (("title", title), ("body", body)) if words)
    if not zones:
        say("there is no text to test (give --title, --text or both, or --url)")
        raise typer.Exit(USAGE)
    return Article(
        index=build_index(zones, language),
        metadata=Metadata(languages=(language,) if language else ()),
    )


def _fetched(url: str, wanted: Wanted) -> Article:
    import asyncio

    from feedwatch.cli.feed_look import web
    from feedwatch.cli.show import clean
    from feedwatch.model import Failure
    from feedwatch.pipeline.probe import probing, read_page

    async def read() -> tuple[Index, Metadata, str] | Failure:
        async with probing(wanted.settings) as probe:
            return await read_page(probe, web(url))

    seen = asyncio.run(read())
    if isinstance(seen, Failure):
        say(f"the page is not to be had: {seen.reason}, {clean(seen.detail)}")
        raise typer.Exit(TRY_AGAIN)
    index, metadata, title = seen
    known = f" [{index.language}]" if index.language else ""
    say(f"read: {clean(title) or 'untitled'}{known}, {index.words} words")
    return Article(index=index, metadata=metadata)


def _judge(wanted: Wanted, article: Article, *, as_json: bool) -> int:
    from dataclasses import asdict

    from feedwatch.cli.show import clean, json_line, put
    from feedwatch.watches.match import match
    from feedwatch.watches.why import missing

    found = match(wanted.query, article.index, article.metadata)
    if found is not None:
        verdict = _verdict(article.index, found)
        put(json_line(verdict) if as_json else _told(verdict))
        return DONE
    lacking = [asdict(each) for each in missing(wanted.query, article.index, article.metadata)]
    if as_json:
        put(json_line({"match": False, "missing": lacking}))
        return FAILED
    put("no match")
    for each in lacking:
        put(f"  {clean(each['part'])}: {clean(each['why'])}")
    return FAILED


def _verdict(index: Index, found: Match) -> dict[str, Any]:
    """The match as data: its strength and why, every zone with its best passage, every term with its count."""
    from dataclasses import asdict, replace

    from feedwatch.watches.snippets import snippet
    from feedwatch.watches.strength import explain, ground, view_of

    views = dict.fromkeys(view_of(index, hit) for hit in found.hits)
    zones = [
        {"zone": view, "snippet": snippet(index, replace(found, hits=hits))}
        for view in views
        if (hits := tuple(hit for hit in found.hits if view_of(index, hit) == view))
    ]
    return {
        "match": True,
        "strength": found.strength.word,
        "because": asdict(ground(index, found.hits)),
        "score": round(found.score, 3),
        "snippet": snippet(index, found),
        "hits": [asdict(count) for count in explain(index, found.hits)],
        "zones": zones,
    }


def _told(verdict: dict[str, Any]) -> str:
    from feedwatch.cli.show import clean

    lines = [f"match, strength {verdict['strength']}: {because(verdict['because'])}"]
    for zone in verdict["zones"]:
        counts = ", ".join(f"{hit['term']} {hit['count']}" for hit in verdict["hits"] if hit["zone"] == zone["zone"])
        lines += [f"  {zone['zone']}: “{clean(zone['snippet'])}”", f"    {clean(counts)}"]
    return "\n".join(lines)


def because(ground: dict[str, Any]) -> str:
    """What decided the strength, in words."""
    from feedwatch.watches.strength import ENOUGH_HITS

    hits = "1 hit" if ground["hits"] == 1 else f"{ground['hits']} hits"
    if ground["zone"]:
        return f"a hit in the {ground['zone']}" if ground["hits"] == 1 else f"{hits}, one in the {ground['zone']}"
    if ground["hits"] >= ENOUGH_HITS:
        return f"{hits}, and {ENOUGH_HITS} are enough"
    return f"{hits}, neither in the title nor in the lead" if ground["hits"] else "no word had to be there"


# ---- a table of cases


def _table(file: Path, wanted: Wanted | None, config: Path | None, *, as_json: bool) -> int:
    from feedwatch.cli.options import some_settings
    from feedwatch.cli.show import json_line, put
    from feedwatch.config.cases import read_table
    from feedwatch.errors import AskedWrongly
    from feedwatch.watches.cases import failures
    from feedwatch.watches.parse import parse_query

    lists = (wanted.settings if wanted else some_settings(config)).lists
    try:
        cases = read_table(file)
    except AskedWrongly as error:
        say(str(error))
        return USAGE
    failed = failures(cases, lambda text: parse_query(text, lists), wanted.query if wanted else None)
    for each in failed:
        row = {"id": each.case.id, "line": each.case.line, "query": each.case.query, "expected": each.case.expected}
        put(
            json_line({**row, "why": each.why})
            if as_json
            else f"{file}:{each.case.line}: {_row(each.case.id, each.why)}"
        )
    say(f"{len(cases) - len(failed)} of {len(cases)} rows as expected")
    return FAILED if failed else DONE


def _row(name: str, why: str) -> str:
    from feedwatch.cli.show import clean

    return f"row {clean(name)}: {clean(why)}"
