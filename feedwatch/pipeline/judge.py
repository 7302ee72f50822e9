"""TX B, the deciding transaction: what an article says, and whom it alerts, are written together or not at all.

    understood → revision + search text + decisions + story + alerts + deliveries

Matching happens before it, deciding inside it: what a watchlist has been told of a story is read here, so that copies
decided at once give one first alert. It marks the entry versions that were read, so a change that comes meanwhile is
decided too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedwatch.alerts.decide import MUTED, UPDATE, Situation, Verdict, decide
from feedwatch.alerts.identity import alert_id, first_cause, raise_cause
from feedwatch.articles.tries import next_try
from feedwatch.model import Page
from feedwatch.pipeline.followup import follow
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.pipeline.placing import Placed, place, relation_for
from feedwatch.store import alerts, articles, hostpages, mutes, updates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedwatch.model import Failure, Fetched
    from feedwatch.pipeline.matching import Found
    from feedwatch.pipeline.near import NearMiss
    from feedwatch.pipeline.program import Program
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store import Connection
    from feedwatch.store.articles import ArticleWork
    from feedwatch.store.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """An article's turn, thought through: what is left is to write it."""

    reading: Reading
    found: tuple[Found, ...]
    url: str | None = None  # where the redirects ended; None: nothing was fetched
    addresses: Mapping[str, str] = field(default_factory=dict)  # further ones of the article → how each was learnt
    failure: Failure | None = None  # why the page was not to be had
    answer: Fetched | None = None  # the page's bytes
    kept: Evidence | None = None  # the same made ready to be kept, where somebody may be alerted
    near: tuple[NearMiss, ...] = ()  # watchlists that nearly found it


def settle(db: Connection, job: ArticleWork, understood: Understood, program: Program, at: datetime) -> int:
    """TX B: the article as it was read, and every decision on its entries; the number of alerts."""
    page = understood.reading.page
    if page is not None and understood.url is not None:
        twin = articles.twin(db, job.id, understood.addresses, articles.content_sha(page))
        if twin is not None:
            articles.merge_into(db, job.id, twin, at)
            return 0
        articles.learn_addresses(db, job.id, understood.addresses)
    revision = _revision(db, job, understood, at)
    searched = understood.reading.searched
    articles.index_text(db, job.id, title=searched.title, summary=searched.summary, body=searched.body)
    if page is not None and understood.url is not None:
        hostpages.remember(db, job.host, job.id, understood.reading.blocks, at)
    told = decide_all(db, job, understood.reading, understood.found, revision, program, at)
    follow(db, job, understood, revision, at)
    articles.settle_article(db, job, at, page_state=_page_state(job, understood), failure=understood.failure)
    return told


def _page_state(job: ArticleWork, understood: Understood) -> str | None:
    """None: the page was not asked for, and what is known of it stays."""
    if understood.failure is not None:
        return "given_up"
    return "read" if job.fetch and understood.url is not None else None


def _revision(db: Connection, job: ArticleWork, understood: Understood, at: datetime) -> int:
    """The text that is decided on: the page's, or the feed's own."""
    page = understood.reading.page
    if page is not None and understood.url is not None:
        return articles.add_revision(db, job.id, "page", page, understood.url, at)
    if job.stored is not None:
        return job.stored.revision
    newest = job.entries[-1] if job.entries else None
    text = Page(title=newest.title, body=newest.content or newest.summary) if newest else Page(title="", body="")
    return articles.add_revision(db, job.id, "feed_text", text, None, at)


def decide_all(
    db: Connection,
    job: ArticleWork,
    reading: Reading,
    every: Sequence[Found],
    revision: int | None,
    program: Program,
    at: datetime,
) -> int:
    """The article's story, and a decision for each match; the number of alerts."""
    if not every or reading.telling is None:
        return 0
    placed = place(db, job.id, job.key, reading.telling, at)
    return sum(decide_match(db, job, found, placed, revision, program, at) for found in every)


def decide_match(
    db: Connection,
    job: ArticleWork,
    found: Found,
    placed: Placed,
    revision: int | None,
    program: Program,
    at: datetime,
) -> bool:
    """One decision, inside the transaction: reads what was told, asks `decide`, writes the answer; True: an alert."""
    root, story = found.watch.root, placed.story
    mute = mutes.mute_of(db, root, at)
    situation = _situation(db, job, found, placed, muted=mute is not None)
    verdict = decide(situation)
    alert = _open_alert(db, job, situation, found, verdict.kind, placed, at) if verdict.kind else None
    decision = alerts.add_decision(db, _decision(found, revision, verdict, alert, mute), at)
    if verdict.tells:
        alerts.remember_told(db, story, root, max(found.match.strength, situation.told or found.match.strength))
        updates.told_now(db, story, root, at)
    if verdict.outcome == UPDATE:
        updates.join_batch(db, story, root, job.id, decision, at)
    if alert is None:
        return False
    alerts.add_article(db, alert, job.id, root, decision)
    for channel, worded in verdict.channels:
        deliver_to(db, alert, program, channel, worded, at, urgent=found.watch.urgent)
    return True


def _situation(db: Connection, job: ArticleWork, found: Found, placed: Placed, *, muted: bool) -> Situation:
    """What the database knows of the match's story, entry and watchlist."""
    watch, entry = found.watch, found.entry
    told, judged = alerts.told(db, placed.story).get(watch.root), alerts.judged(db, entry.id, watch.root)
    return Situation(
        strength=found.match.strength,
        told=max(filter(None, (told, judged)), default=None),
        relation="founder" if told is None else relation_for(db, placed, found.passages),
        changed_number=told is not None and placed.changed_number,
        known=updates.knows_article(db, job.id, watch.root),
        acked=updates.is_acked(db, placed.story, watch.root),
        how=entry.how,
        window_open=alerts.window_open(db, entry.window_id),
        before_watchlist=entry.shown_at < watch.since,
        floors=watch.floors,
        muted=muted,
    )


def _decision(
    found: Found, revision: int | None, verdict: Verdict, alert: str | None, mute: int | None
) -> alerts.NewDecision:
    return alerts.NewDecision(
        entry=found.entry.id,
        entry_version=found.entry.version,
        revision=revision,
        version=found.watch.version,
        outcome=verdict.outcome,
        strength=found.match.strength,
        score=found.match.score,
        snippet=found.snippet,
        reasons={**found.reasons, "held_back": verdict.why} if verdict.why else found.reasons,
        alert=alert,
        mute=mute if verdict.outcome == MUTED else None,
    )


def _open_alert(
    db: Connection, job: ArticleWork, now: Situation, found: Found, kind: str, placed: Placed, at: datetime
) -> str:
    strength = now.strength
    number = None if now.stronger else f"{job.key} {placed.number}"
    cause = first_cause(placed.key) if kind == "first" else raise_cause(placed.key, strength.word, number)
    alert = alert_id(found.watch.root, kind, cause)
    alerts.add_alert(
        db,
        alerts.NewAlert(id=alert, kind=kind, cause=cause, root=found.watch.root, story=placed.story, strength=strength),
        at,
    )
    return alert


def put_off(
    db: Connection,
    job: ArticleWork,
    failure: Failure,
    again: datetime,
    reading: Reading,
    early: tuple[Found, ...],
    program: Program,
    at: datetime,
) -> None:
    """The page is asked for again later; a match on the feed's own text that waited long enough alerts now."""
    decide_all(db, job, reading, early, None, program, at)
    articles.retry_article(db, job.id, failure, again)


def fail(db: Connection, job: ArticleWork, failure: Failure, at: datetime) -> None:
    """A surprise: tried again like any failure; at the end the reason stands on the article."""
    again = next_try(at, job.tries + 1, failure)
    if again is not None:
        articles.retry_article(db, job.id, failure, again)
    else:
        articles.settle_article(db, job, at, page_state="given_up" if job.fetch else None, failure=failure)
