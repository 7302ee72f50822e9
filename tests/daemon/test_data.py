"""Looking after the database as its users do: commands as processes, beside a real daemon, and under kill -9."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from feedwatch.store import backup, database
from tests.edges.test_backup import mark, without_logs
from tests.harness import (
    count,
    feedwatch,
    known_by_an_empty_poll,
    query,
    receiver,
    site,
    started,
    wait_until,
    write_config,
)

pytestmark = pytest.mark.service

WATCH = """
[channels.desk]
url = "json://127.0.0.1:{port}/hook/desk"
only = "mention"
max_per_hour = 0

[[watchlists]]
id = "often"
keywords = ["harbour"]
notify = ["desk"]
"""

APPENDED = ("alerts", "revisions", "alert_articles", "addresses", "stories", "watchlist_versions", "targets")
"""Tables whose rows do not change once they are written."""

GROWING = ("feeds", "entries", "articles", "seen", "decisions", "deliveries", "story_watch", "windows")


def rows(database: Path, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in query(database, f"SELECT * FROM {table}")]


def keys(database: Path, table: str) -> set[tuple[Any, ...]]:
    """The primary keys of a table's rows."""
    columns = [row["name"] for row in query(database, f"PRAGMA table_info({table})") if row["pk"]]
    return {tuple(row) for row in query(database, f"SELECT {', '.join(columns)} FROM {table}")}


def whole(database: Path) -> None:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_backups_of_a_writing_daemon_are_consistent_and_work_elsewhere(tmp_path: Path) -> None:
    with site() as place, receiver() as desk:
        text = WATCH.format(port=desk.port)
        config, original = write_config(tmp_path, text, [f"{place.url}/feed"]), tmp_path / "feedwatch.db"
        known_by_an_empty_poll(config)
        for n in range(150):
            place.publish(f"a{n}", f"News number {n}", f"The harbour of town {n} has a new crane. " * 12)
        running, made, grew = started(config), [], []
        try:
            while count(original, "deliveries WHERE state = 'sent'") < 150:
                ended = feedwatch("backup", "--keep", "99", folder=tmp_path)
                assert ended.returncode == 0, ended.stderr
                made.append(Path(ended.stdout.strip()))
                grew.append(count(made[-1], "deliveries WHERE state = 'sent'"))
        finally:
            assert running.stop() == 0
        assert len(set(grew)) > 1, "the daemon wrote meanwhile"
        assert grew == sorted(grew)
        for copy in made:
            whole(copy)
            for table in APPENDED:
                assert set(rows(copy, table)) <= set(rows(original, table)), table
            for table in GROWING:
                assert keys(copy, table) <= keys(original, table), table
            # of one moment: what one transaction wrote is there together or not at all
            assert count(copy, "alerts WHERE id NOT IN (SELECT alert FROM deliveries)") == 0
            assert count(copy, "entries WHERE decided_version = 1") == count(copy, "fts")
        goes_on_elsewhere(
            tmp_path / "elsewhere", made[0], text, f"{place.url}/feed", {row[2]["id"] for row in desk.got}
        )


def goes_on_elsewhere(folder: Path, copy: Path, text: str, feed: str, told: set[str]) -> None:
    """The backup, restored on another machine: what it lacks is read and told, again under the same ids."""
    folder.mkdir()
    config = write_config(folder, text, [feed])
    restored = feedwatch("restore", str(copy), folder=folder)
    assert restored.returncode == 0, restored.stderr
    for table in (*APPENDED, *GROWING):
        assert sorted(map(repr, rows(folder / "feedwatch.db", table))) == sorted(map(repr, rows(copy, table))), table
    running = started(config)
    try:
        wait_until(lambda: count(folder / "feedwatch.db", "deliveries WHERE state = 'sent'") == 150, 60)
    finally:
        assert running.stop() == 0
    assert {row["id"] for row in query(folder / "feedwatch.db", "SELECT id FROM alerts")} == told


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a config and a database of 3,000 articles that are long past."""
    (tmp_path / "config.toml").write_text("")
    path = tmp_path / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
    fill(path, 3000)
    return tmp_path


def fill(path: Path, articles: int) -> None:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {articles})"
    words = "replace(printf('%.300c', '.'), '.', 'word' || (i % 97) || ' ')"
    with closing(database.connect(path)) as db:
        db.execute("INSERT INTO feeds(address, url, host) VALUES ('f', 'f', 'h')")
        for into, values in (
            ("articles(id, key, url, host, page_state, first_seen_at)", "i, 'a:' || i, 'u', 'h', 'read', 0"),
            (
                (
                    "entries(feed_id, key, article_id, version, decided_version, title, summary, content, authors,"
                    " first_seen_at, how)"
                ),
                "1, 'k' || i, i, 1, 1, 'title ' || i, 'summary', '', '[]', 0, 'new'",
            ),
            (
                "revisions(article_id, n, kind, fetched_at, content_sha, title, body, authors)",
                f"i, 1, 'page', 0, x'00', 't', {words}, '[]'",
            ),
            ("fts(rowid, title, summary, body)", f"i, 'title ' || i, 'summary', {words}"),
        ):
            db.execute(f"INSERT INTO {into} {numbers} SELECT {values} FROM n")


def killed_while(command: list[str], folder: Path, working: str, chance: random.Random) -> None:
    """kill -9 a moment after its work can be seen in the database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "feedwatch", *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    path = folder / "feedwatch.db"
    before = query(path, working)[0][0]
    wait_until(lambda: process.poll() is not None or query(path, working)[0][0] != before, 60, every=0.002)
    time.sleep(chance.uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was over before the kill"


def test_pruning_that_is_killed_has_removed_whole_articles_and_goes_on(old: Path) -> None:
    chance, path = random.Random(7), old / "feedwatch.db"  # noqa: S311 - moments, not secrets
    for _ in range(3):
        killed_while(["prune"], old, "SELECT count(*) FROM articles", chance)
        whole(path)
        left = count(path, "articles")
        assert 0 < left < 3000
        assert [count(path, table) for table in ("entries", "revisions", "fts")] == [left] * 3
    ended = feedwatch("prune", "--json", folder=old)
    assert json.loads(ended.stdout) == {"articles": left, "alerts": 0, "seen": 0}
    assert count(path, "articles") == 0


def test_a_dry_run_says_what_would_go_and_removes_nothing(old: Path) -> None:
    ended = feedwatch("prune", "--dry-run", folder=old)
    assert ended.stdout == "3,000 articles, 0 alerts, 0 marks of items seen: would go\n"
    assert count(old / "feedwatch.db", "articles") == 3000


def test_indexing_that_is_killed_goes_on_where_it_stopped(old: Path) -> None:
    chance, path = random.Random(8), old / "feedwatch.db"  # noqa: S311 - moments, not secrets
    with closing(database.connect(path)) as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'fold_version'")
    progress = "SELECT (SELECT value FROM meta WHERE key = 'reindex')"
    killed_while(["reindex"], old, progress, chance)
    whole(path)
    reached = json.loads(query(path, progress)[0][0])["article"]
    assert 0 < reached < 3000
    assert count(path, "fts") == 3000
    assert "search" in feedwatch("doctor", folder=old).stdout.split("warning")[-1]
    ended = feedwatch("reindex", folder=old)
    assert ended.stderr.endswith(f"{3000 - reached:,} articles indexed\n")
    assert feedwatch("reindex", folder=old).stderr.endswith("(--force makes it anew all the same)\n")


def test_commands_that_need_the_database_alone_say_who_has_it(tmp_path: Path) -> None:
    with site() as place:
        config = write_config(tmp_path, "", [f"{place.url}/feed"])
        running = started(config)
        try:
            pid = running.process.pid
            assert feedwatch("prune", folder=tmp_path).returncode == 0  # the running one does it
            for words in (["reindex"], ["restore", "config.toml", "--force"]):
                ended = feedwatch(*words, folder=tmp_path)
                assert ended.returncode == 75, words
                assert f"(pid {pid})" in ended.stderr
            assert feedwatch("prune", "--dry-run", folder=tmp_path).returncode == 0
        finally:
            running.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_pruning_and_backup_are_refused_and_nothing_is_half(small_disk: Path) -> None:
    (small_disk / "config.toml").write_text("")
    path, ballast = small_disk / "feedwatch.db", small_disk / "ballast"
    with database.locked(path):
        database.prepare(path)
    fill(path, 250)
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    ended = feedwatch("prune", folder=small_disk)
    assert ended.returncode == 75, ended.stderr
    assert "is there space left" in ended.stderr
    ended = feedwatch("backup", folder=small_disk)
    assert ended.returncode == 75, ended.stderr
    assert without_logs(small_disk / "backups") == []
    disk = next(line for line in feedwatch("doctor", folder=small_disk).stdout.splitlines() if " disk " in line)
    assert disk.startswith("problem")
    ballast.unlink()
    whole(path)
    assert count(path, "articles") == 250
    assert feedwatch("prune", folder=small_disk).returncode == 0
    assert count(path, "articles") == 0


def test_the_way_of_a_damaged_database_back_to_a_backup(old: Path) -> None:
    """As operations.md says it, word for word as a user meets it."""
    path = old / "feedwatch.db"
    with closing(database.connect(path)) as db:
        db.execute("INSERT INTO meta VALUES ('mark', 'kept')")
    copy = Path(feedwatch("backup", folder=old).stdout.strip())
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 30)
    refused = feedwatch("once", folder=old)
    assert refused.returncode == 78
    assert "the database is damaged" in refused.stderr
    assert feedwatch("doctor", folder=old).returncode == 1
    assert feedwatch("backup", folder=old).returncode == 78
    assert backup.backups(old / "backups") == [copy]
    without_force = feedwatch("restore", str(copy), folder=old)
    assert without_force.returncode == 78
    assert "--force" in without_force.stderr
    restored = feedwatch("restore", "--force", str(copy), folder=old)
    assert restored.returncode == 0, restored.stderr
    assert "what was there is feedwatch.db.replaced-" in restored.stderr
    assert mark(path) == "kept"
    assert feedwatch("once", folder=old).returncode == 0
    assert feedwatch("doctor", folder=old).returncode == 0
