"""From an alert to the words on a lock screen: plain text, always; no templates.

    alert → draft (single, digests, bulletins: by its kind) → message within the target's limits

The first 40 characters carry label and headline, the reason stands within the first 100 of the body, and the
alert's id is never cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts import bulletins, digests, single
from feedwatch.alerts.outgoing import cut, harmless, one_line
from feedwatch.alerts.phrases import Draft, Manners
from feedwatch.model import AlertView, Loudness, Message

if TYPE_CHECKING:
    from collections.abc import Callable

NO_TITLE_LIMIT = 250
"""Where a service folds the title into its text, the title is still one readable line."""

REASON = 40
"""Characters that a link must leave to the text before it, or it is left out: a tap may still open it."""

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
    kind = alert.kind if alert.kind in {"digest", "health", "surge"} else worded
    draft = DRAFTS[kind](alert, manners)
    return Message(
        alert=alert.id,
        title=cut(one_line(draft.title), min(manners.title_limit or NO_TITLE_LIMIT, NO_TITLE_LIMIT)),
        body=_fitted(draft, f"#{alert.short}", manners.body_limit),
        link=draft.link,
        loudness=_loudness(alert, kind),
    )


def _loudness(alert: AlertView, kind: str) -> Loudness:
    """An update wakes nobody, whatever its watchlist."""
    if kind == "update":
        return Loudness.SILENT
    return Loudness.URGENT if alert.urgent else Loudness.NORMAL


def _fitted(draft: Draft, last: str, limit: int) -> str:
    """Lines and blocks that fit, then the link and always the last line; a limit of 0 is none."""
    room = (limit or 10**9) - len(last)
    ending = [last]
    if draft.link and room - len(draft.link) - 1 >= REASON:
        ending = [draft.link, last]
        room -= len(draft.link) + 1
    kept = _lines(draft.lines, room - _least(draft))
    room -= sum(len(line) + 1 for line in kept)
    return "\n".join([*kept, *_blocks(draft, room), *ending])


def _least(draft: Draft) -> int:
    """What the lines above a list leave to the word that there is more."""
    return len(_more(len(draft.blocks), draft)) + 1 if draft.blocks else 0


def _lines(lines: tuple[str, ...], room: int) -> list[str]:
    """The lines in order; the first that does not fit is cut, and ends them."""
    kept: list[str] = []
    for line in map(_clean, lines):
        if len(line) + 1 > room:
            return [*kept, cut(line, room - 1)] if room > 1 else kept
        kept.append(line)
        room -= len(line) + 1
    return kept


def _blocks(draft: Draft, room: int) -> list[str]:
    """Whole blocks, and how many found no room; where not even the first fits, its beginning."""
    kept: list[str] = []
    for number, block in enumerate(draft.blocks):
        lines = [_clean(line) for line in block]
        rest = len(draft.blocks) - number
        after = len(_more(rest - 1, draft)) + 1 if rest > 1 else 0
        size = sum(len(line) + 1 for line in lines)
        if size + after > room:
            beginning = [] if number else _lines(block[:1], room - after)
            return [*kept, *beginning, *_lines((_more(rest - len(beginning), draft),), _left(room, beginning))]
        kept += lines
        room -= size
    return kept


def _left(room: int, lines: list[str]) -> int:
    return room - sum(len(line) + 1 for line in lines)


def _more(number: int, draft: Draft) -> str:
    return f"… and {number} more: {draft.more}" if number else "…"


def _clean(line: str) -> str:
    return harmless(line).replace("\n", " ")
