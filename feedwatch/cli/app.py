"""`feedwatch`: every command, and what it takes. Each imports what it needs when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from feedwatch.cli import (
    alerts,
    channels,
    data,
    feed_lists,
    feed_look,
    feed_show,
    feeds,
    lint,
    lists,
    replay,
    tell,
    watch,
    watch_test,
    watchlists,
    why,
)
from feedwatch.cli.doctor import doctor
from feedwatch.cli.exits import DONE, FAILED, TRY_AGAIN, guarded
from feedwatch.cli.options import (
    Config,
    Json,
    Limit,
    Since,
    Until,
    config_file,
    examples,
    load_plan,
    load_settings,
    moment_of,
    say,
)
from feedwatch.cli.schema import schema

app = typer.Typer(
    name="feedwatch",
    help="Reads the full article behind every new feed entry and tells you when what you watch for is really in it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "feedwatch demo     see it work, offline, in seconds",
        "feedwatch init     three questions, then a config of your own",
        "feedwatch check    what ./config.toml means, or what is wrong in it",
        "feedwatch run      watch until Ctrl-C",
    ),
)
app.add_typer(feeds.app, name="feeds")
app.add_typer(alerts.app, name="alerts")
app.add_typer(channels.app, name="channels")
app.add_typer(watch.app, name="watch")
feeds.app.command("show", epilog=feed_show.EXAMPLES)(feed_show.show)
feeds.app.command("test")(feed_look.try_feed)
feeds.app.command("discover")(feed_look.discover)
channels.app.command("say")(tell.tell)
feeds.app.command("import", epilog=feed_lists.IMPORT_EXAMPLES)(feed_lists.import_list)
feeds.app.command("export", epilog=feed_lists.EXPORT_EXAMPLES)(feed_lists.export_list)
watch.app.command("list", epilog=watchlists.LIST_EXAMPLES)(watchlists.list_watchlists)
watch.app.command("lists", epilog=lists.EXAMPLES)(lists.lists)
watch.app.command("add", epilog=watchlists.ADD_EXAMPLES)(watchlists.add)
watch.app.command("test", epilog=watch_test.EXAMPLES)(watch_test.try_query)
watch.app.command("replay", epilog=replay.EXAMPLES)(replay.replay_command)
watch.app.command("lint", epilog=lint.EXAMPLES)(lint.lint_command)
watch.app.command("mute", epilog=watch.MUTE_EXAMPLES)(watch.mute)


def main() -> None:
    guarded(app)


def _version(wanted: bool) -> None:
    if wanted:
        from feedwatch import __version__
        from feedwatch.cli.show import put

        put(f"feedwatch {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None: ...


@app.command()
def run(
    config: Config = None, verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False
) -> None:
    """Watch until told to stop.

    SIGTERM or Ctrl-C ends it within ten seconds, SIGHUP makes it read the config again; a bad config is named in
    the log, and the old one stays.
    """
    import asyncio
    import faulthandler
    import os

    from feedwatch.cli.logs import keep_secret, set_up
    from feedwatch.pipeline import daemon
    from feedwatch.pipeline.program import Plan, read_plan
    from feedwatch.pipeline.secrets import secrets_of

    def load() -> Plan:
        plan = read_plan(file, os.environ)
        keep_secret(secrets_of(plan))
        return plan

    daemon.hold_hangups()
    daemon.end_at_once()
    faulthandler.enable()  # the watchdog's SIGABRT leaves in the log where every thread hung
    file = config_file(config)
    plan = load_plan(file)
    set_up(verbose=verbose)
    keep_secret(secrets_of(plan))
    asyncio.run(daemon.run(plan, load))


@app.command()
def once(
    config: Config = None,
    force: Annotated[
        bool, typer.Option("--force", help="Poll every feed, due or not, unless its server refused it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll what is due, read it, tell it, and end.

    For cron, or to see at once what happens. Exit code 75 where a message still waits for its channel, 1 where
    every poll failed.
    """
    from feedwatch.cli.once import once as turn

    turn(load_plan(config), force=force, as_json=as_json)


@app.command()
def demo(
    channel: Annotated[
        str | None,
        typer.Option(
            "--channel",
            metavar="URL",
            help="Send a sample of each kind of message to this Apprise address instead; - reads it from stdin.",
        ),
    ] = None,
) -> None:
    """See it work in seconds: no network, no account.

    A small newsroom of invented outlets opens on this machine; its news go through the real pipeline.
    """
    if channel is not None:
        from feedwatch.cli.channels import show_at

        raise typer.Exit(DONE if show_at(channel) else TRY_AGAIN)
    from feedwatch.cli.demo.run import demo as show

    raise typer.Exit(DONE if show() else FAILED)


@app.command(
    epilog=examples(
        "feedwatch init",
        """feedwatch init --watch "Venezuela, Maduro" --channel - --yes < address""",
    )
)
def init(
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", metavar="WORDS", help="What to watch for, separated by commas; may be given again."),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            "--channel",
            metavar="URL",
            help="Where to tell: an Apprise address, `terminal`, or - to read the address from stdin.",
        ),
    ] = None,
    feeds: Annotated[
        list[str] | None,
        typer.Option("--feeds", metavar="URL", help="A feed, or `shipped` for the shipped list; may be given again."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: what is not given is the terminal and the shipped list.")
    ] = False,
    config: Config = None,
) -> None:
    """Three questions, a config file, a greeting.

    What to watch for, where to tell, which feeds; options answer for scripts. Writes --config, $FEEDWATCH_CONFIG,
    or the user's own config (root: /etc/feedwatch), for its owner alone, and never over a file that is there. Exit
    code 75 where the greeting did not arrive; the config is written then.
    """
    from feedwatch.cli.init import Answers
    from feedwatch.cli.init import init as begin

    begin(Answers(keywords=watch, channel=channel, feeds=feeds), config, yes=yes)


@app.command()
def check(config: Config = None) -> None:
    """Read the config and say what it means.

    Where it is wrong: exit code 78, and every problem with file, line and cure, rows of a watchlist's `cases` that come
    out otherwise among them. Doubts about watchlists are warnings. Nothing is sent, polled or stored.
    """
    from feedwatch.cli.check import check as look

    look(config_file(config))


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """How it is going: feeds, articles, alerts, channels.

    What fails or waits is said with its reason and since when.
    """
    from feedwatch.cli.status import status as show

    show(load_settings(config), as_json=as_json)


@app.command()
def probe(config: Config = None) -> None:
    """Say whether the daemon is at work; exit code 1 where it is not.

    For a container's health check or a monitor: it runs, its database answers, and no feed has waited for ten minutes
    while none was polled.
    """
    from feedwatch.cli.probe import probe as look

    look(load_settings(config))


@app.command(epilog=examples("feedwatch search maduro caracas", """feedwatch search '"María Corina" OR golpe' -n 5"""))
def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help='Words and "phrases"; all must be there, OR for either.')
    ],
    since: Since = None,
    until: Until = None,
    config: Config = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Find articles, newest first; exit code 1 where there are none.

    A query as watchlists have it; a phrase needs its quotes within quotes for the shell. Where words alone cannot
    choose, the newest 2,000 candidates are looked at, and it is said where that ended.
    """
    from feedwatch.cli.search import search as find
    from feedwatch.pipeline.archive import Stretch

    stretch = Stretch(since=moment_of(since, "--since"), until=moment_of(until, "--until"))
    if not find(load_settings(config), " ".join(query), stretch, limit=limit, as_json=as_json):
        say("nothing found")
        raise typer.Exit(FAILED)


app.command(epilog=why.EXAMPLES)(why.why)
app.command(epilog=data.BACKUP_EXAMPLES)(data.backup)
app.command()(data.restore)
app.command()(data.prune)
app.command()(data.reindex)
app.command()(doctor)
app.command(epilog=examples("feedwatch schema config > feedwatch.schema.json"))(schema)


@app.command(epilog=examples("feedwatch tail --all", "feedwatch tail --json -n 0 | jq .items"))
def tail(
    config: Config = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", metavar="N", min=0, help="Begin with the last alerts, so many.")
    ] = 10,
    every: Annotated[
        bool, typer.Option("--all", help="Articles too, as they are decided, with what came of them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Follow the alerts as they come; Ctrl-C ends it."""
    from feedwatch.cli.tail import follow

    try:
        follow(load_settings(config), before=lines, articles=every, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(DONE) from None


@app.command(epilog=examples("feedwatch report", "feedwatch report --since 30d --json"))
def report(
    since: Annotated[
        str, typer.Option("--since", metavar="DURATION", help="How far back, as in 12h, 7d or 4w.")
    ] = "7d",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """What a stretch of time brought: alerts, articles, outlets, gaps."""
    from feedwatch.cli.report import report as show
    from feedwatch.config.values import parse_duration

    try:
        length = parse_duration(since)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    show(load_settings(config), length, as_json=as_json)
