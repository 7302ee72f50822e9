"""feedwatch, dying by SIGKILL at a named step of its work; the product knows nothing of this.

    python -m tests.faults.launcher NUMBER-OF-A-STEP PASS NOTE run --config …

wraps what happens at the step, and on the given pass writes the step's name into the file NOTE and kills itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

WRITES = {
    "the start": ("feedwatch.pipeline.engine", "start"),
    "the claim of feeds": ("feedwatch.store.feeds", "claim_due_feeds"),
    "TX A": ("feedwatch.pipeline.intake", "record"),
    "the claim of articles": ("feedwatch.store.articles", "claim_due_articles"),
    "TX B": ("feedwatch.pipeline.judge", "settle"),
    "the claim of deliveries": ("feedwatch.store.deliveries", "claim_due_deliveries"),
    "TX C": ("feedwatch.pipeline.deliver", "record"),
}
"""Units of the writer, each with two steps: before its commit and after it."""

WORK = {
    "before a feed is asked": ("poll.Poll", "_look", "before"),
    "after a feed was read": ("poll.Poll", "_look", "after"),
    "before a page is asked": ("read.Read", "_understand", "before"),
    "after a page was read": ("read.Read", "_understand", "after"),
    "before a message is sent": ("courier.Courier", "send", "before"),
    "while a message is sent": ("courier.Courier", "send", "while"),
    "after a message was sent": ("courier.Courier", "send", "after"),
}
"""What the loops do between a claim and its transaction."""

WHILE = 0.03
"""Seconds after which a send is under way, where the service takes longer."""

STEPS = tuple(f"{moment} the commit of {unit}" for unit in WRITES for moment in ("before", "after")) + tuple(WORK)


class Strike:
    """Counts the passes of one step and kills on the chosen one."""

    def __init__(self, step: str, passes: int, note: Path) -> None:
        self._step, self._left, self._note = step, passes, note
        self._lock = threading.Lock()

    def reached(self, step: str) -> None:
        if step != self._step:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._now()

    def _now(self) -> NoReturn:
        self._note.write_text(self._step)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives SIGKILL")


def wrap_writes(strike: Strike) -> None:
    """Every unit of the writer passes `submit`; one that found nothing to do is no pass."""
    from feedwatch.store.writer import Store

    units = {where: name for name, where in WRITES.items()}
    submit = Store.submit

    def struck(self: Store, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        name = units.get((work.__module__, work.__name__))
        if name is None:
            return submit(self, work, *args, **kwargs)

        def watched(*given: Any, **named: Any) -> Any:
            done = work(*given, **named)
            if did_something(done):
                strike.reached(f"before the commit of {name}")
            return done

        def committed(kept: Future[Any]) -> None:
            """In the writer's thread, right after the commit: nobody else has heard of it yet."""
            if kept.exception() is None and did_something(kept.result()):
                strike.reached(f"after the commit of {name}")

        future = submit(self, watched, *args, **kwargs)
        future.add_done_callback(committed)
        return future

    Store.submit = struck  # type: ignore[method-assign]


def did_something(done: object) -> bool:
    """An empty claim did not, nor did a poll that found nothing new."""
    return done != [] and not (isinstance(done, str) and not done.startswith("new"))


def wrap_work(strike: Strike) -> None:
    import importlib

    for step, (owner, name, moment) in WORK.items():
        module, _, kind = owner.partition(".")
        trade = getattr(importlib.import_module(f"feedwatch.pipeline.{module}"), kind)
        setattr(trade, name, _around(getattr(trade, name), strike, step, moment))


def _around(work: Callable[..., Any], strike: Strike, step: str, moment: str) -> Callable[..., Any]:
    @wraps(work)
    async def struck(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            strike.reached(step)
        if moment == "while":
            asyncio.get_running_loop().call_later(WHILE, strike.reached, step)
        done = await work(*args, **kwargs)
        if moment == "after":
            strike.reached(step)
        return done

    return struck


def main() -> None:
    number, passes, note, *words = sys.argv[1:]
    strike = Strike(STEPS[int(number)], int(passes), Path(note))
    wrap_writes(strike)
    wrap_work(strike)
    sys.argv[1:] = words
    from feedwatch.cli.app import main as feedwatch

    feedwatch()


if __name__ == "__main__":
    main()
