"""`feedwatch backup`, `restore`, `prune` and `reindex`: the database as a thing to look after."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.options import Config, Json, examples, load_settings, reading, say
from feedwatch.cli.progress import bar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.pipeline.prune import Pruned
    from feedwatch.store.writer import Store

BACKUP_EXAMPLES = examples("feedwatch backup", "feedwatch backup /mnt/nas/feedwatch --keep 30")


def backup(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to; else the folder backups beside the database.")
    ] = None,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="How many to leave there.")] = 7,
    config: Config = None,
) -> None:
    """Copy the database, while it is in use, and check the copy.

    Prints the path of the copy. The oldest ones beyond --keep are removed when the new one is whole. The config and
    its secrets are not in it.
    """
    from feedwatch.cli.show import put
    from feedwatch.pipeline.clock import now
    from feedwatch.store import backup as store

    path = load_settings(config).store.path
    target = folder if folder is not None else path.with_name("backups")
    with _said_in_words(target), bar("copying") as progress:
        made = store.backup(path, target, now(), progress)
        removed = store.remove_old(target, keep, made)
    put(str(made))
    say(f"{made.stat().st_size / 1e6:.1f} MB, checked" + (f"; {len(removed)} older removed" if removed else ""))


@contextmanager
def _said_in_words(path: Path) -> Iterator[None]:
    """What the file system refuses, as an error of ours."""
    from feedwatch.errors import StoreError

    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise StoreError(f"{where}: {error.strerror} (give a folder that you may write to, with room)") from error


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of the database that is there; that one is put aside.")
    ] = False,
    config: Config = None,
) -> None:
    """Put a backup in the database's place.

    Stop feedwatch first. The backup is checked before anything is changed, and stays where it is. What came after it
    is not known any more: what feeds still show of that time is told again, under the same ids.
    """
    from feedwatch.pipeline.clock import now
    from feedwatch.store import backup as store
    from feedwatch.store.database import locked

    path = load_settings(config).store.path
    with _said_in_words(path), locked(path), bar("copying") as progress:
        aside = store.restore(file, path, now(), progress, force=force)
    say(f"{path} is {file.name} now" + (f"; what was there is {aside.name}" if aside else ""))


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Remove what is older than the [store] keep_… keys say.

    A running daemon does this by itself once a day, and does it now if asked so. What is removed makes room for what
    comes: the file does not shrink.
    """
    import asyncio

    from feedwatch.pipeline.ask import LONGEST_WORK, ask_running
    from feedwatch.pipeline.clock import now
    from feedwatch.pipeline.prune import Pruned, in_numbers, keep_of
    from feedwatch.pipeline.prune import prune as run
    from feedwatch.store import retention
    from feedwatch.store.database import daemon_pid

    settings = load_settings(config).store
    keep, path = keep_of(settings), settings.path
    if dry_run:
        with reading(path) as db:
            _told(in_numbers(retention.past(db, keep, now())), "would go", as_json=as_json)
        return
    if daemon_pid(path):
        _told(Pruned(**ask_running(path, "prune", patience=LONGEST_WORK)), "removed", as_json=as_json)
        return
    with _opened(path) as store, bar("pruning") as progress:
        pruned = asyncio.run(run(store, keep, now(), progress))
    _told(pruned, "removed", as_json=as_json)


def _told(pruned: Pruned, what: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import json_line, put

    seen = counted(pruned.seen, "mark of an item seen", "marks of items seen")
    text = f"{counted(pruned.articles, 'article')}, {counted(pruned.alerts, 'alert')}, {seen}: {what}"
    put(json_line(asdict(pruned)) if as_json else text)


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    """The database, locked and ready, with its writer."""
    from feedwatch.errors import NoDatabase
    from feedwatch.store import database
    from feedwatch.store.writer import Store

    if not path.exists() and not database.lock_file(path).exists():
        raise NoDatabase(f"{path}: there is no database yet (start `feedwatch run` or `feedwatch once` first)")
    with database.locked(path):
        database.prepare(path)
        with Store(path) as store:
            yield store


def reindex(
    force: Annotated[bool, typer.Option("--force", help="Even if the index is up to date.")] = False,
    config: Config = None,
) -> None:
    """Make the search index anew from the stored texts.

    Needed when a new version folds words in another way; `feedwatch doctor` says when. Stop feedwatch first. It may
    be interrupted: the next run goes on there.
    """
    import asyncio

    from feedwatch.alerts.outgoing import counted
    from feedwatch.pipeline.reindex import reindex as run
    from feedwatch.store import reindex as index
    from feedwatch.text.fold import FOLD_VERSION

    with _opened(load_settings(config).store.path) as store:
        current = asyncio.run(store.read(index.fold_version)) == FOLD_VERSION
        if current and not force and asyncio.run(store.read(index.reached)) is None:
            say("the search index is up to date (--force makes it anew all the same)")
            return
        with bar("indexing") as progress:
            done = asyncio.run(run(store, progress))
    say(f"{counted(done, 'article')} indexed")
