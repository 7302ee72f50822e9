"""Memory goes back to the system, in a process of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

MB = 1024 * 1024
WORK = """
from pathlib import Path
from feedwatch.edges.memory import give_back_large_blocks
if {settled}:
    give_back_large_blocks()
MB = 1024 * 1024
first = b"x" * (20 * MB)
del first  # from here on glibc keeps what is smaller
kept = []
for _ in range(8):
    body = bytearray()
    for _ in range(5 * 16):
        body += b"x" * 65_536
    kept.append(bytes(100_000))  # stands behind it in the heap
    del body
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmRSS:")))
"""


def memory(*, settled: bool) -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(settled=settled)], capture_output=True, text=True, check=True, timeout=60
    )
    return 1024 * int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps nothing back")
def test_the_memory_of_large_bodies_goes_back_to_the_system() -> None:
    assert memory(settled=True) < memory(settled=False) - 3 * MB
