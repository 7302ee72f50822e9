"""Doubts about watchlists: what their words say, how their feeds are written, and what they would have told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from feedwatch.config.packs import lists_of, shipped
from feedwatch.pipeline.archive import candidates as archived
from feedwatch.pipeline.archive import readings
from feedwatch.pipeline.zones import language_of
from feedwatch.store import search as table
from feedwatch.text.fold import fold
from feedwatch.text.scripts import language_name, script_name, script_of, scripts_in
from feedwatch.watches.forms import own_letters
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.index import primary
from feedwatch.watches.lint import Doubt, Spoken, lint
from feedwatch.watches.match import match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.pipeline.archive import Stretch
    from feedwatch.store import Connection
    from feedwatch.watches.tree import Query

ENOUGH_TITLES = 5
"""Titles of a feed in one script that make it a feed in this script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What the database knows of the feeds, by address."""

    languages: Mapping[str, str]
    scripts: Mapping[str, str]  # the script of most of the newest titles


NOTHING_LEARNT = Learnt(languages={}, scripts={})


def learn(db: Connection) -> Learnt:
    """The language that each feed says it has, and the script in which it writes."""
    titles: dict[str, Counter[str]] = {}
    for address, title in table.newest_titles(db):
        scripts = scripts_in(title)
        if len(scripts) == 1:
            titles.setdefault(address, Counter()).update(scripts)
    common = {address: found.most_common(1)[0] for address, found in titles.items()}
    return Learnt(
        languages=table.feed_languages(db),
        scripts={address: script for address, (script, count) in common.items() if count >= ENOUGH_TITLES},
    )


def doubts(settings: Settings, watch: Watchlist, query: Query, learnt: Learnt) -> tuple[Doubt, ...]:
    """What is doubtful in a watchlist, without a look at the articles."""
    texts = (watch.query,) if watch.query is not None else watch.keywords
    spoken = spoken_in(settings, settings.feeds_of(watch), learnt)
    return lint(query, texts, keywords=watch.query is None, spoken=spoken, pack_of=pack_of)


def spoken_in(settings: Settings, feeds: frozenset[str] | None, learnt: Learnt) -> Spoken:
    """What the feeds with these addresses (None: all) are written in: config, feed or else the titles say it."""
    languages, scripts = set[str](), dict[str, str]()
    for feed, spec in zip(settings.feeds, settings.feed_specs(), strict=True):
        if feeds is not None and spec.address not in feeds:
            continue
        language = feed.language or learnt.languages.get(spec.address, "")
        languages.add(language)
        script = script_of(language)
        if script:
            scripts.setdefault(script, f"feeds in {language_name(language)}")
        elif spec.address in learnt.scripts:
            scripts.setdefault(learnt.scripts[spec.address], f"titles in {script_name(learnt.scripts[spec.address])}")
    return Spoken(languages=frozenset(languages - {""}), scripts=scripts)


def unused_aliases(settings: Settings) -> list[str]:
    """Lists of the config that no watchlist and no other list names."""
    texts = [text for watch in settings.watchlists for text in (watch.query, *(watch.keywords or ())) if text]
    texts += [entry for entries in settings.aliases.values() for entry in entries]
    named = {word for text in texts for word in _names(text)}
    return [alias for alias in settings.aliases if alias not in named]


def _names(text: str) -> Iterable[str]:
    """What stands behind an @ in a text."""
    for piece in text.split("@")[1:]:
        yield piece.split()[0].rstrip('")|,;') if piece.split() else ""


def own_letter_doubts(db: Connection, query: Query, stretch: Stretch, looked_at: int) -> list[Doubt]:
    """Words that the newest articles hold with letters of their language's own, which makes them other words there."""
    lost: Counter[tuple[str, str, str]] = Counter()
    for number, article in enumerate(archived(db, to_fts5(query), stretch)):
        if number == looked_at:
            break
        has_own = any(own_letters(primary(language_of(article.page, entry))) for entry in article.entries)
        for each in readings(article, {}) if has_own else ():
            language = each.index.language
            if match(query, each.index, each.metadata):
                continue
            found = match(query, replace(each.index, language=""), each.metadata)
            for hit in found.hits if found else ():
                written = each.index.zones[hit.zone].text[hit.start : hit.end]
                lost[language, hit.term, written] += 1
    return [
        Doubt(
            message=f"{count} articles in {language_name(language)} say “{written}”, which {term} does not find there",
            cure=f"add {written} if it is meant",
        )
        for (language, term, written), count in lost.most_common(3)
    ]


@cache
def pack_of(word: str) -> str:
    """The shipped list that spells a word in other scripts, as in "@country:VE"; "": there is none."""
    lists, wanted = lists_of({}), fold(word)
    for name in shipped():
        entries = {fold(entry.strip('"*=')) for entry in lists(name)}
        if wanted in entries or wanted == fold(name.partition(":")[2]):
            return "@" + name.replace("cldr:", "country:")
    return ""
