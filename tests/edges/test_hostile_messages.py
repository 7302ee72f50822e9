"""What strangers write, sent for real: to a mail server, a broker, and services that refuse what the real ones do.

FULL=1 sends every naughty string; otherwise a sample of them.
"""

from __future__ import annotations

import email
import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import regex
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from apprise.manager_plugins import NotificationManager
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from feedwatch.alerts.outgoing import harmless, one_line
from feedwatch.edges import apprise
from feedwatch.model import AlertItem, AlertView, Message, Outcome, Strength, Target
from feedwatch.pipeline.courier import worded
from tests.edges.services import Services, free_port, services, telegram_text

SHARED = Path(os.environ.get("FEEDWATCH_SHARED") or Path(__file__).parents[2].parent / "shared")
NAUGHTY = SHARED / "corpus/hostile/naughty-strings.json"
FULL = os.environ.get("FULL") == "1"
EVERY = 1 if FULL else 9

pytestmark = pytest.mark.timeout(900)  # of all of them to a mail server

AT = datetime(2026, 11, 22, 14, 7, tzinfo=UTC)
ALERT = "7f3k2a" + 26 * "0"
LINK = "https://example.org/a_b*c/новость?q=%D0%BC&x=[1]"

MINE = (
    "**bold** [cheap](https://evil.example) `code` _it_ ~~s~~ ||spoiler|| > quote # head",
    "@everyone @here @channel @all <@123> <@&42> <#5> <!channel> <!here|x> <users/all> @room @anna @**all**",
    "</b><script>alert(1)</script> &amp;lt; &#60; <b>&unknown; <a href='x'> <!-- --> <![CDATA[",
    "line\r\nBcc: thief@example.org\r\n\r\nX-Evil: 1\x00\x1b[31m\u202egnp.exe\u2028y",
    "=?utf-8?q?=0ABcc=3A_x=40y?= . \r\n.\r\nMAIL FROM:<x>",
    "😀👩‍👩‍👧‍👦 ي\u064b\u200f שלום 漢字 \ud800 \ufffe e\u0301\u0301\u0301",
    "\\ \\* \\_ \\` ``` ~~~ --- === *** ___ 1. - + $[spin x] :tada: ]( ](",
    "&" * 700 + "<" * 700 + "*" * 700,
    "漢" * 3000,
)

CONTROL = regex.compile(r"[[\p{Cc}--[\n\r]]\u202a-\u202e\u2066-\u2069\ud800-\udfff]", regex.V1)
LIVE = re.compile(r"(?i)@(everyone|here|channel|all|room)\b|<[@!#]|<users/|(?<![\w.])@[\w*]")
MARKDOWN = re.compile(r"(?<!\\)(?:\\\\)*[*_`~|\[\]>#<]")


def naughty() -> list[str]:
    found = json.loads(NAUGHTY.read_text(encoding="utf-8")) if NAUGHTY.is_file() else []
    return [*MINE, *found[::EVERY]]


def alert(text: str) -> AlertView:
    """An alert that has `text` in every place where a stranger's, or the owner's, may stand."""
    item = AlertItem(
        watchlist="ve",
        strength=Strength.HEADLINE,
        title=text,
        outlet=text,
        language="en",
        published=AT,
        snippet=f"…{text}»{text}«…",
        link=LINK,
        body_seen=True,
        outlets=(text,),
        sources=(text,),
        note=text,
    )
    return AlertView(id=ALERT, short=ALERT[:6], kind="first", created=AT, items=(item,))


def message(text: str, target: Target) -> Message:
    return worded(alert(text), "first", target, {"ve": text})


@dataclass
class Postbox:
    """A mail server's memory."""

    envelopes: list[Envelope]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture(scope="module")
def there() -> Iterator[Services]:
    """The services, and Apprise's plugins aimed at them: their own addresses are fixed."""
    apprise.warm_up()
    plugins: Any = NotificationManager
    manager = plugins()
    aims = {"tgram": "notify_url", "discord": "notify_url", "slack": "webhook_url"}
    kept = {schema: getattr(manager[schema], name) for schema, name in aims.items()}
    with services() as made:
        manager["tgram"].notify_url = made.url("telegram") + "/bot"
        manager["discord"].notify_url = made.url("discord")
        manager["slack"].webhook_url = made.url("slack")
        try:
            yield made
        finally:
            for schema, name in aims.items():
                setattr(manager[schema], name, kept[schema])


URLS = {
    "telegram": "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/42",
    "discord": "discord://4174216298/abcdefghijklmnop",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#news",
    "ntfy": "ntfy://127.0.0.1:{port}/news",
}


def target_of(name: str, there: Services) -> Target:
    (target,) = apprise.open_channel(name, URLS[name].format(port=there.port))
    return target


def told(name: str, text: str, there: Services) -> tuple[Message, dict[str, Any]]:
    """The message, and the post that the service took, which is one and was not refused first."""
    target = target_of(name, there)
    sent = message(text, target)
    before = len(there.taken[name])
    receipt = apprise.send(target.url, sent)
    assert there.refused[name] == [], (text, there.refused[name])
    assert receipt.outcome is Outcome.SENT, (text, receipt)
    assert len(there.taken[name]) == before + 1
    return sent, there.taken[name][-1]


def plain(text: str) -> str:
    """A text without what differs between a message and the sight of it: names that are not called any more, space."""
    return " ".join(text.replace("＠", "@").split())


def seen_in_telegram(post: dict[str, Any]) -> str:
    return telegram_text(post["text"])


def seen_in_discord(post: dict[str, Any]) -> str:
    """As Discord shows it: a backslash before a sign is not seen."""
    lines = post["content"].split("\n")
    return "\n".join(line if line.strip() == LINK else re.sub(r"\\([^0-9A-Za-z\s])", r"\1", line) for line in lines)


def seen_in_slack(post: dict[str, Any]) -> str:
    (attachment,) = post["attachments"]
    return html.unescape(f"{attachment['title']}\n{attachment['text']}")


def seen_in_ntfy(post: dict[str, Any]) -> str:
    return f"{post['title']}\n{post['message']}"


SEEN: dict[str, Callable[[dict[str, Any]], str]] = {
    "telegram": seen_in_telegram,
    "discord": seen_in_discord,
    "slack": seen_in_slack,
    "ntfy": seen_in_ntfy,
}


def assert_marks_nothing(name: str, post: dict[str, Any]) -> None:
    """Nothing that a stranger wrote is markup there."""
    if name == "discord":
        lines = [line for line in post["content"].split("\n") if line.strip() != LINK]
        assert not [line for line in lines if MARKDOWN.search(line)], post
    if name == "slack":
        (attachment,) = post["attachments"]
        texts = f"{attachment['title']}{attachment['text']}"
        assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", texts), texts
        assert post["mrkdwn"] is False
    if name == "telegram":
        assert set(re.findall(r"<[^>]*>", post["text"])) <= {"<b>", "</b>"}


@pytest.mark.parametrize("name", URLS)
def test_what_strangers_write_is_seen_as_written_and_does_nothing(name: str, there: Services) -> None:
    """0 control characters, 0 live mentions, 0 broken entities, 0 alerts lost to markup."""
    for text in naughty():
        sent, post = told(name, text, there)
        seen = SEEN[name](post)
        assert plain(seen) == plain(f"{sent.title}\n{sent.body}"), text
        assert not CONTROL.search(seen), text
        assert not LIVE.search(seen.replace(LINK, "")) or name == "ntfy", text
        assert not re.search(r"(?i)@(everyone|here|channel)\b|<[@!#]", seen.replace(LINK, "")), text
        assert seen.rstrip().endswith(f"#{ALERT[:6]}")
        assert LINK in seen or name == "telegram"
        assert_marks_nothing(name, post)


def test_a_tap_in_ntfy_is_one_header_of_ascii(there: Services) -> None:
    for text in naughty()[:20]:
        told("ntfy", text, there)
        tap = there.headers[-1].get("x-click", "")
        assert tap.isascii()
        assert there.headers[-1]["content-type"] == "application/json"


HEADERS = {
    "Subject", "From", "To", "Message-ID", "Date", "X-Application", "X-Feedwatch-Alert", "Auto-Submitted",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


def test_a_mail_has_the_headers_that_it_should_have_and_reads_as_written() -> None:
    """0 extra mail headers."""
    box = Postbox([])
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        url = f"mailto://127.0.0.1:{server.port}/?from=fw@example.org&to=desk@example.org"
        (target,) = apprise.open_channel("mail", url)
        sent = [message(text, target) for text in naughty()]
        receipts = [apprise.send(target.url, each) for each in sent]
    finally:
        server.stop()
    assert {receipt.outcome for receipt in receipts} == {Outcome.SENT}
    assert len(box.envelopes) == len(sent)
    for envelope, each in zip(box.envelopes, sent, strict=True):
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert envelope.rcpt_tos == ["desk@example.org"]
        assert set(mail.keys()) <= HEADERS, set(mail.keys()) - HEADERS
        assert len(mail.keys()) == len(set(mail.keys()))
        assert mail["X-Feedwatch-Alert"] == ALERT
        assert plain(each.title).startswith(plain(mail["Subject"]).removesuffix("…"))
        assert len(mail["Subject"]) == len(each.title) or len(mail["Subject"].encode()) > 250, "only what is too long"
        assert plain(mail.get_content()) == plain(each.body)
        assert not CONTROL.search(mail.get_content() + mail["Subject"])


BROKER = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from amqtt.broker import Broker

async def main():
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{sys.argv[1]}"}}
    await Broker({"listeners": listeners, "plugins": plugins}).start()
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def broker(got: list[str]) -> Iterator[int]:
    """A real MQTT broker, in a process of its own because it leaves connections open; `got` is what it hands on."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BROKER, str(port)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"up\n"
            with reader(port, got):
                yield port
        finally:
            process.kill()


@contextmanager
def reader(port: int, got: list[str]) -> Iterator[None]:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _client, _data, message: got.append(message.payload.decode())
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        client.subscribe("news", qos=1)
        assert subscribed.wait(20)
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_real_broker_gets_every_text_as_written() -> None:
    got: list[str] = []
    with broker(got) as port:
        (target,) = apprise.open_channel("mqtt", f"mqtt://127.0.0.1:{port}/news")
        sent = [message(text, target) for text in naughty()[:: 1 if FULL else 4]]
        receipts = [apprise.send(target.url, each) for each in sent]
        ends = time.monotonic() + 20
        while len(got) < len(sent) and time.monotonic() < ends:
            time.sleep(0.02)
    assert {receipt.outcome for receipt in receipts} == {Outcome.SENT}, receipts
    assert [plain(text) for text in got] == [plain(f"{each.title}\n{each.body}") for each in sent]
    assert not any(CONTROL.search(text) for text in got)


@pytest.mark.parametrize("name", ["telegram", "discord"])
@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters() | st.sampled_from("<>&*_`@[]()\\|~#\n"), max_size=60))
def test_no_text_at_all_is_refused_for_its_signs(name: str, text: str, there: Services) -> None:
    sent, post = told(name, text, there)
    assert plain(SEEN[name](post)) == plain(f"{sent.title}\n{sent.body}")


def test_what_is_sent_is_what_was_made_harmless() -> None:
    """The measure of the tests above is not the text that they send but the one that was written."""
    target = Target(channel="x", name="x", url="x", title_limit=0, body_limit=0)
    made = message(MINE[1], target)
    assert one_line(MINE[1]) in made.title
    assert harmless(MINE[1]) in made.body
