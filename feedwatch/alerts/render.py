"""From an alert to the words on a lock screen: plain text, always; no templates.

    alert → draft (single, digests, bulletins: by its kind) → message within the target's limits

The first 40 characters carry label and headline, the reason stands within the first 100 of the body, and the
alert's id is never cut off.
"""

from __future__ import annotations

from collections.abc import Callable

from feedwatch.alerts import bulletins, digests, single
from feedwatch.alerts.outgoing import cut, harmless, one_line
from feedwatch.alerts.phrases import Draft, Manners, told_as
from feedwatch.model import AlertView, Loudness, Message

NO_TITLE_LIMIT = 250
"""Where a service folds the title into its text, the title is still one readable line."""

FOLD = 16
"""Characters around a title that a service folds into the text: "<b></b><br />\\r\\n" at the most."""

REASON = 40
"""Characters that a link must leave to the text before it, or it is left out: a tap may still open it."""

Size = Callable[[str], int]

DRAFTS: dict[str, Callable[[AlertView, Manners], Draft]] = {
    "first": single.first,
    "raise": single.stronger,
    "update": single.update,
    "revision": single.revision,
    "surge": digests.surge,
    "digest": digests.digest,
    "health": bulletins.health,
}


def render(alert: AlertView, worded: str, manners: Manners) -> Message:
    """The message of an alert for one target, within its limits; `worded`: the kind that it is told as."""
    kind = told_as(alert, worded)
    draft = DRAFTS[kind](alert, manners)
    title = cut(one_line(draft.title), _title_limit(manners))
    return Message(
        alert=alert.id,
        title=title,
        body=_fitted(draft, f"#{alert.short}", _room(title, manners), manners.size),
        link=draft.link,
        loudness=_loudness(alert, kind),
    )


def _title_limit(manners: Manners) -> int:
    """A title that is folded into a short text leaves half of it to the text."""
    if manners.title_limit:
        return min(manners.title_limit, NO_TITLE_LIMIT)
    return min(manners.body_limit // 2 or NO_TITLE_LIMIT, NO_TITLE_LIMIT)


def _room(title: str, manners: Manners) -> int:
    """For the body; a service without titles has the title folded into it."""
    if not manners.body_limit:
        return 10**9
    return manners.body_limit - (0 if manners.title_limit else manners.size(title) + FOLD)


def _loudness(alert: AlertView, kind: str) -> Loudness:
    """An update wakes nobody, whatever its watchlist."""
    if kind == "update":
        return Loudness.SILENT
    return Loudness.URGENT if alert.urgent else Loudness.NORMAL


def _fitted(draft: Draft, last: str, room: int, size: Size) -> str:
    """Lines and blocks that fit, then the link and always the last line."""
    room -= size(last)
    ending = [last]
    if draft.link and room - size(draft.link) - size("\n") >= REASON:
        ending = [draft.link, last]
        room -= size(draft.link) + size("\n")
    kept = _lines(draft.lines, room - _least(draft, size), size)
    return "\n".join([*kept, *_blocks(draft, _left(room, kept, size), size), *ending])


def _least(draft: Draft, size: Size) -> int:
    """What the lines above a list leave to the word that there is more."""
    return size(_more(len(draft.blocks), draft)) + size("\n") if draft.blocks else 0


def _lines(lines: tuple[str, ...], room: int, size: Size) -> list[str]:
    """The lines in order; the first that does not fit is cut, and ends them."""
    kept: list[str] = []
    for line in map(_clean, lines):
        if size(line) + size("\n") > room:
            return [*kept, *filter(None, [_cut(line, room - size("\n"), size)])]
        kept.append(line)
        room -= size(line) + size("\n")
    return kept


def _cut(line: str, room: int, size: Size) -> str:
    """As much of the line as has that size."""
    short = cut(line, room)
    while short and size(short) > room:
        short = cut(line, max(0, min(room, len(short) - 1) - (size(short) - room) // 12))  # a sign is twelve at most
    return short


def _blocks(draft: Draft, room: int, size: Size) -> list[str]:
    """Whole blocks, and how many found no room; where not even the first fits, its beginning."""
    kept: list[str] = []
    for number, block in enumerate(draft.blocks):
        lines = [_clean(line) for line in block]
        rest = len(draft.blocks) - number
        after = size(_more(rest - 1, draft)) + size("\n") if rest > 1 else 0
        left = _left(room, lines, size)
        if left < after:
            beginning = [] if number else _lines(block[:1], room - after, size)
            more = _more(rest - len(beginning), draft)
            return [*kept, *beginning, *_lines((more,), _left(room, beginning, size), size)]
        kept += lines
        room = left
    return kept


def _left(room: int, lines: list[str], size: Size) -> int:
    return room - sum(size(line) + size("\n") for line in lines)


def _more(number: int, draft: Draft) -> str:
    return f"… and {number} more: {draft.more}" if number else "…"


def _clean(line: str) -> str:
    return harmless(line).replace("\n", " ")
