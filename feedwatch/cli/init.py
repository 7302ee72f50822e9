"""`feedwatch init`: three questions, a config file, a greeting, and how to make it a service.

Answers are checked as they come, so that the file that is written is one that `check` passes; a file that is there
is never touched.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from feedwatch.alerts.outgoing import counted
from feedwatch.cli.channels import send
from feedwatch.cli.exits import DONE, FAILED, TRY_AGAIN, USAGE
from feedwatch.cli.options import say
from feedwatch.cli.show import clean, put
from feedwatch.config.first import first_config
from feedwatch.config.packs import lists_of
from feedwatch.edges import apprise
from feedwatch.errors import ChannelError, ConfigError, QueryError
from feedwatch.model import Message, Outcome, Target
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.probe import NoFeed, latest_match, look, probing, propose
from feedwatch.pipeline.program import TERMINAL, Plan, read_plan
from feedwatch.text.addresses import is_web, without_user
from feedwatch.watches.parse import parse_keywords

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedwatch.config.edit import Kind

T = TypeVar("T")

PATIENCE = timedelta(seconds=20)
"""How long the feeds are waited for before the greeting goes out without a match."""

SYSTEM = Path("/etc/feedwatch/config.toml")
SYSTEM_DATABASE = "/var/lib/feedwatch/feedwatch.db"

SERVICE = """\
To have it run as a service, as root, from the folder `systemd` of feedwatch's source (its README explains each line):
  install -m 0644 feedwatch-sysusers.conf /etc/sysusers.d/feedwatch.conf
  systemd-sysusers
  install -d -m 0750 -g feedwatch /etc/feedwatch
{config}
  install -m 0644 feedwatch.service /etc/systemd/system/feedwatch.service
  systemctl daemon-reload
  systemctl enable --now feedwatch"""

IN_PLACE = f"  chgrp feedwatch {SYSTEM}\n  chmod 0640 {SYSTEM}"
COPIED = (
    f"  install -m 0640 -g feedwatch {{file}} {SYSTEM}\n"
    f"  printf '\\n[store]\\npath = \"{SYSTEM_DATABASE}\"\\n' >> {SYSTEM}"
)


class Refused(Exception):
    """An answer that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was asked for; None: not asked yet."""

    keywords: list[str] | None
    channel: str | None  # an Apprise URL, "terminal", or "-" for stdin
    feeds: list[str] | None  # addresses, or "shipped"


def init(answers: Answers, config: Path | None, *, yes: bool) -> None:
    file = _place(config)
    asking = sys.stdin.isatty() and not yes
    if answers.keywords is None and not asking:
        say(
            "nobody to ask what to watch for (give --watch WORDS, and --channel and --feeds if you like;"
            " or run it in a terminal)"
        )
        raise typer.Exit(USAGE)
    keywords = _answer(answers.keywords, _keywords, asking and _ask_words)
    url = _answer(None if answers.channel is None else [answers.channel], _channel, asking and _ask_channel)
    feeds = _answer(answers.feeds, _feeds, asking and _ask_feeds)
    plan = _write(file, first_config(keywords=keywords, url=url, feeds=feeds, database=_database(file)))
    put(f"wrote {file}")
    sent = _greet(plan)
    _say_next(file)
    raise typer.Exit(DONE if sent else TRY_AGAIN)


def _place(config: Path | None) -> Path:
    """Where the file will be; ends with 1 where there is one already."""
    named = config or (Path(os.environ["FEEDWATCH_CONFIG"]) if os.environ.get("FEEDWATCH_CONFIG") else None)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "feedwatch/config.toml")
    file = named or (SYSTEM if os.geteuid() == 0 else home)
    if file.exists() or file.is_symlink():
        say(f"{file} is there already, and is never overwritten (edit it, move it away, or name another with --config)")
        raise typer.Exit(FAILED)
    return file


def _database(file: Path) -> str | None:
    return SYSTEM_DATABASE if file == SYSTEM else None


# ---- questions


def _answer(given: list[str] | None, read: Callable[[list[str]], T], ask: Callable[[], list[str]] | bool) -> T:
    """The answer that was given, or asked for until it can be taken; the default where nobody is there to ask."""
    if given is not None or not callable(ask):
        try:
            return read(given or [])
        except Refused as refused:
            say(str(refused))
            raise typer.Exit(FAILED) from None
    while True:
        try:
            return read(ask())
        except Refused as refused:
            say(str(refused))


def _ask_words() -> list[str]:
    say("1. What do you want to watch for? Words, phrases and lists, separated by commas: crude oil, @country:VE (a")
    say("   country in every language, its people and capital), @name:maduro. `feedwatch watch lists` has all lists.")
    return [typer.prompt("   watch for", err=True)]


def _ask_channel() -> list[str]:
    say("2. Where shall it tell you? An address that Apprise knows, such as ntfy://ntfy.sh/a-long-secret-topic or")
    say("   mailto://…; it is not shown while you type. Empty: the terminal in which feedwatch runs.")
    return [typer.prompt("   address", default="", show_default=False, hide_input=True, err=True)]


def _ask_feeds() -> list[str]:
    say("3. Which feeds? Addresses, separated by spaces. Empty: a list of world news in six languages.")
    return str(typer.prompt("   feeds", default="", show_default=False, err=True)).split()


def _keywords(given: list[str]) -> list[str]:
    words = list(dict.fromkeys(" ".join(word.split()) for text in given for word in text.split(",")))
    words = [word for word in words if word]
    if not words:
        raise Refused("give one word at least")
    try:
        parse_keywords(words, lists_of({}))
    except QueryError as error:
        raise Refused(f"{', '.join(words)}: {error.message} ({error.cure})") from None
    return words


def _channel(given: list[str]) -> str | None:
    """The address; None: the terminal. "-" stands for a line of stdin, so that a secret is in no list of processes."""
    url = given[0].strip() if given else ""
    url = sys.stdin.readline().strip() if url == "-" else url
    if url in ("", "terminal"):
        return None
    try:
        apprise.open_channel("me", url)
    except ChannelError as error:
        raise Refused(str(error)) from None
    return url


def _feeds(given: list[str]) -> dict[str, Kind] | None:
    """Addresses that were asked once: a page is refused with its feeds named, a silent one is taken all the same."""
    urls = list(dict.fromkeys(url for url in given if url))
    if urls in ([], ["shipped"]):
        return None
    strange = [url for url in urls if not is_web(url)]
    if strange:
        raise Refused(f"{strange[0]} is no web address (feeds begin with http:// or https://)")
    kinds, refused = asyncio.run(_looked(urls))
    if refused:
        raise Refused("\n".join(refused))
    return kinds


async def _looked(urls: list[str]) -> tuple[dict[str, Kind], list[str]]:
    """What each of them is, and what is wrong with them."""
    from feedwatch.config.settings import Settings
    from feedwatch.model import Failure

    kinds: dict[str, Kind] = dict.fromkeys(urls, "feed")
    wrong: list[str] = []
    async with probing(Settings()) as probe:
        for url, seen in zip(urls, await asyncio.gather(*(look(probe, url) for url in urls)), strict=True):
            shown = clean(without_user(url))
            if isinstance(seen, Failure):
                say(f"{shown}: {seen.reason}, {clean(seen.detail)} (taken all the same)")
            elif isinstance(seen, NoFeed):
                found = [without_user(feed.url) for feed in await propose(probe, seen)] if seen.is_page else []
                wrong.append(f"{shown} is no feed" + (f"; its feeds: {clean(' '.join(found))}" if found else ""))
            else:
                kinds[url] = seen.kind
    return kinds, wrong


# ---- the file


def _write(file: Path, text: str) -> Plan:
    """Writes what loads, for its owner alone; ends with 1 where it cannot be, and leaves nothing then."""
    try:
        plan = read_plan(file, os.environ, drafts={file.resolve(): text})
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
    except ConfigError as error:
        say(f"these answers make no config:\n{error}")
        raise typer.Exit(FAILED) from None
    except OSError as error:
        say(f"{file}: cannot be written: {error.strerror} (name another place with --config)")
        raise typer.Exit(FAILED) from None
    return plan


# ---- the greeting


def _greet(plan: Plan) -> bool:
    """Tells each target that it will be told here, with the latest match as a sample of what is to come."""
    say(f"looking for the latest match in the feeds ({PATIENCE.seconds} s at most) …")
    body = asyncio.run(_greeting(plan))
    targets = [target for channel in plan.channels.values() for target in channel.targets]
    sent = [_greeted(target, body) for target in targets]  # every one, even after a failure
    return all(sent)


async def _greeting(plan: Plan) -> tuple[str, str | None]:
    """What it says, and where a tap leads."""
    watch = plan.settings.watchlists[0]
    promise = f"Watching {counted(len(plan.feeds), 'feed')} for {', '.join(watch.keywords)}. Alerts will arrive here."
    async with probing(plan.settings) as probe:
        latest = await latest_match(probe, plan, now(), PATIENCE)
    if latest is None:
        return promise, None
    outlet, article, found = latest
    lines = ["Latest match:", article.entry.title, f"{outlet} · “{found.snippet}”", article.entry.link or ""]
    return "\n".join([promise, *(clean(line) for line in lines if line)]), article.entry.link


def _greeted(target: Target, said: tuple[str, str | None]) -> bool:
    from feedwatch.alerts.outgoing import cut, web_link

    body, link = said
    message = Message(
        alert="0" * 32,
        title="feedwatch · it begins",
        body=cut(body, target.body_limit) if target.body_limit else body,
        link=web_link(link or ""),
    )
    receipt = send(target, message, sys.stdout)
    if target.url != TERMINAL or receipt.outcome is not Outcome.SENT:
        put(f"greeting to {target.channel}/{target.name}: {receipt.outcome.value} {receipt.detail}".rstrip())
    return receipt.outcome is Outcome.SENT


def _say_next(file: Path) -> None:
    option = "" if _is_found(file) else f" --config {file}"
    put(f"Next: feedwatch check{option}    what it means")
    put(f"      feedwatch run{option}      watch until Ctrl-C; the first look gives one digest, not a flood")
    put(SERVICE.format(config=IN_PLACE if file == SYSTEM else COPIED.format(file=file.absolute())))


def _is_found(file: Path) -> bool:
    """Whether the other commands find it by themselves, from this folder."""
    from feedwatch.config.load import find_config

    try:
        return find_config(None, os.environ).resolve() == file.resolve()
    except ConfigError:
        return False
