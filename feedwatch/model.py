"""The nouns: frozen, slotted, keyword-only values. Times are aware and UTC; sequences are tuples."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive time is a bug and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is no moment")
    return moment.astimezone(UTC)


class Strength(enum.IntEnum):
    """How much an article is about a watchlist; ordered."""

    MENTION = 1
    TOPIC = 2
    HEADLINE = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Strength:
        return cls[word.upper()]


class Reason(enum.StrEnum):
    """Why a fetch, a page or a feed gave nothing; the words that the store keeps and the user reads."""

    NOT_FOUND = "not_found"
    GONE = "gone"
    REFUSED = "refused"  # 401, 403, 429, 451, or an address that may not be connected to
    SERVER_ERROR = "server_error"  # 5xx and every other status nobody asked for
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    NETWORK = "network"
    TLS = "tls"
    ROBOTS = "robots"  # robots.txt does not want the page read
    HEADLINE_ONLY = "headline_only"  # an aggregator's headline: it leads a browser to the page, and nobody else
    NOT_HTML = "not_html"
    NOT_A_FEED = "not_a_feed"
    NO_TEXT = "no_text"
    WORKER_TIMEOUT = "worker_timeout"
    WORKER_MEMORY = "worker_memory"
    WORKER_CRASH = "worker_crash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server gave for conditional requests, byte for byte (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer with a body (200) or without news (304, 204)."""

    url: str  # where the redirects ended
    status: int
    headers: dict[str, str]  # names in lower case; the first of repeated ones
    body: bytes  # decoded; empty for 304 and 204
    hops: tuple[str, ...] = ()  # addresses passed on the way, the asked one first
    moved: str | None = None  # where the permanent redirects at the beginning of that way lead

    @property
    def validators(self) -> Validators:
        """Both, one or none: what the server dropped is dropped."""
        return Validators(etag=self.headers.get("etag"), last_modified=self.headers.get("last-modified"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expected failure, as a value that is stored and shown."""

    reason: Reason
    detail: str  # for a human; never a secret
    status: int | None = None
    retry_after: timedelta | None = None
    final: bool = False  # another try within minutes is pointless


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed as the config asks for it."""

    address: str  # canonical, the feed's identity
    url: str  # as the owner typed it
    name: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""  # of its articles, where neither page nor feed says it
    interval: timedelta | None = None  # None: the general one
    robots: bool = True  # whether robots.txt is asked before its pages are read
    kind: str = "feed"  # or "sitemap"
    public_only: bool = False  # a list's word, not the owner's: its host must be public


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Headers that one place alone may see: a paid subscription's cookie, a login. Secrets: they reach it, no more."""

    host: str  # as host_of says it
    origin: str | None  # scheme, host and port, nothing else; None: the host and those below it
    in_clear: bool = False  # over http, too: nobody else is on the way
    headers: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Credentials({self.origin or self.host}: {', '.join(name for name, _ in self.headers)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How often a feed document asks to be asked, as far as it says so."""

    wait: timedelta | None = None
    hours: frozenset[int] = frozenset()  # of the day in GMT, not to be asked in
    days: frozenset[int] = frozenset()  # of the week, Monday 0


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a feed brings an entry, as its documents' dates show; None: they do not."""

    newest: datetime | None = None
    gap: timedelta | None = None  # the mean time between its latest entries, the silence since included
    span: timedelta | None = None  # from the oldest entry to the newest


NO_RHYTHM = Rhythm()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A permanent redirect of a feed, and how well it is established."""

    to: str
    times: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A feed as the database knows it, claimed for a poll."""

    id: int
    address: str
    url: str
    validators: Validators
    body_sha: bytes | None
    first_polled_at: datetime | None
    failures: int
    interrupted: int = 0  # times that the process died over it, this claim included
    rhythm: Rhythm = NO_RHYTHM
    asked: Asked = NOTHING_ASKED
    move: Move | None = None
    asks: str | None = None  # the address that it moved to for good; None: the owner's


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """An entry as the server said it; every text is plain text, every link absolute."""

    id: str | None = None
    link: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""  # the full text, where the feed carries it
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # what the publisher files it under; shown by `feeds test`, never searched
    published: datetime | None = None
    updated: datetime | None = None
    target: str | None = None  # the article's own address, where the link leads through an aggregator
    outlet: str = ""  # who published it, where an aggregator says so
    headline_only: bool = False  # nobody but a browser gets to its page

    @property
    def address(self) -> str | None:
        """Where its article is."""
        return self.target or self.link


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document as the server said it; entries newest-first as far as the document orders them."""

    title: str = ""
    language: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    left_out: int = 0  # entries beyond the cap
    asked: Asked = NOTHING_ASKED
    parts: tuple[str, ...] = ()  # of an index of sitemaps: the addresses of those that are worth asking
    parts_left_out: int = 0  # those that are not


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of a live blog."""

    key: str  # the same at every reading of the page, whatever stands before and after it
    at: datetime | None  # when it was posted, as the page says
    title: str
    text: str
    also: str = ""  # another key, by which it is known when it was reworded

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key, self.also) if self.also else (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article as its page says it."""

    title: str
    body: str  # paragraphs parted by newlines
    language: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    canonical: str | None = None  # the page's claim, absolute; articles/identity says when to believe it
    amp: str | None = None  # the address that the page names as its twin for phones
    captions: tuple[str, ...] = ()  # what stands under its pictures
    teasers: tuple[str, ...] = ()  # links to other articles between its paragraphs: no hit by themselves
    is_article: bool = True  # False: a front page, a list, a wall, an error: nothing to decide on
    paywalled: bool = False  # what is here is a teaser of the text, or less
    posts: tuple[Post, ...] = ()  # of a live blog, in the page's order
    background: tuple[str, ...] = ()  # paragraphs of its body that its host repeats: hits in them count less


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A stretch of an article's text that is searched as one: "title", "summary", "body" or "caption"."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One matched span: `text[start:end]` of zone number `zone` in the index's zones."""

    zone: int
    name: str  # the zone's name
    start: int
    end: int
    term: str  # as the watchlist spells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a watchlist's words stand: `text` is characters `start` to `end` of a zone of the article."""

    zone: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A watchlist's verdict on an article; without hits where its query asks for nothing in the text (lang:es)."""

    strength: Strength
    score: float  # for ordering only
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """What a webhook's posts carry besides the alert: all of it secret."""

    headers: tuple[tuple[str, str], ...] = ()
    secret: str = ""  # signs each post; "": no signature

    def __repr__(self) -> str:
        return f"Hook({', '.join(name for name, _ in self.headers)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address of a channel. `url` is a secret: it reaches the service's edge and nothing else."""

    channel: str
    name: str  # topic, chat or mail address: told in `status`, kept in the database
    url: str
    title_limit: int  # characters the service takes; 0: it has no titles
    body_limit: int
    addresses: int = 1  # more where one URL posts to several and cannot be split: they fail and repeat together
    markup: str = "plain"  # what its service makes of a text; alerts/markup.py
    service: str = ""  # whoever shares it shares a pace; opaque, no secret
    pace: float = 0.0  # seconds from one message to the service to the next, at the least
    hook: Hook | None = None  # of a webhook, which takes posts of our own instead of messages

    def __repr__(self) -> str:
        return f"Target({self.channel}/{self.name})"


class Loudness(enum.StrEnum):
    """How much noise a message may make, where its service knows the difference."""

    SILENT = "silent"
    NORMAL = "normal"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes to one target; plain text, already harmless."""

    alert: str  # the alert's full id
    title: str  # one line
    body: str
    link: str | None = None  # where a tap leads, http or https
    loudness: Loudness = Loudness.NORMAL
    post: str = ""  # what a webhook gets: a JSON object


class Outcome(enum.StrEnum):
    """How a send ended."""

    SENT = "sent"
    REFUSED = "refused"  # the service is well and does not want this message
    FAILED = "failed"  # unreachable, overloaded, timed out: try again with the same id


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    outcome: Outcome
    detail: str = ""  # for a human; never a secret
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertItem:
    """One article of an alert, as a message tells it."""

    watchlist: str  # root id
    strength: Strength
    title: str
    outlet: str
    language: str | None
    published: datetime  # as claimed; else when it was first seen
    snippet: str  # hits marked »so«
    link: str | None
    body_seen: bool  # False: judged on the feed's own text
    headline_only: bool = False  # there is no page to be seen
    outlets: tuple[str, ...] = ()  # others that have the story, without its own
    sources: tuple[str, ...] = ()  # independent ones, such as ("AFP",)
    note: str = ""  # one line of plain words, such as "this paragraph repeats on this host"
    story: str = ""  # key
    article: str = ""  # key
    reasons: str = "{}"  # of the decision, as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A time in which a watchlist told nobody, because somebody asked for it."""

    watchlist: str  # root id
    since: datetime
    until: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthItem:
    """A trouble of feedwatch's own, or its end, as a message tells it."""

    kind: str  # failing, silent, stuck, dead, disk, clock; watching: all is well
    name: str
    text: str
    cure: str
    since: datetime
    until: datetime | None = None  # well again


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """A time in which alerts were gathered to be told as one message."""

    kind: str  # backfill, digest, quiet, budget, backlog
    key: str
    opens: datetime
    closes: datetime
    total: int  # entries that were looked at, or alerts that were held
    printed: str  # what `alerts list --window` takes
    feeds: int = 0  # in the config; 0: not known
    well: int = 0  # of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of an article that people were told of."""

    kind: str  # corrected, changed, gone, posts
    lines: tuple[str, ...]  # what changed, in plain words; of posts their texts, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeView:
    """Far more articles than usual."""

    hits: int
    hours: float  # in which they came
    usual: float  # how many come in such a time otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert as a message tells it."""

    id: str
    short: str
    kind: str  # first, raise, update, revision, surge, digest, health
    created: datetime
    items: tuple[AlertItem, ...]  # strongest first; empty only in a digest and in health
    total: int = 0  # of a digest: how many entries were looked at
    mute: Mute | None = None  # of a digest: the mute that it ends
    health: tuple[HealthItem, ...] = ()
    window: WindowView | None = None  # of a digest: what it ends
    change: Change | None = None  # of a revision
    surge: SurgeView | None = None
    urgent: bool = False  # a watchlist that may wake people
    told: datetime | None = None  # when the watchlist was first told of the story; of an update and a revision
