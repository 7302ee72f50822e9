"""What a webhook gets of an alert: one JSON object, whose first five fields are flat for those who want no more.

`version` goes up only where a field changes its meaning or goes; new fields may come at any time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from feedwatch.alerts.outgoing import harmless, one_line, web_link
from feedwatch.alerts.phrases import labelled, told_as
from feedwatch.model import Span

if TYPE_CHECKING:
    from feedwatch.alerts.phrases import Manners
    from feedwatch.model import AlertItem, AlertView, HealthItem, Message, SurgeView, WindowView

VERSION = 1

Type = Literal[
    "alert.first", "alert.raise", "alert.update", "alert.revision", "alert.surge", "alert.digest", "alert.health",
    "message",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the alert, for one watchlist."""

    title: str
    url: str | None
    watchlist: str
    label: str
    strength: str
    outlet: str
    language: str | None
    published: str
    story: str
    article: str
    hits: tuple[Span, ...]
    snippet: str
    outlets: tuple[str, ...]
    sources: tuple[str, ...]
    note: str
    body_seen: bool
    reasons: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A trouble of feedwatch's own, or its end."""

    kind: str
    name: str
    text: str
    cure: str
    since: str
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The time in which a digest was gathered."""

    kind: str
    opens: str
    closes: str
    total: int
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of an article that was told."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """Far more articles than usual."""

    hits: int
    hours: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An alert as feedwatch posts it to a webhook."""

    title: str
    url: str | None
    text: str
    watchlist: str
    strength: str
    version: int
    type: Type
    id: str
    short: str
    created: str | None
    urgent: bool
    story: str
    article: str
    hits: tuple[Span, ...]
    snippets: tuple[str, ...]
    sources: tuple[str, ...]
    reasons: dict[str, Any]
    items: tuple[Article, ...]
    health: tuple[Trouble, ...]
    window: Gathered | None
    change: Changed | None
    surge: Surge | None


MEANINGS = {
    "title": "The message's title, or the article's headline.",
    "url": "Where the article is; null where an alert has no one article.",
    "text": "The message as a phone shows it; in `hits` the words found.",
    "watchlist": "The watchlist's id, the first one that it had; empty where an alert is of none or of several.",
    "strength": "`mention`, `topic` or `headline`; of a list the strongest; empty where there is no article.",
    "version": "Of this format: it goes up where a field changes its meaning or goes. New fields may come at any time.",
    "type": "The kind of alert; `message` is somebody's own, as from `feedwatch channels test`.",
    "id": "The alert's full id. A second copy of a post has the same.",
    "short": "The id as people see it.",
    "created": "When it was decided (ISO 8601, UTC).",
    "urgent": "Whether it may wake people.",
    "story": "Names the story. The same in all alerts of it.",
    "article": "Names the article.",
    "hits": "Where the words stand; the first ones of many. Of a surge: how many articles came.",
    "snippets": "The words in their sentences, marked »so«.",
    "snippet": "The words in their sentence, marked »so«.",
    "sources": "Independent sources of the story, such as an agency.",
    "outlets": "Other outlets that have the story.",
    "reasons": "Why it is a match: the text that was judged, and counts by term and zone.",
    "items": "All articles of the alert, the strongest first.",
    "health": "What is in trouble, or well again.",
    "window": "Of a digest: what it was gathered in; in a window, the name that `alerts list --window` takes.",
    "change": "Of a revision.",
    "surge": "Of a surge.",
    "label": "What the watchlist is called on a lock screen.",
    "outlet": "Who published it.",
    "language": "Of the article, where it is known.",
    "published": "As claimed; else when it was first seen (ISO 8601, UTC).",
    "note": "A line of plain words about the match; mostly empty.",
    "body_seen": "`false`: judged on the feed's own text.",
    "zone": "`title`, `summary`, `body` or `caption`.",
    "start": "The first character, counted from 0.",
    "end": "The character behind the last one.",
    "kind": "Of a window: `backfill`, `digest`, `quiet`, `budget`, `backlog`. Of a change: `corrected`, `changed`, "
    "`gone`, `posts`. Of a trouble: `failing`, `silent`, `stuck`, `dead`, `disk`, `clock`; `watching`: all is well.",
    "lines": "What changed.",
    "name": "Who is meant.",
    "cure": "What helps.",
    "since": "Since when (ISO 8601, UTC).",
    "until": "Well again since; null: not yet.",
    "opens": "ISO 8601, UTC.",
    "closes": "ISO 8601, UTC.",
    "total": "How many entries were looked at, or alerts held.",
    "hours": "In which they came.",
    "usual": "How many come in such a time otherwise.",
}
"""What the fields mean: the schema's descriptions."""


def post_of(alert: AlertView, worded: str, message: Message, manners: Manners) -> str:
    """The JSON of an alert; `message` is what a phone would show of it, `worded` the kind that it is told as."""
    items = tuple(_article(item, manners) for item in alert.items)
    first = items[0] if items else None
    post = Post(
        title=message.title,
        url=message.link,
        text=message.body,
        watchlist=_only({item.watchlist for item in items}),
        strength=max(alert.items, key=lambda item: item.strength).strength.word if items else "",
        version=VERSION,
        type=f"alert.{told_as(alert, worded)}",  # type: ignore[arg-type]  # a kind of alert each
        id=alert.id,
        short=alert.short,
        created=alert.created.isoformat(),
        urgent=alert.urgent,
        story=first.story if first else "",
        article=first.article if first else "",
        hits=first.hits if first else (),
        snippets=tuple(item.snippet for item in items if item.snippet),
        sources=tuple(dict.fromkeys(source for item in items for source in item.sources)),
        reasons=first.reasons if first else {},
        items=items,
        health=tuple(map(_trouble, alert.health)),
        window=_gathered(alert.window) if alert.window else None,
        change=Changed(kind=alert.change.kind, lines=alert.change.lines) if alert.change else None,
        surge=_surge(alert.surge) if alert.surge else None,
    )
    return _json(post)


def _only(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ""


def _gathered(window: WindowView) -> Gathered:
    return Gathered(
        kind=window.kind,
        opens=window.opens.isoformat(),
        closes=window.closes.isoformat(),
        total=window.total,
        window=window.printed,
    )


def _surge(surge: SurgeView) -> Surge:
    return Surge(hits=surge.hits, hours=surge.hours, usual=surge.usual)


def post_of_message(message: Message) -> str:
    """The JSON of a message that is no alert."""
    return _json(
        Post(
            title=message.title, url=message.link, text=message.body, watchlist="", strength="", version=VERSION,
            type="message", id=message.alert, short=message.alert[:6], created=None, urgent=False, story="",
            article="", hits=(), snippets=(), sources=(), reasons={}, items=(), health=(), window=None, change=None,
            surge=None,
        )
    )  # fmt: skip


def _article(item: AlertItem, manners: Manners) -> Article:
    reasons = json.loads(item.reasons)
    spans = reasons.pop("spans", [])
    return Article(
        title=one_line(item.title),
        url=web_link(item.link or ""),
        watchlist=one_line(item.watchlist),
        label=labelled(item.watchlist, manners),
        strength=item.strength.word,
        outlet=one_line(item.outlet),
        language=one_line(item.language) if item.language else None,
        published=item.published.isoformat(),
        story=one_line(item.story),
        article=one_line(item.article),
        hits=tuple(Span(**span) for span in spans),
        snippet=harmless(item.snippet),
        outlets=tuple(map(one_line, item.outlets)),
        sources=tuple(map(one_line, item.sources)),
        note=one_line(item.note),
        body_seen=item.body_seen,
        reasons=reasons,
    )


def _trouble(item: HealthItem) -> Trouble:
    return Trouble(
        kind=item.kind,
        name=one_line(item.name),
        text=one_line(item.text),
        cure=one_line(item.cure),
        since=item.since.isoformat(),
        until=item.until.isoformat() if item.until else None,
    )


def _json(post: Post) -> str:
    """On one line; text stays readable, and nothing that no text may hold is left in it."""
    return json.dumps(_clean(asdict(post)), ensure_ascii=False, separators=(",", ":"))


def _clean(value: Any) -> Any:
    """Every text in it harmless; the hits' offsets count in the article and not in here."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list | tuple) else value
