"""`feedwatch probe`: whether the daemon is at work, for whoever restarts what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.cli.options import reading
from feedwatch.cli.show import ago, put
from feedwatch.errors import FeedwatchError
from feedwatch.pipeline.clock import now
from feedwatch.store.database import daemon_pid
from feedwatch.store.status import neglected_since

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings

PATIENCE = timedelta(minutes=10)
"""So long may pass without a poll while a feed waits for one; a single poll takes ten minutes at the most."""


def probe(settings: Settings) -> None:
    """Says that it works, or raises FeedwatchError with what does not."""
    path = settings.store.path
    pid = daemon_pid(path)
    if pid is None:
        raise FeedwatchError(f"no feedwatch runs on {path} (start it: `feedwatch run`)")
    with reading(path) as db:
        at = now()
        since = neglected_since(db, at - PATIENCE)
    if since is not None:
        raise FeedwatchError(
            f"feedwatch (pid {pid}) stands still: a feed has waited since {ago(since, at)}, and none was polled in the"
            f" last {PATIENCE.seconds // 60} minutes (its log says why; then restart it)"
        )
    put(f"at work (pid {pid})")
