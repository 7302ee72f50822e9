"""How loud a message arrives, by what a service's recorder is told."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from feedwatch.edges import apprise
from feedwatch.edges.loudness import _LEVELS, mail_headers, set_loudness
from feedwatch.edges.services import instance, warm_up
from feedwatch.model import Loudness, Message, Outcome

HEX = "0123456789abcdef"
LINK = "https://dw.example/a-1"


def of(loudness: Loudness) -> Message:
    return Message(alert="7f3k", title="VE · Maduro", body="why\n#7f3k", link=LINK, loudness=loudness)


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What services with fixed addresses would be told; nothing leaves."""
    told: list[dict[str, Any]] = []

    def send(_session: requests.Session, request: requests.PreparedRequest, **_: object) -> requests.Response:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        told.append(json.loads(body) if body.startswith("{") else {k: v[0] for k, v in parse_qs(body).items()})
        told[-1]["headers"] = {name.lower(): value for name, value in request.headers.items()}
        answer = requests.Response()
        answer.status_code, answer._content = 200, b'{"ok": true, "status": 1, "code": 200, "id": 1}'
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    return told


@pytest.mark.parametrize(
    ("url", "key", "silent", "normal", "urgent"),
    [
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/42", "disable_notification", True, False, False),
        (f"pover://{'u' * 30}@{'t' * 30}", "priority", "-1", "0", "2"),
        (f"pover://{'u' * 30}@{'t' * 30}?priority=high", "priority", "-1", "1", "2"),
        ("gotify://push.example.com/token", "priority", 3, 5, 10),
        ("discord://4174216298/abcdefghijklmnop", "flags", 4096, None, None),
        ("bark://bark.example.com/device", "level", "passive", None, "critical"),
        (f"prowl://{HEX}{HEX}{HEX[:8]}", "priority", "-1", "0", "2"),
    ],
)
def test_an_update_is_silent_and_an_urgent_alert_as_loud_as_can_be(
    url: str, key: str, silent: object, normal: object, urgent: object, posts: list[dict[str, Any]]
) -> None:
    for loudness in Loudness:
        assert apprise.send(url, of(loudness)).outcome is Outcome.SENT
    assert [post.get(key) for post in posts] == [silent, normal, urgent]


def test_ntfy_is_told_in_a_header(posts: list[dict[str, Any]]) -> None:
    for loudness in Loudness:
        apprise.send("ntfy://ntfy.example.com/news", of(loudness))
    assert [post["headers"].get("x-priority") for post in posts] == ["low", None, "max"]
    assert {post["headers"]["x-click"] for post in posts} == {LINK}


def test_pushovers_loudest_rings_for_a_while_and_a_tap_opens_the_article(posts: list[dict[str, Any]]) -> None:
    apprise.send(f"pover://{'u' * 30}@{'t' * 30}", of(Loudness.URGENT))
    assert (posts[0]["retry"], posts[0]["expire"], posts[0]["url"]) == ("60", "3600", LINK)


def test_a_mail_says_its_alert_and_that_it_is_urgent() -> None:
    assert mail_headers("7f3k", Loudness.NORMAL) == {"X-Feedwatch-Alert": "7f3k", "Auto-Submitted": "auto-generated"}
    assert mail_headers("7f3k", Loudness.URGENT)["Importance"] == "high"


SERVICES = {
    "NotifyBark": "bark://bark.example.com/device",
    "NotifyExotel": f"exotel://{HEX}:{HEX}@15551234567/15557654321",
    "NotifyGotify": "gotify://push.example.com/token",
    "NotifyJoin": f"join://{HEX}{HEX}/{HEX}{HEX}",
    "NotifyMatrix": "matrixs://user:pw@matrix.example.com/#room",
    "NotifyNextcloudTalk": "nctalk://user:pw@cloud.example.com/room",
    "NotifyNtfy": "ntfy://ntfy.example.com/news",
    "NotifyOpsgenie": f"opsgenie://{HEX[:8]}-0123-4567-89ab-{HEX[:12]}/",
    "NotifyProwl": f"prowl://{HEX}{HEX}{HEX[:8]}",
    "NotifyPushSafer": "psafer://privatekey/",
    "NotifyPushover": f"pover://{'u' * 30}@{'t' * 30}",
    "NotifySimplePush": "spush://apikey",
    "NotifyTelegram": "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/42",
}
"""For each an address; of the others in the table Apprise reads none that is made up so simply."""


@pytest.mark.parametrize("name", SERVICES)
def test_the_plugins_have_the_attributes_that_are_set(name: str) -> None:
    """Apprise may rename them: then nothing would be loud any more, and nobody would know."""
    warm_up()
    service = instance(SERVICES[name])
    assert service is not None
    assert type(service).__name__ == name
    attribute, silent, urgent = _LEVELS[name]
    assert hasattr(service, attribute)
    for loudness, level in ((Loudness.SILENT, silent), (Loudness.URGENT, urgent)):
        made = instance(SERVICES[name])
        assert made is not None
        before = getattr(made, attribute)
        set_loudness(made, loudness)
        assert getattr(made, attribute) in {level, before}
        assert getattr(made, attribute) == level or not isinstance(level, str | int)
