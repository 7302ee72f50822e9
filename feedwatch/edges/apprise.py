"""How a message goes out through Apprise.

    address → an object of the service for this message alone: its loudness, its tap, the alert's id
        → the text made safe for what the service shows → sent → what it answered
        → refused: once more as plain as can be

Read from the source of Apprise 2.2. An address (`ntfy://host/topic`) is a secret: it is in no receipt.
"""

# mypy: allow-untyped-calls
# Apprise is typed in parts only.

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import requests
from apprise import Apprise, LogCapture, NotifyFormat
from apprise.conversion import convert_between
from apprise.plugins import NotifyBase

from feedwatch.alerts.markup import MARKDOWN, escaped
from feedwatch.alerts.outgoing import cut, one_line, plainest
from feedwatch.alerts.render import FOLD
from feedwatch.edges.loudness import mail_headers, set_loudness, set_tap
from feedwatch.edges.services import (
    LISTS_ALL,
    MAIL,
    NTFY,
    host_of,
    instance,
    markup_of,
    open_channel,
    parsed,
    warm_up,
)
from feedwatch.model import Outcome, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.edges.services import Service
    from feedwatch.model import Message

__all__ = ["open_channel", "send", "warm_up"]

_POSTS = {"json", "jsons", "xml", "xmls", "form", "forms"}  # these take fields of ours as `:key=` arguments

# ntfy sends an attachment instead when its JSON passes 8,000: what its keys and the topic, 64 characters at most, take.
_NTFY_ENVELOPE = 300

_SUBJECT = 900  # characters of an encoded subject: a line holds 998 (RFC 5322), and Apprise puts it into one

_PLAIN_TITLES = {"NotifyServerChan", "NotifyZulip"}
"""Markdown in the text and none in the title; in all others of their kind the title is a line of the text."""

_MARKED_TITLES = {"NotifyWorkflows", "NotifyCliq", "NotifyGoogleChat"}
"""Apprise puts backslashes into the text for them and none into the title, which they show as Markdown too."""

# ntfy answers with codes of its own, whose first three digits are the HTTP status: 40001, 41301.
_STATUS = re.compile(r"\berror[ =]([1-5]\d\d)")
_REFUSALS = {400, 413, 422}
_CAUSE = re.compile(
    r"""^Socket\ Exception .* (?: Errno\ -?\d+\]\ ([\w\ -]+) | (timed\ out) | \[SSL:\ \w+\]\ ([\w\ ]+) )
    |   ^Socket\ Exception:\ ((?:SMTP|STARTTLS)\ [\w\ ]+)
    |   ^Socket\ Exception:\ \( (\d{3},\ b?['"][^'"\n]+)""",
    re.MULTILINE | re.VERBOSE,
)
_SHORTEST_SECRET = 3
_DETAIL_LIMIT = 300


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a service answered over HTTP."""

    status: int
    wait: timedelta | None  # that it asked for


def send(target_url: str, message: Message) -> Receipt:
    """Send `message` and wait for the service's answer; never raises. Runs in a process that may be killed.

    What a service refuses it gets once more as plain as can be, since the fault may lie in what it makes of a text.
    """
    receipt = _send(target_url, message)
    if receipt.outcome is not Outcome.REFUSED or not _has_one_address(target_url):
        return receipt
    again = _send(target_url, _plainest(message))
    if again.outcome is Outcome.SENT:
        return replace(again, detail=f"taken in plainest words only; first {receipt.detail}")
    return receipt


def _send(target_url: str, message: Message) -> Receipt:
    """Apprise's answer is yes or no; a status is overheard from its connections, or read from its log."""
    kept = ""
    try:
        service = _addressed(target_url, message)
        if service is None:
            return Receipt(outcome=Outcome.FAILED, detail="Apprise cannot read this address any more")
        kept = host_of(service)
        with _overhearing() as answers:
            sent, said, cause = _notify(service, message)
    except Exception as problem:  # noqa: BLE001 - 183 services raise what they like, and a send ends in a receipt
        return Receipt(
            outcome=Outcome.FAILED, detail=_redacted(f"{type(problem).__name__}: {problem}", target_url, kept)
        )
    if sent:
        return Receipt(outcome=Outcome.SENT)
    return Receipt(
        outcome=Outcome.REFUSED if _status(answers, said) in _REFUSALS else Outcome.FAILED,
        detail=_redacted(said + cause, target_url, kept) or "the service did not take it",
        retry_after=answers[-1].wait if answers else None,
    )


def _status(answers: list[_Answer], said: str) -> int | None:
    """The last one. It says nothing about a connection that broke afterwards, which no status tells of."""
    read = _STATUS.search(said)
    if read is not None:
        return int(read[1])
    return answers[-1].status if answers else None


def _has_one_address(url: str) -> bool:
    """Of several one may have taken it: a second try would be its second copy."""
    service = instance(url)
    return service is not None and len(service) == 1


def _plainest(message: Message) -> Message:
    """Its title, its first lines, its link and its id, in letters and digits."""
    first, *others = message.body.split("\n")
    last = others[-1:]
    link = [message.link] if message.link else []
    lines = [plainest(cut(first, _DETAIL_LIMIT)), *link, *last]
    return replace(message, title=plainest(message.title), body="\n".join(lines))


@contextmanager
def _overhearing() -> Iterator[list[_Answer]]:
    """Apprise keeps statuses and Retry-After to itself; nearly all of its services ask through requests."""
    heard: list[_Answer] = []
    asking = requests.Session.send

    def listen(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        response = asking(self, request, **kwargs)
        heard.append(_Answer(response.status_code, _wait(response)))
        return response

    requests.Session.send = listen  # type: ignore[method-assign]  # for this send alone
    try:
        yield heard
    finally:
        requests.Session.send = asking  # type: ignore[method-assign]


def _wait(response: requests.Response) -> timedelta | None:
    """Retry-After in seconds or as a date, or what Telegram and Discord say in their JSON."""
    if response.ok:
        return None
    from feedwatch.edges.answers import retry_after  # a sender that is never refused needs no HTTP client of ours

    header = response.headers.get("Retry-After", "")
    return _seconds(header or _said_wait(response)) or retry_after(header, datetime.now(UTC))


def _seconds(said: Any) -> timedelta | None:
    try:
        return timedelta(seconds=max(0.0, float(said)))
    except (ValueError, TypeError, OverflowError):
        return None


def _said_wait(response: requests.Response) -> Any:
    try:
        answer = json.loads(response.content)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    inner = answer.get("parameters")
    return answer.get("retry_after") or (inner.get("retry_after") if isinstance(inner, dict) else None)


def _addressed(url: str, message: Message) -> Service | None:
    """A service object made for this message alone: with the alert's id, the tap and the loudness it can carry."""
    read = parsed(url)
    changes: dict[str, Any] = {}
    if read.get("schema") in _POSTS:
        changes["payload"] = {"id": message.alert, **read.get("payload", {})}
    if read.get("schema") in MAIL:
        changes["headers"] = {**read.get("headers", {}), **mail_headers(one_line(message.alert), message.loudness)}
    service = instance(url, **changes)
    if service is None:
        return None
    set_loudness(service, message.loudness)
    if message.link is not None:
        set_tap(service, message.link)
    return service


def _notify(service: Service, message: Message) -> tuple[bool, str, str]:
    """Whether it was sent, the warnings that Apprise logged meanwhile, and what a connection broke by."""
    courier = Apprise()
    courier.add(service)
    title, body = _fitted(service, one_line(message.title), message.body)
    # Not service.notify(): that path, tried with Telegram, lets tags in the text through unescaped.
    with LogCapture(level=logging.DEBUG, fmt="%(message)s") as log:
        result = courier.notify(title=title, body=body, body_format=NotifyFormat.TEXT)
    said = " ".join(entry.message for entry in result.logs())
    return result.status.name == "SUCCESS", said, _cause(log.getvalue())


def _cause(log: str) -> str:
    """What a connection broke by, in brackets: told below warnings only and there with addresses, so this alone."""
    found = _CAUSE.search(log)
    return f" ({next(filter(None, found.groups())).strip()})" if found else ""


def _fitted(service: Service, title: str, body: str) -> tuple[str, str]:
    """Title and body as they are handed over: escaped, and cut further where that made them too long.

    The last line, which names the alert, stays.
    """
    kind = markup_of(service)
    shown = _title(service, title, kind)
    body = _in_lines(service, body)
    head, found, last = body.rpartition("\n")
    head, last = (head, found + last) if found else (last, "")
    over = _excess(service, shown, escaped(head + last, kind))
    while over > 0 and len(head) > 1:
        head = cut(head, max(1, len(head) - over // 12 - 1))  # escaped, one character becomes twelve at most
        over = _excess(service, shown, escaped(head + last, kind))
    return shown, escaped(head + last, kind)


def _title(service: Service, title: str, kind: str) -> str:
    name = type(service).__name__
    if service.schema in MAIL:
        return _subject(title)
    if name in _PLAIN_TITLES:
        return title
    return escaped(title, MARKDOWN if name in _MARKED_TITLES else kind)


def _subject(title: str) -> str:
    """As much of the title as a mail's one line holds, encoded: 110 Chinese characters, 150 Cyrillic ones."""
    while len(quote(title)) > _SUBJECT:  # never less than what a mail makes of it
        title = cut(title, len(title) - 1 - (len(quote(title)) - _SUBJECT) // 12)
    return title


def _in_lines(service: Service, body: str) -> str:
    """A desktop that shows some lines would drop the others: they share the last one."""
    most = service.body_max_line_count
    lines = body.split("\n")
    if most <= 0 or len(lines) <= most:
        return body
    return "\n".join([*lines[: most - 1], " · ".join(line.strip() for line in lines[most - 1 :])])


def _excess(service: Service, title: str, body: str) -> int:
    """How many characters too long the post would be."""
    if service.schema in NTFY:
        return len(json.dumps(title + body)) + _NTFY_ENVELOPE - int(service.ntfy_json_upstream_size_limit)
    form = service.resolve_format(NotifyFormat.TEXT)
    posted, heading = (
        service.dialect_convert(convert_between(NotifyFormat.TEXT, form, text), form) for text in (body, title)
    )
    folds = title and (service.title_maxlen <= 0 or service.overflow_amalgamate_title)
    folded = len(heading) + FOLD if folds else 0
    return len(posted) + folded - int(service.body_maxlen) if type(service).__name__ not in LISTS_ALL else 0


def _redacted(text: str, url: str, kept: str) -> str:
    """`text` on one line without any piece of `url` but the host to be `kept`."""
    for secret in sorted(_secrets(url) - {kept}, key=len, reverse=True):
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return cut(one_line(text), _DETAIL_LIMIT)


def _secrets(url: str) -> set[str]:
    """Every piece of `url` but the service's name and the arguments that all services share."""
    path, _, query = url.partition("://")[2].partition("?")
    arguments = [argument.partition("=") for argument in re.split("[&;]", query)]
    pieces = [value for key, _, value in arguments if key.lower() not in NotifyBase.template_args]
    pieces += re.split(r"[/:@,]", path)
    pieces += [unquote(piece) for piece in pieces]
    return {piece for piece in pieces if len(piece) >= _SHORTEST_SECRET}


def hidden(url: str) -> frozenset[str]:
    """The pieces of an address that its service would not show: passwords, tokens, keys."""
    service = instance(url)
    if service is None:
        return frozenset()
    shown = unquote(service.url(privacy=True))
    return frozenset(piece for piece in _secrets(service.url(privacy=False)) if piece not in shown)
