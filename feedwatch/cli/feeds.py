"""`feedwatch feeds`: list them, add one, remove one. The rest is in feed_show, feed_look and feed_lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import FAILED, NEEDS_A_HUMAN
from feedwatch.cli.options import Config, Json, config_file, examples, load_settings, load_to_ask, perhaps, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from feedwatch.config.settings import Settings
    from feedwatch.model import FeedSpec
    from feedwatch.store import Row

app = typer.Typer(
    help="Feeds: how they are doing, find, try, add, import, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_feeds(config: Config = None, as_json: Json = False) -> None:
    """Every feed with how it is doing."""
    from feedwatch.cli.show import rows
    from feedwatch.store.feeds import list_feeds as stored_feeds

    settings = load_settings(config)
    stored = {row["address"]: row for row in perhaps(settings.store.path, stored_feeds) or []}
    columns = ("feed", "tags", "state", "entries", "last poll", "next poll")
    found = [_feed(spec, stored.get(spec.address)) for spec in settings.feed_specs()]
    rows(found, as_json=as_json, columns=columns, none="no feeds yet (feedwatch feeds add URL)")


def _feed(spec: FeedSpec, row: Row | None) -> dict[str, Any]:
    from feedwatch.store.times import moment
    from feedwatch.text.addresses import without_user

    return {
        "feed": spec.name or without_user(spec.url),
        "tags": spec.tags,
        "state": state_of(row),
        "entries": row["entries"] if row else 0,
        "last poll": moment(row["last_polled_at"]) if row else None,
        "next poll": moment(row["next_check_at"]) if row else None,
        "url": without_user(spec.url),
        "failures": row["failures"] if row else 0,
    }


def state_of(row: Row | None) -> str:
    if row is None or row["outcome"] is None:
        return "not polled yet"
    if not row["failures"]:
        return (
            f"{row['outcome']}: {row['detail']}" if row["detail"] and row["outcome"] != "new" else str(row["outcome"])
        )
    verb = "failing" if row["next_check_at"] else "stopped"
    return f"{verb}: {row['outcome']}, {row['detail']}"


@app.command(epilog=examples("feedwatch feeds add https://rss.dw.com/rdf/rss-en-all --name DW --tag world"))
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed's address, http or https.")],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What you call it.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be given more than once.")
    ] = None,
    pick: Annotated[
        int | None, typer.Option("--pick", metavar="N", min=1, help="Where a page has several feeds: the N-th.")
    ] = None,
    unseen: Annotated[bool, typer.Option("--unseen", help="Add it without asking the address first.")] = False,
    sitemap: Annotated[
        bool, typer.Option("--sitemap", help="With --unseen: it is a news sitemap; else that is found out.")
    ] = False,
    config: Config = None,
) -> None:
    """Add a feed to the config file.

    The address may be a feed's, a news sitemap's or a page's, and is asked first. A page's only feed is taken; of
    several you choose, at a terminal or with --pick. Comments stay, and a running daemon takes it at once. Exit code
    1 where nothing is added; the file is as it was then.
    """
    from feedwatch.cli.feed_look import look_first
    from feedwatch.config.edit import add_feed, new_feed
    from feedwatch.feeds.aggregators import HEADLINES, is_headline_only

    def change(file: Path) -> Path:
        new_feed(file, url, name, tuple(tag or ()))
        if is_headline_only(url):
            say(HEADLINES)
        if unseen:
            return add_feed(file, url, name, tuple(tag or ()), "sitemap" if sitemap else "feed")
        found, kind = look_first(load_to_ask(file, quietly=True), url, pick)
        return add_feed(file, found, name, tuple(tag or ()), kind)

    edit_config(config, "added to", change)


@app.command()
def remove(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its address or its name.")],
    config: Config = None,
) -> None:
    """Remove a feed from the config file.

    Comments stay, and so does what the feed brought. Exit code 1 where there is no such feed.
    """
    from feedwatch.config.edit import remove_feed

    edit_config(config, "removed from", lambda file: remove_feed(file, feed))


def edit_config(config: Path | None, done: str, change: Callable[[Path], Path]) -> None:
    """Changes the file and tells the daemon; a config that is bad already ends in ConfigError, as everywhere."""
    from feedwatch.errors import ConfigError

    file = config_file(config)
    settings = load_settings(file)
    try:
        edited = change(file)
    except ConfigError as error:
        say(str(error))
        raise typer.Exit(FAILED) from None
    say(f"{done} {edited}")
    reload_daemon(settings)


def reload_daemon(settings: Settings) -> None:
    """Asks a running daemon to read the config again."""
    from feedwatch.errors import NoAnswer
    from feedwatch.pipeline.ask import LONGEST_WORK, ask_running
    from feedwatch.store.database import daemon_pid

    pid = daemon_pid(settings.store.path)
    if pid is None:
        say("feedwatch is not running; its next start takes it")
        return
    try:
        done = ask_running(settings.store.path, "reload", patience=LONGEST_WORK)
    except NoAnswer:
        _hang_up(pid)
    else:
        _tell_reload(done)


def _tell_reload(done: dict[str, Any]) -> None:
    from feedwatch.alerts.outgoing import counted

    if done["problems"]:
        say("feedwatch keeps its old config, because the new one has problems for it:")
        for problem in done["problems"]:
            say(f"  {problem}")
        raise typer.Exit(NEEDS_A_HUMAN)
    for key in done["after_restart"]:
        say(f"{key} takes effect after a restart")
    say(f"feedwatch has taken it: {counted(done['feeds'], 'feed')}, {counted(done['watchlists'], 'watchlist')}")


def _hang_up(pid: int) -> None:
    """The old way, which gets no answer."""
    import os
    import signal

    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        say("feedwatch has just ended; its next start takes it")
    except PermissionError:
        say(f"feedwatch (pid {pid}) belongs to another user: reload it with `systemctl reload feedwatch`")
    else:
        say(f"asked feedwatch (pid {pid}) to read the config again")
