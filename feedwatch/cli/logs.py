"""Logs: rich on a terminal, priorities for the journal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""sd-daemon(3): a line that begins with <N> has syslog's priority N."""

CHATTY = ("apprise", "urllib3", "requests", "asyncio", "aiohttp", "apscheduler")
"""Libraries that show addresses and tokens, or every tick, at DEBUG and INFO."""


class JournalFormatter(logging.Formatter):
    """One line with its priority; the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\n", f"\n<{PRIORITIES.get(record.levelno, 6)}>")
        return f"<{PRIORITIES.get(record.levelno, 6)}>{text}"


class Discreet(logging.Formatter):
    """Formats as another one does, and leaves out what it was told to keep, whoever logged it and at what level."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner
        self._kept: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def keep(self, secrets: Collection[str]) -> None:
        """From now on these too; what was a secret before a reload stays one."""
        self._kept |= set(secrets)
        longest_first = sorted(self._kept, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def format(self, record: logging.LogRecord) -> str:
        text = self._inner.format(record)
        return text if self._pattern is None else self._pattern.sub("***", text)


def set_up(*, verbose: bool) -> None:
    handler = _handler()
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_secret(secrets: Collection[str]) -> None:
    """What the root handler leaves out from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Discreet):
            handler.formatter.keep(secrets)


def _handler() -> logging.Handler:
    handler = _plain_handler()
    handler.setFormatter(Discreet(handler.formatter or logging.Formatter("%(message)s")))
    return handler


def _plain_handler() -> logging.Handler:
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.logging import RichHandler

        console = Console(stderr=True)
        return RichHandler(console=console, show_path=False, omit_repeated_times=False, log_time_format="%H:%M:%S")
    handler = logging.StreamHandler()
    if os.environ.get("JOURNAL_STREAM"):
        handler.setFormatter(JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler


def quiet() -> None:
    """Nothing but what goes wrong."""
    logging.basicConfig(level=logging.ERROR, handlers=[_handler()], force=True)
