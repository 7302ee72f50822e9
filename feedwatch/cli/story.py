"""The stories of an alert, for people who look: who tells each, why these belong together, and who is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedwatch.alerts.outgoing import counted
from feedwatch.alerts.phrases import names
from feedwatch.cli.show import clean
from feedwatch.stories.group import LETTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedwatch.store import Connection
    from feedwatch.store.stories import Told


def stories_of(db: Connection, alert: str) -> list[dict[str, Any]]:
    """A row for each story that others tell too, or that has a source of its own."""
    from feedwatch.store import stories
    from feedwatch.stories.sources import independent

    every = [stories.tellers(db, story) for story in stories.stories_of(db, alert)]
    return [
        {"told_by": [_teller(one, told) for one in told], "sources": list(independent(stories.reports(told)))}
        for told in every
        if len(told) > 1 or any(one.credits for one in told)
    ]


def _teller(one: Told, told: Sequence[Told]) -> dict[str, Any]:
    return {
        "outlet": one.outlet,
        "title": one.title,
        "link": one.link,
        "relation": one.relation,
        "credits": list(one.credits),
        "why": _why(one, told),
    }


def _why(one: Told, told: Sequence[Told]) -> str:
    like = next((other.outlet for other in told if other.article == one.evidence.get("like")), "an older article")
    if one.relation == "same_text" and "holds" in one.evidence:
        return f"holds {_percent(one.evidence['holds'])} of {like}'s text"
    if one.relation == "same_text":
        return f"{_percent(one.evidence.get('share'))} of its text is {like}'s"
    if one.relation == "same_story":
        return f"reports what {like} reports: {_words(one.evidence.get('words'))} (likeness {one.evidence.get('link')})"
    return "told it first"


def _percent(share: object) -> str:
    return f"{100 * share:.0f} %" if isinstance(share, int | float) else "much"


def _words(words: object) -> str:
    """The terms that two reports share, as people read them: the beginnings of words, names and numbers."""
    terms = [str(word) for word in words] if isinstance(words, list) else []
    names = [term.lstrip("^#") for term in terms if term[:1] in "^#"]
    shown = [_word(term, names) for term in terms]
    return ", ".join(dict.fromkeys(shown)) or "the same words"


def _word(term: str, names: Sequence[str]) -> str:
    """A name, a number, or a word, of which only the beginning is compared; the same word is a name once."""
    whole = term.lstrip("^#")
    if whole == term:
        return next((name for name in names if name.startswith(term)), f"{term}…" if len(term) == LETTERS else term)
    return whole


def lines(story: dict[str, Any]) -> list[str]:
    """As `alerts show` prints it."""
    told, sources = story["told_by"], story["sources"]
    outlets = len({one["outlet"] for one in told})
    head = f"  story: {counted(outlets, 'outlet')}, {counted(len(sources), 'source')} ({clean(names(sources))})"
    return [head, *(_line(one) for one in told)]


def _line(one: dict[str, Any]) -> str:
    by = f"; credits {names(one['credits'])}" if one["credits"] else ""
    return "    " + clean(f"{one['outlet']}: {one['title']}; {one['why']}{by}")
