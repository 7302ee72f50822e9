"""What fault tests stand on: a newspaper, a service with three channels, a daemon to be struck, and the account.

Everything that feedwatch must keep to itself holds the word CANARY, and each account looks for it everywhere.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeVar

import pytest

from feedwatch.store.database import holder
from tests.faults.launcher import STEPS
from tests.harness import PROJECT, Daemon, count, feedwatch, query, served, wait_until

Test = TypeVar("Test", bound=Callable[..., None])

FULL = os.environ.get("FULL") == "1"


def in_full(test: Test) -> Test:
    """A test that only `make faults` runs."""
    skipped = pytest.mark.skipif(not os.environ.get("FAULTS"), reason="takes minutes: make faults")
    marked: Test = pytest.mark.faults(skipped(test))
    return marked


CANARY = "kanarienvogel"

CONFIG = """
[polling]
interval = "1s"
min_interval = "1s"
max_interval = "1s"
host_delay = "0s"
allow_private = ["127.0.0.0/8"]

[store]
path = "{database}"

[health]
listen = "127.0.0.1:{health}"
heartbeat = "http://127.0.0.1:{paper}/beat/kanarienvogel-beat"
heartbeat_every = "1s"
disk_free = "1MB"

[[sites]]
host = "127.0.0.1"
headers = {{ Cookie = "session=kanarienvogel-cookie" }}

[[feeds]]
url = "http://127.0.0.1:{paper}/feed"
auth = "reader:kanarienvogel-login"
headers = {{ X-Key = "kanarienvogel-key" }}

[[feeds]]
url = "http://reader:kanarienvogel-in-the-address@127.0.0.1:{paper}/second"

[[watchlists]]
id = "often"
keywords = ["harbour"]
notify = [{notify}]
"""

THREE = """
[channels.first]
url = "json://desk:kanarienvogel-password@127.0.0.1:{service}/first/kanarienvogel-path?+X-Token=kanarienvogel-token"
only = "mention"
max_per_hour = 0

[channels.second]
url_file = "second.url"
only = "mention"
max_per_hour = 0

[channels.third]
webhook_env = "FAULTS_THIRD"
headers = {{ X-Token = "kanarienvogel-hook" }}
secret = "a2FuYXJpZW52b2dlbC1zaWducy10aGlz"
only = "mention"
"""
"""Three channels, whose addresses stand where addresses may stand: two go through Apprise, one is a webhook."""

SECOND = "json://127.0.0.1:{service}/second?+Authorization=kanarienvogel-bearer"
THIRD = "http://127.0.0.1:{service}/third/kanarienvogel-third"


# ---- who publishes, and who is told


@dataclass
class Paper:
    """A newspaper whose every article is about a harbour and like no other."""

    port: int = 0
    items: list[tuple[str, str]] = field(default_factory=list)  # key, title
    etag: str = '"0"'  # of its feed, as last given
    seen: Counter[str] = field(default_factory=Counter)  # paths that were asked for
    secrets: set[str] = field(default_factory=set)  # headers with a canary that came along

    kept: int = 0  # so many of its items are known to be in the database; the feed shows the others, and some more

    SOME_MORE = 20

    def publish(self, articles: int) -> None:
        for _ in range(articles):
            key = f"a{len(self.items)}"
            self.items.append((key, f"{words(key, 4).title()} harbour {words(key + 't', 3)}"))

    def page(self, key: str, title: str) -> bytes:
        text = "".join(
            f"<p>{words(f'{key}p{n}', 30).capitalize()} the harbour {words(f'{key}q{n}', 20)}.</p>" for n in range(5)
        )
        head = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        return f"{head}{text}</article></body></html>".encode()

    def feed(self) -> bytes:
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        rows = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title>"
            f"<link>http://127.0.0.1:{self.port}/{key}</link><pubDate>{stamp}</pubDate></item>"
            for key, title in reversed(self.items[max(0, self.kept - self.SOME_MORE) :])
        )
        return f"<rss version='2.0'><channel><title>The Paper</title>{rows}</channel></rss>".encode()


def words(seed: str, n: int) -> str:
    """`n` words that hardly come twice: no two articles are copies of each other."""
    chance = random.Random(seed)  # noqa: S311 - words, not secrets
    syllables = ("ba", "lo", "ri", "tem", "ga", "sur", "ni", "dor", "pel", "mi", "ka", "von", "te", "us", "fa", "len")
    return " ".join("".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(n))


@contextmanager
def paper() -> Iterator[Paper]:
    made = Paper()

    class Handler(Answering):
        def do_GET(self) -> None:
            made.seen[self.path] += 1
            made.secrets |= {value for value in self.headers.values() if CANARY in value}
            items = {f"/{key}": title for key, title in made.items}
            if self.path in items:
                return self.answer(200, made.page(self.path[1:], items[self.path]), "text/html; charset=utf-8")
            if self.path.startswith("/beat/"):
                made.secrets.add(self.path)
                return self.answer(200, b"alive", "text/plain")
            if self.path not in {"/feed", "/second"}:
                return self.answer(404, b"no such page", "text/plain")
            etag = f'"{len(made.items) if self.path == "/feed" else 0}"'
            if self.headers.get("If-None-Match") == etag:
                return self.answer(304, b"", "", ETag=etag)
            made.etag = etag if self.path == "/feed" else made.etag
            body = (
                made.feed() if self.path == "/feed" else b"<rss version='2.0'><channel><title>S</title></channel></rss>"
            )
            return self.answer(200, body, "application/rss+xml", ETag=etag)

    with served(Handler) as made.port:
        yield made


class Answering(BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)


@dataclass(frozen=True)
class Post:
    at: float  # time.time() when it was read whole: a service may act on it from here on
    to: str  # the first part of the path, or the topic
    id: str  # the alert's full id
    body: dict[str, Any]


@dataclass
class Service:
    """Takes posts like a webhook, and like ntfy; `ways` says how each channel or topic is served."""

    port: int = 0
    delay: float = 0.0  # seconds between a post and its answer
    ways: dict[str, str] = field(default_factory=dict)  # down, broken (503), hanging; well otherwise
    taken: list[Post] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)  # by the name in `ways`
    secrets: set[str] = field(default_factory=set)

    def ids(self, to: str) -> list[str]:
        return [post.id for post in list(self.taken) if post.to == to]


HANG = 0.5
"""Seconds between two bytes of a service that hangs: no time-out of a client sees that."""


@contextmanager
def service() -> Iterator[Service]:
    made = Service()

    class Handler(Answering):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            said = [self.path, *self.headers.values()]
            made.secrets |= {value for value in said if CANARY in value or "Basic" in value}
            to = str(body.get("topic") or self.path.split("/")[1])
            way = made.ways.get(to, "well")
            if way != "well":
                made.refused[to] += 1
            if way == "down":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            elif way == "broken":
                self.answer(503, b"out of order", "text/plain")
            elif way == "hanging":
                self.drip()
            else:
                made.taken.append(Post(time.time(), to, alert_of(body, dict(self.headers.items())), body))
                time.sleep(made.delay)
                self.answer(200, b"{}", "application/json")

        def drip(self) -> None:
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while True:  # until the client is gone
                    self.wfile.write(b".")
                    time.sleep(HANG)

    with served(Handler) as made.port:
        yield made


def alert_of(body: dict[str, Any], headers: dict[str, str]) -> str:
    """The full id, where the service carries one; else the short one in the text."""
    return str(body.get("id") or headers.get("webhook-id") or str(body.get("message", "")).rpartition("#")[2])


# ---- what the time is


@dataclass
class Clock:
    """The clock of the daemons that are started with it; see clock.c."""

    library: Path
    book: Path
    turn: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "FAULTS_CLOCK": str(self.book)}

    def set(self, *, shift: float = 0.0, rate: int = 1) -> None:
        """`shift`: seconds that the time of day is off; `rate`: how fast it runs from now on."""
        self.turn ^= 1
        now, boot = time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        with self.book.open("r+b") as file:
            file.seek(32 * self.turn)
            file.write(struct.pack("=4q", now, boot, rate, int(shift * 1e9)))
            file.flush()
            file.seek(64)
            file.write(struct.pack("=q", self.turn))


@contextmanager
def clock(folder: Path) -> Iterator[Clock]:
    made = Clock(folder / "clock.so", folder / "clock")
    source = Path(__file__).with_name("clock.c")
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", made.library, source, "-ldl"], check=True)
    except FileNotFoundError:
        pytest.skip("a clock of one's own needs a C compiler")
    made.book.write_bytes(bytes(72))
    made.set()
    yield made


# ---- the daemon


@dataclass(frozen=True)
class Struck:
    """What a fault found, as the database tells."""

    step: str
    feeds: int  # claimed
    articles: int  # claimed
    sending: frozenset[tuple[str, str]]  # (alert, channel)
    entries: int
    decided: int
    sent: int
    etag: str | None  # of the feed, as it is known

    @property
    def in_flight(self) -> bool:
        return bool(self.feeds or self.articles or self.sending)


@dataclass
class Rig:
    folder: Path
    paper: Paper
    service: Service
    config: Path
    database: Path
    health: int  # the port
    channels: tuple[str, ...] = ("first", "second", "third")
    environment: dict[str, str] = field(default_factory=dict)
    struck: list[Struck] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)  # of every process that was seen

    @property
    def log(self) -> str:
        log = self.config.with_name("daemon.log")
        return log.read_text(errors="replace") if log.exists() else ""

    def start(self, *strike: str) -> Daemon:
        """A daemon at DEBUG, its processes a group of their own; it may be struck already."""
        program = ["tests.faults.launcher", *strike] if strike else ["feedwatch"]
        with self.config.with_name("daemon.log").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *program, "run", "--verbose", "--config", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.config.parent, start_new_session=True,
                env=os.environ | {"PYTHONPATH": str(PROJECT)} | self.environment,
            )  # fmt: skip
        return Daemon(self.config, self.config.with_name("daemon.log"), process)

    @contextmanager
    def running(self, *strike: str) -> Iterator[Daemon]:
        """A daemon at work; what is left of it at the end is killed."""
        before = self.log.count("start feeds=")
        daemon = self.start(*strike)
        try:
            wait_until(lambda: daemon.process.poll() is not None or self.log.count("start feeds=") > before, 60, 0.02)
            assert daemon.process.poll() is None, self.log[-3000:]
            self.titles |= titles(daemon.process.pid)
            yield daemon
        finally:
            daemon.kill_tree()

    def started_since(self, before: int) -> None:
        """Waits until it has said once more than so often that it is at work."""
        self.logs("start feeds=", before + 1)

    def has_its_database(self, daemon: Daemon) -> None:
        """Waits until it holds the database; it is not at work yet."""
        wait_until(lambda: holder(self.database) == daemon.process.pid, 60, 0.01)

    def logs(self, text: str, times: int = 1) -> None:
        """Waits until its log has that text so often."""
        wait_until(lambda: self.log.count(text) >= times, 60, 0.02)

    def settle_in(self) -> None:
        """The feeds are known, and nothing in them: what comes next is new."""
        with self.running() as daemon:
            wait_until(lambda: self.count("feeds WHERE first_polled_at IS NULL") == 0 and self.count("feeds"), 60)
            assert daemon.stop() == 0

    def count(self, rows: str, *values: object) -> int:
        return count(self.database, rows, *values)

    def look(self, step: str) -> Struck:
        """Remembers and gives what a fault struck."""
        [row] = query(
            self.database,
            "SELECT (SELECT count(*) FROM feeds WHERE claimed_at IS NOT NULL) AS feeds,"
            " (SELECT count(*) FROM articles WHERE claimed_at IS NOT NULL) AS articles,"
            " (SELECT count(*) FROM entries) AS entries,"
            " (SELECT count(*) FROM entries WHERE decided_version = version) AS decided,"
            " (SELECT count(*) FROM deliveries WHERE state = 'sent') AS sent,"
            " (SELECT etag FROM feeds WHERE url LIKE '%/feed') AS etag",
        )
        sending = query(
            self.database,
            "SELECT alert, channel FROM deliveries JOIN targets ON targets.id = target_id WHERE state = 'sending'",
        )
        told = frozenset((alert, channel) for alert, channel in sending)
        self.paper.kept = row["entries"]
        self.struck.append(Struck(step=step, sending=told, **dict(row)))
        return self.struck[-1]

    def kill_at(self, step: str, passes: int) -> Struck:
        """One run, to its death at the step; its workers die with it."""
        note = self.folder / "note"
        note.unlink(missing_ok=True)
        daemon = self.start(str(STEPS.index(step)), str(passes), str(note))
        try:
            code = daemon.process.wait(90)
        finally:
            daemon.kill_tree()
        assert (code, note.read_text()) == (-signal.SIGKILL, step), self.log[-3000:]
        return self.look(step)

    def drained(self) -> bool:
        """Every article published so far has reached every channel, as far as the database knows."""
        told = "deliveries JOIN alerts ON alerts.id = alert WHERE kind = 'first' AND state IN ('sent', 'merged')"
        waiting = self.count("deliveries WHERE state IN ('held', 'pending', 'sending')")
        return not waiting and self.count(told) == len(self.paper.items) * len(self.channels)

    def whole(self) -> None:
        with closing(sqlite3.connect(self.database)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

    def account(self, seconds: float = 120) -> None:
        """An undisturbed run to the end, and then: nothing lost, nothing doubled without its reason, no secret told."""
        self.service.delay = 0.0
        with self.running() as daemon:
            wait_until(self.drained, seconds, 0.5)
            self.nothing_told()
            assert daemon.stop() == 0
        self.nothing_lost()
        self.nothing_doubled_without_reason()

    def nothing_lost(self) -> None:
        published = len(self.paper.items)
        assert self.count("entries") == published
        assert self.count("entries WHERE decided_version < version") == 0
        alerts = {row["id"] for row in query(self.database, "SELECT id FROM alerts WHERE kind = 'first'")}
        assert len(alerts) == published
        for channel in self.channels:
            got = set(self.service.ids(channel))
            assert alerts - got == self.named_in(got, channel), channel
        self.whole()
        assert "Traceback" not in self.log

    def named_in(self, got: set[str], channel: str) -> set[str]:
        """The alerts that a channel was told in one message, if it got that."""
        rows = query(
            self.database,
            "SELECT deliveries.alert AS alert, digest.id AS told FROM deliveries"
            " JOIN targets ON targets.id = target_id"
            " JOIN alerts AS digest ON digest.window_id = deliveries.window_id AND digest.kind = 'digest'"
            " JOIN alert_articles AS mine ON mine.alert = deliveries.alert"
            " JOIN alert_articles AS its ON its.alert = digest.id AND its.article_id = mine.article_id"
            " WHERE state = 'merged' AND channel = ?",
            channel,
        )
        return {row["alert"] for row in rows if row["told"] in got}

    def nothing_doubled_without_reason(self) -> None:
        """A second copy needs a kill that struck this very message while it was being sent."""
        for again, times in self.doubles().items():
            assert times <= sum(again in struck.sending for struck in self.struck), again

    def doubles(self) -> dict[tuple[str, str], int]:
        told = Counter((post.id, post.to) for post in self.service.taken)
        return {key: n - 1 for key, n in told.items() if n > 1}

    # ---- secrets

    def nothing_told(self) -> None:
        """No canary is in anything that feedwatch says or keeps; call it while a daemon runs."""
        assert self.service.secrets, "the service was told none"
        places = {file.name: file.read_bytes() for file in self.kept()} | self.said()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health}/metrics", timeout=30) as answer:
            places["metrics"] = answer.read()
            assert b"feedwatch_" in places["metrics"]
        places["titles"] = " ".join(self.titles).encode()
        assert leaks(places) == {}

    def nothing_told_by_the_dead(self) -> None:
        """The same, of a daemon that was killed: its log, its database, and the commands that read that."""
        places = {file.name: file.read_bytes() for file in self.kept()}
        assert leaks(places | self.said()) == {}

    def said(self) -> dict[str, bytes]:
        """What the commands say."""
        folder, environment = self.folder, self.full_environment
        ended = {
            command: feedwatch(*command.split(), "--config", str(self.config), folder=folder, env=environment)
            for command in COMMANDS
        }
        return {command: (each.stdout + each.stderr).encode() for command, each in ended.items()}

    @property
    def full_environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(PROJECT)} | self.environment

    def kept(self) -> list[Path]:
        """What it wrote: its log and everything beside the database."""
        beside = self.database.parent.glob(f"{self.database.name}*")
        return [self.config.with_name("daemon.log"), *(file for file in beside if file.is_file())]


SPOKEN = ("status", "status --json", "alerts list --failed --json", "channels list", "feeds list", "check", "doctor")

COMMANDS = SPOKEN if os.environ.get("FAULTS") else SPOKEN[1:3]
"""Each takes a second: the short forms try two."""

SIGNED_WITH = b"a2FuYXJpZW52b2dlbC1zaWducy10aGlz"
"""The webhook's secret."""

LOGINS = ("reader:kanarienvogel-login", "reader:kanarienvogel-in-the-address", "desk:kanarienvogel-password")


def leaks(places: dict[str, bytes]) -> dict[str, list[bytes]]:
    """Where a canary was found, and beside what; a login counts in its encoded form, too."""
    birds = [CANARY.encode(), SIGNED_WITH, *(base64.b64encode(login.encode()) for login in LOGINS)]
    found = {name: [around(text, bird) for bird in birds if bird in text] for name, text in places.items()}
    return {name: texts for name, texts in found.items() if texts}


def around(text: bytes, bird: bytes) -> bytes:
    at = text.index(bird)
    return text[max(0, at - 120) : at + 60]


def titles(pid: int) -> set[str]:
    """The command lines and names of a process and all that it started (they are one session)."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ProcessLookupError):
            if os.getsid(int(folder.name)) == pid:
                found |= {(folder / name).read_bytes().replace(b"\0", b" ").decode() for name in ("cmdline", "comm")}
    return found


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def rig(
    folder: Path,
    *,
    database: Path | None = None,
    channels: str = THREE,
    notify: tuple[str, ...] = ("first", "second", "third"),
    environment: dict[str, str] | None = None,
) -> Iterator[Rig]:
    """Everything on loopback, with a database that knows its feeds."""
    with paper() as publisher, service() as told:
        database, health = database or folder / "feedwatch.db", free_port()
        config = folder / "config.toml"
        facts = {"database": database, "paper": publisher.port, "health": health}
        names = ", ".join(f'"{name}"' for name in notify)
        config.write_text(CONFIG.format(notify=names, **facts) + channels.format(service=told.port))
        secret = folder / "second.url"
        secret.write_text(SECOND.format(service=told.port))
        for file in (config, secret):
            file.chmod(0o600)
        variables = {"FAULTS_THIRD": THIRD.format(service=told.port)} | (environment or {})
        made = Rig(folder, publisher, told, config, database, health, notify, variables)
        made.settle_in()
        yield made


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process has the database and does not let go of it."""
    script = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "db.execute('PRAGMA busy_timeout = 20000'); db.execute('BEGIN IMMEDIATE'); print('held', flush=True);"
        "sys.stdin.read(); db.execute('ROLLBACK')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()
    assert holder.returncode == 0
