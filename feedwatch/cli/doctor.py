"""`feedwatch doctor`: is the house in order? Every finding says what is so, and what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from feedwatch.cli.exits import DONE, FAILED
from feedwatch.cli.options import RIGHTS, Config, Json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedwatch.config.settings import Settings
    from feedwatch.errors import ConfigError
    from feedwatch.store import Connection

OK, WARNING, PROBLEM = "ok", "warning", "problem"

LITTLE_ROOM = 100 * 10**6
"""Bytes: so much is written in a busy day."""

CLOCK_SLACK = timedelta(minutes=5)
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right is before this."""

LONG_WAIT = timedelta(hours=1)
"""An entry is decided within 15 minutes of its page's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str
    level: str
    text: str
    cure: str = ""


def doctor(config: Config = None, as_json: Json = False) -> None:
    """Look whether all is in order, and name the cure.

    Versions, config, channels, files and their rights, room on the disk, the clock, the whole database. Exit code 1
    where there is a problem; a warning is none. Changes nothing.
    """
    from feedwatch.cli.show import json_line, put

    worst = DONE
    for finding in _findings(config):
        worst = FAILED if finding.level == PROBLEM else worst
        put(json_line(asdict(finding)) if as_json else _line(finding))
    raise typer.Exit(worst)


def _line(finding: Finding) -> str:
    from feedwatch.cli.show import clean

    cure = f"\n{'':<20}→ {clean(finding.cure)}" if finding.cure else ""
    return f"{finding.level:<8} {finding.check:<10} {clean(finding.text)}{cure}"


def _findings(config: Path | None) -> Iterator[Finding]:
    yield from versions()
    settings, findings = _config(config)
    yield from findings
    if settings is not None:
        path = settings.store.path
        if path.parent.exists() and not os.access(path.parent, os.X_OK):
            yield Finding(check="rights", level=PROBLEM, text=f"you may not look into {path.parent}", cure=RIGHTS)
            return
        yield from _lock(path)
        yield from rights(path)
        yield from _room(path)
        yield from _database(path)


# Versions -----------------------------------------------------------------------------------------------


def versions() -> Iterator[Finding]:
    from feedwatch.pipeline.versions import expat_version
    from feedwatch.store.doctor import sqlite_version

    yield from version_findings(sqlite_version(), expat_version())


def version_findings(sqlite: tuple[int, ...], expat: tuple[int, ...]) -> Iterator[Finding]:
    """A line for each of the two, good or not."""
    from feedwatch.pipeline.versions import dotted, faults

    found = {fault.library: fault for fault in faults(sqlite, expat)}
    for library, fine in (("sqlite", f"SQLite {dotted(sqlite)}"), ("expat", f"expat {dotted(expat)}")):
        fault = found.get(library)
        if fault is None:
            yield Finding(check=library, level=OK, text=fine)
        else:
            yield Finding(check=library, level=PROBLEM if fault.grave else WARNING, text=fault.text, cure=fault.cure)


# The config ---------------------------------------------------------------------------------------------


def _config(config: Path | None) -> tuple[Settings | None, list[Finding]]:
    """The config as far as it can be read, and what is to be said of it and of its channels."""
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.options import config_file
    from feedwatch.config.load import load
    from feedwatch.errors import ConfigError
    from feedwatch.pipeline.program import read_plan

    try:
        file = config_file(config)
    except ConfigError as error:
        return None, [*_bad_config(error), _UNSEEN]
    try:
        plan = read_plan(file, os.environ)
    except ConfigError as error:
        findings = list(_bad_config(error))
        try:
            return load(file, os.environ, secrets=False), [*open_files(file), *findings]
        except ConfigError:
            return None, [*findings, _UNSEEN]
    settings, findings = plan.settings, list(open_files(file))
    findings += [Finding(check="config", level=WARNING, text=text) for text in settings.warnings]
    findings.append(Finding(check="config", level=OK, text=f"{file}: {counted(len(plan.feeds), 'feed')}"))
    names = ", ".join(f"{target.channel}/{target.name}" for each in plan.channels.values() for target in each.targets)
    findings.append(Finding(check="channels", level=OK, text=names or "none"))
    return settings, findings


def _bad_config(error: ConfigError) -> Iterator[Finding]:
    yield from (_bad("config", problem) for problem in error.problems)


_UNSEEN = Finding(check="the rest", level=WARNING, text="not looked at: the config says where", cure="correct it first")


def _bad(check: str, problem: str) -> Finding:
    return Finding(check=check, level=PROBLEM, text=problem)


def open_files(file: Path) -> Iterator[Finding]:
    """Config files that hold a secret (a channel's address, a login) and that everybody can read."""
    from feedwatch.config.checks import each_secret
    from feedwatch.config.sources import read_all

    for source in read_all(file):
        held = sorted({key for _, table, key in each_secret(source.data) if key in table})
        if held and source.path.stat().st_mode & stat.S_IROTH:
            yield Finding(
                check="rights",
                level=WARNING,
                text=f"{source.path} holds secrets ({', '.join(held)}) and can be read by everybody",
                cure=f"chmod 640 {source.path}, or put them into files of their own with {held[0]}_file",
            )


# Files --------------------------------------------------------------------------------------------------


def _lock(path: Path) -> Iterator[Finding]:
    from feedwatch.store.database import daemon_pid

    pid = daemon_pid(path)
    yield Finding(check="daemon", level=OK, text=f"running (pid {pid})" if pid else "not running")


def rights(path: Path) -> Iterator[Finding]:
    """The database, its log, its backups and their folder: for the service and its group only."""
    found = False
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", ".lock"))]
    files += sorted([*path.parent.glob(f"{path.name}.before-*"), *path.parent.glob("backups/feedwatch-*.db")])
    for file in files:
        if file.exists() and file.stat().st_mode & 0o007:
            found = True
            yield Finding(check="rights", level=WARNING, text=f"{file} is open to everybody", cure=f"chmod 640 {file}")
    if path.parent.exists() and path.parent.stat().st_mode & stat.S_IWOTH:
        found = True
        text = f"everybody may write to {path.parent}, and so replace the database"
        yield Finding(check="rights", level=PROBLEM, text=text, cure=f"chmod 750 {path.parent}")
    if not found:
        yield Finding(check="rights", level=OK, text=f"{path.parent}")


def _room(path: Path) -> Iterator[Finding]:
    if path.parent.exists():
        size = path.stat().st_size if path.exists() else 0
        yield room_finding(path.parent, shutil.disk_usage(path.parent).free, size)


def room_finding(folder: Path, free: int, size: int) -> Finding:
    """`size`: the database's, in bytes as all."""
    text = f"{_bytes(free)} free in {folder}, the database has {_bytes(size)}"
    if free < LITTLE_ROOM:
        return Finding(check="disk", level=PROBLEM, text=text, cure="make room there; feedwatch goes on by itself")
    if free < size + LITTLE_ROOM:
        cure = "a backup beside it and the copy before an upgrade need as much as the database"
        return Finding(check="disk", level=WARNING, text=text, cure=cure)
    return Finding(check="disk", level=OK, text=text)


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{count / 1e6:.1f} MB"


# The database -------------------------------------------------------------------------------------------


def _database(path: Path) -> Iterator[Finding]:
    from feedwatch.cli.options import reading
    from feedwatch.errors import NoDatabase, StoreError
    from feedwatch.pipeline.clock import now
    from feedwatch.store.database import has_vanished

    at = now()
    if vanished := has_vanished(path):
        yield _bad("database", vanished)
        yield clock_finding(at, None)
        return
    try:
        with reading(path) as db:
            yield _integrity(path, db)
            yield from _contents(db, at)
    except NoDatabase as error:
        yield Finding(check="database", level=OK, text=str(error))
        yield clock_finding(at, None)
    except StoreError as error:
        yield _bad("database", str(error))


def _integrity(path: Path, db: Connection) -> Finding:
    from feedwatch.cli.options import say
    from feedwatch.store.database import CHECKED_BYTES, check_integrity, damaged

    if path.stat().st_size > CHECKED_BYTES:
        say("checking the whole database …")
    found = check_integrity(db)
    if found:
        return _bad("database", str(damaged(path, found)))
    return Finding(check="database", level=OK, text=f"{path}: every page and reference is good")


def _contents(db: Connection, at: datetime) -> Iterator[Finding]:
    from feedwatch.store import doctor, reindex

    yield clock_finding(at, doctor.newest_time(db))
    yield _index(reindex.fold_version(db))
    yield pending_finding(doctor.forgotten_entries(db), doctor.waiting_since(db), at)


def clock_finding(at: datetime, newest: datetime | None) -> Finding:
    """Now, against the latest moment in the database and the year in which this was written."""
    text = f"it is {at:%Y-%m-%d %H:%M} UTC"
    cure = "set it, and let the system keep it right: timedatectl set-ntp true"
    if at < BUILT:
        return Finding(check="clock", level=PROBLEM, text=f"{text}, which cannot be", cure=cure)
    if newest is not None and newest > at + CLOCK_SLACK:
        text += f", but something was recorded at {newest:%Y-%m-%d %H:%M}: the clock went back"
        return Finding(check="clock", level=PROBLEM, text=text, cure=cure)
    return Finding(check="clock", level=OK, text=text)


def _index(version: int) -> Finding:
    from feedwatch.text.fold import FOLD_VERSION

    if version == FOLD_VERSION:
        return Finding(check="search", level=OK, text="the index is of this version")
    text = f"the index was made with folding {version}, words are folded with {FOLD_VERSION}: search misses some"
    return Finding(check="search", level=WARNING, text=text, cure="stop feedwatch, then `feedwatch reindex`")


def pending_finding(forgotten: int, since: datetime | None, at: datetime) -> Finding:
    from feedwatch.alerts.outgoing import counted

    if forgotten:
        text = f"waiting for a decision that nothing brings: {counted(forgotten, 'entry', 'entries')}"
        return Finding(
            check="entries", level=PROBLEM, text=text, cure="restart feedwatch, which takes them up; please report it"
        )
    if since is not None and at - since > LONG_WAIT:
        text = f"an entry has waited for its decision since {since:%Y-%m-%d %H:%M} UTC"
        return Finding(check="entries", level=WARNING, text=text, cure="see `feedwatch status`; does feedwatch run?")
    return Finding(check="entries", level=OK, text="each has its decision, or its turn comes")
