"""How loud is a message, and where does a tap on it lead? Told to a service's object: its URL is the owner's."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from feedwatch.model import Loudness

Service = Any  # one of Apprise's plugins

_UNCHANGED = object()

_LEVELS: dict[str, tuple[str, object, object]] = {
    "NotifyBark": ("level", "passive", "critical"),
    "NotifyExotel": ("priority", _UNCHANGED, "high"),
    "NotifyGotify": ("priority", 3, 10),  # 3: an icon and no sound
    "NotifyGrowl": ("priority", -1, 2),
    "NotifyJoin": ("priority", -1, 2),
    "NotifyLametric": ("priority", "info", "critical"),
    "NotifyLauther": ("priority", -1, 2),
    "NotifyMatrix": ("msgtype", "notice", _UNCHANGED),  # most clients ring for a text and not for a notice
    "NotifyNextcloudTalk": ("silent", True, False),
    "NotifyNtfy": ("priority", "low", "max"),  # low: seen and not heard; min would hide it
    "NotifyOpsgenie": ("priority", 1, 5),
    "NotifyPinglet": ("priority", "silent", "urgent"),
    "NotifyProwl": ("priority", -1, 2),
    "NotifyPushSafer": ("priority", -1, 2),
    "NotifyPushover": ("priority", -1, 2),  # -1: seen and not heard; 2: rings until somebody has seen it
    "NotifySMSEagle": ("priority", _UNCHANGED, 1),
    "NotifySimplePush": ("priority", 2, 5),
    "NotifyTelegram": ("silent", True, False),
    "NotifyYouLMK": ("priority", "low", "critical"),
}
"""A plugin of Apprise 2.2 → its attribute, and what that is for a silent and for an urgent message."""

_DISCORD_SILENT = 1 << 12  # SUPPRESS_NOTIFICATIONS, a flag of a Discord message

_RING_EVERY, _RING_FOR = 60, 3_600  # seconds, of Pushover's loudest level

_TAPS = ("click", "click_url", "supplemental_url")


def set_loudness(service: Service, loudness: Loudness) -> None:
    """As loud as asked for, where the service knows the difference; a normal one is as loud as its URL says."""
    if loudness is Loudness.NORMAL:
        return
    name = type(service).__name__
    attribute, silent, urgent = _LEVELS.get(name, ("", _UNCHANGED, _UNCHANGED))
    level = silent if loudness is Loudness.SILENT else urgent
    if level is not _UNCHANGED and hasattr(service, attribute):
        setattr(service, attribute, level)
    if name == "NotifyDiscord" and loudness is Loudness.SILENT:
        service.flags = (service.flags or 0) | _DISCORD_SILENT
    if name == "NotifyPushover" and loudness is Loudness.URGENT:
        service.interval = getattr(service, "interval", _RING_EVERY)
        service.expire = getattr(service, "expire", _RING_FOR)


def mail_headers(alert: str, loudness: Loudness) -> dict[str, str]:
    """The alert's id, and that no machine need answer (RFC 3834); an urgent one says so."""
    headers = {"X-Feedwatch-Alert": alert, "Auto-Submitted": "auto-generated"}
    return headers | ({"Importance": "high", "X-Priority": "1"} if loudness is Loudness.URGENT else {})


def set_tap(service: Service, link: str) -> None:
    """Let a tap open `link`, where the service can and the owner has not set an address of their own."""
    if type(service).__name__ == "NotifyNtfy":
        # It quotes the address once more when it posts, which would break every %C3%A4: hand it over unquoted.
        plain = unquote(link)
        if quote(plain, safe=":/?@&=#") != quote(link, safe=":/?#[]@!$&'()*+,;=%~"):
            return
        link = plain
    for field in _TAPS:
        if hasattr(service, field) and not getattr(service, field):
            setattr(service, field, link)
