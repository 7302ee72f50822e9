"""What an Apprise address means: its service, its targets, its limits, and what it makes of a text.

Read from the source of Apprise 2.2. An address (`ntfy://host/topic`) is a secret: it is in no name and no error text.
"""

# mypy: allow-untyped-calls
# Apprise is typed in parts only.

from __future__ import annotations

import difflib
import functools
import hashlib
import logging
import re
import warnings
from collections import Counter
from typing import Any
from urllib.parse import quote, unquote

from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase, url_to_dict

from feedwatch.alerts import markup
from feedwatch.alerts.outgoing import one_line
from feedwatch.alerts.render import FOLD, NO_TITLE_LIMIT
from feedwatch.edges.guard import is_private
from feedwatch.errors import ChannelError
from feedwatch.model import Target

Service = Any  # one of Apprise's plugins, each with attributes of its own

MAIL = {"mailto", "mailtos"}
NTFY = {"ntfy", "ntfys"}

# Trying again is the outbox's work, and a failure that Apprise reports as a success would be a lost alert.
_OURS = {"retry": 0, "optional": False}

_CONFIRMED = {key: {"qos": "1"} for key in ("mqtt", "mqtts")}
"""Unless the owner says otherwise a broker confirms what it took: Apprise's own default is to hope."""

_LEFT_OUT = re.compile(r"invalid|dropped|ignored", re.IGNORECASE)

_NTFY_BYTES = 4_096
"""ntfy's own limit of a message (message-size-limit of its server), which Apprise does not know."""

LISTS_ALL = {
    "NotifyAppriseAPI", "NotifyBrevo", "NotifyEmail", "NotifyForm", "NotifyGroundmail", "NotifyJSON",
    "NotifyMailerSend", "NotifyMailgun", "NotifyOffice365", "NotifyPostmark", "NotifyResend", "NotifySES",
    "NotifySMTP2Go", "NotifySendGrid", "NotifySendPulse", "NotifySparkPost", "NotifyXML",
}  # fmt: skip
"""Mail, and posts to an address of one's own: the 32,768 that Apprise names for them is nobody's limit."""

_KINDS = {
    # Their plugins post our text as it is, and the services show it as Markdown.
    "NotifyDiscord": markup.MARKDOWN,
    "NotifyFluxer": markup.MARKDOWN,
    "NotifyGuilded": markup.MARKDOWN,
    "NotifyHumHub": markup.MARKDOWN,
    "NotifyMattermost": markup.MARKDOWN,
    "NotifyNextcloudTalk": markup.MARKDOWN,
    "NotifyNotifiarr": markup.MARKDOWN,
    "NotifyRevolt": markup.MARKDOWN,
    "NotifyRyver": markup.MARKDOWN,
    "NotifyServerChan": markup.MARKDOWN,
    "NotifyMisskey": markup.LOOSE,
    "NotifyZulip": markup.LOOSE,
    # Plain text, in which a name after an @ is called.
    "NotifyBlueSky": markup.CHAT,
    "NotifyGroupMe": markup.CHAT,
    "NotifyLark": markup.CHAT,
    "NotifyFeishu": markup.CHAT,
    "NotifyDingTalk": markup.CHAT,
    "NotifyMastodon": markup.CHAT,
    "NotifyMatrix": markup.CHAT,
    "NotifySynology": markup.CHAT,
    "NotifyTwitter": markup.CHAT,
    "NotifyWeComBot": markup.CHAT,
    "NotifyNtfy": markup.SMALL,
    "NotifySlack": markup.ENTITIES,
}

_PACES = {
    "NotifyDiscord": 2.0,  # 30 messages a minute a webhook
    "NotifyTelegram": 1.0,  # "avoid sending more than one message per second" (core.telegram.org/bots/faq)
    "NotifySlack": 1.2,  # one a second a webhook
    "NotifyNtfy": 5.0,  # ntfy.sh: one in 5 s after a burst of 60
    "NotifyEmail": 1.0,
    "NotifyMQTT": 0.0,
}
"""Seconds between two messages; of other services Apprise's own, `request_rate_per_sec`, which is seconds, too."""


@functools.cache
def warm_up() -> None:
    """Load Apprise's services, which takes up to a second, before the first message waits for it."""
    hush()
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


def markup_of(service: Service) -> str:
    """What becomes of a plain text there: Apprise converts it to the service's form, and the service shows that."""
    form = service.resolve_format(NotifyFormat.TEXT)
    if form == NotifyFormat.MARKDOWN:
        return markup.CONVERTED
    if form == NotifyFormat.HTML:
        return markup.HTML
    return _KINDS.get(type(service).__name__, markup.PLAIN)


def host_of(service: Service) -> str:
    """The host that the service talks to; empty where that place of the URL holds a token."""
    shown = re.match(r"[^:]+://(?:[^@/?]*@)?([^@/?:]+)", service.url(privacy=True))
    is_host = any("{host}" in template for template in service.templates)
    return service.host if is_host and shown is not None and shown[1] == service.host else ""


def hush() -> None:
    """Apprise quotes tokens in its warnings, urllib3 paths: what they say reaches receipts, redacted, not logs."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
        logger.propagate = False


# ---- reading an address


def _read(channel: str, url: str) -> Service:
    with LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
        service = instance(url)
    if service is None:
        raise ChannelError(f"channel {channel}: {_why_unread(url)}")
    if _LEFT_OUT.search(log.getvalue()):
        raise ChannelError(
            f"channel {channel}: Apprise would leave out a part of this {service.service_name} address, because it "
            f"is not valid (compare each target and argument with {service.setup_url})"
        )
    return service


def instance(url: str, **changes: Any) -> Service | None:
    """A fresh service object, or None if Apprise cannot make one; `changes` replace what the URL says."""
    read = parsed(url)
    if not read:
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
    return Apprise.instantiate({**_CONFIRMED.get(read["schema"], {}), **read, **_OURS, **changes}, asset=asset)


def parsed(url: str) -> dict[str, Any]:
    """What Apprise reads in `url`: arguments for a service object; empty if it reads nothing."""
    warm_up()
    hush()
    return url_to_dict(url, secure_logging=True) or {}


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
    targets = parsed(service.url(privacy=False)).get("targets") or []
    return [targets] if isinstance(targets, str) else list(targets)


def _split(service: Service) -> tuple[Service, ...]:
    """One service for each target; empty if they do not add up to the whole. Copies (cc) go with the first."""
    url = _address(service)
    copies = {key: None for key in ("cc", "bcc") if getattr(service, key, None)}
    parts = tuple(
        instance(url, targets=[target], **(copies if number else {})) for number, target in enumerate(_targets(service))
    )
    if len(parts) != _count(service) or not all(_is_whole(part) for part in parts):
        return ()
    return tuple(part for part in parts if part is not None)


def _is_whole(part: Service | None) -> bool:
    """Whether `part` has one target and its URL makes the same service again."""
    if part is None or _count(part) != 1:
        return False
    url = _address(part)
    again = instance(url)
    # Copies (cc) are a set inside Apprise and come in any order.
    return again is not None and _tokens(_address(again)) == _tokens(url)


def _address(service: Service) -> str:
    """The URL that makes this service again: Apprise's own, with what it drops of a mail login put back."""
    url: str = service.url(privacy=False)
    if service.schema in MAIL and "@" in (service.user or ""):
        url += f"{'&' if '?' in url else '?'}user={quote(service.user, safe='')}"
    return url


def _tokens(url: str) -> list[str]:
    return sorted(re.split(r"[?&]|%2C", url))


def _target(channel: str, name: str, service: Service, url: str, addresses: int = 1) -> Target:
    return Target(
        channel=channel,
        name=name,
        url=url,
        title_limit=service.title_maxlen,
        body_limit=_body_limit(service),
        addresses=addresses,
        markup=markup_of(service),
        service=f"{type(service).__name__}:{service.url_id() or host_of(service)}",
        pace=_pace(service),
    )


def _body_limit(service: Service) -> int:
    if service.schema in NTFY:
        return _NTFY_BYTES
    if type(service).__name__ in LISTS_ALL:
        return 0
    folded = min(NO_TITLE_LIMIT, service.title_maxlen) + FOLD if service.overflow_amalgamate_title else 0
    return int(service.body_maxlen) - folded


def _pace(service: Service) -> float:
    """A pace spares other people's machines; one's own needs none."""
    host = host_of(service)
    if host and is_private(host, allow=()):
        return 0.0
    return float(_PACES.get(type(service).__name__, service.request_rate_per_sec))


def _name(service: Service) -> str:
    """Topic, chat or mail address, else the host, else the service; what Apprise masks becomes a fingerprint."""
    targets = _targets(service)
    shown = unquote(service.url(privacy=True))
    if not targets and service.schema in MAIL:
        return one_line(service.from_addr[1])  # mail without a recipient goes to its sender
    if not targets:
        return host_of(service) or service.schema
    if all(target in shown for target in targets):
        return one_line(",".join(targets))
    return f"{service.schema}-{hashlib.sha256(','.join(targets).encode()).hexdigest()[:6]}"


def _unique(names: list[str]) -> list[str]:
    """The names, the second "desk" as "desk-2"."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return unique
