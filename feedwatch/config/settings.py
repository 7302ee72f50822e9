"""What the user asked for, as values. Each field's description is its line in docs/configuration.md."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from feedwatch.config.lines import Loc
from feedwatch.config.packs import lists_of
from feedwatch.config.places import Place, nearest
from feedwatch.config.values import (
    Contact,
    DigestTimes,
    Duration,
    FilePath,
    Headers,
    HostName,
    Language,
    Least,
    Line,
    Lines,
    Listen,
    Login,
    PerHour,
    PrivatePlace,
    ProxyAddress,
    QuietHours,
    SecretAddress,
    SigningSecret,
    Size,
    Slug,
    SomeLines,
    Times,
    WebAddress,
    Zone,
    between,
    lasting,
    sized,
)
from feedwatch.model import FeedSpec, Strength
from feedwatch.text.addresses import canonical
from feedwatch.watches.parse import Lists


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Store(_Table):
    path: FilePath = Field(
        default=Path("feedwatch.db"),
        description="The database file. A relative path starts at `$STATE_DIRECTORY`, else in this file's folder.",
    )
    keep_articles: Annotated[Duration, lasting("1d", "1000w")] = Field(
        default=timedelta(days=90),
        description="How long an article is kept after its feeds stopped showing it, if nobody was told of it.",
    )
    keep_alerted: Annotated[Duration, lasting("1d", "1000w")] = Field(
        default=timedelta(days=365), description="How long an alert is kept, with its articles and deliveries."
    )
    keep_decisions: Annotated[Duration, lasting("1d", "1000w")] = Field(
        default=timedelta(days=365),
        description="How long it is on record why a match became no alert, with its article.",
    )
    keep_seen: Annotated[Duration, lasting("4w", "1000w")] = Field(
        default=timedelta(days=400),
        description="How long an item that its feed no longer shows is known as seen, so that it is not news again.",
    )


class Polling(_Table):
    interval: Annotated[Duration, lasting("0s", "1w")] = Field(
        default=timedelta(minutes=15), description="How often a feed is asked for news."
    )
    min_interval: Annotated[Duration, lasting("0s", "1d")] = Field(
        default=timedelta(minutes=5), description="No feed is asked more often than this."
    )
    max_interval: Annotated[Duration, lasting("0s", "1w")] = Field(
        default=timedelta(hours=1), description="How rare the polls of a quiet or slow feed may become."
    )
    concurrency: Annotated[int, between(1, 1000)] = Field(
        default=100, description="Requests under way at once, over all hosts."
    )
    per_host: Annotated[int, between(1, 16)] = Field(default=1, description="Connections open at once to one host.")
    host_delay: Annotated[Duration, lasting("0s", "1h")] = Field(
        default=timedelta(seconds=1), description="The least pause between two requests to one host."
    )
    timeout: Annotated[Duration, lasting("1s", "10m")] = Field(
        default=timedelta(seconds=20), description="How long one request may take in all."
    )
    max_bytes: Annotated[Size, sized("1kB", "1GB")] = Field(
        default=10**7, description="The largest answer that is read, counted after decompression."
    )
    contact: Contact = Field(
        default="", description="Your mail or web address, told to every server so that a publisher can reach you."
    )
    proxy: ProxyAddress = Field(
        default="",
        description='The HTTP proxy through which feeds and pages are asked for, or `"environment"`: HTTP_PROXY, '
        "HTTPS_PROXY and NO_PROXY decide. Without it no proxy is used, whatever the environment says.",
    )
    allow_private: tuple[PrivatePlace, ...] = Field(
        default=(),
        description="Host names, addresses and networks off the public internet that links and redirects may lead to; "
        "feeds typed in this file may always be private.",
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_interval > self.max_interval:
            raise ValueError("min_interval is longer than max_interval (swap them, or lower min_interval)")
        return self


class Reading(_Table):
    max_wait: Annotated[Duration, lasting("0s", "1d")] = Field(
        default=timedelta(seconds=60),
        description="How long an article's page is waited for before a match on the feed's own text may alert.",
    )
    robots: bool = Field(
        default=True, description="`false`: pages are read whatever the `robots.txt` of their servers says."
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _worker_memory() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(10**9, machine // 4)


class Workers(_Table):
    count: Annotated[int, between(1, 256)] = Field(
        default_factory=_cores, description="Processes that read feeds and pages."
    )
    memory: Annotated[Size, sized("64MB", "64GB")] = Field(
        default_factory=_worker_memory, description="What one of these processes may use before it is replaced."
    )


class Alerts(_Table):
    backfill: Annotated[Duration, lasting("0s", "4w")] = Field(
        default=timedelta(hours=24),
        description="A new feed's entries younger than this are read and told in one digest; older ones alert nobody.",
    )


class Health(_Table):
    notify: Lines = Field(
        default=(),
        description="The channels that are told when a feed, a watchlist, a channel or feedwatch itself is in trouble.",
    )
    still_watching: Times | None = Field(
        default=None,
        description='When to send a line that all is well, by the general zone: `"08:00"`, `"mon 08:00"`, '
        '`"mon-fri 07:30"`.',
    )
    heartbeat: SecretAddress | None = Field(
        default=None, description="A web address that is asked while all goes through: a dead man's switch."
    )
    heartbeat_file: Line | None = Field(
        default=None,
        description="A file that holds this address, in `$CREDENTIALS_DIRECTORY` or in this file's folder.",
    )
    heartbeat_env: Line | None = Field(default=None, description="The environment variable that holds this address.")
    heartbeat_every: Annotated[Duration, lasting("1s", "1d")] = Field(
        default=timedelta(minutes=5), description="How often it is asked."
    )
    listen: Listen | None = Field(
        default=None, description='Where `/healthz`, `/readyz` and `/metrics` are served, as in `"127.0.0.1:9321"`.'
    )
    listen_public: bool = Field(
        default=False, description="`true`: `listen` may be an address that other machines reach."
    )
    every: Annotated[Duration, lasting("1s", "1h")] = Field(
        default=timedelta(minutes=1), description="How often feedwatch looks at its own health."
    )
    failures: Annotated[int, between(1, 100)] = Field(
        default=3, description="So many failures in a row make a feed failing …"
    )
    failing_for: Annotated[Duration, lasting("0s", "4w")] = Field(
        default=timedelta(hours=2), description="… when the first of them is so long ago."
    )
    silent_after: Annotated[Duration, lasting("1s", "4w")] = Field(
        default=timedelta(hours=24),
        description="A feed or watchlist with a rhythm is not called silent sooner than this.",
    )
    stuck_after: Annotated[Duration, lasting("1s", "1w")] = Field(
        default=timedelta(minutes=30), description="A message that failed and waits for longer makes a channel stuck."
    )
    disk_free: Annotated[Size, sized("1MB", "100GB")] = Field(
        default=500 * 10**6, description="With less space beside the database the disk is nearly full."
    )

    @model_validator(mode="after")
    def _stays_home(self) -> Self:
        if self.listen is not None and not self.listen.is_loopback and not self.listen_public:
            raise ValueError(
                f"listen is {self.listen}, which other machines reach (add listen_public = true if so meant)"
            )
        return self


class _Known(_Table):
    """How feedwatch is known to a server: headers and a login, which are secrets."""

    headers: Headers | None = Field(
        default=None, description='Headers that go with each request, as in `{ Cookie = "name=value" }`.'
    )
    headers_file: Line | None = Field(
        default=None, description="A file that holds such headers, one a line, as in `Cookie: name=value`."
    )
    headers_env: Line | None = Field(default=None, description="The environment variable that holds such lines.")
    auth: Login | None = Field(default=None, description='A login (HTTP Basic), as in `"user:password"`.')
    auth_file: Line | None = Field(default=None, description="A file that holds the login.")
    auth_env: Line | None = Field(default=None, description="The environment variable that holds the login.")


class Site(_Known):
    host: HostName = Field(description="The host; those below it are meant, too.")


class Feed(_Known):
    url: WebAddress = Field(description="The feed's address, http or https.")
    name: Line | None = Field(default=None, description="What you call it; its own title otherwise.")
    tags: Lines = Field(default=(), description='Words to group feeds by, for a watchlist\'s `feeds = ["tag:…"]`.')
    language: Language | None = Field(
        default=None, description='The language of its articles, as in `"es"`, where neither page nor feed says it.'
    )
    interval: Annotated[Duration, lasting("0s", "4w")] | None = Field(
        default=None, description="How often this feed is asked; `[polling]`'s interval otherwise."
    )
    robots: bool | None = Field(
        default=None, description="Whether `robots.txt` is obeyed for this feed's pages; as `[reading]` says otherwise."
    )
    kind: Literal["feed", "sitemap"] = Field(
        default="feed",
        description='`"sitemap"` for a news sitemap or an index of them; `"feed"` is RSS, Atom or JSON.',
    )
    public_only: bool = Field(
        default=False,
        description="`true`: its host must be public, or in `allow_private`; `feeds import` writes it, for a list is "
        "not your own word.",
    )


class Channel(_Table):
    url: SecretStr | None = Field(default=None, description="An Apprise address, as in `ntfys://ntfy.sh/my-topic`.")
    url_file: Line | None = Field(
        default=None,
        description="A file that holds the address, in `$CREDENTIALS_DIRECTORY` (there `a/b` is called `a_b`) or in "
        "this file's folder.",
    )
    url_env: Line | None = Field(default=None, description="The environment variable that holds the address.")
    webhook: SecretAddress | None = Field(
        default=None, description="A web address of your own, which gets a POST of JSON for each alert."
    )
    webhook_file: Line | None = Field(default=None, description="A file that holds this address.")
    webhook_env: Line | None = Field(default=None, description="The environment variable that holds this address.")
    headers: Headers | None = Field(
        default=None, description='Headers of a webhook\'s posts, as in `{ Authorization = "Bearer …" }`.'
    )
    headers_file: Line | None = Field(
        default=None, description="A file that holds such headers, one a line, as in `Authorization: Bearer …`."
    )
    headers_env: Line | None = Field(default=None, description="The environment variable that holds such lines.")
    secret: SigningSecret | None = Field(
        default=None,
        description="Signs a webhook's posts: base64 of 24 to 64 bytes (`openssl rand -base64 32`).",
    )
    secret_file: Line | None = Field(default=None, description="A file that holds this secret.")
    secret_env: Line | None = Field(default=None, description="The environment variable that holds this secret.")
    terminal: bool = Field(default=False, description="`true`: alerts are printed where feedwatch runs.")
    only: Least = Field(
        default=Strength.TOPIC,
        description="The least strength that gets through: `mention`, `topic` or `headline`. A channel with `digest` "
        "takes mentions, too, unless this is written.",
    )
    max_per_hour: PerHour = Field(
        default=6,
        description='How many messages an hour, with five saved up; what is over is merged. 0 or `"off"`: no limit, as '
        "for a webhook and the terminal unless this is written.",
    )
    quiet: QuietHours = Field(
        default=(),
        description='Hours in which nothing is sent: `"22:00-07:00"`, `"mon-fri 22:00-07:00"`, or a list. What comes '
        "meanwhile is one message at their end.",
    )
    digest: DigestTimes = Field(
        default=(),
        description='When everything is sent as one message: `"07:30"`, `"mon-fri 07:30"`, `"1h"`, or a list.',
    )
    empty: Literal["skip", "send"] = Field(
        default="skip", description='`"send"`: a digest with nothing in it is sent, too, and says that all is quiet.'
    )
    urgent_breaks_quiet: bool = Field(
        default=False, description="`true`: alerts of urgent watchlists are sent in quiet hours, too."
    )
    urgent_breaks_digest: bool = Field(
        default=False, description="`true`: alerts of urgent watchlists do not wait for the digest."
    )
    timezone: Zone | None = Field(
        default=None, description='The zone of its times, as in `"America/Bogota"`; the general one otherwise.'
    )

    @model_validator(mode="after")
    def _logs_in_once(self) -> Self:
        place = self.webhook.get_secret_value().split("/")[2] if self.webhook else ""
        if "@" in place and any(name.lower() == "authorization" for name in self.headers or {}):
            raise ValueError("its webhook holds a login and its headers an Authorization (keep one of the two)")
        return self

    @property
    def least(self) -> Strength:
        """The least strength that it takes: a digest has room for mentions."""
        return Strength.MENTION if self.digest and "only" not in self.model_fields_set else self.only

    @property
    def per_hour(self) -> int | None:
        """Messages an hour; None: as many as there are."""
        patient = self.terminal or self.webhook is not None
        spoken = "max_per_hour" in self.model_fields_set or not patient
        return self.max_per_hour or None if spoken else None


class Watchlist(_Table):
    id: Slug = Field(description="Its identity: keep it, and its history stays when the name changes.")
    name: Line = Field(
        default_factory=lambda data: str(data["id"]), description="What people call it; the id otherwise."
    )
    label: Line = Field(
        default_factory=lambda data: str(data["id"]).upper(),
        description="The first thing on the lock screen; the id in capitals otherwise.",
    )
    keywords: Lines = Field(
        default=(),
        description="Words, phrases and `@lists` of which any one counts; whole words, case and accents are ignored.",
    )
    query: Line | None = Field(
        default=None, description="A whole query, instead of `keywords`; [language.md](language.md) has the language."
    )
    feeds: Lines = Field(
        default=(), description='Only these feeds: `"tag:NAME"`, a feed\'s name or its address; all feeds otherwise.'
    )
    notify: SomeLines = Field(description="The channels that are told.")
    urgent: bool = Field(
        default=False,
        description="`true`: as loud as the service can, and through quiet hours and digests where the channel says "
        "so.",
    )
    cases: FilePath | None = Field(
        default=None,
        description="A file of texts with the verdicts that are expected, which `check` tries.",
    )
    was: Slug | None = Field(default=None, description="The id that it had before, so that its history is kept.")


def _nowhere() -> Mapping[Loc, Place]:
    return {(): Place(0, 0, "config.toml")}


class Settings(_Table):
    """A whole configuration. Channel addresses are resolved (`channel.url`), the database's path is absolute."""

    include: Lines = Field(
        default=(), description='More config files, as in `["conf.d/*.toml"]`, from this file\'s folder.'
    )
    timezone: Zone | None = Field(
        default=None, description='The zone of all times, as in `"America/Bogota"`; the system\'s otherwise.'
    )
    store: Store = Store()
    polling: Polling = Polling()
    reading: Reading = Reading()
    workers: Workers = Field(default_factory=Workers)
    alerts: Alerts = Alerts()
    health: Health = Health()
    aliases: dict[Slug, SomeLines] = Field(
        default_factory=dict,
        description="Keywords under a name of your own: `@NAME` stands for them, in watchlists and in other lists.",
    )
    feeds: tuple[Feed, ...] = ()
    sites: tuple[Site, ...] = ()
    channels: dict[Slug, Channel] = Field(default_factory=dict)
    watchlists: tuple[Watchlist, ...] = ()

    _places: Mapping[Loc, Place] = PrivateAttr(default_factory=_nowhere)
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What works but deserves a look; lines like a ConfigError's."""
        return self._warnings

    def written(self, places: Mapping[Loc, Place], warnings: tuple[str, ...]) -> Settings:
        """Itself, knowing where its values were written."""
        self._places, self._warnings = places, warnings
        return self

    def where(self, *loc: str | int) -> str:
        """`where("watchlists", 0, "keywords", 2)` -> "config.toml:41"; a default has its table's line."""
        return str(nearest(self._places, loc))

    @property
    def lists(self) -> Lists:
        """Every list that a query may name."""
        return lists_of(self.aliases)

    def feed_specs(self) -> tuple[FeedSpec, ...]:
        return tuple(_spec(feed, robots=self.reading.robots) for feed in self.feeds)

    def feeds_of(self, watchlist: Watchlist) -> frozenset[str] | None:
        """Canonical addresses of the feeds that it is narrowed to; None: all feeds, later ones too."""
        if not watchlist.feeds:
            return None
        wanted = {*watchlist.feeds, *map(canonical, watchlist.feeds)}
        return frozenset(address for name in wanted for address in self._addresses.get(name, ()))

    @cached_property
    def _addresses(self) -> Mapping[str, frozenset[str]]:
        """By every text that may stand for a feed, the addresses of those that it stands for."""
        found = defaultdict[str, set[str]](set)
        for feed in self.feeds:
            address = canonical(feed.url)
            for name in names_of(feed.url, address, feed.name, feed.tags):
                found[name].add(address)
        return {name: frozenset(addresses) for name, addresses in found.items()}


def _spec(feed: Feed, *, robots: bool) -> FeedSpec:
    return FeedSpec(
        address=canonical(feed.url),
        url=feed.url,
        name=feed.name or "",
        tags=feed.tags,
        language=feed.language or "",
        interval=feed.interval,
        robots=robots if feed.robots is None else feed.robots,
        kind=feed.kind,
        public_only=feed.public_only,
    )


def names_of(url: str, address: str, name: str | None, tags: tuple[str, ...]) -> frozenset[str]:
    """Every text by which a watchlist may point at the feed whose canonical address is `address`."""
    return frozenset({url, address, *(f"tag:{tag}" for tag in tags), *([name] if name else [])})
