"""P2': taking in the same feeds with `feedwatch once` and with other feed readers, each as its command; wall time.

reader and rss2email are installed by pip into an environment that ends with the measurement; newsboat and sfeed are
measured where they are installed (apt-get install newsboat sfeed). Each begins with nothing in a folder of its own, and
knows no feeds but those on loopback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from bench import ratio, summary
from bench.intake import ENTRIES, FEEDS, WATCH
from bench.wire import served
from tests.harness import query, write_config

LONGEST = 300.0
AT_ONCE = 16  # requests of a peer that lets one choose

INSTALLED = ("reader[cli]", "rss2email", "sgmllib3k")
"""By pip; the last is what reader's own feedparser needs and does not name."""

READER_KNOWS = """
from reader import make_reader
with make_reader("reader.db") as reader:
    for url in open("urls").read().split():
        reader.add_feed(url)
"""

Prepare = Callable[[Path, list[str], Path], list[str]]  # folder, addresses, environment of pip's peers → command
"""Makes a peer know the feeds; the command that takes them in."""


def row(pairs: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name, served(FEEDS, ENTRIES) as wire:
        environment = Path(name)
        peers, skipped = _available(environment)
        taken: dict[str, list[float]] = {peer: [] for peer in peers}
        stored: list[float] = []
        for _ in range(pairs):
            for peer, prepare in peers.items():
                with tempfile.TemporaryDirectory() as folder:
                    taken[peer].append(timed(prepare, Path(folder), wire.urls, environment))
                    stored += _stored(Path(folder)) if peer == "feedwatch" else []
    ours = taken.pop("feedwatch")
    must = {"reader": " (must: below 1)", "rss2email": " (must: below 1)"}
    return [
        f"taking in {FEEDS} feeds × {ENTRIES} entries, wall: feedwatch once {summary(ours)} s",
        f"within which the feeds were polled and stored in {summary(stored)} s, and all entries decided after that",
        *(
            f"{peer} {summary(theirs)} s; feedwatch to it {ratio(ours, theirs)}{must.get(peer, '')}"
            for peer, theirs in taken.items()
        ),
        *(f"{peer}: not measured, {why}" for peer, why in skipped.items()),
    ]


def timed(prepare: Prepare, folder: Path, urls: list[str], environment: Path) -> float:
    command = prepare(folder, urls, environment)
    began = time.monotonic()
    _run(command, folder)
    return time.monotonic() - began


def _run(command: list[str], folder: Path) -> None:
    """At home in `folder`, without a proxy."""
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    subprocess.run(
        command,
        cwd=folder,
        env=environ | home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST,
        check=True,
    )


def _available(environment: Path) -> tuple[dict[str, Prepare], dict[str, str]]:
    """The peers that are there or can be had, and why the others are not."""
    peers: dict[str, Prepare] = {"feedwatch": feedwatch}
    skipped = {}
    for peer, prepare in {"newsboat": newsboat, "sfeed": sfeed}.items():
        if shutil.which(peer):
            peers[peer] = prepare
        else:
            skipped[peer] = f"it is not installed (apt-get install {peer})"
    venv.create(environment, with_pip=True)
    installed = subprocess.run(
        [environment / "bin" / "pip", "install", "--quiet", *INSTALLED],
        capture_output=True,
        check=False,
    )
    if installed.returncode == 0:
        return peers | {"reader": reader, "rss2email": rss2email}, skipped
    return peers, skipped | dict.fromkeys(("reader", "rss2email"), "pip could not install it")


def feedwatch(folder: Path, urls: list[str], _: Path) -> list[str]:
    config = write_config(folder, WATCH, urls, "1h")
    return [sys.executable, "-m", "feedwatch", "once", "--config", str(config)]


def _stored(folder: Path) -> list[float]:
    """Seconds from the first entry to the last poll's end."""
    ends = query(
        folder / "feedwatch.db",
        "SELECT (SELECT min(first_seen_at) FROM entries), (SELECT max(last_polled_at) FROM feeds)",
    )
    return [(ends[0][1] - ends[0][0]) / 1e6]


def newsboat(folder: Path, urls: list[str], _: Path) -> list[str]:
    (folder / "urls").write_text("\n".join(urls))
    (folder / "config").write_text(f"reload-threads {AT_ONCE}\n")
    files = ["-u", str(folder / "urls"), "-c", str(folder / "cache.db"), "-C", str(folder / "config")]
    return ["newsboat", *files, "-x", "reload"]


def sfeed(folder: Path, urls: list[str], _: Path) -> list[str]:
    feeds = "\n".join(f'feed "{n}" "{url}"' for n, url in enumerate(urls))
    (folder / "sfeedrc").write_text(f'sfeedpath="{folder}/feeds"\nmaxjobs={AT_ONCE}\nfeeds() {{\n{feeds}\n}}\n')
    return ["sfeed_update", str(folder / "sfeedrc")]


def reader(folder: Path, urls: list[str], environment: Path) -> list[str]:
    python, database = str(environment / "bin" / "python"), str(folder / "reader.db")
    (folder / "urls").write_text("\n".join(urls))
    _run([python, "-c", READER_KNOWS], folder)
    return [python, "-m", "reader", "--db", database, "update", "--workers", str(AT_ONCE)]


def rss2email(folder: Path, urls: list[str], environment: Path) -> list[str]:
    r2e = [str(environment / "bin" / "r2e"), "-c", str(folder / "r2e.cfg"), "-d", str(folder / "r2e.json")]
    _run([*r2e, "new", "nobody@bench.example"], folder)
    outlines = "".join(f'<outline type="rss" text="feed{n}" xmlUrl="{url}"/>' for n, url in enumerate(urls))
    (folder / "feeds.opml").write_text(f'<opml version="1.0"><body>{outlines}</body></opml>')
    _run([*r2e, "opmlimport", str(folder / "feeds.opml")], folder)
    return [*r2e, "run", "--no-send"]
