"""The guard's decision alone: no socket is opened here."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.edges.guard import refusal, refusal_unasked

_TRICKS = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 100.127.255.255 192.0.0.8 192.0.0.9 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1:: 2002:c0a8:101::1 2001::1 2001:db8::1
3fff::1 100::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1 4000::1
"""
NOT_PUBLIC = _TRICKS.split()

_FAIR = """
8.8.8.8 1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.1 172.32.0.1 192.0.1.1
2606:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
"""
PUBLIC = _FAIR.split()


def test_there_are_forty_tricks() -> None:
    assert len(set(NOT_PUBLIC)) >= 40


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_with_the_line_to_paste(ip: str) -> None:
    said = refusal(ip, host="news.example", owner=False, allow=())
    assert said is not None
    assert ip in said
    assert 'allow_private = ["news.example"]' in said


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_what_the_owner_typed_may_be_anywhere(ip: str) -> None:
    assert refusal(ip, host="nas", owner=True, allow=()) is None


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_is_never_refused(ip: str) -> None:
    assert refusal(ip, host="news.example", owner=False, allow=()) is None


@pytest.mark.parametrize("ip", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "[::1]", "8.8.8.8 "])
def test_what_is_no_address_is_refused_even_to_the_owner(ip: str) -> None:
    assert refusal(ip, host="x", owner=True, allow=("x",)) is not None


@pytest.mark.parametrize(
    ("entry", "host", "ip"),
    [
        ("nas", "nas", "192.168.1.5"),
        ("NAS", "nas.", "192.168.1.5"),
        ("nas.lan.", "Nas.Lan", "192.168.1.5"),
        ("192.168.1.5", "nas", "192.168.1.5"),
        ("192.168.0.0/16", "nas", "192.168.1.5"),
        ("192.168.1.7/24", "nas", "192.168.1.5"),
        ("192.168.0.0/16", "nas", "::ffff:192.168.1.5"),
        ("fd00::/8", "nas", "fd12::5"),
        ("[::1]", "ip6-localhost", "::1"),
        ("::1", "[::1]", "::1"),
    ],
)
def test_allow_private_takes_names_addresses_and_networks(entry: str, host: str, ip: str) -> None:
    assert refusal(ip, host=host, owner=False, allow=(entry,)) is None


@pytest.mark.parametrize(
    ("entry", "host", "ip"),
    [
        ("nas", "nas.evil.example", "192.168.1.5"),
        ("nas", "evil", "192.168.1.5"),
        ("192.168.1.0/24", "nas", "192.168.2.5"),
        ("192.168.1.0/24", "192.168.1.0/24.evil.example", "10.0.0.1"),
        ("fd00::/8", "nas", "127.0.0.1"),
        ("", "nas", "127.0.0.1"),
        ("not an address/8", "nas", "127.0.0.1"),
    ],
)
def test_allow_private_lets_nothing_else_through(entry: str, host: str, ip: str) -> None:
    assert refusal(ip, host=host, owner=False, allow=(entry,)) is not None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_all_its_ipv6_clothes(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    clothes = [
        ipaddress.IPv6Address(number),
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64_FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    naked = refusal(str(ip), host="h", owner=False, allow=()) is None
    assert {refusal(str(dress), host="h", owner=False, allow=()) is None for dress in clothes} == {naked}


_LISTED = """
127.0.0.1 127.1 0x7f.1 2130706433 017700000001 10.0.0.1 [::1] ::ffff:10.0.0.1 169.254.1
localhost LOCALHOST. router a.localhost rss.lan tv.local x.internal h.home.arpa
"""


@pytest.mark.parametrize("host", _LISTED.split())
def test_a_host_of_a_list_that_is_surely_private_is_refused_without_asking_for_its_address(host: str) -> None:
    said = refusal_unasked(host, allow=())
    assert said is not None
    assert "allow_private" in said
    assert refusal_unasked(host, allow=(host,)) is None or "is at" in said


@pytest.mark.parametrize(
    "host", ["paper.example", "8.8.8.8", "2606:4700::1111", "local.example", "xn--e1afmkfd.example"]
)
def test_every_other_host_of_a_list_is_left_to_the_connection(host: str) -> None:
    assert refusal_unasked(host, allow=()) is None
