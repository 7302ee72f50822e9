"""When is a page asked for again? At 0, 2 and 15 minutes; then its entries are decided on the feed's text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedwatch.model import Failure

TRIES = (timedelta(0), timedelta(minutes=2), timedelta(minutes=15))
"""When each try is due, counted from the page's turn."""


def next_try(turn: datetime, tries: int, failure: Failure) -> datetime | None:
    """The time of the next try after `tries` failed ones, or None: the page is given up."""
    if failure.final or tries >= len(TRIES):
        return None
    return turn + TRIES[tries]
