"""Apprise against real servers on loopback, and its addresses read without sending."""

from __future__ import annotations

import email
import email.message
import json
import logging
import pickle
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email.policy import default
from http.server import BaseHTTPRequestHandler
from multiprocessing import get_context
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from apprise.manager_plugins import NotificationManager

from feedwatch.alerts.markup import size
from feedwatch.edges import apprise
from feedwatch.edges.services import instance
from feedwatch.errors import ChannelError
from feedwatch.model import Message, Outcome, Target
from tests.harness import served

ALERT = "ve7f3kqx2m5zab6c"
MESSAGE = Message(
    alert=ALERT,
    title="VE · Мадуро <b>speaks</b> & more",
    body="DW [en] 14:05 · “talks with »Maduro« & others”\n:smile: \\n *bold*\n#ve-7f3k",
    link="https://example.org/новость?q=%D0%BC",
)
SECRET = "S3CRET"


@dataclass
class Recorder:
    """A web server on loopback that keeps every post and answers `status`."""

    status: int = 200
    delay: float = 0.0
    refuses: bytes = b""  # a post that holds this
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    record = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            record.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            time.sleep(record.delay)
            self.send_response(400 if record.refuses and record.refuses in body else record.status)
            for name, value in record.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(record.answer)))
            self.end_headers()
            self.wfile.write(record.answer)

    with served(Handler) as record.port:
        yield record


@dataclass
class Postbox:
    """A mail server's memory; it refuses recipients and texts on request."""

    envelopes: list[Envelope] = field(default_factory=list)
    answer: str = "250 OK"
    port: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.envelopes.append(envelope)
        return self.answer

    def mails(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(raw, policy=default) for raw in map(content, self.envelopes)]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def content(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one(url: str) -> Target:
    (target,) = apprise.open_channel("desk", url)
    return target


# ---- what arrives


def test_a_json_post_carries_the_full_id_the_title_and_the_text_unchanged(recorder: Recorder) -> None:
    receipt = apprise.send(one(f"json://127.0.0.1:{recorder.port}/hook").url, MESSAGE)
    assert receipt.outcome is Outcome.SENT
    ((path, _, body),) = recorder.posts
    post = json.loads(body)
    assert path == "/hook"
    assert (post["id"], post["title"], post["message"]) == (ALERT, MESSAGE.title, MESSAGE.body)


def test_the_owners_own_fields_and_headers_go_along(recorder: Recorder) -> None:
    url = f"json://127.0.0.1:{recorder.port}/?:desk=world&+X-Desk=w%26x&-k=v"
    apprise.send(one(url).url, MESSAGE)
    ((path, headers, body),) = recorder.posts
    post = json.loads(body)
    assert (post["desk"], post["id"]) == ("world", ALERT)
    assert headers["x-desk"] == "w&x"
    assert path == "/?k=v"


def test_an_xml_post_carries_the_full_id(recorder: Recorder) -> None:
    assert apprise.send(one(f"xml://127.0.0.1:{recorder.port}/").url, MESSAGE).outcome is Outcome.SENT
    ((_, _, body),) = recorder.posts
    texts = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(body).iter()}  # noqa: S314 - ours
    assert (texts["id"], texts["Subject"]) == (ALERT, MESSAGE.title)


def test_a_form_post_carries_the_full_id(recorder: Recorder) -> None:
    assert apprise.send(one(f"form://127.0.0.1:{recorder.port}/").url, MESSAGE).outcome is Outcome.SENT
    ((_, _, body),) = recorder.posts
    fields = parse_qs(body.decode())
    assert (fields["id"], fields["message"]) == ([ALERT], [MESSAGE.body])


def test_a_mail_carries_the_full_id_in_a_header_and_reads_as_written(postbox: Postbox) -> None:
    url = f"mailto://127.0.0.1:{postbox.port}/?from=fw@example.org&to=desk@example.org"
    receipt = apprise.send(one(url).url, MESSAGE)
    assert receipt.outcome is Outcome.SENT
    (mail,) = postbox.mails()
    assert mail["X-Feedwatch-Alert"] == ALERT
    assert mail["Subject"] == MESSAGE.title
    assert mail["To"] == "desk@example.org"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == MESSAGE.body.splitlines()


def test_a_title_with_newlines_injects_no_header(postbox: Postbox) -> None:
    url = f"mailto://127.0.0.1:{postbox.port}/?from=fw@example.org&to=desk@example.org"
    bad = "Maduro\r\nBcc: thief@example.org\r\n\r\nno body\x00\u2028X-Evil: 1"
    receipt = apprise.send(url, Message(alert=f"{ALERT}\r\nX-Evil: 2", title=bad, body="text"))
    assert receipt.outcome in {Outcome.SENT, Outcome.FAILED}
    for envelope, mail in zip(postbox.envelopes, postbox.mails(), strict=True):
        assert envelope.rcpt_tos == ["desk@example.org"]
        assert mail["Bcc"] is None
        assert mail["X-Evil"] is None
    receipt = apprise.send(url, Message(alert=ALERT, title=bad, body="text"))
    assert receipt.outcome is Outcome.SENT
    assert postbox.mails()[-1]["Subject"] == "Maduro Bcc: thief@example.org no body X-Evil: 1"


def test_mail_to_three_is_three_mails_and_copies_go_with_the_first(postbox: Postbox) -> None:
    url = (
        f"mailto://127.0.0.1:{postbox.port}/a@example.org?from=fw@example.org"
        "&to=b@example.org,c@example.org&cc=d@example.org,e@example.org&bcc=f@example.org"
    )
    targets = apprise.open_channel("desk", url)
    assert [target.name for target in targets] == ["a@example.org", "b@example.org", "c@example.org"]
    for target in targets:
        assert apprise.send(target.url, MESSAGE).outcome is Outcome.SENT
    received = [sorted(envelope.rcpt_tos) for envelope in postbox.envelopes]
    first = [f"{letter}@example.org" for letter in "adef"]
    assert received == [first, ["b@example.org"], ["c@example.org"]]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # loopback, in the clear
def test_every_recipient_of_a_mail_is_reached_with_the_whole_login() -> None:
    logins: list[bytes] = []

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: LoginPassword
    ) -> AuthResult:
        logins.append(said.login)
        return AuthResult(success=said.login == b"feedwatch@example.org" and said.password == b"app password")

    box = Postbox(port=free_port())
    server = Controller(
        box, hostname="127.0.0.1", port=box.port, authenticator=check, auth_required=True, auth_require_tls=False
    )
    server.start()
    try:
        login = "user=feedwatch@example.org&pass=app%20password"
        url = f"mailto://127.0.0.1:{box.port}?{login}&from=fw@example.org&to=a@example.org,b@example.org"
        receipts = [apprise.send(target.url, MESSAGE) for target in apprise.open_channel("mail", url)]
    finally:
        server.stop()
    assert [receipt.outcome for receipt in receipts] == [Outcome.SENT, Outcome.SENT]
    assert set(logins) == {b"feedwatch@example.org"}
    assert sorted(str(envelope.rcpt_tos) for envelope in box.envelopes) == ["['a@example.org']", "['b@example.org']"]


def test_three_topics_of_ntfy_get_exactly_one_post_each(recorder: Recorder) -> None:
    targets = apprise.open_channel("desk", f"ntfy://127.0.0.1:{recorder.port}/news/desk/world?priority=high")
    started = time.monotonic()
    for target in targets:
        assert apprise.send(target.url, MESSAGE).outcome is Outcome.SENT
    assert time.monotonic() - started < 5  # not the 5.5 s that one object would sleep between its topics
    topics = [json.loads(body)["topic"] for _, _, body in recorder.posts]
    assert sorted(topics) == sorted(target.name for target in targets) == ["desk", "news", "world"]
    assert all(headers["x-priority"] == "high" for _, headers, _ in recorder.posts)


@pytest.mark.parametrize(
    ("link", "tap"),
    [
        ("https://example.org/a-1?b=c&d=e", "https://example.org/a-1?b=c&d=e"),
        ("https://example.org/%C3%A4", "https://example.org/%C3%A4"),
        ("https://example.org/новость", "https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C"),
        ("https://example.org/a%2Fb", None),  # would become a/b
        ("https://example.org/?q=a+b", None),  # would become a%2Bb
        (None, None),
    ],
)
def test_a_tap_leads_to_the_article_or_nowhere(recorder: Recorder, link: str | None, tap: str | None) -> None:
    message = Message(alert=ALERT, title="t", body="b", link=link)
    apprise.send(one(f"ntfy://127.0.0.1:{recorder.port}/news").url, message)
    ((_, headers, _),) = recorder.posts
    assert headers.get("x-click") == tap
    assert "x-icon" not in headers  # a phone would fetch it from a stranger


def test_a_tap_that_the_owner_has_set_stays(recorder: Recorder) -> None:
    apprise.send(one(f"ntfy://127.0.0.1:{recorder.port}/news?click=https://desk.example/").url, MESSAGE)
    ((_, headers, _),) = recorder.posts
    assert headers["x-click"] == "https://desk.example/"


def test_a_long_text_in_cyrillic_reaches_ntfy_as_a_message_and_not_as_an_attachment(recorder: Recorder) -> None:
    target = one(f"ntfy://127.0.0.1:{recorder.port}/news")
    longest = {letter: next(n for n in range(4100, 0, -1) if fits(letter * n, target)) for letter in "aжü\U0001f600"}
    for letter, length in longest.items():
        message = Message(alert=ALERT, title=letter * (250 if letter < "\uffff" else 125), body=letter * length)
        assert apprise.send(target.url, message).outcome is Outcome.SENT
    posts = [json.loads(body) for _, _, body in recorder.posts]
    assert [path for path, _, _ in recorder.posts] == ["/"] * 4
    assert [post["message"] for post in posts] == [letter * length for letter, length in longest.items()]
    assert longest["a"] == 4096
    assert longest["ж"] > 1000


def fits(text: str, target: Target) -> bool:
    return size(text, target.markup) <= target.body_limit


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that would go to Telegram, whose address cannot be pointed at loopback."""
    texts: list[str] = []

    def post(_url: str, data: str, **_: object) -> requests.Response:
        texts.append(json.loads(data)["text"])
        response = requests.Response()
        response.status_code, response._content = 200, b'{"ok": true}'
        return response

    monkeypatch.setattr(requests, "post", post)
    return texts


TELEGRAM = "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/42"


def test_telegram_gets_escaped_text_and_its_title_folded_in_once(telegram: list[str]) -> None:
    message = Message(alert=ALERT, title="a <b> & c", body="x <i>y</i> </b>")
    assert apprise.send(TELEGRAM, message).outcome is Outcome.SENT
    assert telegram == ["<b>a &lt;b&gt; &amp; c</b>\r\nx &lt;i&gt;y&lt;/i&gt; &lt;/b&gt;"]


@pytest.mark.parametrize("letter", ["a", "&", "ж"])
def test_a_text_that_escaping_makes_too_long_is_cut(telegram: list[str], letter: str) -> None:
    message = Message(alert=ALERT, title="Title", body=letter * 4096)
    assert apprise.send(TELEGRAM, message).outcome is Outcome.SENT
    (text,) = telegram
    assert 3500 < len(text) <= 4096
    assert text.endswith("…")


# ---- what does not arrive


@pytest.mark.parametrize("service", ["json", "xml", "form", "ntfy"])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Outcome.REFUSED), (413, Outcome.REFUSED), (422, Outcome.REFUSED)]
    + [(status, Outcome.FAILED) for status in (401, 404, 429, 500, 503)],
)
def test_a_status_decides_between_refused_and_failed(
    recorder: Recorder, service: str, status: int, outcome: Outcome
) -> None:
    recorder.status = status
    receipt = apprise.send(one(f"{service}://joe:{SECRET}@127.0.0.1:{recorder.port}/{SECRET}path").url, MESSAGE)
    assert len(recorder.posts) == (2 if outcome is Outcome.REFUSED else 1), "once more, as plain as can be"
    assert receipt.outcome is outcome
    assert str(status) in receipt.detail
    assert SECRET not in receipt.detail


def test_what_a_service_refuses_for_its_signs_goes_once_more_in_plainest_words(recorder: Recorder) -> None:
    recorder.refuses = b"<b>"
    receipt = apprise.send(one(f"json://127.0.0.1:{recorder.port}/").url, MESSAGE)
    assert receipt.outcome is Outcome.SENT
    assert receipt.detail.startswith("taken in plainest words only; first ")
    first, second = (json.loads(body) for _, _, body in recorder.posts)
    assert first["id"] == second["id"] == ALERT
    assert second["title"] == "VE Мадуро b speaks /b more"
    assert second["message"].split("\n") == ["DW en 14:05 talks with Maduro others", MESSAGE.link, "#ve-7f3k"]


def test_what_several_addresses_refused_is_not_sent_again_because_one_may_have_taken_it(recorder: Recorder) -> None:
    recorder.status = 400
    url = f"ntfy://127.0.0.1:{recorder.port}/news/desk"
    assert apprise._has_one_address(one(f"ntfy://127.0.0.1:{recorder.port}/news").url)
    assert not apprise._has_one_address(url)


@pytest.mark.parametrize(
    ("header", "answer", "wait"),
    [
        ("7", b"{}", timedelta(seconds=7)),
        ("", b'{"retry_after": 1.5}', timedelta(seconds=1.5)),
        ("", b'{"ok": false, "parameters": {"retry_after": 30}}', timedelta(seconds=30)),
        ("Sun, 22 Nov 2020 14:00:00 GMT", b"{}", timedelta(0)),
        ("Sun, 22 Nov 2099 14:00:00 GMT", b"{}", timedelta(days=7)),
        ("0.5", b"{}", timedelta(seconds=0.5)),
        ("-5", b"{}", None),
        ("soon", b"[1]", None),
        ("", b"<html>", None),
    ],
)
def test_how_long_a_service_asks_to_wait_is_overheard(
    recorder: Recorder, header: str, answer: bytes, wait: timedelta | None
) -> None:
    recorder.status, recorder.answer = 429, answer
    recorder.headers = {"Retry-After": header} if header else {}
    receipt = apprise.send(one(f"json://127.0.0.1:{recorder.port}/").url, MESSAGE)
    assert (receipt.outcome, receipt.retry_after) == (Outcome.FAILED, wait)


def test_the_pace_is_the_services_and_a_machine_of_ones_own_needs_none() -> None:
    paces = {
        TELEGRAM: 1.0,
        "discord://4174216298/token": 2.0,
        "ntfy://ntfy.sh/news": 5.0,
        "ntfy://127.0.0.1/news": 0.0,
        "ntfy://ntfy.lan/news": 0.0,
        "json://10.0.0.1/": 0.0,
    }
    assert {url: one(url).pace for url in paces} == paces


def test_targets_of_one_service_share_its_pace_and_others_do_not() -> None:
    first, second = apprise.open_channel("desk", "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/1/2")
    other = one("tgram://987654321:abcdefghijklmnopqrstuvwxyz012345678/1")
    assert first.service == second.service != other.service
    assert "abcdefghijklmnop" not in first.service


def test_a_broker_confirms_what_it_took_unless_the_owner_says_otherwise() -> None:
    for url, level in (("mqtt://127.0.0.1/news", 1), ("mqtt://127.0.0.1/news?qos=0", 0)):
        service = instance(one(url).url)
        assert service is not None
        assert service.qos == level


def test_a_desktop_that_shows_few_lines_loses_none() -> None:
    class Two:
        body_max_line_count = 2

    assert apprise._in_lines(Two(), "a\n  b\nc") == "a\nb · c"
    assert apprise._in_lines(Two(), "a\nb") == "a\nb"


def test_the_owners_wish_to_retry_or_to_ignore_failures_is_not_followed(recorder: Recorder) -> None:
    recorder.status = 500
    receipt = apprise.send(one(f"json://127.0.0.1:{recorder.port}/?retry=3&wait=0&optional=yes").url, MESSAGE)
    assert receipt.outcome is Outcome.FAILED
    assert len(recorder.posts) == 1


def test_a_service_that_does_not_answer_is_a_failure_after_its_own_time_limit(recorder: Recorder) -> None:
    recorder.delay = 2
    started = time.monotonic()
    receipt = apprise.send(one(f"json://127.0.0.1:{recorder.port}/{SECRET}?cto=0.3&rto=0.3").url, MESSAGE)
    assert receipt.outcome is Outcome.FAILED
    assert time.monotonic() - started < recorder.delay
    assert "127.0.0.1" in receipt.detail
    assert SECRET not in receipt.detail


def test_what_broke_a_safe_connection_is_told_without_the_address() -> None:
    said = "Socket Exception: host='h': /t0ken ([SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1)"
    assert apprise._cause(said) == " (wrong version number)"


def test_a_closed_port_is_a_failure(postbox: Postbox) -> None:
    for url in (
        f"json://127.0.0.1:{free_port()}/{SECRET}",
        f"mailto://127.0.0.1:{free_port()}/?from=fw@example.org&to={SECRET}@example.org",
    ):
        receipt = apprise.send(url, MESSAGE)
        assert receipt.outcome is Outcome.FAILED
        assert receipt.detail.endswith("(Connection refused)")
        assert SECRET not in receipt.detail
    assert not postbox.envelopes


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # loopback, in the clear
def test_a_wrong_password_is_told_as_one() -> None:
    def no(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    box = Postbox(port=free_port())
    server = Controller(
        box, hostname="127.0.0.1", port=box.port, authenticator=no, auth_required=True, auth_require_tls=False
    )
    server.start()
    try:
        url = f"mailto://127.0.0.1:{box.port}?user=joe&pass={SECRET}&from=fw@example.org&to=a@example.org&mode=insecure"
        receipt = apprise.send(url, MESSAGE)
    finally:
        server.stop()
    assert receipt.outcome is Outcome.FAILED
    assert "535" in receipt.detail
    assert SECRET not in receipt.detail


def test_a_mail_server_that_rejects_the_text_is_a_failure(postbox: Postbox) -> None:
    postbox.answer = "554 no thanks"
    receipt = apprise.send(f"mailto://127.0.0.1:{postbox.port}/?from=fw@example.org&to={SECRET}@example.org", MESSAGE)
    assert receipt.outcome is Outcome.FAILED
    assert SECRET not in receipt.detail


def test_an_address_that_is_none_is_a_failure_and_no_exception() -> None:
    receipt = apprise.send(f"discord://{SECRET}", MESSAGE)
    assert receipt.outcome is Outcome.FAILED
    assert SECRET not in receipt.detail


def test_an_exception_in_a_service_is_a_failure_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError(f"cannot post to /{SECRET.lower()}path")

    monkeypatch.setattr(apprise, "_fitted", explode)
    receipt = apprise.send(f"json://127.0.0.1/{SECRET}path", MESSAGE)
    assert receipt.outcome is Outcome.FAILED
    assert receipt.detail == "RuntimeError: cannot post to /***"


class Lines(logging.Handler):
    """Keeps what reaches the root logger, as a log file would; pytest's caplog also sees what does not get there."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The root logger's lines at DEBUG."""
    root, handler = logging.getLogger(), Lines()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(before)


def test_nothing_of_apprise_reaches_our_logs(recorder: Recorder, log: list[str]) -> None:
    recorder.status = 500
    apprise.send(one(f"json://joe:{SECRET}@127.0.0.1:{recorder.port}/{SECRET}path").url, MESSAGE)
    with pytest.raises(ChannelError):
        one(f"tgram://{SECRET}/")
    assert log == []
    assert logging.getLogger("apprise").level >= logging.INFO
    assert logging.getLogger("urllib3").level >= logging.INFO


def test_a_send_runs_in_another_process(recorder: Recorder) -> None:
    target = one(f"json://127.0.0.1:{recorder.port}/hook")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=apprise.warm_up) as pool:
        receipt = pool.submit(apprise.send, target.url, MESSAGE).result(timeout=60)
    assert receipt.outcome is Outcome.SENT
    assert len(recorder.posts) == 1
    assert pickle.loads(pickle.dumps(receipt)) == receipt  # noqa: S301 - ours


# ---- addresses that are read and never sent to

HEX = "0123456789abcdef"
SERVICES: dict[str, tuple[str, ...]] = {
    f"tgram://123456789:{SECRET}token_abcdefghijklmnopqrstuvwxyz/12345/@group": ("12345", "@group"),
    f"slack://T1{SECRET}X/A1{SECRET}Y/TI{SECRET}abcdefghijklmnop/#general/#desk": ("#desk", "#general"),
    f"discord://4174216298/{SECRET}nBe7bk2ZwO5U711o3dV": ("discord",),
    f"workflows://prod.example.com:443/{SECRET}work/{SECRET}sig": ("prod.example.com",),
    f"gotify://push.example.com/{SECRET}token": ("push.example.com",),
    f"matrixs://user:{SECRET}pw@matrix.example.com/#room/#desk": ("#desk", "#room"),
    f"mmosts://chat.example.com/{SECRET}tokenabcdefghijk?channels=square,desk": ("#desk", "#square"),
    f"mmosts://chat.example.com/{SECRET}tokenabcdefghijk": ("chat.example.com",),
    f"zulip://bot@org/{HEX}{HEX}/general/sport": ("general", "sport"),
    f"pbul://{SECRET}access/#chan/dev@example.org": ("#chan", "dev@example.org"),
    f"pbul://{SECRET}access": ("pbul",),
    f"pover://{SECRET * 5}@{SECRET * 5}": ("pover",),
    f"pover://{SECRET * 5}@{SECRET * 5}/phone/tablet": ("phone,tablet",),  # one post for both
    f"mailgun://fw@example.org/{HEX}{HEX}-{HEX[:8]}-{HEX[:8]}/a@example.org/b@example.org": (
        "a@example.org",
        "b@example.org",
    ),
    f"sendgrid://{SECRET}key:fw@example.org/a@example.org/b@example.org": ("a@example.org", "b@example.org"),
    f"ses://fw@example.org/AKIA{SECRET}/{SECRET}access/us-east-2/a@example.org/b@example.org": (
        "a@example.org",
        "b@example.org",
    ),
    f"twilio://AC{HEX}{HEX}:{HEX}{HEX}@15551234567/15557654321/15557654322": ("+15557654321", "+15557654322"),
    "signal://signal.example.com:8080/15551234567/15557654321/@group.abcd": ("+15557654321", "@abcd"),
    f"whatsapp://{SECRET}token@12345678901234/15557654321/15557654322": ("+15557654321", "+15557654322"),
    f"hassio://ha.example.com/{SECRET}token": ("ha.example.com",),
    "irc://irc.example.com/#a/#b": ("#a", "#b"),  # does not count itself
    f"humhub://user:{SECRET}pw@hub.example.com/1/2": ("1", "2"),  # does not count itself
    f"wxpusher://AT_{SECRET}token/UID_a/123": ("123", "UID_a"),  # does not count itself
    f"nclouds://admin:{SECRET}pw@cloud.example.com/joe/ann": ("@ann", "@joe"),
    f"opsgenie://{HEX[:8]}-0123-4567-89ab-{HEX[:12]}/#team/@user": ("#team", "@user"),
    f"bark://bark.example.com/{SECRET}device1/{SECRET}device2": ("bark-bb17a6", "bark-88b2a3"),
    f"mastodons://{SECRET}token@social.example.com": ("social.example.com",),
    f"ntfy://tk_{SECRET}token@ntfy.example.com/a/b": ("a", "b"),
    f"ntfys://joe:{SECRET}pw@ntfy.example.com/a": ("a",),
    "https://ntfy.sh/my-topic": ("my-topic",),
    f"json://joe:{SECRET}pw@hook.example.com:8443/{SECRET}/x?+X-Token={SECRET}&-k={SECRET}": ("hook.example.com",),
    f"mailtos://joe:{SECRET}pw@example.org": ("joe@example.org",),
    f"mailtos://joe:{SECRET}pw@example.org?to=a@example.org,b@example.org": ("a@example.org", "b@example.org"),
    f"mailtos://joe:{SECRET}pw@example.org/a@example.org/a@example.org": ("a@example.org", "a@example.org-2"),
    f"webex://{SECRET}{'a' * 74}": ("webex",),
    f"gchat://{SECRET}space/{SECRET}key/{SECRET}token": ("gchat",),
    f"line://{SECRET}token/U123/U456": ("line-64a715", "line-2830d8"),
    f"threema://*THEGWID@{SECRET}secret/15557654321/user@example.org": ("15557654321", "user@example.org"),
    f"o365://joe@example.org/tenant{SECRET}/{HEX[:8]}-0123-4567-89ab-{HEX[:12]}/{SECRET}/a@example.org/b@example.org": (
        "a@example.org",
        "b@example.org",
    ),
}


@pytest.mark.parametrize("url", SERVICES, ids=lambda url: url.partition(":")[0])
def test_a_service_is_split_and_named_and_tells_no_secret(url: str) -> None:
    targets = apprise.open_channel("desk", url)
    assert tuple(target.name for target in targets) == SERVICES[url]
    for target in targets:
        assert target.addresses == 1
        assert target.body_limit >= 0
        for secret in (SECRET, HEX):
            assert secret not in target.name
            assert secret not in repr(target)
        (again,) = apprise.open_channel("desk", target.url)
        assert again.name.removesuffix("-2") == target.name.removesuffix("-2")


@pytest.mark.parametrize(
    "url", [f"ifttt://{SECRET}webhook@event_one/event_two", f"rockets://joe:{SECRET}pw@chat.example.com/#a/@b"]
)
def test_what_cannot_be_split_is_one_target_that_says_so(url: str) -> None:
    target = one(url)
    assert target.addresses == 2
    assert target.url == url
    assert SECRET not in target.name


def test_the_limits_are_those_of_the_service() -> None:
    assert (one(TELEGRAM).title_limit, one(TELEGRAM).body_limit) == (0, 4096)
    discord = one("discord://4174216298/token")
    assert (discord.title_limit, discord.body_limit) == (250, 2000 - 250 - 16), "its title is a line of the text"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"nfty://host/{SECRET}", ("no service nfty://", "ntfy://")),
        (f"https://example.com/{SECRET}", ("json://",)),
        (SECRET, ("begin with the service",)),
        ("", ("begin with the service",)),
        (f"discord://{SECRET}", ("Discord", "https://appriseit.com/services/discord/")),
        (f"tgram://{SECRET}/", ("Telegram",)),
        (f"mailto://u:{SECRET}@example.org?to=bad", ("leave out", "E-Mail")),
        (f"ntfy://host/{SECRET}.bad!topic/good", ("leave out", "ntfy")),
    ],
)
def test_an_unreadable_address_is_explained_without_being_shown(url: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ChannelError, match="channel desk: ") as caught:
        apprise.open_channel("desk", url)
    text = str(caught.value)
    assert SECRET not in text
    for word in words:
        assert word in text


def test_a_service_that_needs_a_missing_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    apprise.warm_up()
    manager: Any = NotificationManager
    monkeypatch.setattr(manager()["mqtt"], "enabled", False)
    with pytest.raises(ChannelError, match="paho-mqtt"):
        one("mqtt://127.0.0.1/topic")


@pytest.mark.parametrize("make", [str.upper, str.lower, str])
def test_a_secret_is_redacted_in_any_spelling(make: Callable[[str], str]) -> None:
    url = f"json://joe:{SECRET}%20pw@127.0.0.1/a/{SECRET}?-k={SECRET}&:x=y,{SECRET}z&format=text"
    said = make(f"POST text to 127.0.0.1 as {SECRET} pw, {SECRET}%20pw and {SECRET}")
    assert SECRET.lower() not in apprise._redacted(said, url, "127.0.0.1").lower()
    assert "127.0.0.1" in apprise._redacted(said, url, "127.0.0.1")
