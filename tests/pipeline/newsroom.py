"""A newsroom on a fake clock: the real deciding transaction, windows and outbox over a real database, no loops.

What is sent is noted with every alert that its message names; nothing is rendered to the network.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.render import render
from feedwatch.config.load import load
from feedwatch.edges.apprise import open_channel
from feedwatch.model import AlertView, Match, Message, Outcome, Receipt, Strength
from feedwatch.pipeline.deliver import record
from feedwatch.pipeline.engine import start, straighten
from feedwatch.pipeline.judge import decide_match
from feedwatch.pipeline.matching import Found
from feedwatch.pipeline.placing import Placed
from feedwatch.pipeline.program import Plan, Program, bind, compile_plan
from feedwatch.pipeline.windows import close_due
from feedwatch.store import alerts, articles, database, deliveries, feeds
from feedwatch.store.deliveries import DeliveryWork
from feedwatch.text.addresses import canonical
from tests.edges import rows

FEED = "https://courier.example/feed"
HEAD = f"""
[[feeds]]
url = "{FEED}"
"""


OPENS = functools.cache(open_channel)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that a service took."""

    at: datetime
    channel: str
    target: str
    alert: AlertView
    worded: str
    message: Message


@dataclass
class Newsroom:
    folder: Path
    db: sqlite3.Connection
    at: datetime
    program: Program
    sent: list[Sent] = field(default_factory=list)
    down: set[str] = field(default_factory=set)  # channels that take nothing
    limits: dict[str, int] = field(default_factory=dict)  # characters that a channel's service takes
    published: int = 0
    entries: dict[int, int] = field(default_factory=dict)  # number → entry's row

    def configure(self, config: str) -> None:
        """A reload."""
        self.program = bind(self.db, plan_of(self.folder, config), self.at)
        feeds.release_orphans(self.db)
        self.db.commit()

    def restart(self) -> None:
        self.program = start(self.db, self.program.plan, self.at)
        self.db.commit()

    def clock_to(self, at: datetime) -> None:
        """The clock is set; the daemon notices when it goes back."""
        back, self.at = at < self.at, at
        if back:
            self.program = bind(self.db, self.program.plan, at)
            straighten(self.db, self.program, at)
            self.db.commit()

    def publish(
        self,
        strength: Strength = Strength.TOPIC,
        *,
        watch: str = "ve",
        like: int | None = None,
        relation: str = "founder",
        title: str | None = None,
    ) -> int:
        """An article that matches is read and decided; `like`: the number of one whose story it tells. Its number."""
        self.published += 1
        number = self.published
        link = f"https://courier.example/{number}"
        feed = rows.value(self.db, "SELECT id FROM feeds WHERE address = ?", canonical(FEED))
        new = rows.entry(f"k{number}", link, title=title or f"Article {number:04}")
        feeds.add_entries(self.db, feed, [new], None, self.at)
        [job] = rows.claim(self.db, self.at)
        self.entries[number] = job.entries[0].id
        if like is not None:
            self._tells_of(job.id, like, relation)
        root = next(root for root in self.program.watches if root == watch)
        found = Found(
            entry=job.entries[0],
            watch=self.program.watches[root],
            match=Match(strength=strength, score=float(strength), hits=()),
            snippet=f"…article {number:04}…",
            reasons={},
            lasts=True,
        )
        story, key = alerts.story_of(self.db, job.id, job.key, self.at)
        placed = Placed(story=story, key=key, relation=relation, evidence=None)
        decide_match(self.db, job, found, placed, None, self.program, self.at)
        articles.settle_article(self.db, job, self.at, page_state="read")
        self.db.commit()
        return number

    def _tells_of(self, article: int, like: int, relation: str) -> None:
        self.db.execute(
            "INSERT INTO story_articles SELECT ?, story_id, ?, NULL FROM story_articles"
            " JOIN entries USING(article_id) WHERE entries.id = ?",
            (article, relation, self.entries[like]),
        )

    def tick(self) -> None:
        """One look of the deliver loop: windows end, what is due is sent."""
        close_due(self.db, self.program, self.at)
        self.db.commit()
        while jobs := deliveries.claim_due_deliveries(self.db, self.at, room=8):
            for job in jobs:
                self._send(job)
            self.db.commit()
            close_due(self.db, self.program, self.at)
            self.db.commit()

    def _send(self, job: DeliveryWork) -> None:
        if job.channel in self.down:
            record(self.db, job, Receipt(outcome=Outcome.FAILED, detail="down"), self.at, 0.0)
            return
        manners = Manners(
            labels=self.program.labels, zone=None, title_limit=250, body_limit=self.limits.get(job.channel, 0)
        )
        message = render(job.alert, job.worded, manners)
        record(self.db, job, Receipt(outcome=Outcome.SENT), self.at, 0.0)
        told = Sent(
            at=self.at, channel=job.channel, target=job.target, alert=job.alert, worded=job.worded, message=message
        )
        self.sent.append(told)

    def pass_time(self, lasts: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        end = self.at + lasts
        while self.at < end:
            self.at = min(self.at + step, end)
            self.tick()

    def to(self, channel: str) -> list[Sent]:
        return [each for each in self.sent if each.channel == channel]

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.db.execute(sql, values).fetchall()]


def plan_of(folder: Path, config: str) -> Plan:
    path = folder / "config.toml"
    path.write_text(HEAD + config)
    return compile_plan(load(path, {}), OPENS)


@functools.cache
def _template() -> Path:
    """A new database, made once: its migrations take longer than a whole story."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with rows.opened(folder):
        return folder / "feedwatch.db"


@contextmanager
def opened(folder: Path, config: str, at: datetime) -> Iterator[Newsroom]:
    plan = plan_of(folder, config)
    shutil.copy(_template(), folder / "feedwatch.db")
    with closing(database.connect(folder / "feedwatch.db")) as db:
        db.execute("PRAGMA synchronous = OFF")
        program = start(db, plan, at)
        db.commit()
        yield Newsroom(folder, db, at, program)
