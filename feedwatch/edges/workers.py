"""Worker processes: a pebble pool whose jobs have a deadline and whose processes have a memory limit.

All pools are forked from one fork server, which loads what any of them needs once: trafilatura and Apprise together
cost 18 MB there and 4 MB more in a worker, where a sender that is spawned with Apprise costs 34 MB and 0.65 s.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, TypeVarTuple

import pebble

from feedwatch.errors import FeedwatchError, WorkerCrash, WorkerError, WorkerMemory, WorkerTimeout
from feedwatch.model import Failure, Reason

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOAD = ["__main__", "feedwatch.edges.nursery"]
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_STARVED = 99  # the exit code of a worker that hit its memory limit
_CHECK = 1.0  # seconds between two looks at whether the pool still lives

_REASONS = {
    WorkerTimeout: Reason.WORKER_TIMEOUT,
    WorkerMemory: Reason.WORKER_MEMORY,
    WorkerCrash: Reason.WORKER_CRASH,
}

pebble.CONSTS.term_timeout = 0  # a worker ignores SIGTERM, so pebble need not wait before it kills


@dataclass(frozen=True, slots=True)
class _Raised:
    problem: BaseException


class Workers:
    """`count` processes, renewed after `recycle` jobs, each with `memory` bytes of address space at most.

    An async context manager; leaving it kills what still runs, `aclose` waits first. What `preload` names is loaded
    by the fork server: make all pools before the first is entered, or their processes load it themselves.
    """

    def __init__(self, count: int, memory: int | None, preload: tuple[str, ...], recycle: int) -> None:
        self._count = count
        self._memory = memory
        self._recycle = recycle
        self._places = asyncio.Semaphore(2 * count)  # one at work and one at hand for each process
        self._closed = False
        self._buried: set[asyncio.Task[None]] = set()
        _PRELOAD.extend(name for name in preload if name not in _PRELOAD)

    async def __aenter__(self) -> Self:
        _CONTEXT.set_forkserver_preload(_PRELOAD)
        forkserver.ensure_running()  # here, for it dies with the thread that starts it
        self._pool = self._new_pool()
        await asyncio.to_thread(_start, self._pool)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose(timedelta(0))

    async def aclose(self, grace: timedelta) -> None:
        """Takes no more jobs, gives the running ones `grace`, then kills; what is killed raises WorkerCrash."""
        self._closed = True
        self._pool.close()  # type: ignore[no-untyped-call]  # pebble's
        await asyncio.to_thread(_end, self._pool, grace.total_seconds())
        await asyncio.gather(*self._buried)

    def _new_pool(self) -> pebble.ProcessPool:
        return pebble.ProcessPool(
            max_workers=self._count,
            max_tasks=self._recycle,
            initializer=_begin,
            initargs=(self._memory,),
            context=_CONTEXT,
        )

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, deadline: timedelta) -> T:
        """The function's result from a worker process; its own exceptions come through.

        The deadline counts from the moment a process takes the job. Raises WorkerTimeout, WorkerMemory or
        WorkerCrash where the process did not bring it home; cancelling the call kills the job.
        """
        async with self._places:
            pool = self._living_pool()
            future = pool.schedule(_job, args=(function, args), timeout=deadline.total_seconds())
            try:
                outcome = await self._outcome(pool, future)
            except TimeoutError:
                raise WorkerTimeout(f"took longer than {deadline.total_seconds():g} s") from None
            except pebble.ProcessExpired as problem:
                raise _dead(problem.exitcode) from None
            except BrokenProcessPool:
                raise WorkerCrash("the worker pool broke") from None
        if isinstance(outcome, _Raised):
            raise outcome.problem
        return outcome  # type: ignore[no-any-return]  # what crosses a process has no type

    async def _outcome(self, pool: pebble.ProcessPool, future: pebble.ProcessFuture[Any]) -> Any:
        """Also ends where the pool ends, for pebble forgets what a broken pool had not begun."""
        waited = asyncio.wrap_future(future)
        try:
            while not waited.done():
                await asyncio.wait({waited}, timeout=_CHECK)
                if not waited.done() and not pool.active:
                    raise BrokenProcessPool
            return waited.result()
        finally:
            waited.cancel()

    def _living_pool(self) -> pebble.ProcessPool:
        """The pool, or a new one where it broke: it does when a process is killed while it had no job."""
        if self._closed:
            raise WorkerCrash("the worker pool is closed")
        if not self._pool.active:
            self._buried.add(asyncio.create_task(asyncio.to_thread(_end, self._pool, 0)))
            self._pool = self._new_pool()
        return self._pool


def _start(pool: pebble.ProcessPool) -> None:
    """Asking for the state starts it."""
    if not pool.active:
        raise WorkerCrash("the worker processes do not start")


def _end(pool: pebble.ProcessPool, seconds: float) -> None:
    try:
        pool.join(seconds)
    except TimeoutError:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble's
        pool.join()


def _begin(memory: int | None) -> None:
    """The first thing that a worker process does."""
    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def die_with_parent() -> None:
    """Asks Linux to kill this process when the one that started it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _job(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """In the worker: exceptions go home as values, so that they are not taken for the pool's own."""
    try:
        return function(*args)
    except MemoryError:
        os._exit(_STARVED)
    except BaseException as problem:  # noqa: BLE001 - a SystemExit must not end the daemon that it is sent to
        if _starved():
            os._exit(_STARVED)
        return _Raised(_portable(problem))


def _starved() -> bool:
    """Whether a failure is one of memory in disguise, which leaves a process that is better replaced.

    Measured: where libxml2 gets no memory, lxml raises XMLSyntaxError("unknown error") and trafilatura gives None.
    Both happen anywhere above half of the limit, because buffers grow by doubling.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit != resource.RLIM_INFINITY and 2 * _peak() > limit


def _peak() -> int:
    """The largest address space that this process has had, in bytes (proc_pid_status(5))."""
    for line in Path("/proc/self/status").read_text().splitlines() if sys.platform == "linux" else ():
        if line.startswith("VmPeak:"):
            return 1024 * int(line.split()[1])
    return 0


def _portable(problem: BaseException) -> BaseException:
    """The exception, as one that survives the way home."""
    if isinstance(problem, FeedwatchError):
        return problem
    story = traceback.format_exc()
    if isinstance(problem, Exception) and _survives(problem):
        problem.add_note(story)
        return problem
    return WorkerCrash(f"{type(problem).__name__} in a worker: {problem}\n{story}")


def _survives(problem: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(problem))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - a foreign __reduce__ may raise anything
        return False
    return True


def worker_failure(error: WorkerError) -> Failure:
    """What is kept of a job that its process did not bring home."""
    return Failure(reason=_REASONS[type(error)], detail=str(error))


def _dead(exitcode: int) -> WorkerCrash | WorkerMemory:
    if exitcode == _STARVED:
        return WorkerMemory("needed more memory than a worker may have")
    try:
        how = signal.Signals(-exitcode).name
    except ValueError:
        how = f"exit code {exitcode}"
    return WorkerCrash(f"the worker process died ({how})")
