"""docs/operations.md explains every word that the database keeps and every error that it gives."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch import errors
from feedwatch.alerts import decide, retry
from feedwatch.articles.tries import ASKED_AT_MOST, WAITS
from feedwatch.feeds import schedule
from feedwatch.model import Reason
from feedwatch.pipeline import control, courier, deliver, engine, findings, pages, read, verbs
from feedwatch.store import alerts, database, feeds, status

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
SAID = {
    errors.NoDatabase: "there is no database yet",
    errors.DatabaseVanished: "the database is gone",
    errors.DatabaseDamaged: "the database is damaged",
    errors.DatabaseNewer: "a newer feedwatch wrote this database",
    errors.DatabaseBusy: "another feedwatch (pid",
    errors.StoreUnavailable: "is there space left",
}
"""How each error of the database is worded."""


def section(heading: str) -> str:
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def first_column(heading: str) -> set[str]:
    """The code in the first cells of a section's table."""
    cells = re.findall(r"^\| (`.*?) \|", section(heading), re.MULTILINE)
    return {word for cell in cells for word in re.findall("`([^`]+)`", cell)}


@pytest.fixture
def empty_database(tmp_path: Path) -> Path:
    path = tmp_path / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
    return path


def test_every_reason_is_explained_and_no_other() -> None:
    assert first_column("Why a feed or a page gave nothing") == {reason.value for reason in Reason}


def test_every_outcome_of_a_decision_is_explained_and_no_other() -> None:
    outcomes = {value for name, value in vars(decide).items() if name.isupper() and isinstance(value, str)}
    assert first_column("What became of a match") == outcomes


def test_every_state_of_a_page_is_explained(empty_database: Path) -> None:
    with closing(sqlite3.connect(empty_database)) as db:
        (made,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'articles'").fetchone()
    states = set(re.findall(r"'(\w+)'", made.partition("page_state IN(")[2].partition(")")[0]))
    assert first_column("Status") == states - {"given_up"}  # which is shown by its reason


def test_every_error_of_the_database_is_explained_in_its_own_words() -> None:
    page = section("When the database is the trouble")
    files = ("store/database.py", "store/writer.py", "cli/options.py", "pipeline/ask.py")
    sources = "".join((ROOT / "feedwatch" / file).read_text(encoding="utf-8") for file in files)
    assert set(SAID) == set(errors.StoreError.__subclasses__())
    assert [words for words in SAID.values() if f"`{words}" not in page] == []
    quoted = first_column("When the database is the trouble") - {"the database is gone", "Permission denied"}
    assert [words for words in quoted if words not in sources] == []


def test_the_figures_are_those_of_the_code() -> None:
    figures = section("Figures")
    expected = (
        f"{WAITS[0].seconds // 60} and {sum(WAITS, timedelta(0)).seconds // 60} minutes later",
        f"up to {ASKED_AT_MOST.seconds // 3600} hour",
        f"up to {schedule.RETRY_AFTER_CAP.days} days",
        f"after {schedule.REFUSED_WAIT.seconds // 3600} hours",
        f"at the latest after {alerts.BACKFILL_AT_MOST.seconds // 60} minutes",
        f"after {retry.FIRST_WAIT.seconds} s, then doubled each time, up to {retry.LONGEST_WAIT.seconds // 60} minutes",
        f"after {retry.REFUSALS} refusals",
        f"is ended after {courier.SEND_DEADLINE.seconds} s",
        f"{deliver.SENDERS}, to {deliver.SENDERS} targets",
        f"{findings.PARSE_DEADLINE.seconds} s, {pages.PAGE_DEADLINE.seconds} s of a worker",
        f"after {engine.RECYCLE} jobs",
    )
    assert [words for words in expected if words not in figures] == []
    assert (feeds.ALONE, read.POISON) == (3, 6)
    assert schedule.DAY.days == 1
    assert f"has {engine.DRAIN:.0f} seconds to finish" in PAGE


def test_every_verb_of_the_control_socket_is_explained_with_its_bounds() -> None:
    page = section("Control socket")
    asked = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert asked == {*verbs.VERBS, "reload", "prune"}
    assert f"has {control.LONGEST_REQUEST:,} bytes at the most" in page
    assert f"within {control.PATIENCE:.0f} seconds" in page
    assert f"of more than {control.CLIENTS} silent connections" in page
    assert f"more than {status.LATE.seconds // 60} minutes overdue" in section("Status")


def test_every_line_of_the_daemons_log_is_explained() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "feedwatch/pipeline").glob("*.py"))
    calls = set(re.findall(r'\blog\.\w+\([^"]*"(?:%s )?(\w+(?:=\w+)?)', source))
    assert {"start", "poll", "job=failed"} <= calls
    shown = set(re.findall(r"\w+(?:=\w+)?", " ".join(first_column("Logs"))))
    assert calls - shown == set()


def test_the_queries_for_the_database_run(empty_database: Path) -> None:
    queries = re.findall(r'^sqlite3 -readonly feedwatch\.db "(SELECT .*)"$', PAGE, re.MULTILINE)
    assert len(queries) == 2
    with closing(sqlite3.connect(f"file:{empty_database}?mode=ro", uri=True)) as db:
        assert [db.execute(query).fetchall() for query in queries] == [[], []]
