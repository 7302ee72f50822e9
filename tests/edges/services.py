"""Services on loopback that answer as the real ones do, as far as text goes: what they would refuse, they refuse."""

from __future__ import annotations

import html
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.harness import served

TELEGRAM_TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler",
}  # fmt: skip
TELEGRAM_ENTITY = re.compile(r"&(lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);")
TELEGRAM_LIMIT, DISCORD_LIMIT, NTFY_LIMIT, SLACK_LIMIT = 4096, 2000, 4096, 40_000

Judge = Callable[[dict[str, Any]], str]
"""Why a service refuses a post; "" if it does not."""


class Refused(Exception):
    """What Telegram says of a text that it cannot read."""


class _TelegramReader(HTMLParser):
    """Telegram's HTML (core.telegram.org/bots/api#html-style): few tags, properly nested; four named entities."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TELEGRAM_TAGS and not (tag == "a" and dict(attrs).get("href")):
            raise Refused(f'Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(f'Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise Refused("Unclosed start tag")
        self.text.append(data)

    def handle_entityref(self, name: str) -> None:
        self.text.append(self._named(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.text.append(self._named(f"&#{name};"))

    def _named(self, entity: str) -> str:
        return html.unescape(entity) if TELEGRAM_ENTITY.fullmatch(entity) else entity

    def handle_comment(self, data: str) -> None:
        raise Refused(f"Unsupported start tag: {data[:9]}")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


def telegram_text(markup: str) -> str:
    """What people see of a text in HTML; raises Refused for what Telegram would not read."""
    reader = _TelegramReader()
    reader.feed(markup)
    reader.close()
    if reader.open:
        raise Refused(f'Can\'t find end tag corresponding to start tag "{reader.open[-1]}"')
    return "".join(reader.text)


def telegram(post: dict[str, Any]) -> str:
    try:
        text = telegram_text(post["text"]) if post.get("parse_mode") == "HTML" else post["text"]
    except Refused as problem:
        return f"Bad Request: can't parse entities: {problem}"
    if not text.strip():
        return "Bad Request: message text is empty"
    return "Bad Request: message is too long" if len(text.encode("utf-16-le")) // 2 > TELEGRAM_LIMIT else ""


def discord(post: dict[str, Any]) -> str:
    if not post["content"].strip():
        return "Cannot send an empty message"
    return "Must be 2000 or fewer in length." if len(post["content"]) > DISCORD_LIMIT else ""


def slack(post: dict[str, Any]) -> str:
    (attachment,) = post["attachments"]
    texts = attachment["title"], attachment["text"]
    return "invalid_attachments" if any(len(text) > SLACK_LIMIT for text in texts) or not any(texts) else ""


def ntfy(post: dict[str, Any]) -> str:
    return "message too large" if len(post["message"].encode()) > NTFY_LIMIT else ""


JUDGES: dict[str, Judge] = {"telegram": telegram, "discord": discord, "slack": slack, "ntfy": ntfy}


@dataclass
class Services:
    """What each took; what each refused and why; what else it was told in headers."""

    port: int = 0
    taken: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in JUDGES})
    refused: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in JUDGES})
    headers: list[dict[str, str]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def post(self, name: str, body: bytes) -> tuple[int, bytes]:
        made = json.loads(body)
        why = JUDGES[name](made)
        if why:
            self.refused[name].append(why)
            return 400, json.dumps({"ok": False, "error_code": 400, "description": why}).encode()
        self.taken[name].append(made)
        return 200, b"ok" if name == "slack" else b'{"ok": true}'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def services() -> Iterator[Services]:
    made = Services()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            name = self.path.split("/")[1] or "ntfy"
            status, answer = made.post(name, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with served(Handler) as made.port:
        yield made
