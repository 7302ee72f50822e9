"""Addresses as identities: two spellings of one address become one string.

What comes out is for comparing and for keys, not for fetching: http and https are one, so the scheme says nothing.
Anything that is no web address (a relative link, a tag: URI, junk) stays as it is, less white space around it.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

_TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh epik
    fb_action_ids fb_action_types fb_source fb_ref __twitter_impression _ga _gl guccounter guce_referrer
    guce_referrer_sig mc_cid mc_eid mkt_tok _hsenc _hsmi __hstc __hssc __hsfp hsctatracking vero_id vero_conv
    pk_campaign pk_kwd pk_source pk_medium pk_content
    oly_enc_id oly_anon_id rb_clickid wickedid s_cid sc_cid wt_mc wt_zmc cmpid ocid smid xtor maca
    traffic_source at_medium at_campaign at_campaign_type at_link_id at_link_type at_link_origin at_format
    at_ptr_name at_bbc_team at_custom1 at_custom2 at_custom3 at_custom4 at_dkw ns_campaign ns_mchannel
    ns_source ns_linkname ns_fee usqp amp_js_v amp_gsa echobox
    phpsessid jsessionid sessionid cfid cftoken
    """.split()  # noqa: SIM905 - a list literal of these would be three times as long
)
"""Parameters that say how a reader came: of ad networks, mail services and of the publishers' own counters
(BBC at_ and ns_, DW maca, Al Jazeera traffic_source, AT Internet xtor), and of AMP caches (usqp, amp_);
sessions' tokens, which no two requests share. None of them names an article anywhere."""

_TRACKING_FAMILIES = ("utm_", "mtm_", "piwik_", "hsa_", "itm_", "aspsessionid")
_session = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

_unseen = re.compile(r"[\t\n\r]")  # browsers drop these wherever they stand (WHATWG URL, 4.4) …
_EDGES = "".join(map(chr, range(0x21)))  # … and these at both ends
_scheme = re.compile(r"(?:https?:)?//(?=[^/])", re.IGNORECASE)
_any_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_stray_percent = re.compile(r"%(?![0-9A-Fa-f]{2})")
_escape = re.compile(r"%([0-9A-Fa-f]{2})")
_settled = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~-]*")  # nothing to escape, and no escape
_host = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_SAFE = "%:/?#[]@!$&'()*+,;=-._~"
_DEFAULT_PORTS = frozenset({80, 443})

_LONG = 2_000
"""Characters; the parts of a longer address are not remembered, because a feed may hold megabytes of them."""

_shared_suffix = re.compile(r"(?:com?|org?|net?|gou?v|gob|edu|ac|go|nom)\.[a-z]{2}")
"""A country's suffix that many owners share: co.uk, com.ve, gob.mx."""


def canonical(url: str) -> str:
    """The identity of an article's address; taking it twice changes nothing.

    Scheme, host's case, default port, user, tracking parameters, fragment and the spelling of escapes make no
    difference; every other parameter does, and so does their order.
    """
    parts = _split(url)
    return _tidy(url) if parts is None else _spelt(parts).partition("#")[0]


def entry_address(url: str) -> str:
    """The identity of an entry's address within its feed: the same with the fragment kept.

    Between one poll and the next a server takes up or drops www. and the last slash, so these make no difference,
    nor does what a fragment says of how a reader came.
    """
    parts = _split(url)
    if parts is None:
        return _tidy(url)
    base, _, fragment = _spelt(parts).partition("#")
    path, mark, query = base.removeprefix("https://").removeprefix("www.").partition("?")
    fragment = _without_tracking(fragment)
    return f"https://{path.rstrip('/')}{mark}{query}" + (fragment and f"#{fragment}")


def _spelt(parts: SplitResult) -> str:
    """The one spelling of an address."""
    path = _session.sub("", _without_dots(_escaped(parts.path))) or "/"
    query = _without_tracking(_escaped(parts.query))
    fragment = _escaped(parts.fragment).replace("#", "%23")
    return f"https://{_authority(parts)}{path}" + (query and f"?{query}") + (fragment and f"#{fragment}")


def host_of(url: str) -> str:
    """The host's name or IP address: lower case, IDNA, no port, no brackets; "" where there is none."""
    parts = _split(url)
    return _host_name(parts) if parts else ""


def is_web(url: str) -> bool:
    """Whether the address is absolute, http or https, and has a host that can exist."""
    return _tidy(url)[:4].lower() == "http" and _split(url) is not None


def absolute(link: str, base: str) -> str | None:
    """The web address that a link on the page `base` leads to; None for everything that is none."""
    try:
        address = link if _any_scheme.match(link) else urljoin(base, link)
    except ValueError:  # "//[" and the like
        return None
    return address if is_web(address) else None


def without_user(url: str) -> str:
    """The address as it may be shown and kept: user and password, if it holds any, are left out."""
    parts = urlsplit(url) if "@" in url else None
    return url if parts is None else parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def same_site(a: str, b: str) -> bool:
    """Whether both addresses are of one site: the same host (www. aside), or one host below the other.

    A shared suffix (co.uk) is no site, an IP address is a site of its own.
    """
    one, other = (host_of(url).removeprefix("www.") for url in (a, b))
    if not one or not other or one == other:
        return bool(one) and one == other
    if _is_ip(one) or _is_ip(other):
        return False
    parent, child = sorted((one, other), key=len)
    return child.endswith("." + parent) and is_owned(parent)


def is_owned(host: str) -> bool:
    """Whether the hosts below this one are its owner's, as far as its name shows: not of com, co.uk, an IP address."""
    return "." in host and not _shared_suffix.fullmatch(host) and not _is_ip(host)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _tidy(url: str) -> str:
    return _unseen.sub("", url).strip(_EDGES)


def _split(url: str) -> SplitResult | None:
    """The parts of a web address, None for anything else."""
    return _remembered(url) if len(url) <= _LONG else _parts(url)


@lru_cache(maxsize=1_024)
def _remembered(url: str) -> SplitResult | None:
    """Within one poll the same address is asked for its identity, its host and more."""
    return _parts(url)


def _parts(url: str) -> SplitResult | None:
    tidy = _tidy(url)
    if not _scheme.match(tidy):
        return None
    try:
        parts = urlsplit(tidy)
        _ = parts.port  # it is read from the text, and may be no number
    except ValueError:
        return None
    return parts if _host_name(parts) else None


def _host_name(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if "\\" in parts.netloc:  # a browser ends the host there, Python after it
        return ""
    if ":" in host:
        return _ipv6(host)
    try:
        name = host.encode("idna").decode("ascii").lower() if not host.isascii() else host
    except UnicodeError:
        return ""
    return name if _host.fullmatch(name) else ""


def _ipv6(host: str) -> str:
    try:
        return str(ipaddress.IPv6Address(host.partition("%")[0]))
    except ValueError:
        return ""


def _authority(parts: SplitResult) -> str:
    host = _host_name(parts)
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if parts.port in {None, *_DEFAULT_PORTS} else f"{bracketed}:{parts.port}"


def _escaped(text: str) -> str:
    """Escapes spelt one way: none where none is needed, capital digits elsewhere (RFC 3986, 6.2.2)."""
    if _settled.fullmatch(text):
        return text
    whole = _stray_percent.sub("%25", text)
    ascii_only = quote(whole.encode("utf-8", "surrogatepass"), safe=_SAFE)
    return _escape.sub(_one_escape, ascii_only)


def _one_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """Dot segments resolved as every client does before it asks (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    *segments, last = path.split("/")[1:]
    for segment in [*segments, last]:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if last in {".", ".."} else kept)


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_FAMILIES)
