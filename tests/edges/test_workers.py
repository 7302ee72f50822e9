"""Worker processes, with real ones."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import lxml.html
import pytest

from feedwatch.edges.workers import Workers
from feedwatch.errors import PageUnreadable, QueryError, WorkerCrash, WorkerMemory, WorkerTimeout
from tests.harness import wait_until

SECOND = timedelta(seconds=1)
LONG = timedelta(seconds=20)
MB = 1024 * 1024


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(2, 400 * MB, ("lxml.html",), 1000) as pool:
        # Each process loads this module with its first job, which no test shall time.
        await asyncio.gather(*(pool.run(nap, 0.1, deadline=LONG) for _ in range(2)))
        yield pool


# Jobs


def add(one: int, two: int) -> int:
    return one + two


def pid() -> int:
    return os.getpid()


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def meet(mine: str, others: str) -> int:
    """Ends when the other job has begun."""
    Path(mine).touch()
    while not Path(others).exists():
        time.sleep(0.01)
    return os.getpid()


def leave_trace(path: str, seconds: float) -> None:
    time.sleep(seconds)
    Path(path).write_text("done", encoding="utf-8")


def hang_in_c() -> None:
    """Holds the interpreter's lock, so that no Python signal handler ever runs."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def exit_politely() -> None:
    raise SystemExit(3)


def fill_memory() -> int:
    return len(bytearray(2**40))


def fill_memory_of_libxml2() -> int:
    return len(lxml.html.document_fromstring(b"<p>x</p>" * 3_000_000))


def refuse_page() -> None:
    raise PageUnreadable("no text")


def refuse_query() -> None:
    raise QueryError("odd", 3, "mend it")


def time_out() -> None:
    raise TimeoutError("a socket's")


class Fussy(Exception):
    """Pickles, and does not come back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def fuss() -> None:
    raise Fussy(1, 2)


def divide() -> float:
    return 1 / 0


def surroundings() -> tuple[str | None, list[object]]:
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    return os.environ.get("OPENBLAS_NUM_THREADS"), [signal.getsignal(number) for number in numbers]


# Tests


async def test_a_job_brings_its_result_home(workers: Workers) -> None:
    assert await workers.run(add, 2, 3, deadline=LONG) == 5


async def test_jobs_run_in_other_processes_side_by_side(workers: Workers, tmp_path: Path) -> None:
    here, there = str(tmp_path / "one"), str(tmp_path / "other")
    meetings = [workers.run(meet, *both, deadline=LONG) for both in ((here, there), (there, here))]
    assert len({*await asyncio.gather(*meetings), os.getpid()}) == 3


async def test_a_worker_has_one_blas_thread_and_leaves_group_signals_to_the_daemon(workers: Workers) -> None:
    threads, handlers = await workers.run(surroundings, deadline=LONG)
    assert threads == "1"
    assert handlers == [signal.SIG_IGN] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_group_signal_does_not_cost_a_job(workers: Workers, number: int) -> None:
    assert await workers.run(die, number, deadline=LONG) is None  # type: ignore[func-returns-value]  # it survives
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_the_functions_own_exceptions_come_through(workers: Workers) -> None:
    with pytest.raises(PageUnreadable, match="no text"):
        await workers.run(refuse_page, deadline=LONG)
    with pytest.raises(QueryError) as caught:
        await workers.run(refuse_query, deadline=LONG)
    assert (caught.value.position, caught.value.cure) == (3, "mend it")


async def test_a_foreign_exception_tells_where_it_was_raised(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        await workers.run(divide, deadline=LONG)
    assert "in divide" in caught.value.__notes__[0]


async def test_a_functions_own_timeout_is_not_the_deadline(workers: Workers) -> None:
    with pytest.raises(TimeoutError, match="a socket's"):
        await workers.run(time_out, deadline=LONG)


async def test_an_exception_that_cannot_travel_is_told_in_words(workers: Workers) -> None:
    with pytest.raises(WorkerCrash, match="Fussy in a worker: 1 2"):
        await workers.run(fuss, deadline=LONG)
    with pytest.raises(WorkerCrash, match="SystemExit"):
        await workers.run(exit_politely, deadline=LONG)
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_a_hang_is_killed_at_its_deadline_while_others_go_through(workers: Workers) -> None:
    hang = asyncio.create_task(workers.run(hang_in_c, deadline=2 * SECOND))
    others = await asyncio.gather(*(workers.run(add, n, n, deadline=LONG) for n in range(20)))
    assert others == [2 * n for n in range(20)]
    assert not hang.done()
    with pytest.raises(WorkerTimeout, match="longer than 2 s"):
        await hang
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_waiting_for_a_process_is_not_counted() -> None:
    async with Workers(1, None, (), 1000) as workers:
        naps = (workers.run(nap, 0.4, deadline=timedelta(seconds=0.8)) for _ in range(5))
        assert len(await asyncio.gather(*naps)) == 5


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
async def test_a_crash_is_told_and_the_next_job_works(workers: Workers, number: signal.Signals) -> None:
    with pytest.raises(WorkerCrash, match=number.name):
        await workers.run(die_slowly, int(number), deadline=LONG)
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


def die_slowly(number: int) -> None:
    time.sleep(0.2)
    os.kill(os.getpid(), number)


async def test_instant_crashes_do_not_stop_the_pool(workers: Workers) -> None:
    for _ in range(20):
        with pytest.raises((WorkerCrash, WorkerTimeout)):
            await workers.run(leave, 7, deadline=SECOND)
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_a_job_that_needs_too_much_memory_is_told_and_the_next_works(workers: Workers) -> None:
    for job in (fill_memory, fill_memory_of_libxml2):
        with pytest.raises(WorkerMemory):
            await workers.run(job, deadline=LONG)
        assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_a_process_killed_while_it_was_idle_is_replaced() -> None:
    async with Workers(1, None, (), 1000) as workers:
        for _ in range(3):
            os.kill(await workers.run(pid, deadline=LONG), signal.SIGKILL)
            await asyncio.sleep(0.3)
            assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_processes_are_recycled() -> None:
    async with Workers(1, None, (), 2) as workers:
        pids = [await workers.run(pid, deadline=LONG) for _ in range(6)]
    assert len(set(pids)) == 3


async def test_two_pools_live_on_one_fork_server() -> None:
    async with Workers(1, None, ("json",), 1000) as one, Workers(1, None, ("email",), 1000) as two:
        assert await one.run(parent, deadline=LONG) == await two.run(parent, deadline=LONG)


def parent() -> int:
    return os.getppid()


async def test_a_cancelled_call_kills_its_job(workers: Workers, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    call = asyncio.create_task(workers.run(leave_trace, str(trace), 1.0, deadline=LONG))
    await asyncio.sleep(0.3)
    call.cancel()
    with suppress(asyncio.CancelledError):
        await call
    await asyncio.sleep(1.2)
    assert not trace.exists()
    assert await workers.run(add, 1, 1, deadline=LONG) == 2


async def test_closing_waits_for_what_runs_within_the_grace(tmp_path: Path) -> None:
    async with Workers(1, None, (), 1000) as workers:
        call = asyncio.create_task(workers.run(leave_trace, str(tmp_path / "trace"), 0.5, deadline=LONG))
        await asyncio.sleep(0.2)
        await workers.aclose(LONG)
        await call
        assert (tmp_path / "trace").exists()
        with pytest.raises(WorkerCrash, match="closed"):
            await workers.run(add, 1, 1, deadline=LONG)


async def test_closing_kills_what_outlives_the_grace() -> None:
    async with Workers(1, None, (), 1000) as workers:
        calls = [asyncio.create_task(workers.run(nap, 30, deadline=LONG)) for _ in range(5)]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await workers.aclose(timedelta(seconds=0.3))
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - began < 20
    assert [type(end) for end in ends] == [WorkerCrash] * 5


DAEMON = """
import asyncio, sys
from datetime import timedelta
from feedwatch.edges.workers import Workers
from tests.edges.test_workers import hang_in_c, pid

async def main():
    async with Workers(2, None, (), 1000) as one, Workers(2, None, (), 1000) as two:
        pids = {await pool.run(pid, deadline=timedelta(seconds=9)) for pool in (one, two) for _ in range(5)}
        print(*pids, flush=True)
        jobs = [pool.run(hang_in_c, deadline=timedelta(seconds=60)) for pool in (one, two) for _ in range(3)]
        await asyncio.gather(*jobs)

if __name__ == "__main__":
    asyncio.run(main())
"""


def offspring(pid: int) -> set[int]:
    """All living descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("this kernel does not list children")
    born = {
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }
    return born.union(*(offspring(child) for child in born))


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_no_process_outlives_a_daemon_that_is_killed() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", DAEMON], cwd=root, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline().split()
        time.sleep(0.5)
        family = offspring(daemon.pid)
        daemon.kill()
    assert len(family) >= 6  # four workers, the fork server, the resource tracker
    wait_until(lambda: not any(map(lives, family)), 20)
