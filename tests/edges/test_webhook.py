"""A webhook on loopback: what it gets, and what its answers mean."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import jsonschema
import pytest
from standardwebhooks.webhooks import Webhook

from feedwatch.alerts.samples import KINDS, WATCHLIST, sample
from feedwatch.config.schema import webhook_schema
from feedwatch.edges import webhook
from feedwatch.model import Hook, Message, Outcome, Receipt, Target
from feedwatch.pipeline.courier import worded
from tests.edges.services import free_port
from tests.harness import served

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
MESSAGE = Message(alert="7f3k2a" + 26 * "0", title="VE · Мадуро", body="DW 14:05\n#7f3k2a", link="https://dw.example/")
DEADLINE = timedelta(seconds=5)


@dataclass
class Hooked:
    status: int = 200
    answer: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/news?key=S3CRET"


@pytest.fixture
def hooked() -> Iterator[Hooked]:
    made = Hooked()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(made.delay)
            self.send_response(made.status)
            for name, value in made.answer.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Handler) as made.port:
        yield made


async def post(hooked: Hooked, hook: Hook = Hook(), message: Message = MESSAGE) -> Receipt:  # noqa: B008 - frozen
    return await webhook.send(hooked.url, hook, message, DEADLINE)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_arrives_as_the_schema_says(kind: str, hooked: Hooked) -> None:
    target = Target(channel="n8n", name="x", url=hooked.url, title_limit=0, body_limit=0, hook=Hook())
    made = worded(sample(kind, datetime.now(UTC)), kind, target, {WATCHLIST: "VE"})
    receipt = await post(hooked, message=made)
    assert receipt == Receipt(outcome=Outcome.SENT, detail="answered 200 OK")
    ((path, headers, body),) = hooked.got
    assert path == "/news?key=S3CRET"
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == made.alert
    jsonschema.Draft202012Validator(webhook_schema()).validate(json.loads(body))


async def test_a_message_that_is_no_alert_arrives_too(hooked: Hooked) -> None:
    await post(hooked)
    ((_, _, body),) = hooked.got
    made = json.loads(body)
    jsonschema.Draft202012Validator(webhook_schema()).validate(made)
    assert (made["type"], made["title"], made["url"]) == ("message", MESSAGE.title, MESSAGE.link)


async def test_a_post_is_signed_so_that_the_standards_own_library_accepts_it(hooked: Hooked) -> None:
    await post(hooked, Hook(secret=SECRET))
    ((_, headers, body),) = hooked.got
    assert Webhook(SECRET).verify(body.decode(), headers)


async def test_own_headers_go_along_and_take_the_place_of_ours_but_not_of_the_signature(hooked: Hooked) -> None:
    own = (("Authorization", "Bearer t"), ("user-agent", "desk"), ("Webhook-Signature", "v1,forged"))
    await post(hooked, Hook(headers=own, secret=SECRET))
    ((_, headers, body),) = hooked.got
    assert (headers["authorization"], headers["user-agent"]) == ("Bearer t", "desk")
    assert Webhook(SECRET).verify(body.decode(), headers)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(status, Outcome.SENT) for status in (200, 201, 202, 204)]
    + [(status, Outcome.REFUSED) for status in (400, 403, 413, 422)]
    + [(status, Outcome.FAILED) for status in (301, 302, 307, 401, 404, 405, 407, 408, 410, 425, 429, 500, 502, 503)],
)
async def test_what_an_answer_means(status: int, outcome: Outcome, hooked: Hooked) -> None:
    hooked.status = status
    hooked.answer = {"Location": hooked.url} if 300 <= status < 400 else {}
    receipt = await post(hooked)
    assert receipt.outcome is outcome
    assert str(status) in receipt.detail
    assert len(hooked.got) == 1, "no redirect is followed, nothing is tried again here"


@pytest.mark.parametrize(("said", "wait"), [("120", timedelta(minutes=2)), ("soon", None), ("", None)])
async def test_retry_after_is_kept(said: str, wait: timedelta | None, hooked: Hooked) -> None:
    hooked.status, hooked.answer = 429, {"Retry-After": said}
    assert (await post(hooked)).retry_after == wait


async def test_a_server_that_does_not_answer_or_is_not_there_is_tried_again(hooked: Hooked) -> None:
    hooked.delay = 1.0
    slow = await webhook.send(hooked.url, Hook(), MESSAGE, timedelta(seconds=0.2))
    gone = await webhook.send(f"http://127.0.0.1:{free_port()}/S3CRET", Hook(), MESSAGE, DEADLINE)
    nowhere = await webhook.send("http://no such host/S3CRET", Hook(), MESSAGE, DEADLINE)
    assert (slow.outcome, slow.detail) == (Outcome.FAILED, "no answer within 0.2 s")
    assert gone == Receipt(outcome=Outcome.FAILED, detail="Connection refused")
    assert nowhere.outcome is Outcome.FAILED
    assert "S3CRET" not in f"{slow}{gone}{nowhere}"


async def test_what_strangers_write_is_harmless_json(hooked: Hooked) -> None:
    made = sample("first", datetime.now(UTC))
    nasty = "@everyone \x00\x1b[31m\u202e <b>\ud800 </script>"
    item = replace(made.items[0], title=nasty, outlet=nasty, snippet=nasty, outlets=(nasty,), note=nasty)
    target = Target(channel="n8n", name="x", url=hooked.url, title_limit=0, body_limit=0, hook=Hook())
    await post(hooked, message=worded(replace(made, items=(item,)), "first", target, {WATCHLIST: nasty}))
    ((_, _, body),) = hooked.got
    text = body.decode()
    assert not {"\x00", "\x1b", "\u202e"} & set(text)
    assert "\\u0000" not in text
    assert "@everyone" not in text
    assert json.loads(text)["items"][0]["title"].endswith("</script>")


def test_a_hook_shows_no_secret() -> None:
    assert repr(Hook(headers=(("Authorization", "Bearer S3CRET"),), secret="S3CRET")) == "Hook(Authorization)"
