"""P11: how long `--help` and `check` take, beside a bare Python."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.harness import PROJECT

COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "--help": [sys.executable, "-m", "feedwatch", "--help"],
    "check": [sys.executable, "-m", "feedwatch", "check", "--config", "config.toml"],
}


def row(pairs: int) -> list[str]:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(pairs):
        for name, command in COMMANDS.items():
            began = time.monotonic()
            subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
            taken[name].append(time.monotonic() - began)
    times = ", ".join(f"{name} {statistics.median(values):.2f} s" for name, values in taken.items())
    return [f"start: {times} (must: --help 0.3 s, check 1.5 s)"]
