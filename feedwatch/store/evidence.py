"""What a server answered, byte for byte, for articles that people were alerted of."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.model import Fetched


SECRET = frozenset({"set-cookie", "set-cookie2"})
"""Of an answer's headers those that may open a subscription: they are handed on to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An answer as it is kept."""

    url: str  # where the redirects ended
    status: int
    headers: Mapping[str, str]  # names in lower case
    packed: bytes  # the body, zlib
    length: int  # of the body
    sha256: bytes  # of the body
    fetched: datetime

    @property
    def body(self) -> bytes:
        return zlib.decompress(self.packed)


def evidence_of(answer: Fetched, at: datetime) -> Evidence:
    """The answer made ready to be kept; some milliseconds of work for each megabyte."""
    return Evidence(
        url=answer.url,
        status=answer.status,
        headers={name: value for name, value in answer.headers.items() if name not in SECRET},
        packed=zlib.compress(answer.body),
        length=len(answer.body),
        sha256=hashlib.sha256(answer.body).digest(),
        fetched=at,
    )


def keep(db: sqlite3.Connection, article: int, revision: int, kept: Evidence) -> None:
    """Evidence of a revision; the first answer that gave it stays."""
    db.execute(
        "INSERT INTO evidence(revision_id, article_id, url, status, headers, body, length, sha256, fetched_at)"
        " VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (
            revision, article, kept.url, kept.status, json.dumps(dict(kept.headers), ensure_ascii=False),
            kept.packed, kept.length, kept.sha256, micros(kept.fetched),
        ),
    )  # fmt: skip


def has_evidence(db: sqlite3.Connection, revision: int) -> bool:
    return bool(db.execute("SELECT 1 FROM evidence WHERE revision_id = ?", (revision,)).fetchone())


def evidence(db: sqlite3.Connection, article: int) -> list[tuple[int, Evidence]]:
    """An article's evidence with the number of each revision, the oldest first."""
    rows = db.execute(
        "SELECT evidence.*, n FROM evidence JOIN revisions ON revisions.id = revision_id"
        " WHERE evidence.article_id = ? ORDER BY n",
        (article,),
    )
    return [(row["n"], _evidence(row)) for row in rows]


def _evidence(row: sqlite3.Row) -> Evidence:
    return Evidence(
        url=row["url"],
        status=row["status"],
        headers=json.loads(row["headers"]),
        packed=row["body"],
        length=row["length"],
        sha256=row["sha256"],
        fetched=moment(row["fetched_at"]),
    )


def remove_unneeded(db: sqlite3.Connection, articles: str) -> None:
    """Of these articles (a JSON list) the evidence of those that no alert tells of any more."""
    db.execute(
        "DELETE FROM evidence WHERE article_id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS(SELECT 1 FROM alert_articles WHERE alert_articles.article_id = evidence.article_id)",
        (articles,),
    )
