"""`feedwatch why`: how far an address came, and why no further."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import DONE, FAILED, USAGE
from feedwatch.cli.options import Config, Json, examples, load_settings, reading, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Settings
    from feedwatch.pipeline.why import Account, Alerted, Delivered, Text, Verdict
    from feedwatch.store import Connection

EXAMPLES = examples("feedwatch why https://www.dw.com/en/talks", "feedwatch why 7f3k2a")

OUTCOMES = {
    "alerted": "alerted",
    "gathered": "gathered for the one message that ends a first look at feeds",
    "told": "no new alert: its people were told of this before, as strongly",
    "copy": "no alert of its own: a copy, the same text as an article that its people were told of",
    "acked": "no update: somebody said to have seen the story",
    "below": "too weak for each of its channels",
    "muted": "muted by {by}; told in one message when that ends",
    "update": "another report of a story that was told: part of an update of that story",
    "removed": "its watchlist left the config before it was told",
    "baseline": "no alert: it was in a feed's first poll, and old",
    "before": "no alert: it said this before the watchlist was there",
    "furniture": "no match: its words are on the page, and not in the article (a menu, a box, a teaser)",
    "kept_out": "no match: its words are in the article, and NOT or UNLESS keeps it out",
    "no_match": "no match",
    "not_asked": "not asked: it is narrowed to other feeds",
    "would_match": "would match today, and came before this wording",
    "waits": "not decided yet",
}
"""What became of it for a watchlist → the words for that."""

LOOKS = {
    "unchanged": "it said the same",
    "cut": "a wall stood before its text",
    "missing": "its server said that there is no such page",
    "no_text": "what stands there is no article, or another one",
}
"""What a page was found to be when it was read again → the words for that."""

STATES = {"sent": "sent", "held": "held until", "pending": "waits, next try", "sending": "under way since"}
"""What became of a message → the words before its time."""


def why(
    asked: Annotated[
        str, typer.Argument(metavar="URL|ALERT-ID", help="An article's address, or an id as printed in a message.")
    ],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say what became of an article, and why.

    In plain words: seen in which feed, fetched, read, decided, delivered, or where it stopped; of any address. Exit
    code 1 where no feed has shown it.
    """
    from dataclasses import asdict

    from feedwatch.cli.show import json_line, put

    settings = load_settings(config)
    with reading(settings.store.path) as db:
        accounts = _accounts(db, settings, asked)
    for each in accounts:
        if as_json:
            put(json_line(asdict(each)))
        else:
            for line in told(each):
                put(line)
    if not accounts:
        say("this alert tells of no article (feedwatch alerts show)")
    raise typer.Exit(DONE if any(each.shown for each in accounts) else FAILED)


def _accounts(db: Connection, settings: Settings, asked: str) -> list[Account]:
    from feedwatch.pipeline.verbs import the_alert
    from feedwatch.pipeline.why import of_address, of_article
    from feedwatch.store import account

    if "." in asked or "/" in asked:
        return [of_address(db, settings, _address(asked))]
    return [of_article(db, settings, article) for article in account.articles_of(db, the_alert(db, asked))]


def _address(asked: str) -> str:
    """As somebody may type or paste it."""
    from feedwatch.text.addresses import is_web

    address = asked.strip().encode("utf-8", "replace").decode()
    address = address if "://" in address else f"https://{address}"
    if not is_web(address):
        say("this is neither an address nor an alert's id")
        raise typer.Exit(USAGE)
    return address


# ---- in words


def told(each: Account) -> Iterator[str]:
    """The account, a step a line."""
    from feedwatch.cli.show import clean

    yield clean(each.url or each.address) or "an entry without an address"
    yield from _seen(each)
    if not each.page:
        return
    yield from _page(each)
    if each.relation:
        yield f"  story: {_relation(each)}"
    for verdict in sorted(each.verdicts, key=_place):
        yield from _verdict(verdict)


def _seen(each: Account) -> Iterator[str]:
    from feedwatch.cli.show import clean, local

    if not each.shown:
        yield "  never seen: no feed has shown this address"
        for near in each.neighbours:
            yield f"    {clean(near.name)} is a feed of this host, polled last {local(near.at)}: {near.feed}"
        yield "    (feedwatch feeds discover finds a site's feeds; feedwatch watch test @ID --url judges the page now)"
    for shown in each.shown:
        if each.page:
            how = {"backfill": ", in its first poll", "baseline": ", in its first poll, as an old one"}
            yield f"  seen: {local(shown.at)} in {clean(shown.name)}{how.get(shown.how, '')}, as “{clean(shown.title)}”"
        else:
            yield f"  seen: in {clean(shown.name)} until {local(shown.at)}; what was known of it was removed since"


def _page(each: Account) -> Iterator[str]:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean, local

    trouble = f"{each.reason}{f', {clean(each.detail)}' if each.detail else ''}" if each.reason else ""
    texts = [text for text in each.texts if text.kind != "feed_text"]
    if each.page == "read" and texts:
        much = f"{counted(texts[0].letters, 'letter')}{'' if texts[0].whole else ', only a taste of its text'}"
        yield f"  page: read {local(texts[0].at)}, as “{clean(texts[0].title)}”, {much}"
    elif each.page == "read":
        yield "  page: read"
    elif each.page == "given_up":
        yield f"  page: not to be had ({trouble}); judged on the feed's own text"
    elif each.page == "pending":
        yield f"  page: not read yet, next try {local(each.next_try)}{f' ({trouble})' if trouble else ''}"
    else:
        yield f"  page: not asked for{f' ({trouble})' if trouble else ''}"
    for before, text in pairwise(texts):
        yield f"    {local(text.at)}: {clean(_became(before, text))}"
    if each.last_look is not None and each.found != "changed" and not (texts and texts[-1].kind == "gone"):
        yield f"    read again {local(each.last_look)}: {LOOKS.get(each.found, f'not to be had ({each.found})')}"
    if each.next_look is not None:
        yield f"    it is read again {local(each.next_look)}"
    if any(text.kept for text in each.texts):
        yield "    its bytes are kept as evidence (feedwatch alerts export ID)"


def _became(before: Text, text: Text) -> str:
    """What a page said when it was read again."""
    if text.kind == "gone":
        return "no longer at this address"
    if before.kind == "gone":
        return f"there again, as “{text.title}”"
    return "its text had changed" if text.title == before.title else f"its headline had become “{text.title}”"


RELATIONS = {"same_text": "the same text as", "same_story": "another report of the event of"}


def _relation(each: Account) -> str:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean

    if each.relation == "founder":
        others = f"; {counted(each.others, 'other article')} tell{'' if each.others > 1 else 's'} it"
        return f"the first article of its story{others if each.others else ''}"
    like = each.like
    other = (
        clean(f"“{like.title}” ({', '.join(filter(None, (like.outlet, like.link)))})") if like else "another article"
    )
    return f"{RELATIONS.get(each.relation, each.relation)} {other}"


def _place(verdict: Verdict) -> int:
    """What told people first; last where nothing was found."""
    return 0 if verdict.alerts else 2 if verdict.outcome in {"not_asked", "no_match"} else 1


def _verdict(verdict: Verdict) -> Iterator[str]:
    from feedwatch.cli.show import clean, local

    strength = f" ({verdict.strength})" if verdict.strength else ""
    at = f", {local(verdict.at)}" if verdict.at else ""
    became = OUTCOMES.get(verdict.outcome, verdict.outcome).format(by=clean(verdict.by or "somebody"))
    yield f"  {verdict.watchlist}: {became}{strength}{at}"
    if verdict.snippet:
        yield f"    “{clean(verdict.snippet)}”"
    for line in verdict.why:
        yield f"    {clean(line)}"
    if verdict.worded is not None:
        wording = f": {clean(verdict.wording)}" if verdict.wording else ""
        yield f"    by the wording of {local(verdict.worded)}{wording}"
    for alert in verdict.alerts:
        yield from _alert(alert)
    if verdict.acked:
        yield f"    acknowledged by {clean(verdict.acked)}, {local(verdict.acked_at)}"


def _alert(alert: Alerted) -> Iterator[str]:
    from feedwatch.cli.show import local

    none = "" if alert.deliveries else "; no channel took it"
    yield f"    #{alert.short} ({alert.kind}), {local(alert.at)}{none}"
    for each in alert.deliveries:
        yield f"      {each.target}: {_delivered(each)}"


def _delivered(each: Delivered) -> str:
    from feedwatch.cli.show import clean, local

    if each.state in STATES:
        trouble = f" ({clean(each.error)})" if each.error else ""
        return f"{STATES[each.state]} {local(each.at)}{trouble}"
    return (
        f"told in another message{f' ({clean(each.error)})' if each.error else ''}"
        if each.state == "merged"
        else (f"given up: {clean(each.error or '')}")
    )
