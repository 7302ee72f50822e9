"""What a process and all that it started use, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path


def memory(pid: int) -> tuple[float, float]:
    """Resident MB of a process, and of all processes that it started."""
    return resident(pid), sum(map(resident, children(pid)))


def cpu(pid: int) -> float:
    """Seconds of a process and of all processes that it started; of those that ended, if somebody waited for them."""
    return sum(map(_cpu, (pid, *children(pid))))


def children(pid: int) -> list[int]:
    direct: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct += map(int, task.read_text().split())
        except OSError:
            continue
    return direct + [below for child in direct for below in children(child)]


def resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def _cpu(pid: int) -> float:
    """utime, stime, cutime and cstime (proc_pid_stat(5)); the name before them may hold anything but a last ")"."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
