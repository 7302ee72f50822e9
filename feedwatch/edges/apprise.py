"""Everything that is known about Apprise: what an address means, how it is split, how a message goes out.

Read from the source of Apprise 2.2. An address (`ntfy://host/topic`) is a secret: it is in no name, no error
text and no receipt.
"""

# mypy: allow-untyped-calls
# Apprise is typed in parts only.

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import logging
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat
from apprise.conversion import convert_between
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase, url_to_dict

from feedwatch.alerts.outgoing import cut, one_line
from feedwatch.errors import ChannelError
from feedwatch.model import Outcome, Receipt, Target

if TYPE_CHECKING:
    from feedwatch.model import Message

Service = Any  # one of Apprise's plugins, each with attributes of its own

_MAIL = {"mailto", "mailtos"}
_NTFY = {"ntfy", "ntfys"}
_POSTS = {"json", "jsons", "xml", "xmls", "form", "forms"}  # these take fields of ours as `:key=` arguments

# Trying again is the outbox's work, and a failure that Apprise reports as a success would be a lost alert.
_OURS = {"retry": 0, "optional": False}

# ntfy's message holds 4,096 bytes, and Apprise sends an attachment instead when its JSON passes 8,000, where
# every letter beyond ASCII takes 6: 1,000 characters fit in any alphabet.
_NTFY_BODY_LIMIT = 1_000
_NTFY_ENVELOPE = 300  # the JSON's keys and the topic, which has 64 characters at most

# ntfy answers with codes of its own, whose first three digits are the HTTP status: 40001, 41301.
_STATUS = re.compile(r"\berror[ =]([1-5]\d\d)")
_REFUSALS = {"400", "413", "422"}
_CAUSE = re.compile(
    r"""^Socket\ Exception .* (?: Errno\ -?\d+\]\ ([\w\ -]+) | (timed\ out) | \[SSL:\ \w+\]\ ([\w\ ]+) )
    |   ^Socket\ Exception:\ ((?:SMTP|STARTTLS)\ [\w\ ]+)
    |   ^Socket\ Exception:\ \( (\d{3},\ b?['"][^'"\n]+)""",
    re.MULTILINE | re.VERBOSE,
)
_LEFT_OUT = re.compile(r"invalid|dropped|ignored", re.IGNORECASE)
_SHORTEST_SECRET = 3
_DETAIL_LIMIT = 300


@functools.cache
def warm_up() -> None:
    """Load Apprise's services, which takes up to a second, before the first message waits for it."""
    _hush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports imghdr, for PGPy's sake
        NotificationManager().load_modules()


def open_channel(name: str, url: str) -> tuple[Target, ...]:
    """The targets of channel `name`, one for each address that Apprise would post to.

    Apprise reports success per URL only. Where a URL cannot be split, its one target says so by `addresses` > 1.
    Raises ChannelError, without the URL, if Apprise cannot read it or would leave a part of it out.
    """
    service = _read(name, url)
    addresses = _count(service)
    parts = _split(service) if addresses > 1 else ()
    if not parts:
        return (_target(name, _name(service), service, url, addresses),)
    names = _unique([_name(part) for part in parts])
    return tuple(_target(name, own, part, _address(part)) for own, part in zip(names, parts, strict=True))


def send(target_url: str, message: Message) -> Receipt:
    """Send `message` and wait for the service's answer; never raises. Runs in a process that may be killed.

    Apprise's answer is yes or no; an HTTP status is read from its log, where every service words it alike.
    """
    kept = ""
    try:
        service = _addressed(target_url, message)
        if service is None:
            return Receipt(outcome=Outcome.FAILED, detail="Apprise cannot read this address any more")
        kept = _host(service)
        sent, said, cause = _notify(service, message)
    except Exception as problem:  # noqa: BLE001 - 183 services raise what they like, and a send ends in a receipt
        return Receipt(
            outcome=Outcome.FAILED, detail=_redacted(f"{type(problem).__name__}: {problem}", target_url, kept)
        )
    if sent:
        return Receipt(outcome=Outcome.SENT)
    status = _STATUS.search(said)
    refused = status is not None and status[1] in _REFUSALS
    return Receipt(
        outcome=Outcome.REFUSED if refused else Outcome.FAILED,
        detail=_redacted(said + cause, target_url, kept) or "the service did not take it",
    )


# ---- reading an address


def _read(channel: str, url: str) -> Service:
    with LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
        service = _instance(url)
    if service is None:
        raise ChannelError(f"channel {channel}: {_why_unread(url)}")
    if _LEFT_OUT.search(log.getvalue()):
        raise ChannelError(
            f"channel {channel}: Apprise would leave out a part of this {service.service_name} address, because it "
            f"is not valid (compare each target and argument with {service.setup_url})"
        )
    return service


def _instance(url: str, **changes: Any) -> Service | None:
    """A fresh service object, or None if Apprise cannot make one; `changes` replace what the URL says."""
    parsed = _parsed(url)
    if not parsed:
        return None
    # Only the address decides: no plugins from disk, nothing stored, no text rewritten, no icon from GitHub.
    asset = AppriseAsset(
        storage_mode="memory",
        service_timeout=0,  # the pool kills a send that hangs
        allow_templates=False,
        interpret_escapes=False,
        interpret_emojis=False,
        secure_logging=True,
        pgp_autogen=False,
        pem_autogen=False,
        app_id="feedwatch",
        app_desc="feedwatch",
        app_url="",
        image_url_mask="",
        image_url_logo="",
    )
    return Apprise.instantiate({**parsed, **_OURS, **changes}, asset=asset)


def _parsed(url: str) -> dict[str, Any]:
    """What Apprise reads in `url`: arguments for a service object; empty if it reads nothing."""
    warm_up()
    _hush()
    return url_to_dict(url, secure_logging=True) or {}


def _hush() -> None:
    """Apprise quotes tokens in its warnings, urllib3 paths: what they say reaches receipts, redacted, not logs."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
        logger.propagate = False


def _why_unread(url: str) -> str:
    manager = NotificationManager()
    found = re.match(r"\s*([a-z0-9.+_-]{1,32})://", url, re.IGNORECASE)
    if found is None:
        return "this is no address (begin with the service, such as ntfy:// or mailto://)"
    schema = found[1].lower()
    if schema in {"http", "https"}:
        return f"{schema}:// is no service that Apprise knows (json:// and jsons:// post to an address of your own)"
    if schema not in manager:
        close = difflib.get_close_matches(schema, manager.schemas(), 3)
        cure = f"did you mean {' or '.join(f'{each}://' for each in close)}?" if close else "see appriseit.com/services"
        return f"Apprise has no service {schema}:// ({cure})"
    plugin = manager[schema]
    if not plugin.enabled:
        packages = plugin.requirements.get("packages_required") or "see " + plugin.setup_url
        needs = packages if isinstance(packages, str) else ", ".join(packages)
        return f"{schema}:// does not work on this system (what it needs: {needs})"
    return f"Apprise cannot read this {plugin.service_name} address (see {plugin.setup_url})"


# ---- one target each


def _count(service: Service) -> int:
    """How many posts a message costs. Services that do not count themselves always say 1: count their targets."""
    if type(service).__len__ is NotifyBase.__len__:
        return max(1, len(_targets(service)))
    return len(service)


def _targets(service: Service) -> list[str]:
    targets = _parsed(service.url(privacy=False)).get("targets") or []
    return [targets] if isinstance(targets, str) else list(targets)


def _split(service: Service) -> tuple[Service, ...]:
    """One service for each target; empty if they do not add up to the whole. Copies (cc) go with the first."""
    url = _address(service)
    copies = {key: None for key in ("cc", "bcc") if getattr(service, key, None)}
    parts = tuple(
        _instance(url, targets=[target], **(copies if number else {}))
        for number, target in enumerate(_targets(service))
    )
    if len(parts) != _count(service) or not all(_is_whole(part) for part in parts):
        return ()
    return tuple(part for part in parts if part is not None)


def _is_whole(part: Service | None) -> bool:
    """Whether `part` has one target and its URL makes the same service again."""
    if part is None or _count(part) != 1:
        return False
    url = _address(part)
    again = _instance(url)
    # Copies (cc) are a set inside Apprise and come in any order.
    return again is not None and _tokens(_address(again)) == _tokens(url)


def _address(service: Service) -> str:
    """The URL that makes this service again: Apprise's own, with what it drops of a mail login put back."""
    url: str = service.url(privacy=False)
    if service.schema in _MAIL and "@" in (service.user or ""):
        url += f"{'&' if '?' in url else '?'}user={quote(service.user, safe='')}"
    return url


def _tokens(url: str) -> list[str]:
    return sorted(re.split(r"[?&]|%2C", url))


def _target(channel: str, name: str, service: Service, url: str, addresses: int = 1) -> Target:
    body_limit = _NTFY_BODY_LIMIT if service.schema in _NTFY else service.body_maxlen
    return Target(
        channel=channel,
        name=name,
        url=url,
        title_limit=service.title_maxlen,
        body_limit=body_limit,
        addresses=addresses,
    )


def _name(service: Service) -> str:
    """Topic, chat or mail address, else the host, else the service; what Apprise masks becomes a fingerprint."""
    targets = _targets(service)
    shown = unquote(service.url(privacy=True))
    if not targets and service.schema in _MAIL:
        return one_line(service.from_addr[1])  # mail without a recipient goes to its sender
    if not targets:
        return _host(service) or service.schema
    if all(target in shown for target in targets):
        return one_line(",".join(targets))
    return f"{service.schema}-{hashlib.sha256(','.join(targets).encode()).hexdigest()[:6]}"


def _host(service: Service) -> str:
    """The host that the service talks to; empty where that place of the URL holds a token."""
    shown = re.match(r"[^:]+://(?:[^@/?]*@)?([^@/?:]+)", service.url(privacy=True))
    is_host = any("{host}" in template for template in service.templates)
    return service.host if is_host and shown is not None and shown[1] == service.host else ""


def _unique(names: list[str]) -> list[str]:
    """The names, the second "desk" as "desk-2"."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return unique


# ---- sending


def _addressed(url: str, message: Message) -> Service | None:
    """A service object made for this message alone: with the alert's id and the tap, where it can carry them."""
    parsed = _parsed(url)
    changes: dict[str, Any] = {}
    if parsed.get("schema") in _POSTS:
        changes["payload"] = {"id": message.alert, **parsed.get("payload", {})}
    if parsed.get("schema") in _MAIL:
        changes["headers"] = {**parsed.get("headers", {}), "X-Feedwatch-Alert": message.alert}
    service = _instance(url, **changes)
    if service is not None and message.link is not None:
        _lead(service, message.link)
    return service


def _lead(service: Service, link: str) -> None:
    """Let a tap open `link`, where the service can and the owner has not set an address of their own."""
    if service.schema in _NTFY:
        # It quotes the address once more when it posts, which would break every %C3%A4: hand it over unquoted.
        plain = unquote(link)
        if quote(plain, safe=":/?@&=#") != quote(link, safe=":/?#[]@!$&'()*+,;=%~"):
            return
        link = plain
    for field in ("click", "supplemental_url"):
        if hasattr(service, field) and not getattr(service, field):
            setattr(service, field, link)


def _notify(service: Service, message: Message) -> tuple[bool, str, str]:
    """Whether it was sent, the warnings that Apprise logged meanwhile, and what a connection broke by."""
    courier = Apprise()
    courier.add(service)
    title = one_line(message.title)
    # Not service.notify(): that path, tried with Telegram, lets tags in the text through unescaped.
    with LogCapture(level=logging.DEBUG, fmt="%(message)s") as log:
        result = courier.notify(title=title, body=_fitted(service, title, message.body), body_format=NotifyFormat.TEXT)
    said = " ".join(entry.message for entry in result.logs())
    return result.status.name == "SUCCESS", said, _cause(log.getvalue())


def _cause(log: str) -> str:
    """What a connection broke by, in brackets: told below warnings only and there with addresses, so this alone."""
    found = _CAUSE.search(log)
    return f" ({next(filter(None, found.groups()))})" if found else ""


def _fitted(service: Service, title: str, body: str) -> str:
    """`body`, cut further where escaping has made it longer than the service takes."""
    over = _excess(service, title, body)
    while over > 0 and len(body) > 1:
        body = cut(body, max(1, len(body) - over // 12 - 1))  # escaped, one character becomes twelve at most
        over = _excess(service, title, body)
    return body


def _excess(service: Service, title: str, body: str) -> int:
    """How many characters too long the post would be."""
    if service.schema in _NTFY:
        return len(json.dumps(title + body)) + _NTFY_ENVELOPE - int(service.ntfy_json_upstream_size_limit)
    form = service.resolve_format(NotifyFormat.TEXT)
    posted = service.dialect_convert(convert_between(NotifyFormat.TEXT, form, body), form)
    # A service without titles has it folded into the body, with "<b></b><br />\r\n" around it at most.
    folded = len(convert_between(NotifyFormat.TEXT, form, title)) + 16 if title and service.title_maxlen <= 0 else 0
    return len(posted) + folded - int(service.body_maxlen)


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
    service = _instance(url)
    if service is None:
        return frozenset()
    shown = unquote(service.url(privacy=True))
    return frozenset(piece for piece in _secrets(service.url(privacy=False)) if piece not in shown)
