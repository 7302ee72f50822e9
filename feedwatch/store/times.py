"""Times as the database keeps them: UTC microseconds since 1970, sortable and without a zone to misread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: None) -> None: ...
def micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970; a naive time raises TypeError."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


@overload
def moment(micros: int) -> datetime: ...
@overload
def moment(micros: None) -> None: ...
def moment(micros: int | None) -> datetime | None:
    """The aware UTC time of `micros`."""
    return None if micros is None else EPOCH + micros * MICROSECOND


@overload
def lasted(span: timedelta) -> int: ...
@overload
def lasted(span: None) -> None: ...
def lasted(span: timedelta | None) -> int | None:
    """Microseconds that a span lasts."""
    return None if span is None else span // MICROSECOND


@overload
def span(micros: int) -> timedelta: ...
@overload
def span(micros: None) -> None: ...
def span(micros: int | None) -> timedelta | None:
    return None if micros is None else micros * MICROSECOND
