"""Files of cases that the config names, read and run: a watchlist's own tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from feedwatch.errors import AskedWrongly
from feedwatch.watches.cases import Case, failures, read_cases
from feedwatch.watches.parse import parse_query
from feedwatch.watches.tree import Query

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings


def read_table(file: Path) -> tuple[Case, ...]:
    """A file's rows; AskedWrongly with file, line and cure where it cannot be read or is no such table."""
    try:
        return read_cases(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AskedWrongly(f"{file}: cannot be read: {error.strerror} (correct the path or its permissions)") from None
    except UnicodeDecodeError:
        raise AskedWrongly(f"{file}: not UTF-8 (save the file as UTF-8)") from None
    except AskedWrongly as error:
        raise AskedWrongly(f"{file}:{error}") from None


def failed_cases(settings: Settings, queries: Mapping[str, Query]) -> Iterator[str]:
    """A line for every row of the watchlists' cases that comes out otherwise; `queries` by watchlist id."""
    lists = settings.lists
    for number, watch in enumerate(settings.watchlists):
        if watch.cases is None:
            continue
        try:
            failed = failures(read_table(watch.cases), lambda text: parse_query(text, lists), queries[watch.id])
        except AskedWrongly as error:
            yield f"{settings.where('watchlists', number, 'cases')}: cases: {error}"
            continue
        for each in failed:
            yield f"{watch.cases}:{each.case.line}: row {each.case.id} of watchlist {watch.id}: {each.why}"
