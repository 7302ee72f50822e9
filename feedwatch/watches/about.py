"""What is known of an article besides its text: the values that a query may ask for, and whether one is there.

source:dw.com      a host, or one below it
lang:pt            a language; lang:pt-BR only as it is spoken there
author:"Ana Ruiz"  these words in an author's name
url:/politics/     this text in the article's address
tag:world          a tag that the feed has in the config
country:VE         the outlet's country
feed:"DW English"  these words in what the feed is called
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feedwatch.errors import QueryError
from feedwatch.text.addresses import host_of
from feedwatch.text.fold import fold
from feedwatch.text.tokens import tokenize
from feedwatch.watches.index import Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A metadata field: what a value must look like, and when an article has it."""

    holds: Callable[[str, Metadata], bool]
    pattern: re.Pattern[str]  # of a value that can ever be there
    cure: str


def holds(field: str, values: Sequence[str], metadata: Metadata) -> bool:
    """Whether the article has one of the values."""
    return any(_FIELDS[field].holds(value, metadata) for value in values)


def values_of(field: str, text: str, at: int) -> tuple[str, ...]:
    """The values of `field:value`, `field:"value"` or `field:(a OR b)`, whose lexeme stands at `at`.

    Raises QueryError.
    """
    behind = text[len(field) + 1 :].lstrip()
    written, begin = behind.rstrip(), at + len(text) - len(behind)
    if not written:
        raise QueryError(f"{field}: has nothing behind it", at, _FIELDS[field].cure)
    inside, offset = (written[1:-1], 1) if written.startswith("(") else (written, 0)
    found: list[str] = []
    needs_value = True
    for match in _part.finditer(inside):
        part, place = match.group(), begin + offset + match.start()
        if needs_value is (part in {"OR", "|"}):
            cure = f"write {field}:(a OR b), and values with spaces in double quotes"
            raise QueryError(f"only OR can stand between the values of {field}:", place, cure)
        if needs_value:
            found.append(_value(field, part.strip('"'), place))
        needs_value = not needs_value
    if needs_value:
        raise QueryError(f"a value of {field}: is missing", begin + len(written) - 1, _FIELDS[field].cure)
    return tuple(dict.fromkeys(found))


def _value(field: str, text: str, at: int) -> str:
    value = " ".join(text.split())
    if not _FIELDS[field].pattern.fullmatch(value):
        raise QueryError(f'{field}: cannot be "{value}"', at, _FIELDS[field].cure)
    return value


_part = re.compile(r'"[^"]*"|\||[^\s"|]+')

_SAME_LANGUAGE = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "mo": "ro"}
"""Norwegian is two, and old codes live on."""


def _language(value: str, metadata: Metadata) -> bool:
    asked = _subtags(value)
    return any(_subtags(language)[: len(asked)] == asked for language in metadata.languages)


def _subtags(language: str) -> list[str]:
    first, *rest = language.strip().lower().replace("_", "-").split("-")
    return [_SAME_LANGUAGE.get(first, first), *rest]


def _host(value: str, metadata: Metadata) -> bool:
    asked = _host_asked(value)
    return any(host == asked or host.endswith("." + asked) for host in metadata.hosts)


def _host_asked(value: str) -> str:
    bare = value if "//" in value else f"//{value.removeprefix('*.').removeprefix('.')}"
    return host_of(bare).removeprefix("www.")


def _author(value: str, metadata: Metadata) -> bool:
    return any(_holds_words(author, value) for author in metadata.authors)


def _feed(value: str, metadata: Metadata) -> bool:
    return any(_holds_words(name, value) for name in metadata.feeds)


def _holds_words(text: str, words: str) -> bool:
    line, asked = (f" {' '.join(tokenize(each).tokens)} " for each in (text, words))
    return bool(asked.strip()) and asked in line


def _url(value: str, metadata: Metadata) -> bool:
    return _without_scheme(value) in _without_scheme(metadata.url)


def _without_scheme(url: str) -> str:
    return re.sub("^https?://(?:www[.])?", "", url.casefold())


def _tag(value: str, metadata: Metadata) -> bool:
    return fold(value) in map(fold, metadata.tags)


def _country(value: str, metadata: Metadata) -> bool:
    return value.upper() == metadata.country.upper()


_WORDS = re.compile(r"(?=.*\w)[^*]+")
_FIELDS = {
    "source": _Field(
        holds=_host,
        pattern=re.compile(r"(?i)(?:https?://)?(?:\*\.)?[^\s*/?#@]*[^\W_][^\s*/?#@]*/?"),
        cure="write a host, as in source:dw.com",
    ),
    "lang": _Field(
        holds=_language,
        pattern=re.compile(r"(?i)[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*"),
        cure="write a language's code, as in lang:es or lang:(es OR pt)",
    ),
    "author": _Field(holds=_author, pattern=_WORDS, cure='write a part of the name, as in author:"Ana Ruiz"'),
    "url": _Field(
        holds=_url, pattern=re.compile(r"[^\s*]+"), cure="write a part of the address, as in url:/politics/, without *"
    ),
    "tag": _Field(holds=_tag, pattern=_WORDS, cure="write a tag of [[feeds]], as in tag:world"),
    "country": _Field(
        holds=_country,
        pattern=re.compile("(?i)[a-z]{2}"),
        cure="write the code of the outlet's country, as in country:VE; @country:VE names the country in the text",
    ),
    "feed": _Field(holds=_feed, pattern=_WORDS, cure='write a feed\'s name, as in feed:"DW English"'),
}
