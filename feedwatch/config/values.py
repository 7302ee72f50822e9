"""Durations ("15m") and sizes ("10MB") as text, and the other shapes that config values take.

Every refusal is a ValueError whose text says what is wrong and, in brackets, the cure; it never holds a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr, WithJsonSchema

from feedwatch.alerts.hours import Hours, never_ends, parse_hours
from feedwatch.alerts.signature import key_of
from feedwatch.alerts.timetable import Timetable, parse_times, parse_timetable
from feedwatch.model import Strength
from feedwatch.text.addresses import host_of, is_owned, is_web

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_BYTES = {"GiB": 2**30, "GB": 10**9, "MiB": 2**20, "MB": 10**6, "KiB": 2**10, "kB": 10**3, "B": 1}

_DURATION = re.compile("".join(rf"(?:([0-9]{{1,6}}){unit})?" for unit in _SECONDS))
_SIZE = re.compile(rf"([0-9]{{1,12}})({'|'.join(_BYTES)})")
_SOCKET = re.compile(r"([0-9.]+|\[[0-9a-f:.]+\]):([0-9]{1,5})", re.IGNORECASE)
MAX_PORT = 65_535
_TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.IGNORECASE)


def parse_duration(text: object) -> timedelta:
    """Reads "15m", "1h30m", "0s": whole weeks, days, hours, minutes, seconds, the longer unit first."""
    if not isinstance(text, str):
        raise ValueError(f'must be a duration in quotes, as in "{_example(text)}"')  # noqa: TRY004 -- pydantic reports ValueErrors only
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f'"{text}" is no duration (write "90s", "15m", "1h30m", "2d" or "1w")')
    numbers = (int(number or 0) for number in found.groups())
    return timedelta(seconds=sum(map(int.__mul__, numbers, _SECONDS.values())))


def _example(value: object) -> str:
    return f"{value}m" if type(value) is int and value >= 0 else "15m"


def format_duration(duration: timedelta) -> str:
    """The shortest text that `parse_duration` reads as these whole seconds."""
    rest, parts = int(duration.total_seconds()), ""
    for unit, seconds in _SECONDS.items():
        count, rest = divmod(rest, seconds)
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


def parse_size(text: object) -> int:
    """Reads "10MB", in bytes. kB, MB and GB count in thousands; KiB, MiB and GiB in 1,024s."""
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        shown = f'"{text}"' if isinstance(text, str) else str(text)
        raise ValueError(f'{shown} is no size (write "10MB"; units are B, kB, MB, GB, KiB, MiB, GiB)')
    return int(found[1]) * _BYTES[found[2]]


def format_size(size: int) -> str:
    """The same size in the largest unit that divides it."""
    unit, factor = next((unit, factor) for unit, factor in _BYTES.items() if not size % factor)
    return f"{size // factor}{unit}" if size else "0B"


def between(low: Any, high: Any, show: Callable[[Any], str] = str) -> AfterValidator:
    """Refuses what lies outside `low` to `high` (both allowed) and says the range."""
    return AfterValidator(partial(_between, low=low, high=high, show=show))


def _between(value: Any, *, low: Any, high: Any, show: Callable[[Any], str]) -> Any:
    if not low <= value <= high:
        raise ValueError(f"{show(value)} is out of range ({show(low)} to {show(high)})")
    return value


def lasting(low: str, high: str) -> AfterValidator:
    return between(parse_duration(low), parse_duration(high), format_duration)


def sized(low: str, high: str) -> AfterValidator:
    return between(parse_size(low), parse_size(high), format_size)


def _strength(word: object) -> Strength:
    words = [strength.word for strength in Strength]
    if isinstance(word, Strength):
        return word
    if word not in words:
        raise ValueError(f'must be one of {", ".join(words)} (as in only = "topic")')
    return Strength.of(str(word))


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f'"{text}" is no short name (a-z, 0-9, - and _, at most 40, no capitals)')
    return text


def _language(text: str) -> str:
    """The tag's first part in lower case: "pt-BR" is Portuguese (RFC 5646)."""
    if not _TAG.fullmatch(text):
        raise ValueError(f'"{text}" is no language (write its code, as in "es" or "pt-BR")')
    return re.split("[-_]", text)[0].lower()


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text that is not blank")
    return text.strip()


def _distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    seen = set[str]()
    for text in texts:
        if text in seen:
            raise ValueError(f'"{text}" stands twice (once is enough)')
        seen.add(text)
    return texts


def _some(texts: tuple[str, ...]) -> tuple[str, ...]:
    if not texts:
        raise ValueError('the list is empty (write at least one, as in ["…"])')
    return texts


def _contact(text: str) -> str:
    """The User-Agent carries it: ASCII, no line break, no bracket that would end it early."""
    if not (text.isascii() and text.isprintable()) or set(text) & set("()"):
        raise ValueError('must be a mail or web address in plain ASCII, without brackets (as in "you@example.org")')
    return text.strip()


def _proxy(text: str) -> str:
    """A proxy's address without a user, "environment", or nothing."""
    if text in {"", "environment"}:
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError('is no proxy (write "http://proxy.example:3128", or "environment")')
    if parts.username is not None:
        raise ValueError('holds a user (write "environment", and put the address into HTTP_PROXY and HTTPS_PROXY)')
    return text


def _web_address(url: str) -> str:
    if not is_web(url) or not url.isprintable() or " " in url:
        raise ValueError("is no web address (feeds begin with http:// or https://)")
    return url


def _private_place(text: str) -> str:
    """A host name, an address or a network that feeds may lead to although it is not public."""
    if _is_network(text) or (_HOST.fullmatch(text) and not re.fullmatch(r"[0-9.]+", text)):
        return text
    raise ValueError(f'"{text}" is no host, address or network (write "rss.lan", "192.168.1.7" or "10.0.0.0/8")')


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _secret_address(text: SecretStr) -> SecretStr:
    url = text.get_secret_value()
    if not is_web(url) or not url.isprintable() or " " in url:
        raise ValueError("is no web address (it begins with http:// or https://)")
    return text


def _signing_secret(text: SecretStr) -> SecretStr:
    key_of(text.get_secret_value())
    return text


def _host_name(text: str) -> str:
    """A host alone, in the spelling in which hosts are compared."""
    host = host_of(f"http://{text}/")
    if not host or text.rstrip(".").lower() not in {host, f"[{host}]"}:
        raise ValueError(f'"{text}" is no host (write it alone and in ASCII, as in "paper.example")')
    if "." in host and not (is_owned(host) or _is_network(host)):
        raise ValueError(f'"{text}" is no one owner\'s (write the whole host, as in "paper.{host}")')
    return host


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_NOT_THE_OWNERS = re.compile(
    r"host|connection|keep-alive|te|trailer|upgrade|expect|range|date|via|forwarded|http2-settings"
    r"|transfer-encoding|accept-encoding|(content|if|proxy|sec|x-forwarded)-.*",
    re.IGNORECASE,
)
"""What frames a message, belongs to one hop, or makes an answer mean something else than feedwatch takes it for."""


def header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("is no header's name (letters, digits and hyphens, as in Cookie)")
    if _NOT_THE_OWNERS.fullmatch(name):
        raise ValueError("feedwatch sets it itself, or does without (remove it)")
    return name


def header_value(value: str) -> str:
    if not value.strip() or not value.replace("\t", " ").isprintable():
        raise ValueError("its value must be one line that is not blank, without control characters (write it anew)")
    return value.strip(" \t")


def header_lines(text: str) -> dict[str, str]:
    """Lines of "Name: value"; raises ValueError, which tells the line and never what stands there."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found |= _header_line(line) if line.strip() else {}
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    if not found:
        raise ValueError("there is no header (write one a line, as in Cookie: name=value)")
    return found


def _header_line(line: str) -> dict[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError("is no header (write Name: value)")
    return {header_name(name): header_value(value)}


def _each_once(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    if not headers:
        raise ValueError('there is no header (write { Cookie = "name=value" })')
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("a header stands twice (their case makes no difference)")
    return headers


def _header_value(value: SecretStr) -> SecretStr:
    return SecretStr(header_value(value.get_secret_value()))


def _login(text: SecretStr) -> SecretStr:
    user, colon, _ = text.get_secret_value().partition(":")
    if not user or not colon or not text.get_secret_value().isprintable():
        raise ValueError('must be a user and a password (write "user:password")')
    return text


def _timetable(text: object) -> Timetable:
    if isinstance(text, Timetable):
        return text
    if not isinstance(text, str):
        raise ValueError('must be a time in quotes, as in "mon 08:00"')  # noqa: TRY004 -- pydantic reports ValueErrors only
    return parse_timetable(text)


def _texts(value: object, example: str) -> tuple[str, ...]:
    """One text or several."""
    listed = value if isinstance(value, tuple) else (value,)
    if not listed or not all(isinstance(text, str) for text in listed):
        raise ValueError(f"must be a text or a list of texts, as in {example}")
    return _distinct(tuple(str(text) for text in listed))


def _hours(value: object) -> tuple[Hours, ...]:
    found = tuple(map(parse_hours, _texts(value, '"22:00-07:00"')))
    if never_ends(found):
        raise ValueError("all the week is quiet, so nothing would ever be sent (leave some hours)")
    return found


def _digest_times(value: object) -> tuple[Timetable, ...]:
    return tuple(table for text in _texts(value, '"07:30"') for table in parse_times(text))


def _per_hour(value: object) -> object:
    """No limit may be written as "off", too."""
    return 0 if value == "off" else value


def _zone(name: object) -> ZoneInfo:
    """A time zone by its name in the IANA database, which is the machine's."""
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{name}" is no time zone (write its IANA name, as in "America/Bogota")') from None


def _listen(text: object) -> Socket:
    """An address to listen on, not a name: what a name means may change behind our back."""
    if isinstance(text, Socket):
        return text
    found = _SOCKET.fullmatch(text) if isinstance(text, str) else None
    if found is None or not _is_address(found[1]) or not 1 <= int(found[2]) <= MAX_PORT:
        raise ValueError(f'{text!r} is no address with a port (write "127.0.0.1:9321" or "[::1]:9321")')
    return Socket(found[1].strip("[]"), int(found[2]))


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return isinstance(address, ipaddress.IPv6Address) == text.startswith("[")


def _path(text: object) -> Path:
    if not isinstance(text, str | Path) or not str(text).strip():
        raise ValueError("must be a path in quotes")
    return Path(text)


class Socket(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


DURATION_PATTERN = "^(?=.)" + "".join(f"([0-9]{{1,6}}{unit})?" for unit in _SECONDS) + "$"
SIZE_PATTERN = f"^{_SIZE.pattern}$"

Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})
]
Size = Annotated[int, BeforeValidator(parse_size), WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN})]
Least = Annotated[
    Strength,
    BeforeValidator(_strength),
    WithJsonSchema({"type": "string", "enum": [strength.word for strength in Strength]}),
]
Language = Annotated[str, AfterValidator(_language)]
Slug = Annotated[str, AfterValidator(_slug)]
Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[tuple[Line, ...], AfterValidator(_distinct)]
SomeLines = Annotated[tuple[Line, ...], AfterValidator(_distinct), AfterValidator(_some)]
Contact = Annotated[str, AfterValidator(_contact)]
ProxyAddress = Annotated[str, AfterValidator(_proxy)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PrivatePlace = Annotated[str, AfterValidator(_private_place)]
SecretAddress = Annotated[SecretStr, AfterValidator(_secret_address)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
Times = Annotated[Timetable, BeforeValidator(_timetable)]
_SPOKEN_TIMES = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
QuietHours = Annotated[tuple[Hours, ...], BeforeValidator(_hours), _SPOKEN_TIMES]
DigestTimes = Annotated[tuple[Timetable, ...], BeforeValidator(_digest_times), _SPOKEN_TIMES]
PerHour = Annotated[
    int,
    BeforeValidator(_per_hour),
    between(0, 1000),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 1000}, {"const": "off"}]}),
]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string"})]
Listen = Annotated[Socket, BeforeValidator(_listen)]
HeaderValue = Annotated[SecretStr, AfterValidator(_header_value)]
FilePath = Annotated[Path, BeforeValidator(_path)]
HostName = Annotated[str, AfterValidator(_host_name)]
Headers = Annotated[dict[Annotated[str, AfterValidator(header_name)], HeaderValue], AfterValidator(_each_once)]
Login = Annotated[SecretStr, AfterValidator(_login)]
