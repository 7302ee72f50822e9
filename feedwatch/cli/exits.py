"""Exit codes, and which error ends in which; the numbers are those of sysexits.h."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from feedwatch.edges import systemd
from feedwatch.errors import (
    AskedWrongly,
    ConfigError,
    DatabaseBusy,
    FeedwatchError,
    NoAnswer,
    NoDatabase,
    QueryError,
    StoreError,
    StoreUnavailable,
    Unfit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = 0
FAILED = 1
USAGE = 2
TRY_AGAIN = 75
NEEDS_A_HUMAN = 78
INTERRUPTED = 130

CODES: tuple[tuple[type[FeedwatchError], int], ...] = (
    (ConfigError, NEEDS_A_HUMAN),
    (Unfit, NEEDS_A_HUMAN),
    (QueryError, USAGE),
    (AskedWrongly, USAGE),
    (NoAnswer, TRY_AGAIN),
    (DatabaseBusy, TRY_AGAIN),
    (StoreUnavailable, TRY_AGAIN),
    (NoDatabase, FAILED),
    (StoreError, NEEDS_A_HUMAN),
)


def code_of(error: FeedwatchError) -> int:
    return next((code for kind, code in CODES if isinstance(error, kind)), FAILED)


def guarded(command: Callable[[], None]) -> None:
    """Runs the command line; an error of ours is told in its own words, never as a traceback."""
    try:
        command()
    except FeedwatchError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line's voice
        systemd.status(str(error))  # so that `systemctl status` of a service that is down says why
        sys.exit(code_of(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `feedwatch … | head`: nobody listens any more, and that is no failure
        sys.stdout = None
        sys.exit(DONE)
