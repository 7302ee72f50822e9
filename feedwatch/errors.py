"""Every exception feedwatch raises on purpose.

FeedwatchError
├── ConfigError              the configuration has problems; carries them all
├── QueryError               a watch query is refused; carries the position and a cure
├── UnknownList              a query names a list that there is not
├── FeedUnreadable           a body that is no feed we can read
├── PageUnreadable           a page that gave no article text
│   └── PageElsewhere        … it leads on to one that may
├── WorkerError              a worker process did not bring its job home
│   ├── WorkerTimeout        … it overran its deadline and was killed
│   ├── WorkerMemory         … it hit its memory limit
│   └── WorkerCrash          … it died
├── ChannelError             a channel's address is not usable
├── AskedWrongly             what was asked for cannot be meant: an unknown channel, no duration
├── NothingThere             what was asked for does not exist
├── NoAnswer                 a running feedwatch cannot be asked
├── Unfit                    a library that came with Python is too old or lacks something
└── StoreError               the database needs a human
    ├── NoDatabase           … there is none yet
    ├── DatabaseVanished     … it was here and is missing or empty
    ├── DatabaseDamaged      … SQLite cannot read it
    ├── DatabaseNewer        … a newer feedwatch wrote it
    ├── DatabaseBusy         … another feedwatch holds its lock
    └── StoreUnavailable     … it cannot be written right now: disk full, locked, I/O error
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class FeedwatchError(Exception):
    """Root of all; its text is for the user: what, where, cure."""


class ConfigError(FeedwatchError):
    """The configuration has problems; each is one line `file:line: message (cure)`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


class QueryError(FeedwatchError):
    """A watch query is refused; `position` counts characters from 0."""

    def __init__(self, message: str, position: int, cure: str) -> None:
        super().__init__(f"{message} at character {position + 1} ({cure})")
        self.message = message
        self.position = position
        self.cure = cure

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int, str]]:
        return type(self), (self.message, self.position, self.cure)


class UnknownList(FeedwatchError):
    """There is no list of that name; the cure says which is meant, or where lists are written."""

    def __init__(self, name: str, cure: str) -> None:
        super().__init__(f"there is no list @{name} ({cure})")
        self.name = name
        self.cure = cure

    def __reduce__(self) -> tuple[type[UnknownList], tuple[str, str]]:
        return type(self), (self.name, self.cure)


class FeedUnreadable(FeedwatchError):
    """The body is no feed: says what it looks like instead."""


class PageUnreadable(FeedwatchError):
    """The page gave no article text."""


class PageElsewhere(PageUnreadable):
    """The page has no text of its own and leads on to `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(f"it has no text of its own and leads on to {url}")
        self.url = url

    def __reduce__(self) -> tuple[type[PageElsewhere], tuple[str]]:
        return type(self), (self.url,)


class WorkerError(FeedwatchError):
    """A worker process did not bring its job home."""


class WorkerTimeout(WorkerError):
    """The job overran its deadline; its process was killed."""


class WorkerMemory(WorkerError):
    """The job hit its process's memory limit."""


class WorkerCrash(WorkerError):
    """The job's process died."""


class ChannelError(FeedwatchError):
    """A channel's address is not usable; the text never holds the address, which may be a secret."""


class AskedWrongly(FeedwatchError):
    """What was asked for cannot be meant; the text says what can."""


class NothingThere(FeedwatchError):
    """What was asked for does not exist."""


class NoAnswer(FeedwatchError):
    """A feedwatch holds the database and cannot be asked, now or by this user."""


class Unfit(FeedwatchError):
    """A library that came with Python is too old to start on, or lacks something."""


class StoreError(FeedwatchError):
    """The database needs a human; the text says the way out."""


class NoDatabase(StoreError):
    """There is no database yet."""


class DatabaseVanished(StoreError):
    """A database was here and is missing or empty now."""


class DatabaseDamaged(StoreError):
    """SQLite cannot read the database."""


class DatabaseNewer(StoreError):
    """A newer feedwatch wrote this database."""


class DatabaseBusy(StoreError):
    """Another feedwatch holds the database's lock."""


class StoreUnavailable(StoreError):
    """The database cannot be written right now; what was asked for may be asked again."""
