"""Makes strangers' text harmless before it leaves the house, and cuts it to a service's limit.

Titles and snippets are written by whoever writes the page. They may not steer a terminal, turn text around,
smuggle a mail header, or call a whole team chat.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import regex

_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_LINE_BREAK = regex.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")

# Control characters but for the line feed; bidi embeddings, overrides and isolates (Unicode UAX 9: they turn
# "exe.gpj" around); noncharacters, which XML forbids; and what is invisible and no script needs: soft hyphen,
# zero-width space, word joiner and its invisible kin, byte order mark, annotation and tag characters.
_NEVER = regex.compile(
    r"[[\p{Cc}--\n]\u202a-\u202e\u2066-\u206f\u00ad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb"
    r"\p{Noncharacter_Code_Point}\U000e0000-\U000e007f]",
    regex.V1,
)

# Joiners mean something after these: Persian and Indic spelling, emoji made of several (Unicode UTS 51).
_JOINED = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f"
)
_LOOSE_JOINER = regex.compile(rf"(?<![{_JOINED}])[\u200c\u200d]")

_ZERO_WIDTH = regex.compile(r"[\u200b-\u200f\u061c\u2060-\u2065\ufeff\u00ad\u180e]")

# Mentions of Discord, Slack, Mattermost, Rocket.Chat, Matrix, Lark and Google Chat that wake many at once.
_CALL = regex.compile(r"@(?=everyone|here|channel|(?:all|room)\b)", regex.IGNORECASE)
_TAG = regex.compile(r"<(?=[@!#]|users/|at )", regex.IGNORECASE)

_ELABORATE = regex.compile(r"[^\p{L}\p{M}\p{N} .,:;!?'%()/#…-]|[^\u0000-\uffff]")

_GRAPHEME = regex.compile(r"\X")
_NO_LINK = regex.compile(r"[\s\\\p{Cc}\p{Cf}\p{Cs}]")


def harmless(text: str) -> str:
    """The same words, and nothing in them that acts; line feeds stay, twice is as good as once.

    A mention gets a fullwidth sign (＠here, ＜@42>): it reads the same, keeps the text's length, and, unlike a
    zero-width character put in between, is not lost where a service drops invisible characters.
    """
    text = _SURROGATE.sub("\ufffd", text)
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    text = _LOOSE_JOINER.sub("", _NEVER.sub("", text))
    return str(_TAG.sub("＜", _CALL.sub("＠", text)))


def one_line(text: str) -> str:
    """`text` harmless, on one line, without zero-width characters: a title or a mail's subject."""
    return " ".join(harmless(_ZERO_WIDTH.sub("", text)).split())


def plainest(text: str) -> str:
    """The letters, digits and commonest signs of `text`, on one line: what no service can take amiss."""
    return " ".join(_ELABORATE.sub(" ", harmless(text)).split())


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of `text`; what is cut ends in "…" and never inside a grapheme."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = 0
    for grapheme in _GRAPHEME.finditer(text):
        if grapheme.end() > limit - 1:
            break
        end = grapheme.end()
    return text[:end].rstrip() + "…"


def counted(n: int, one: str, many: str | None = None) -> str:
    """As in "1 feed", "1,240 feeds" and, with `many`, "2 entries"."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def web_link(url: str) -> str | None:
    """`url` if it is a plain http or https address, else None; what a chat would take for a mention is quoted."""
    if _NO_LINK.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed bracket
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return str(_CALL.sub("%40", url)).replace("<", "%3C").replace(">", "%3E")
