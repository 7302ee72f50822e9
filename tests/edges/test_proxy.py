"""Through a proxy: only where the owner says so, and past it to what is private."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.config.load import load
from feedwatch.edges.http import Fetcher, Request
from feedwatch.edges.proxy import Proxy, way
from feedwatch.errors import ConfigError
from feedwatch.model import Failure, Fetched, Reason
from tests.edges.recorder import Recorder, always, reply
from tests.harness import PROJECT, feedwatch

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def got(proxy: str, url: str, *, owner: bool = False, **changes: Any) -> Fetched | Failure:
    words: dict[str, Any] = {"contact": "", "per_host": 1, "host_delay": timedelta(0), "concurrency": 9}
    words |= {"allow_private": (), "proxy": way(proxy)} | changes
    async with Fetcher(**words) as client:
        return await client.get(
            Request(url=url, owner=owner, accept="feed", timeout=timedelta(seconds=5), max_bytes=10**6)
        )


async def test_a_public_address_is_asked_through_the_proxy_which_may_be_private() -> None:
    async with Recorder(always(reply(b"<rss/>"))) as proxy:
        answer = await got(proxy.url(""), "http://news.example/feed?a=b")
    assert isinstance(answer, Fetched)
    assert [asked.target for asked in proxy.asked] == ["http://news.example/feed?a=b"]
    assert proxy.asked[0].header("host") == b"news.example"


async def test_what_is_private_is_asked_past_the_proxy_and_guarded_as_ever() -> None:
    async with Recorder(always(reply(b"<rss/>"))) as proxy, Recorder(always(reply(b"<rss/>"))) as bridge:
        assert isinstance(await got(proxy.url(""), bridge.url("/owner"), owner=True), Fetched)
        link = await got(proxy.url(""), bridge.url("/link"))
        hop = await got(proxy.url(""), "http://localhost/hop")
        assert isinstance(await got(proxy.url(""), bridge.url("/allowed"), allow_private=("127.0.0.1",)), Fetched)
    assert isinstance(link, Failure)
    assert isinstance(hop, Failure)
    assert {link.reason, hop.reason} == {Reason.REFUSED}
    assert proxy.asked == []
    assert [asked.target for asked in bridge.asked] == ["/owner", "/allowed"]


async def test_a_redirect_through_the_proxy_leads_to_nothing_private() -> None:
    async with Recorder(always(b"")) as sentinel:
        moved = always(reply(b"", "302 x", location=sentinel.url("/secret")))
        async with Recorder(moved) as proxy:
            answer = await got(proxy.url(""), "http://news.example/feed", owner=True)
    assert isinstance(answer, Failure)
    assert answer.reason is Reason.REFUSED
    assert sentinel.connections == 0


async def test_a_proxy_that_refuses_or_is_away_is_named_as_such() -> None:
    async with Recorder(always(reply(b"", "407 Proxy Authentication Required"))) as proxy:
        refused = await got(proxy.url(""), "https://news.example/feed")
        closed = proxy.url("")
    away = await got(closed, "http://news.example/feed")
    assert isinstance(refused, Failure)
    assert isinstance(away, Failure)
    assert (refused.reason, refused.detail) == (Reason.NETWORK, "the proxy refused")
    assert (away.reason, away.detail) == (Reason.NETWORK, "the proxy cannot be reached")
    assert proxy.asked[0].target == "news.example:443"


async def test_the_environment_is_asked_only_where_the_owner_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Recorder(always(reply(b"<rss/>"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url("").replace("http://", "http://jo:s%40crt@"))
        monkeypatch.setenv("NO_PROXY", "quiet.example")
        assert isinstance(await got("environment", "http://news.example/feed"), Fetched)
    secret = b"Basic " + base64.b64encode(b"jo:s@crt")
    assert [asked.header("proxy-authorization") for asked in proxy.asked] == [secret]
    assert way("environment")("http", "quiet.example") is None
    assert way("environment")("https", "news.example") is None
    assert way("")("http", "news.example") is None


def test_a_proxys_address_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "p.example:3128")
    assert way("environment")("https", "x.example") == Proxy(url="http://p.example:3128", host="p.example")
    assert way("https://[fd00::1]")("http", "x.example") == Proxy(url="https://[fd00::1]:443", host="fd00::1")


def test_a_proxy_of_the_environment_that_cannot_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://jo:secret@p.example:1080")
    with pytest.raises(ConfigError, match=r"HTTPS_PROXY .*is no HTTP proxy") as refused:
        way("environment")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p.example:3128", "is no proxy"),
        ("socks5://p.example", "is no proxy"),
        ("http://jo:pw@p.example", "holds a user"),
    ],
)
def test_a_proxy_in_the_config_is_checked(tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[polling]\nproxy = "{text}"\n')
    with pytest.raises(ConfigError, match=said):
        load(config, {})


def test_check_says_what_the_guard_cannot_see_behind_a_proxy(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[polling]\nproxy = "http://p.example:3128"\n'
        + (PROJECT / "config.toml").read_text().replace("[polling]\n", "")
    )
    said = feedwatch("check", "--config", str(config), folder=tmp_path)
    assert "proxy       http://p.example:3128; it looks names up itself" in said.stdout, said.stderr
