"""Prints one table. `python -m bench [ROW …] [--pairs N]`; rows: P1, P2, P2', P3, P5, P6, P7, P8, P9, P11."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bench import footprint, idle, intake, matching, pages, peers, polls, search, start, stories


def main() -> None:
    rows: dict[str, Callable[[int], list[str]]] = {
        "P1": pages.row,
        "P2": intake.row,
        "P2'": peers.row,
        "P3": polls.row,
        "P5": matching.row,
        "P6": stories.p6_row,
        "P7": footprint.row,
        "P8": idle.row,
        "P9": search.row,
        "P11": start.row,
    }
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("rows", nargs="*", default=list(rows), help=", ".join(rows))
    parser.add_argument("--pairs", type=int, default=5, help="alternating pairs to take the median of")
    asked = parser.parse_args()
    for name in asked.rows:
        print(f"{name}  " + "\n    ".join(rows[name](asked.pairs)), flush=True)


if __name__ == "__main__":
    main()
