"""Every row of the shared table of queries."""

import csv
import os
from pathlib import Path

import pytest

from feedwatch.errors import QueryError, UnknownList
from feedwatch.model import Zone
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.index import Metadata, build_index
from feedwatch.watches.match import Presearch, match
from feedwatch.watches.parse import parse_query

SHARED = Path(os.environ.get("FEEDWATCH_SHARED", Path(__file__).parents[2].parent / "shared"))
TABLE = SHARED / "cases" / "queries.tsv"

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not TABLE.exists(), reason="../shared is not here")]

ALIASES = {"ve": ("Venezuela", "Caracas", "Nicolas Maduro", "Venezuel*")}
SEVERAL = {"source": "hosts", "author": "authors", "tag": "tags", "feed": "feeds"}


def lists(name: str) -> tuple[str, ...]:
    if name not in ALIASES:
        raise UnknownList(name, "there is @ve")
    return ALIASES[name]


def rows() -> list[dict[str, str]]:
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['id']}: {row['note']}")
def test_a_row_has_its_verdict(row: dict[str, str]) -> None:
    if row["expected"] == "error":
        with pytest.raises(QueryError) as refusal:
            parse_query(row["query"], lists)
        assert 0 <= refusal.value.position < len(row["query"])
        assert refusal.value.cure
        return
    query = parse_query(row["query"], lists)
    zones = tuple(Zone(name=name, text=row[name]) for name in ("title", "body") if row[name])
    index = build_index(zones, row["lang"])
    assert str(int(match(query, index, known(row)) is not None)) == row["expected"]
    assert parse_query(str(query), lists) == query
    assert row["expected"] == "0" or Presearch({"it": query}).candidates(index) == {"it"}
    assert isinstance(to_fts5(query), str)


def known(row: dict[str, str]) -> Metadata:
    facts: dict[str, tuple[str, ...]] = {"languages": (row["lang"],)} if row["lang"] else {}
    for pair in filter(None, row["meta"].split(";")):
        name, value = pair.split("=", 1)
        facts[SEVERAL[name.strip()]] = (value.strip(),)
    return Metadata(**facts)  # type: ignore[arg-type]
