"""The transaction of a page that was read again: its revision, and whom it alerts, are written together or not at all.

A watchlist that was not told of the article yet is asked as at a first reading. One that was told hears only of what
matters to it (articles.changes), or of posts that are new, or that the page is gone. What still waits to be sent is
not followed by a second message: it tells of the article as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.alerts.decide import ALERTED, MUTED, TOLD
from feedwatch.alerts.identity import alert_id, revision_cause
from feedwatch.articles.changes import worth_telling
from feedwatch.articles.rereading import GONE_AFTER, LIVE_FOR, is_gone, next_look
from feedwatch.model import Change, Page, Reason
from feedwatch.pipeline.judge import decide_all
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts, articles, evidence, mutes, rereads
from feedwatch.store.articles import ArticleWork

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feedwatch.articles.changes import Diff, Spans
    from feedwatch.model import Failure, Fetched, Post
    from feedwatch.pipeline.matching import Found
    from feedwatch.pipeline.program import Program, Watch
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store import Connection
    from feedwatch.store.evidence import Evidence
    from feedwatch.store.rereads import RereadWork, Told

GONE = Change(kind="gone", lines=("no longer at this address",))
GONE_PAGE = Page(title="", body="")
"""What a page says that is no longer there."""

POSTS = 20
"""New posts that one alert names; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The page says what it said; `answer` is None where nothing is learnt of it."""

    answer: Fetched | None = None
    kept: Evidence | None = None  # of a text that was told and of which there is none yet
    found: str = rereads.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A page that says something else than before, thought through."""

    reading: Reading
    answer: Fetched
    kept: Evidence
    found: tuple[Found, ...] = ()  # on the whole page
    before: tuple[Found, ...] = ()  # on the text that was there
    diff: Diff | None = None  # None: its text was never seen before, or it is a page of posts
    posts: tuple[tuple[Post, tuple[Found, ...]], ...] = ()  # that are new, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one watchlist's people must know of a revision."""

    change: Change
    found: Found | None = None  # the match that stands for it; None: the page says nothing of it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the article says now."""

    revision: int | None  # None: nothing, it is gone
    content: bytes  # its hash


def is_missing(failure: Failure) -> bool:
    """Whether the server says that there is no such page."""
    return failure.reason in {Reason.NOT_FOUND, Reason.GONE}


def unchanged(db: Connection, job: RereadWork, look: Unchanged, at: datetime) -> None:
    """The page says what it said; where it was alerted without its bytes, they are kept now.

    One that was gone is on record as there again.
    """
    if job.stored is not None and job.missing is not None:
        articles.add_revision(db, job.id, "page", job.stored.page, job.stored.url, at)
    rereads.looked(db, job.id, at, look.found, next_look(job.since, at), since=job.since)
    if look.answer is not None:
        rereads.remember_answer(db, job.id, look.answer.validators)
    if look.kept is not None and job.stored is not None:
        evidence.keep(db, job.id, job.stored.revision, look.kept)


def vanished(db: Connection, job: RereadWork, program: Program, at: datetime) -> int:
    """The server says that there is no such page: told at the second time; the number of alerts."""
    told = rereads.told_of(db, job.id) if job.stored else []
    if not told or not is_gone(job.missing, at):
        rereads.missed(db, job.id, at, at + GONE_AFTER if told else None)
        return 0
    rereads.missed(db, job.id, at, None)
    articles.add_revision(db, job.id, "gone", GONE_PAGE, job.url, at)
    text = Text(revision=None, content=articles.content_sha(GONE_PAGE))
    return _tell_all(db, job, {each.root: (each, News(change=GONE)) for each in told}, text, program, at)


def revise(db: Connection, job: RereadWork, look: Revised, program: Program, at: datetime) -> int:
    """Everything that a revision brings; the number of alerts."""
    page = look.reading.page
    if page is None:
        return 0
    told = {each.root: each for each in rereads.told_of(db, job.id)}
    revision = articles.add_revision(db, job.id, "page", page, look.answer.url, at)
    searched = look.reading.searched
    articles.index_text(db, job.id, title=searched.title, summary=searched.summary, body=searched.body)
    articles.page_was_read(db, job.id)
    new = decide_all(db, _as_first(job, at), look.reading, tuple(_to_decide(look, told)), revision, program, at)
    raised = rereads.alerted_now(db, job.id, at)
    news = {
        root: (each, found)
        for root, each in told.items()
        if root not in raised and (found := _news(job, look, root)) is not None
    }
    text = Text(revision=revision, content=articles.content_sha(page))
    sent = _tell_all(db, job, news, text, program, at)
    _remember(db, job, look, revision, at, fresh=new > 0 or bool(look.posts))
    return new + sent


def _as_first(job: RereadWork, at: datetime) -> ArticleWork:
    return ArticleWork(
        id=job.id,
        key=job.key,
        url=job.url,
        host=job.host,
        fetch=True,
        stored=job.stored,
        tries=0,
        interrupted=job.interrupted,
        turn_at=at,
        entries=job.entries,
    )


def _to_decide(look: Revised, told: dict[str, Told]) -> Iterable[Found]:
    """What is decided as at a first reading; of posts the best match of each watchlist that was told of none."""
    if not look.posts:
        return look.found
    roots = sorted({found.watch.root for _, several in look.posts for found in several} - told.keys())
    return [best for root in roots if (best := _best(look, root))]


def _best(look: Revised, root: str) -> Found | None:
    every = (*look.found, *(found for _, several in look.posts for found in several))
    mine = [found for found in every if found.watch.root == root]
    return max(mine, key=lambda found: (found.match.strength, found.match.score), default=None)


def _news(job: RereadWork, look: Revised, root: str) -> News | None:
    """What the watchlist's people must know; nothing of a body that was only now seen."""
    best = _best(look, root)
    if look.posts:
        lines = [_post_line(post, found) for post, several in look.posts for found in _of(several, root)[:1]]
        return News(change=Change(kind="posts", lines=_counted(lines)), found=best) if lines else None
    if look.diff is None or job.why == rereads.BODY_NOT_SEEN:
        return None
    before, after = _of(look.before, root), _of(look.found, root)
    change = worth_telling(look.diff, _spans(before, look.diff.old), _spans(after, look.diff.new))
    return News(change=change, found=best) if change else None


def _of(several: Iterable[Found], root: str) -> list[Found]:
    return [found for found in several if found.watch.root == root]


def _spans(several: Iterable[Found], page: Page) -> Spans:
    """Where the hits stand in body and captions (changes.text_of); the same for every entry that led to the page."""
    begins = {"body": 0, "caption": len(page.body) + 1}
    hits = ((begins[hit.name], hit) for found in several for hit in found.match.hits if hit.name in begins)
    return tuple(sorted({(begin + hit.start, begin + hit.end) for begin, hit in hits}))


def _post_line(post: Post, found: Found) -> str:
    when = f"{post.at:%H:%M} UTC " if post.at else ""
    return f"{when}{post.title} · “{found.snippet}”" if post.title else f"{when}“{found.snippet}”"


def _counted(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - POSTS
    return (*lines[:POSTS], f"and {more} more") if more > 0 else tuple(lines)


# ---- telling


def _tell_all(
    db: Connection, job: RereadWork, news: dict[str, tuple[Told, News]], text: Text, program: Program, at: datetime
) -> int:
    """Tells each watchlist that is in the config what concerns it; the number of alerts."""
    roots = sorted(news.keys() & program.watches.keys())
    return sum(_tell(db, job, program.watches[root], *news[root], text, program, at) for root in roots)


def _tell(
    db: Connection, job: RereadWork, watch: Watch, told: Told, news: News, text: Text, program: Program, at: datetime
) -> bool:
    """One watchlist's alert; an ack does not end these, a mute does. True: there is one."""
    mute = mutes.mute_of(db, watch.root, at)
    strength = max(told.strength, news.found.match.strength if news.found else told.strength)
    channels = [name for name, floor in watch.floors.items() if floor <= strength]
    waiting = {name: rereads.waiting(db, job.id, watch.root, name) for name in channels}
    ready = [] if mute is not None else [name for name in channels if not waiting[name]]
    on_record = mute is not None and news.found is None  # there is no match that could be told when the mute ends
    alert = _alert(db, job, watch, told, text, at) if ready or on_record else None
    decision = _decision(db, watch, told, news, text, alert, mute, at)
    for each in waiting.values():
        rereads.tell_instead(db, each, job.id, watch.root, decision)
    if alert is None:
        return False
    alerts.add_article(db, alert, job.id, watch.root, decision)
    rereads.add_change(db, alert, job.id, news.change.kind, news.change.lines)
    for channel in ready:
        deliver_to(db, alert, program, channel, "revision", at, urgent=watch.urgent)
    return True


def _alert(db: Connection, job: RereadWork, watch: Watch, told: Told, text: Text, at: datetime) -> str:
    cause = revision_cause(job.key, text.content)
    alert = alert_id(watch.root, "revision", cause)
    new = alerts.NewAlert(
        id=alert, kind="revision", cause=cause, root=watch.root, story=told.story, strength=told.strength
    )
    alerts.add_alert(db, new, at)
    return alert


def _decision(
    db: Connection,
    watch: Watch,
    told: Told,
    news: News,
    text: Text,
    alert: str | None,
    mute: int | None,
    at: datetime,
) -> int:
    """The decision that stands for the news; where the page says nothing of it any more, the one that was told."""
    found = news.found
    if found is None:
        return told.decision
    new = alerts.NewDecision(
        entry=found.entry.id,
        entry_version=found.entry.version,
        revision=text.revision,
        version=watch.version,
        outcome=MUTED if mute is not None else ALERTED if alert else TOLD,
        strength=found.match.strength,
        score=found.match.score,
        snippet=found.snippet,
        reasons={**found.reasons, "change": news.change.kind},
        alert=alert,
        mute=mute,
    )
    return alerts.add_decision(db, new, at)


def _remember(db: Connection, job: RereadWork, look: Revised, revision: int, at: datetime, *, fresh: bool) -> None:
    """Evidence, validators, and the next look: the schedule begins anew where there was news of its own."""
    if rereads.told_of(db, job.id):
        evidence.keep(db, job.id, revision, look.kept)
    page = look.reading.page
    seen = rereads.ALERTED if page is not None and not page.paywalled else None
    rereads.remember_answer(db, job.id, look.answer.validators, seen)
    rereads.remember_posts(db, job.id, (key for post, _ in look.posts for key in post.keys))
    since = at if fresh and at - job.first_seen < LIVE_FOR else job.since
    rereads.looked(db, job.id, at, rereads.OTHER, next_look(since, at), since=since)
