"""Which letters are these bytes? A page's charset, as it is used rather than as it is named."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import trafilatura

if TYPE_CHECKING:
    from collections.abc import Iterable

_META_CHARSET = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 4_096  # bytes; browsers look at 1,024, pages with long heads need more

# Names that pages use for more than they say (https://encoding.spec.whatwg.org/#names-and-labels), and the
# families of all others; what is not among them (idna, punycode, unicode_escape, …) is no charset of pages.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
_WIDER |= {"shift_jis": "cp932", "iso8859-9": "cp1254", "tis-620": "cp874", "big5": "big5hkscs"}
_CHARSET = re.compile(r"(utf-(8|16|32)|iso(8859|2022)|cp\d|koi8|gb|hz|big5|euc_|shift_jis|johab|mac|ptcp|kz|tis)")


def decoded(body: bytes, content_type: str | None = None) -> str:
    """The page's text: UTF-8 if it is that, else what the page says, else what the server says, else a guess."""
    for name in ("utf-8-sig", *_bom(body)):
        try:
            return body.decode(name)
        except UnicodeError:
            continue
    for name in _claims(body, content_type):
        text = body.decode(name, "replace")
        if text.count("\ufffd") * 1_000 <= len(text):  # a few broken bytes do not refute a claim
            return text
    return trafilatura.utils.decode_file(body)


def _bom(body: bytes) -> tuple[str, ...]:
    return ("utf-16",) if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ()


def _claims(body: bytes, content_type: str | None) -> Iterable[str]:
    page = _META_CHARSET.search(body[:_META_WITHIN])
    server = _HEADER_CHARSET.search(content_type or "")
    names = (page and page[1].decode("ascii", "replace"), server and server[1])
    return (codec for codec in map(_codec, names) if codec)


def _codec(name: str | None) -> str | None:
    try:
        codec = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(codec, codec) if _CHARSET.match(codec) else None
