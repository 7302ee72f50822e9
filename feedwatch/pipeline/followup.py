"""What comes after an article was decided: near misses go on record, what was told is proved and read again later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.articles.rereading import AGES, LONGEST
from feedwatch.store import evidence, near_misses, rereads

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.pipeline.judge import Understood
    from feedwatch.store import Connection
    from feedwatch.store.articles import ArticleWork


FULLER = timedelta(hours=1)
"""A page that showed a taste of its text is read once more so much later, whoever was told."""


def follow(db: Connection, job: ArticleWork, understood: Understood, revision: int, at: datetime) -> None:
    """Part of the deciding transaction, behind its decisions."""
    for miss in understood.near:
        entry = (miss.entry.id, miss.entry.version)
        near_misses.remember(db, entry, miss.version, miss.kind, (miss.snippet, miss.why), at)
    page = understood.reading.page
    live = page is not None and bool(page.posts)
    if live and page is not None:
        rereads.remember_posts(db, job.id, (key for post in page.posts for key in post.keys))
    if page is not None and page.paywalled and understood.answer is not None:
        once = at + FULLER - LONGEST  # from then on the schedule's last look is the next one
        rereads.ask(db, job.id, at + FULLER, rereads.BODY_NOT_SEEN, since=once)
    told = rereads.tells_now(db, job.id, at)
    known = understood.answer is None and page is not None and bool(rereads.told_of(db, job.id))
    given_up = understood.failure is not None and understood.failure.final
    if (told or live) and not given_up:
        rereads.ask(db, job.id, at + AGES[0], rereads.ALERTED if told else rereads.LIVE, since=at)
    elif known:
        rereads.ask(db, job.id, at + AGES[0], rereads.CHANGED, since=at)
    if understood.answer is not None:
        rereads.remember_answer(db, job.id, understood.answer.validators)
    if told and understood.kept is not None:
        evidence.keep(db, job.id, revision, understood.kept)
