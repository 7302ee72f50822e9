"""The owner's headers and logins: what may be given, and who sees it."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from feedwatch.config.load import load
from feedwatch.edges.credentials import credentials_for, origin_of
from feedwatch.edges.guard import is_private
from feedwatch.errors import ConfigError
from feedwatch.model import Credentials, Fetched
from feedwatch.pipeline.program import Plan, compile_plan
from tests.edges.recorder import Answer, Asked, Recorder, always, reply
from tests.edges.test_http import fetcher, request
from tests.harness import feedwatch

COOKIE = (("Cookie", "session=abc"),)
SITE = Credentials(host="paper.example", origin=None, headers=COOKIE)


def site(**changes: Any) -> Credentials:
    return Credentials(**{"host": "paper.example", "origin": None, "headers": COOKIE} | changes)


# Who may see them


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example",
        "https://PAPER.example./a?b",
        "https://www.paper.example/",
        "https://a.b.paper.example:8443/",
        "HTTPS://paper.example/",
    ],
)
def test_a_sites_headers_go_to_its_host_and_those_below_it(url: str) -> None:
    assert credentials_for(url, [SITE]) == dict(COOKIE)


@pytest.mark.parametrize(
    "url",
    [
        "http://paper.example/",
        "https://evilpaper.example/",
        "https://paper.example.evil.example/",
        "https://example/",
        "https://evil.example/?paper.example",
        "https://evil.example/#.paper.example",
        "https://paper.example@evil.example/",
        "https://evil.example\\.paper.example/",
        "https://paper.example%2eevil.example/",
        "https://рaper.example/",
        "ftp://paper.example/",
        "//paper.example/",
        "",
    ],
)
def test_they_go_nowhere_else_and_not_over_http(url: str) -> None:
    assert credentials_for(url, [SITE]) == {}


@pytest.mark.parametrize(
    ("host", "below"),
    [("com", "https://paper.com/"), ("co.uk", "https://paper.co.uk/"), ("10.0.0.1", "https://9.10.0.0.1/")],
)
def test_below_what_nobody_owns_alone_is_nobody(host: str, below: str) -> None:
    assert credentials_for(below, [site(host=host, in_clear=True)]) == {}


def test_over_http_they_go_to_the_owners_own_host_alone() -> None:
    own = site(host="rss.lan", in_clear=True)
    assert credentials_for("http://rss.lan/", [own]) == dict(COOKIE)


def test_a_feeds_headers_go_to_its_origin_alone() -> None:
    feed = site(origin=origin_of("https://paper.example/feed"))
    assert credentials_for("https://paper.example:443/other", [feed]) == dict(COOKIE)
    others = ("http://paper.example/feed", "https://paper.example:8443/feed", "https://www.paper.example/feed")
    assert [credentials_for(url, [feed]) for url in others] == [{}, {}, {}]


def test_what_is_said_last_of_a_header_counts_whatever_its_case() -> None:
    feed = site(headers=(("COOKIE", "feed=1"),), origin=origin_of("https://paper.example"))
    assert credentials_for("https://paper.example", [SITE, feed]) == {"COOKIE": "feed=1"}


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "rss.lan", "nas", "[::1]", "0x7f.1", "bridge.example"])
def test_hosts_that_are_the_owners_own(host: str) -> None:
    assert is_private(host, allow=("bridge.example",))


@pytest.mark.parametrize("host", ["paper.example", "192.0.43.8", "not-bridge.example"])
def test_hosts_that_are_not(host: str) -> None:
    assert not is_private(host, allow=("bridge.example",))


# On the wire


def routes(**answers: bytes) -> Answer:
    async def say(asked: Asked, writer: Any) -> None:
        writer.write(answers[asked.target.strip("/")])

    return say


async def test_a_feeds_headers_stay_at_its_origin_on_every_hop() -> None:
    async with Recorder(always(reply(b"x"))) as other:
        back = reply(b"", "302 x", location="/b")
        away = reply(b"", "301 x", location=other.url("/there"))
        async with Recorder(routes(a=back, b=away)) as server, fetcher() as client:
            known = Credentials(host="127.0.0.1", origin=origin_of(server.url()), headers=COOKIE)
            got = await client.get(request(server.url("/a"), owner=True, credentials=(known,)))
    assert [one.header("cookie") for one in server.asked] == [b"session=abc"] * 2
    assert other.asked[0].names() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "abc" not in repr(got) + repr(known)


async def test_what_a_way_abroad_leads_back_to_sees_them_again() -> None:
    async with Recorder(always(b"")) as other, Recorder(always(b"")) as server, fetcher() as client:
        server.answer = routes(a=reply(b"", "302 x", location=other.url("/")), b=reply(b"x"))
        other.answer = always(reply(b"", "302 x", location=server.url("/b")))
        known = Credentials(host="127.0.0.1", origin=origin_of(server.url()), headers=COOKIE)
        await client.get(request(server.url("/a"), owner=True, credentials=(known,)))
    assert [one.header("cookie") for one in server.asked] == [b"session=abc"] * 2
    assert other.asked[0].header("cookie") is None


@pytest.fixture
async def shops(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Recorder, Recorder]]:
    """Two names for this machine, both with a certificate: one is the site, one is not."""
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with Recorder(always(b""), tls=server) as one, Recorder(always(reply(b"x")), tls=server) as other:
        yield one, other


async def test_over_tls_a_sites_headers_reach_it_and_not_where_it_leads(shops: tuple[Recorder, Recorder]) -> None:
    one, other = shops
    one.answer = always(reply(b"", "302 x", location=other.url("/x", host="127.0.0.1", scheme="https")))
    async with fetcher() as client:
        known = site(host="localhost")
        url = one.url("/article", host="localhost", scheme="https")
        got = await client.get(request(url, accept="feed", credentials=(known,)))
    assert isinstance(got, Fetched), got
    assert (one.asked[0].header("cookie"), other.asked[0].header("cookie")) == (b"session=abc", None)


async def test_a_header_of_the_owners_takes_the_place_of_ours() -> None:
    async with Recorder(always(reply(b"x"))) as server, fetcher() as client:
        mine = Credentials(
            host="127.0.0.1", origin=origin_of(server.url()), headers=(("user-agent", "Mine/1"), ("Accept", "a/b"))
        )
        await client.get(request(server.url(), credentials=(mine,)))
    assert [server.asked[0].header(name) for name in ("user-agent", "accept")] == [b"Mine/1", b"a/b"]


async def test_no_cookie_of_a_server_comes_back_beside_the_owners() -> None:
    async with Recorder(always(reply(b"x", set_cookie="track=1; Path=/"))) as server, fetcher() as client:
        mine = Credentials(host="127.0.0.1", origin=origin_of(server.url()), headers=COOKIE)
        for _ in range(2):
            await client.get(request(server.url(), credentials=(mine,)))
    assert [one.header("cookie") for one in server.asked] == [b"session=abc"] * 2


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with Recorder(always(reply(b"through a proxy"))) as proxy, Recorder(always(reply(b"itself"))) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login jo password secret\n")
        async with fetcher() as client:
            got = await client.get(request(server.url()))
    assert isinstance(got, Fetched)
    assert (got.body, proxy.connections) == (b"itself", 0)
    assert server.asked[0].header("authorization") is None


# In the config


def planned(folder: Path, text: str, **environ: str) -> Plan:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return compile_plan(load(path, environ))


def refused(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        planned(folder, text, **environ)
    return list(error.value.problems)


FEED = '[[feeds]]\nurl = "https://paper.example/feed"\n'
SITES = '[[sites]]\nhost = "paper.example"\n'


def test_headers_and_a_login_of_a_feed(tmp_path: Path) -> None:
    plan = planned(tmp_path, FEED + 'headers = { Cookie = "a=b", X-Key = "k" }\nauth = "jo:s3cret:x"\n')
    known = plan.keyring.of_feed("https://paper.example/feed")
    assert credentials_for("https://paper.example/feed", known) == {
        "Cookie": "a=b",
        "X-Key": "k",
        "Authorization": "Basic am86czNjcmV0Ong=",
    }
    assert plan.keyring.of_feed("https://paper.example/other") == ()


def test_headers_in_a_file_and_a_login_in_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "paper.headers"
    secret.write_text("Cookie: a=b; c=d\n\nX-Key:  k \n")
    secret.chmod(0o600)
    plan = planned(
        tmp_path, SITES + 'headers_file = "paper.headers"\nauth_env = "FEEDWATCH_PAPER"\n', FEEDWATCH_PAPER="j:p"
    )
    (known,) = plan.keyring.sites
    assert dict(known.headers) == {"Cookie": "a=b; c=d", "X-Key": "k", "Authorization": "Basic ajpw"}
    assert not [line for line in plan.settings.warnings if "can be read" in line]


def test_a_file_of_headers_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "h").write_text("Cookie: a=b\n")
    (tmp_path / "h").chmod(0o644)
    plan = planned(tmp_path, SITES + 'headers_file = "h"\n')
    assert [line for line in plan.settings.warnings if "can be read by others" in line]


def test_without_secrets_nothing_of_them_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SITES + 'headers_file = "none"\n' + FEED + 'auth_env = "NONE"\n')
    plan = compile_plan(load(tmp_path / "config.toml", {}, secrets=False))
    assert plan.keyring.sites == plan.keyring.of_feed("https://paper.example/feed") == ()


NAMES = [
    "Host", "content-length", "Content-Type", "Content-Encoding", "CONNECTION", "Keep-Alive", "Transfer-Encoding",
    "TE", "Trailer", "Upgrade", "Expect", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "If-Range", "Range",
    "Proxy-Authorization", "Proxy-Connection", "HTTP2-Settings", "Sec-Fetch-Mode", "X-Forwarded-For", "Forwarded",
    "Via",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_header_that_frames_or_belongs_to_a_hop_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text = FEED + f'headers = {{ Cookie = "a", "{name}" = "s3cret" }}\n'
    said = f"config.toml:3: {name}: feedwatch sets it itself, or does without (remove it)"
    assert refused(tmp_path, text) == [said]
    (tmp_path / "h").write_text(f"Cookie: a\n{name}: s3cret\n")
    (problem,) = refused(tmp_path, FEED + 'headers_file = "h"\n')
    assert problem == f"config.toml:3: headers_file: {tmp_path}/h, line 2: {said.partition(f'{name}: ')[2]}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('headers = { "A b" = "s3cret" }', "is no header's name"),
        ('headers = { "Ä" = "s3cret" }', "is no header's name"),
        ('headers = { "" = "s3cret" }', "is no header's name"),
        ('headers = { "A:" = "s3cret" }', "is no header's name"),
        ('headers = { A = "s3cret\\r\\nHost: evil" }', "must be one line"),
        ('headers = { A = "s3cret\\u0000" }', "must be one line"),
        ('headers = { A = "s3cret\\u0085x" }', "must be one line"),
        ('headers = { A = " " }', "must be one line"),
        ('headers = { A = "s3cret", a = "s3cret" }', "a header stands twice"),
        ("headers = {}", "there is no header"),
        ("headers = { A = 7 }", "must be text in quotes"),
        ('headers = "Cookie: s3cret"', "must be a table"),
        ('headers_file = "broken"', "broken, line 2: is no header"),
        ('headers_file = "empty"', "there is no header"),
        ('headers_file = "none"', "cannot be read"),
        ('headers_env = "BROKEN"', '"BROKEN", line 1: is no header'),
        ('headers_env = "NONE"', 'the environment has no "NONE"'),
        ('auth = "s3cret"', "must be a user and a password"),
        ('auth = ":s3cret"', "must be a user and a password"),
        ('auth = "jo:s3cret\\n"', "must be a user and a password"),
        ('auth_file = "broken"', "must hold one line, the login"),
        ('auth = "jo:s3cret"\nauth_env = "BROKEN"', "auth is given too"),
        ('headers = { A = "s3cret" }\nheaders_env = "GOOD"', "headers is given too"),
        ('headers = { authorization = "s3cret" }\nauth = "jo:s3cret"', "the headers have an Authorization"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_without_the_secret(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "broken").write_text("Cookie: a\ns3cret\n")
    (tmp_path / "empty").write_text("\n")
    found = refused(tmp_path, FEED + line + "\n", BROKEN="s3cret", GOOD="A: b")
    assert [problem for problem in found if said in problem and problem.startswith("config.toml:")], found
    assert "s3cret" not in "".join(found)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("https://paper.example", "is no host"),
        ("paper.example/feed", "is no host"),
        ("paper.example:443", "is no host"),
        ("", "is no host"),
        ("jo@paper.example", "is no host"),
        ("co.uk", "is no one owner's"),
        ("com.ve", "is no one owner's"),
    ],
)
def test_a_sites_host_is_one_owners_and_stands_alone(tmp_path: Path, host: str, said: str) -> None:
    (problem,) = refused(tmp_path, f'[[sites]]\nhost = "{host}"\nauth = "a:b"\n')
    assert problem.startswith("config.toml:2: host: ")
    assert said in problem


def test_a_site_twice_and_a_site_that_says_nothing(tmp_path: Path) -> None:
    text = SITES + 'auth = "a:b"\n[[sites]]\nhost = "PAPER.example"\n'
    assert refused(tmp_path, text) == [
        "config.toml:4: a site without headers and login says nothing (add headers or auth)",
        "config.toml:5: host: the same site as at config.toml:2 (remove one of the two)",
    ]


@pytest.mark.parametrize("given", ['auth = "a:b"', 'headers = { Cookie = "a" }'])
def test_over_http_headers_are_for_a_private_host_alone(tmp_path: Path, given: str) -> None:
    (problem,) = refused(tmp_path, f'[[feeds]]\nurl = "http://paper.example/feed"\n{given}\n')
    assert problem == "config.toml:2: url: over http everybody on the way reads its headers (write https://)"
    for host in ("rss.lan", "127.0.0.1:8080", "192.168.1.7"):
        planned(tmp_path, f'[[feeds]]\nurl = "http://{host}/feed"\n{given}\n')


def test_two_logins_for_one_feed_are_one_too_many(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, '[[feeds]]\nurl = "https://a:b@paper.example/feed"\nauth = "c:d"\n')
    assert problem == "config.toml:2: url: auth is given too (keep one of the two)"


def test_check_tells_names_and_places_and_no_secret(tmp_path: Path) -> None:
    text = SITES + 'headers = { Cookie = "s3cret" }\n' + FEED + 'auth = "jo:s3cret"\n'
    (tmp_path / "config.toml").write_text(text)
    ended = feedwatch("check", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "sends       Cookie to paper.example and the hosts below it" in ended.stdout
    assert "sends       Authorization to the feed at https://paper.example:443" in ended.stdout
    assert "s3cret" not in ended.stdout + ended.stderr


def test_check_says_where_a_sites_headers_do_not_go_because_of_http(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SITES + 'auth = "a:b"\n[[feeds]]\nurl = "http://www.paper.example/feed"\n')
    said = feedwatch("check", folder=tmp_path).stdout
    assert "http://www.paper.example/feed is asked over http, so nothing goes to it (write https://)" in said


def test_no_secret_is_in_any_words_of_the_config(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    plan = planned(tmp_path, SITES + 'headers = { Cookie = "s3cret" }\n' + FEED + 'auth = "jo:s3cret"\n')
    assert "s3cret" not in repr(plan) + str(plan.settings) + plan.settings.model_dump_json() + caplog.text
