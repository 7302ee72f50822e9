"""An alert as a folder of files that can be handed on and verified: what was told, why, and the pages themselves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feedwatch import __version__
from feedwatch.edges.warc import Answer, archive
from feedwatch.model import Strength
from feedwatch.pipeline.why import of_article
from feedwatch.store import account, evidence, views
from feedwatch.store.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Settings
    from feedwatch.store import Connection
    from feedwatch.store.evidence import Evidence

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

ENDINGS = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "txt"}
"""Type of a page → the end of its file's name; others are "bin"."""


def files_of(db: Connection, settings: Settings, alert: str, at: datetime) -> dict[str, bytes]:
    """Every file by its name; `sha256sum -c SHA256SUMS` verifies them, the manifest included."""
    found = [
        (article, n, kept) for article in account.articles_of(db, alert) for n, kept in evidence.evidence(db, article)
    ]
    files = {"alert.json": _json(_alert(db, settings, alert))}
    for article, n, kept in found:
        files |= dict(_page(db, article, n, kept))
    if found:
        files["pages.warc.gz"] = archive(_answer(kept) for _, _, kept in found)
    files[MANIFEST] = _json(_manifest(alert, files, at))
    files[SUMS] = "".join(f"{_sha(body)}  {name}\n" for name, body in sorted(files.items())).encode()
    return files


def _alert(db: Connection, settings: Settings, alert: str) -> dict[str, Any]:
    view = views.alert_view(db, alert)
    articles = account.articles_of(db, alert)
    return {
        **asdict(view),
        "articles": [_article(db, settings, article) for article in articles],
        "deliveries": [
            {
                "target": f"{row['channel']}/{row['name']}",
                "state": row["state"],
                "attempts": row["attempts"],
                "sent": moment(row["sent_at"]),
                "receipt": row["receipt"],
            }
            for row in views.alert_deliveries(db, alert)
        ],
    }


def _article(db: Connection, settings: Settings, article: int) -> dict[str, Any]:
    return {"number": article, **asdict(of_article(db, settings, article)), "times": times(db, article)}


def times(db: Connection, article: int) -> dict[str, datetime | None]:
    """When the publisher says it appeared, when a feed showed it first, when it was read, and when people were told."""
    row = account.times(db, article)
    return {name: moment(row[name]) for name in ("claimed", "first_seen", "fetched", "told")}


def _page(db: Connection, article: int, n: int, kept: Evidence) -> Iterator[tuple[str, bytes]]:
    """The bytes as they came, what was read in them, and the server's word."""
    name = f"pages/{article}-{n}"
    kind = kept.headers.get("content-type", "").partition(";")[0].strip().lower()
    yield f"{name}.{ENDINGS.get(kind, 'bin')}", kept.body
    title, body = account.text(db, article, n)
    yield f"{name}.text.txt", f"{title}\n\n{body}\n".encode("utf-8", "replace")
    about = {
        "url": kept.url,
        "status": kept.status,
        "headers": dict(kept.headers),
        "length": kept.length,
        "sha256": kept.sha256.hex(),
        "fetched": kept.fetched,
        "times": times(db, article),
    }
    yield f"{name}.json", _json(about)


def _answer(kept: Evidence) -> Answer:
    return Answer(url=kept.url, status=kept.status, headers=kept.headers, body=kept.body, at=kept.fetched)


def _manifest(alert: str, files: dict[str, bytes], at: datetime) -> dict[str, Any]:
    return {
        "alert": alert,
        "made": at,
        "by": f"feedwatch {__version__}",
        "files": [{"name": name, "length": len(body), "sha256": _sha(body)} for name, body in sorted(files.items())],
    }


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, default=_said) + "\n").encode("utf-8", "replace")


def _said(value: object) -> object:
    if isinstance(value, Strength):
        return value.word
    return value.isoformat() if isinstance(value, datetime) else str(value)
