"""Real processes and real servers for whole-program tests; everything on loopback, everything ends by itself."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("FEEDWATCH_SHARED", Path(__file__).parents[2] / "shared"))
"""Real pages and feeds; may be absent."""

PROJECT = Path(__file__).parents[1]


def wait_until(what: Callable[[], Any], seconds: float, every: float = 0.05) -> Any:
    """The first true answer of `what`; an AssertionError when none came in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(every)
    raise AssertionError(f"nothing within {seconds} s")


def query(database: Path, sql: str, *values: object) -> list[sqlite3.Row]:
    """Rows of a database that a daemon may be writing; none while it does not exist."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as db:
        db.row_factory = sqlite3.Row
        with contextlib.suppress(sqlite3.OperationalError):  # its tables are being made
            return db.execute(sql, values).fetchall()
    return []


def count(database: Path, rows: str, *values: object) -> int:
    found = query(database, f"SELECT count(*) FROM {rows}", *values)
    return int(found[0][0]) if found else 0


@dataclass
class Daemon:
    """`feedwatch run` as a process group of its own."""

    config: Path
    log: Path
    process: subprocess.Popen[bytes]

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def kill_tree(self) -> None:
        """kill -9 for the daemon and every process it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self, seconds: float = 12) -> int:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def start_daemon(config: Path) -> Daemon:
    log = config.with_name("daemon.log")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "feedwatch", "run", "--config", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=config.parent,
            start_new_session=True,
        )
    return Daemon(config, log, process)


def started(config: Path) -> Daemon:
    """A daemon that is at work."""
    log = config.with_name("daemon.log")
    before = log.read_text(errors="replace").count("start feeds=") if log.exists() else 0
    running = start_daemon(config)
    wait_until(lambda: running.process.poll() is not None or running.said().count("start feeds=") > before, 30)
    assert running.process.poll() is None, running.said()
    return running


def known_by_an_empty_poll(config: Path) -> None:
    """So that what comes next is new, and not a first poll's backfill."""
    running, database = started(config), config.with_name("feedwatch.db")
    wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NULL") == 0, 30)
    assert running.stop() == 0


@contextmanager
def daemon(config: Path) -> Iterator[Daemon]:
    running = start_daemon(config)
    try:
        yield running
    finally:
        running.kill_tree()


def feedwatch(*arguments: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """One command of the command line, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "feedwatch", *arguments],
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
        **options,
    )


@dataclass
class Folder:
    """A folder with a config and a database, and what the commands say of it."""

    folder: Path

    def text(self, *words: str) -> str:
        ended = feedwatch(*words, folder=self.folder)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(*words, "--json").splitlines()]


def write_config(folder: Path, text: str, feeds: list[str], interval: str = "1s") -> Path:
    """A config for loopback: as fast as the machine goes, private addresses allowed."""
    fast = f"""
[polling]
interval = "{interval}"
min_interval = "1s"
max_interval = "{interval}"
host_delay = "0s"
allow_private = ["127.0.0.0/8"]
"""
    config = folder / "config.toml"
    tables = "".join(f'\n[[feeds]]\nurl = "{url}"\n' for url in feeds)
    config.write_text(fast + text + tables)
    config.chmod(0o600)
    return config


NEWSROOM_WATCH = """
[channels.desk]
url = "json://127.0.0.1:{port}/hook/desk"
only = "mention"
max_per_hour = 0

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk"]
"""
"""Who watches the newsroom, told on its own port."""


@contextmanager
def newsroom(folder: Path, *options: str, rows: Path | None = None) -> Iterator[Path]:
    """Real pages served as feeds; the folder of its log, where feeds.txt and hooks.jsonl are."""
    corpus = SHARED / "corpus"
    log = folder / "newsroom"
    arguments = ["--rows", str(rows or corpus / "pages.jsonl"), "--pages", str(corpus / "pages"), "--log", str(log)]
    process = subprocess.Popen([sys.executable, str(SHARED / "tools" / "newsroom.py"), *arguments, *options])
    try:
        wait_until((log / "feeds.txt").exists, 20)
        time.sleep(0.2)
        yield log
    finally:
        process.terminate()
        process.wait(10)


def feeds_of(log: Path) -> list[str]:
    return (log / "feeds.txt").read_text().split()


def port_of(log: Path) -> int:
    return int((log / "port").read_text())


def posts(log: Path) -> list[dict[str, Any]]:
    """What arrived at the newsroom's hooks; a line that is being written is left for the next time."""
    if not (log / "hooks.jsonl").exists():
        return []
    lines = (log / "hooks.jsonl").read_text().split("\n")[:-1]
    return [{**row, "json": json.loads(row["body"])} for row in map(json.loads, lines)]


def _say_nothing(*_: object) -> None:
    pass


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """The port on which it is served meanwhile, without a word on stderr."""
    handler.log_message = _say_nothing  # type: ignore[assignment, method-assign]
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Receiver:
    """An HTTP server that takes posts and answers as told."""

    status: int = 200
    got: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)  # time, path, JSON
    port: int = 0


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if made.status < 300:
                made.got.append((time.monotonic(), self.path, json.loads(body)))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Handler, port) as made.port:
        yield made


@dataclass
class Site:
    """A site of one's own: paths to (status, content type, body); feeds are made of its items."""

    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    items: list[tuple[str, str, str]] = field(default_factory=list)  # id, title, text
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0
    delay: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, key: str, title: str, text: str) -> None:
        """A new article and its entry."""
        page = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        paragraphs = (*text.split("\n"), words_of_its_own(key))
        page += "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "</article></body></html>"
        self.answers[f"/{key}"] = (200, "text/html; charset=utf-8", page.encode())
        self.items.insert(0, (key, title, ""))

    def feed(self) -> bytes:
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        items = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title><description>{text}</description>"
            f"<link>{self.url}/{key}</link><pubDate>{stamp}</pubDate></item>"
            for key, title, text in self.items
        )
        return f"<rss version='2.0'><channel><title>The Site</title>{items}</channel></rss>".encode()


@contextmanager
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers.items())))
            time.sleep(made.delay)
            feed = (200, "application/rss+xml", made.feed()) if self.path == "/feed" else None
            status, kind, body = feed or made.answers.get(self.path, (404, "text/plain", b"no such page"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

    with served(Handler) as made.port:
        yield made


def words_of_its_own(key: str, many: int = 150) -> str:
    """Words that no other article has: two articles of the same few sentences would be copies of one text."""
    chosen = random.Random(key)  # noqa: S311 - the same words each time
    words = ["".join(chosen.choices(SYLLABLES, k=4)) for _ in range(many)]
    return " ".join(" ".join(words[n : n + 10]) + "." for n in range(0, many, 10))


SYLLABLES = tuple(f"{one}{two}" for one in "bdfgklmnprstvz" for two in "aeiou")
