"""`feedwatch doctor`, `schema` and `alerts export`: what they find and print."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.cli import doctor, export
from feedwatch.config.schema import config_schema
from feedwatch.config.values import DURATION_PATTERN, SIZE_PATTERN, parse_duration, parse_size
from feedwatch.config.words import TABLES
from feedwatch.store import database
from tests.edges.test_cli_database import Ran, ran
from tests.harness import PROJECT, feedwatch

__all__ = ["ran"]

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def examined(folder: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """The exit code, and the findings by check."""
    ended = feedwatch("doctor", "--json", folder=folder)
    assert "Traceback" not in ended.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for row in map(json.loads, ended.stdout.splitlines()):
        found.setdefault(row["check"], []).append(row)
    return ended.returncode, found


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a config and a new database, and nothing to complain of."""
    folder = tmp_path / "house"
    folder.mkdir(mode=0o750)
    (folder / "config.toml").write_text("[channels.here]\nterminal = true\n")
    with database.locked(path := folder / "feedwatch.db"):
        database.prepare(path)
    return folder


def change(house: Path, sql: str, *values: object) -> None:
    with closing(database.connect(house / "feedwatch.db")) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(sql, values)


def problems(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [row["text"] for rows in found.values() for row in rows if row["level"] == "problem"]


# doctor -------------------------------------------------------------------------------------------------


def test_a_house_in_order_is_said_check_by_check(house: Path) -> None:
    code, found = examined(house)
    assert (code, problems(found)) == (0, [])
    asked = {
        "sqlite",
        "expat",
        "config",
        "channels",
        "daemon",
        "rights",
        "disk",
        "database",
        "clock",
        "search",
        "entries",
    }
    assert set(found) == asked
    assert all(
        row["cure"] for rows in found.values() for row in rows if row["level"] != "ok" and row["check"] != "config"
    )


def test_it_prints_a_line_a_finding_and_the_cure_below(house: Path) -> None:
    (house / "feedwatch.db").chmod(0o644)
    said = feedwatch("doctor", folder=house).stdout
    assert f"warning  rights     {house}/feedwatch.db is open to everybody\n" in said
    assert f"                    → chmod 640 {house}/feedwatch.db\n" in said


def test_before_the_first_start_nothing_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    code, found = examined(tmp_path)
    assert code == 0
    assert "there is no database yet" in found["database"][0]["text"]
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_bad_config_is_named_line_by_line(house: Path) -> None:
    (house / "config.toml").write_text('[polling]\nintervall = "1m"\n\n[[watchlists]]\nid = "x"\n')
    code, found = examined(house)
    assert code == 1
    assert len(found["config"]) == 3
    assert found["config"][0]["text"].startswith('config.toml:2: unknown key "intervall"')
    assert found["the rest"][0]["level"] == "warning"


def test_a_channel_that_is_no_address_is_a_problem_and_the_rest_is_looked_at(house: Path) -> None:
    (house / "config.toml").write_text('[channels.phone]\nurl = "nonsense"\n')
    code, found = examined(house)
    assert code == 1
    assert found["config"][0]["text"].startswith("config.toml:1: ")
    assert found["database"][0]["level"] == "ok"


def test_files_that_everybody_can_read_are_named(house: Path) -> None:
    (house / "mail.url").write_text("json://127.0.0.1:9/x")
    (house / "mail.url").chmod(0o644)
    config = '[channels.a]\nurl = "json://127.0.0.1:9/a"\n[channels.mail]\nurl_file = "mail.url"\n'
    (house / "config.toml").write_text(config)
    (house / "config.toml").chmod(0o644)
    code, found = examined(house)
    assert code == 0
    assert "config.toml holds secrets (url)" in found["rights"][0]["text"]
    assert any("mail.url can be read by others" in row["text"] for row in found["config"])


def test_a_folder_that_everybody_may_write_to_is_a_problem(house: Path) -> None:
    house.chmod(0o777)
    assert "everybody may write to" in problems(examined(house)[1])[0]


def test_a_vanished_and_a_damaged_database_are_problems(house: Path) -> None:
    path = house / "feedwatch.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "the database is damaged" in problems(examined(house)[1])[0]
    path.unlink()
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    assert "the database is gone" in problems(examined(house)[1])[0]


def test_a_row_that_refers_to_nothing_is_a_problem(house: Path) -> None:
    change(house, "INSERT INTO addresses VALUES ('x', 99, 'link')")
    assert "a row of addresses refers to a row of articles that is not there" in problems(examined(house)[1])[0]


def test_an_entry_that_nothing_will_decide_is_a_problem(house: Path) -> None:
    change(house, "INSERT INTO feeds(id, address, url, host) VALUES (1, 'f', 'f', 'h')")
    change(house, "INSERT INTO articles(id, key, host, page_state, first_seen_at) VALUES (1, 'a:', '', 'pending', 0)")
    change(
        house,
        "INSERT INTO entries(feed_id, key, article_id, title, summary, content, authors, first_seen_at, how)"
        " VALUES (1, 'k', 1, '', '', '', '[]', 0, 'new')",
    )
    assert "waiting for a decision that nothing brings: 1 entry" in problems(examined(house)[1])
    change(house, "UPDATE articles SET due_at = 0")
    code, found = examined(house)
    assert (code, found["entries"][0]["level"]) == (0, "warning")


def test_an_index_of_another_folding_is_said_with_the_command(house: Path) -> None:
    change(house, "UPDATE meta SET value = '0' WHERE key = 'fold_version'")
    code, found = examined(house)
    assert code == 0
    assert "`feedwatch reindex`" in found["search"][0]["cure"]


def test_a_clock_that_went_back_is_a_problem(house: Path) -> None:
    change(house, "INSERT INTO feeds(address, url, host, last_polled_at) VALUES ('f', 'f', 'h', 4102444800000000)")
    assert "the clock went back" in problems(examined(house)[1])[0]


def test_the_clock_is_judged_by_what_is_known() -> None:
    assert doctor.clock_finding(AT, None).level == "ok"
    assert doctor.clock_finding(AT, AT + timedelta(minutes=4)).level == "ok"
    assert doctor.clock_finding(AT, AT + timedelta(minutes=6)).level == "problem"
    assert doctor.clock_finding(datetime(1970, 1, 2, tzinfo=UTC), None).level == "problem"


@pytest.mark.parametrize(
    ("version", "level"),
    [((3, 36, 0), "problem"), ((3, 40, 1), "warning"), ((3, 44, 6), "ok"), ((3, 45, 0), "warning"),
     ((3, 50, 7), "ok"), ((3, 51, 2), "warning"), ((3, 51, 3), "ok"), ((3, 60, 0), "ok")],
)  # fmt: skip
def test_versions_of_sqlite_with_known_faults_are_named(version: tuple[int, ...], level: str) -> None:
    sqlite, _ = doctor.version_findings(version, (9,))
    assert sqlite.level == level


@pytest.mark.parametrize(
    ("version", "level"),
    [((2, 3, 0), "problem"), ((2, 4, 4), "problem"), ((2, 5, 0), "warning"), ((2, 7, 1), "warning"), ((2, 7, 2), "ok")],
)
def test_versions_of_expat_with_known_faults_are_named(version: tuple[int, ...], level: str) -> None:
    _, expat = doctor.version_findings((9,), version)
    assert expat.level == level


PRETENDED = {
    "expat": "import xml.parsers.expat as e; e.EXPAT_VERSION = 'expat_2.2.10'",
    "SQLite": "import sqlite3; sqlite3.sqlite_version_info = (3, 34, 1)",
    "FTS5": "import feedwatch.store.doctor as d; d.has_full_text_search = lambda: False",
}


@pytest.mark.parametrize("what", PRETENDED)
@pytest.mark.parametrize("command", ["run", "once"])
def test_no_start_on_a_library_that_is_too_old(house: Path, what: str, command: str) -> None:
    """Pretended, for no such Python is at hand; the database is not touched."""
    said = subprocess.run(
        [sys.executable, "-c", f"{PRETENDED[what]}; from feedwatch.cli.app import main; main()", command],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 78
    assert what in said.stderr
    assert "uv python install" in said.stderr
    assert "Traceback" not in said.stderr


def test_room_is_judged_by_the_database() -> None:
    gigabyte = 10**9
    assert doctor.room_finding(Path("x"), 3 * gigabyte, gigabyte).level == "ok"
    assert doctor.room_finding(Path("x"), gigabyte, gigabyte).level == "warning"
    assert doctor.room_finding(Path("x"), 50 * 10**6, 0).level == "problem"


# schema -------------------------------------------------------------------------------------------------


def test_the_tables_are_printed_as_sql_that_runs(tmp_path: Path) -> None:
    ended = feedwatch("schema", "db", folder=tmp_path)
    with database.locked(path := tmp_path / "feedwatch.db"):
        database.prepare(path)
    names = "SELECT name FROM sqlite_master WHERE name NOT LIKE '%sqlite%' ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as made, closing(sqlite3.connect(path)) as real:
        made.executescript(ended.stdout)
        assert made.execute(names).fetchall() == real.execute(names).fetchall()


def test_the_config_schema_knows_every_key_with_its_meaning() -> None:
    schema = config_schema()
    assert json.loads(json.dumps(schema)) == schema
    for name, table in TABLES.items():
        shown = schema["$defs"][table.__name__]
        assert set(shown["properties"]) == set(table.model_fields), name
        assert all(key["description"] for key in shown["properties"].values())
        assert shown["additionalProperties"] is False


def test_the_config_schema_shows_values_as_they_are_written() -> None:
    tables = config_schema()["$defs"]
    interval, size = tables["Polling"]["properties"]["interval"], tables["Polling"]["properties"]["max_bytes"]
    assert (interval["type"], interval["default"], size["default"]) == ("string", "15m", "10MB")
    assert tables["Channel"]["properties"]["only"]["enum"] == ["mention", "topic", "headline"]
    assert tables["Channel"]["properties"]["only"]["default"] == "topic"


@pytest.mark.parametrize("text", ["15m", "1h30m", "2d", "1w", "0s", "", "5", "m", "1m1h", "1.5h"])
def test_a_duration_fits_the_schema_if_it_can_be_read(text: str) -> None:
    assert bool(re.search(DURATION_PATTERN, text)) is readable(parse_duration, text)


@pytest.mark.parametrize("text", ["10MB", "64MiB", "1B", "10", "10mb", "1.5MB"])
def test_a_size_fits_the_schema_if_it_can_be_read(text: str) -> None:
    assert bool(re.search(SIZE_PATTERN, text)) is readable(parse_size, text)


def readable(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def test_the_shipped_config_has_only_keys_of_the_schema() -> None:
    schema = config_schema()
    for key, tables in tomllib.loads((PROJECT / "config.toml").read_text()).items():
        if key not in TABLES:  # [aliases] has names of the owner's
            assert key in schema["properties"]
            continue
        listed = tables if isinstance(tables, list) else tables.values() if key == "channels" else [tables]
        for table in listed:
            assert set(table) <= set(schema["$defs"][TABLES[key].__name__]["properties"])


# alerts export ------------------------------------------------------------------------------------------


def test_alerts_are_exported_with_all_that_belongs_to_them(ran: Ran) -> None:
    ended = feedwatch("alerts", "export", folder=ran.folder)
    *digests, single = map(json.loads, ended.stdout.splitlines())
    assert [row["kind"] for row in digests] == ["digest", "digest"]
    assert (single["kind"], len(single["id"]), single["looked_at"]) == ("first", 32, 0)
    assert [article["title"] for article in single["articles"]] == ["Talks with Maduro"]
    assert single["decisions"][0]["reasons"]["judged"] == "page"
    assert [(row["channel"], row["state"]) for row in single["deliveries"]] == [("here", "sent"), ("down", "pending")]


def test_an_export_may_begin_at_a_time(ran: Ran) -> None:
    assert len(feedwatch("alerts", "export", "--since", "1d", folder=ran.folder).stdout.splitlines()) == 3
    assert feedwatch("alerts", "export", "--since", "0s", folder=ran.folder).stdout == ""
    wrong = feedwatch("alerts", "export", "--since", "yesterday", folder=ran.folder)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert '--since: "yesterday" is no duration' in wrong.stderr
    assert feedwatch("alerts", "export", "--json", "--csv", folder=ran.folder).returncode == 2


def test_a_spreadsheet_gets_a_row_an_article_and_an_empty_digest_one(ran: Ran) -> None:
    table = list(csv.DictReader(io.StringIO(feedwatch("alerts", "export", "--csv", folder=ran.folder).stdout)))
    assert [row["title"] for row in table] == ["", "", "Talks with Maduro"]
    assert table[-1]["deliveries"] == "here/terminal sent, down/127.0.0.1 pending"
    assert tuple(table[0]) == export.COLUMNS


def test_a_strangers_title_is_no_formula_in_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    article = {"title": "=HYPERLINK(1)", "snippet": '"quoted", and more\n@next', "strength": "topic"}
    export._csv(iter([{"short": "abcdef", "articles": [article], "deliveries": []}]))
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["title"], row["snippet"]) == ("'=HYPERLINK(1)", '"quoted", and more\n@next')
