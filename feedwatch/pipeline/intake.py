"""TX A: what a poll found becomes rows: entries, articles, what was seen, validators and the next time, together.

Validators are committed with the entries, never earlier: else a crash between the two turns into 304 for ever, and
the news is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.articles.identity import article_key
from feedwatch.feeds.moves import is_learnt, sighted
from feedwatch.feeds.novelty import Novelty, Verdict, classify, marked
from feedwatch.feeds.schedule import Known, Pace, Plan, after_failure, after_first, after_success, rhythm
from feedwatch.model import Failure, FeedSpec, FeedState, ParsedEntry, Reason, Validators
from feedwatch.pipeline.findings import Finding, Index, News, Unchanged
from feedwatch.store import alerts, feeds
from feedwatch.text.addresses import canonical, host_of, is_web

if TYPE_CHECKING:
    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection


def record(
    db: Connection,
    feed: FeedState,
    spec: FeedSpec,
    finding: Finding,
    program: Program,
    at: datetime,
    jitter: float,
) -> str:
    """TX A: what the poll found and the feed's new state, or none of it; the outcome in words."""
    if isinstance(finding, Failure):
        return _failed(db, feed, spec, finding, program, at, jitter)
    polled = _polled(db, feed, spec, finding, program, at)
    feeds.record_poll(db, feed.id, polled, _plan(feed, spec, finding, polled, program, at, jitter), at)
    return f"{polled.outcome}: {polled.detail}" if polled.detail and polled.outcome == "new" else polled.outcome


def _failed(
    db: Connection, feed: FeedState, spec: FeedSpec, failure: Failure, program: Program, at: datetime, jitter: float
) -> str:
    told = _of_the_owners_address(feed, failure)
    again = after_failure(at, spec.interval, program.plan.settings.polling, feed.failures + 1, told, jitter)
    feeds.record_failure(db, feed.id, failure, again, at)
    return f"{failure.reason}: {failure.detail}"


def _polled(
    db: Connection, feed: FeedState, spec: FeedSpec, finding: News | Unchanged, program: Program, at: datetime
) -> feeds.Polled:
    """What the answer leaves behind on the feed's row, after its entries were taken in."""
    if isinstance(finding, Unchanged):
        polled = feeds.Polled(outcome=finding.outcome, detail="", rhythm=feed.rhythm, asked=feed.asked)
    else:
        polled = take_in(db, feed, finding, program.plan.settings.alerts.backfill, at)
    if spec.kind == "sitemap":
        polled = _with_parts(db, feed, polled, finding.index)
    transfer = finding.transfer
    polled = replace(polled, validators=transfer.validators, body_sha=transfer.body_sha)
    return _moved(feed, spec, replace(polled, language=spec.language or polled.language), transfer.moved, program, at)


def _plan(
    feed: FeedState,
    spec: FeedSpec,
    finding: News | Unchanged,
    polled: feeds.Polled,
    program: Program,
    at: datetime,
    jitter: float,
) -> Plan:
    """When it is asked again."""
    pace = program.plan.settings.polling
    known = Known(
        own=spec.interval,
        rhythm=polled.rhythm,
        asked=polled.asked,
        fresh_for=finding.transfer.fresh_for,
        validators=polled.validators != Validators(),
        missed=polled.missed,
    )
    first = feed.first_polled_at is None
    plan = after_first(at, known, pace, feed.address) if first else after_success(at, known, pace, jitter)
    setback = finding.index.setback if finding.index else None
    return _not_before(plan, setback, at, spec, pace, jitter) if setback else plan


def _of_the_owners_address(feed: FeedState, failure: Failure) -> Failure:
    """An address that was learnt and is gone says nothing of the owner's, which is asked the next time."""
    learnt = feed.asks is not None and failure.reason is Reason.GONE
    return replace(failure, reason=Reason.NOT_FOUND) if learnt else failure


def _moved(
    feed: FeedState, spec: FeedSpec, polled: feeds.Polled, to: str | None, program: Program, at: datetime
) -> feeds.Polled:
    """What the answer's way says of the feed's address; a feed with a password or headers stays where these may go."""
    keyring = program.plan.keyring
    move = sighted(feed.move, to, at) if to and keyring.goes_along(spec, to) else None
    if move is None or not is_learnt(move, at):
        asks = feed.asks if feed.asks and keyring.goes_along(spec, feed.asks) else None
        return replace(polled, move=move, asks=asks)
    twin = canonical(move.to) in program.plan.feeds and canonical(move.to) != spec.address
    cure = "which is another feed of the config: remove one of the two" if twin else "put that into the config"
    said = f"it has moved to {move.to} and is asked there ({cure})"
    return replace(polled, asks=move.to, detail=f"{polled.detail}; {said}" if polled.detail else said)


def _with_parts(db: Connection, feed: FeedState, polled: feeds.Polled, index: Index | None) -> feeds.Polled:
    """A news sitemap that is an index keeps the state of its sitemaps, and says which of them failed."""
    feeds.keep_parts(db, feed.id, index.parts if index else ())
    return replace(polled, detail="; ".join(filter(None, (polled.detail, index.trouble if index else ""))))


def _not_before(plan: Plan, setback: Failure, at: datetime, spec: FeedSpec, pace: Pace, jitter: float) -> Plan:
    """A server that refused one sitemap of an index, or asks to wait, is left alone as for a feed."""
    asked = after_failure(at, spec.interval, pace, 1, setback, jitter)
    if asked is None or asked <= plan.at:
        return plan
    return Plan(at=asked, because="the server refused one of its sitemaps, or asks to wait", late=asked - at)


def take_in(db: Connection, feed: FeedState, news: News, backfill: timedelta, at: datetime) -> feeds.Polled:
    """Stores what is new or changed among a document's entries, and what was shown."""
    document, entries = news.document, news.document.entries
    pairs = marked(entries)
    verdicts = classify(pairs, feeds.seen_rows(db, feed.id, {mark for _, keys in pairs for mark in keys.marks}))
    changed = {
        verdict.entry_key
        for verdict in verdicts
        if verdict.novelty is Novelty.CHANGED and _changed(db, feed, verdict, at)
    }
    new = [
        _new_entry(feed, verdict, _how(feed, verdict.entry, backfill, at))
        for verdict in verdicts
        if verdict.novelty is not Novelty.SEEN and verdict.entry_key not in changed
    ]
    waiting = sum(entry.how == "backfill" for entry in new)
    window = alerts.open_backfill(db, at, waiting) if waiting else None
    is_whole = news.index is None  # of an index only the sitemaps that changed were read
    missed = is_whole and len(new) == len(verdicts) > 0 and feeds.has_shown(db, feed.id)
    shown = rhythm((entry.published or entry.updated for entry in entries), at)
    feeds.add_entries(db, feed.id, new, window, at)
    feeds.remember_seen(db, feed.id, (row for verdict in verdicts for row in verdict.remember), at)
    return feeds.Polled(
        outcome="new" if new or changed else "nothing new",
        detail=_told(len(new), len(changed), document.left_out, missed=missed),
        title=document.title or None,
        language=document.language,
        rhythm=shown if is_whole else replace(shown, span=None),
        asked=document.asked,
        missed=missed,
    )


def _changed(db: Connection, feed: FeedState, verdict: Verdict, at: datetime) -> bool:
    new = _new_entry(feed, verdict, "new")
    return feeds.change_entry(db, feed.id, verdict.entry_key, verdict.entry, at, address=new.address)


def _told(new: int, changed: int, left_out: int, *, missed: bool) -> str:
    cut = f", {left_out} older ones beyond the cap left out" if left_out else ""
    gap = "; items may have been missed: none of those it showed before is there any more" if missed else ""
    return f"{new} new, {changed} changed{cut}{gap}"


def _how(feed: FeedState, entry: ParsedEntry, backfill: timedelta, at: datetime) -> str:
    """A first poll shows what is old: what is surely of the last day is told in one digest, the rest is baseline."""
    if feed.first_polled_at is not None:
        return "new"
    claimed = entry.published or entry.updated
    return "backfill" if claimed is not None and at - backfill <= claimed <= at else "baseline"


def _new_entry(feed: FeedState, verdict: Verdict, how: str) -> feeds.NewEntry:
    entry = verdict.entry
    url = entry.address if entry.address and is_web(entry.address) else None
    return feeds.NewEntry(
        key=verdict.entry_key,
        entry=entry,
        how=how,
        article_key=article_key(url, feed.address, verdict.entry_key, address_is_identity=verdict.address_is_identity),
        address=canonical(url) if url and verdict.address_is_identity else None,
        host=host_of(url) if url else "",
        link=entry.link if entry.link and is_web(entry.link) else None,
        url=url,
    )
