"""Teasers between an article's paragraphs: what invites to read something else, told by its shape.

A line that is nothing but a link, or a label and a link ("MIRA: …", "VEA TAMBIÉN: …", "Dowiedz się więcej"), or the headline of a video with its
duration; and what a publisher says of itself between the paragraphs: subscribe, follow us, all rights reserved. They are no part of the article, so
a word in them is no hit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from feedwatch.articles.lines import key, said, words
from feedwatch.text.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL_LEAST, _LABEL_WORDS = 2, 6  # "Anna:" is who speaks in an interview
_LINE_WORDS = 40  # at most; longer is prose, whatever it links to
_NOTICE_WORDS = 45
_HOST_PARTS = 2  # of a name that two hosts share to be one site's


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What the page's links say, as keys: to pages of its own site, and to others."""

    own: frozenset[str]
    foreign: frozenset[str]


def links_of(tree: Any, url: str) -> Links:
    """The texts of all links but those to places on this page."""
    own, foreign = set[str](), set[str]()
    site = _site(url)
    for link in tree.iter("a"):
        address = (link.get("href") or "").strip()
        if address and not address.startswith(("#", "javascript:")) and (name := key(said(link))):
            (own if _is_own(address, url, site) else foreign).add(name)
    return Links(own=frozenset(own), foreign=frozenset(foreign - own))


def _is_own(address: str, url: str, site: str) -> bool:
    if not address.lower().startswith(("http:", "https:", "//")):
        return not address.startswith(("mailto:", "tel:"))
    try:
        return _site(urljoin(url, address)) == site
    except ValueError:
        return False


def _site(url: str) -> str:
    """The last two parts of the host's name: enough to tell a site from others, if not from its neighbours."""
    return ".".join(host_of(url).split(".")[-_HOST_PARTS:])


def is_mostly_links(line: str, links: Links) -> bool:
    """Whether half of the line's words or more are links."""
    name = key(line)
    return 2 * sum(words(link) for link in links.own | links.foreign if link in name) >= words(name)


def teasers_in(lines: Sequence[str], links: Links) -> list[bool]:
    """Which of the lines are teasers or notices."""
    flags = [_is_teaser(line, links) or is_notice(line) for line in lines]
    for place in range(len(lines) - 1, -1, -1):  # a label stands before what it introduces
        follows = flags[place + 1] if place + 1 < len(lines) else True
        flags[place] = flags[place] or (follows and _is_label(lines[place]))
    return flags


def _is_teaser(line: str, links: Links) -> bool:
    if words(line) > _LINE_WORDS or _is_address(line):
        return False
    return key(line) in links.own or _labelled(line, links) or bool(_INVITES.match(line)) or bool(_VIDEO.search(line))


def _labelled(line: str, links: Links) -> bool:
    """A few words, and a link to the end of the line."""
    return any(
        0 < words(line[: mark.start()]) <= _LABEL_WORDS and key(line[mark.end() :]) in links.own
        for mark in _MARK.finditer(line)
    )


_MARK = re.compile(r"\s*[:»>|–—→]\s*")


def _is_address(line: str) -> bool:
    return "://" in line or "@" in line or line.startswith(("www.", "|"))  # or a table's row


def _is_label(line: str) -> bool:
    return _LABEL_LEAST <= words(line) <= _LABEL_WORDS and line.rstrip()[-1:] in _LABEL_ENDS


_LABEL_ENDS = (":", "»", ">", "→")

# Invitations, as publishers of many languages word them; each opens a short line that ends in a mark and a headline.
_INVITING = (
    r"(?:see|read|watch|listen|learn|find out) (?:also|more|next|now|too)|also (?:read|see|watch|on)|related|more on|more from"
    r"|don.?t miss|recommended|you may (?:also )?like|(?:vea|ve|lea|lee|mira|mire|ver|leer|escuch[ae])(?: también| además| más)?"
    r"|te puede interesar|(?:le|les|te) recomendamos|también (?:lee|lea|puedes)|además|nota relacionada"
    r"|(?:à|a) lire(?: aussi)?|lire (?:aussi|également)|voir aussi|notre dossier"
    r"|(?:lesen|sehen) sie (?:auch|hier|mehr|dazu)|lies auch|auch (?:lesen|interessant)|siehe auch|mehr (?:zum thema|dazu|lesen)|weiterlesen"
    r"|lesetipp|das könnte (?:sie|dich) auch|leggi anche|guarda anche|leia (?:também|mais)|veja (?:também|mais)|saiba mais|confira|assista"
    r"|(?:czytaj|zobacz|przeczytaj|sprawdź)(?: też| także| również| więcej)?|dowiedz się więcej|polecamy"
    r"|читайте (?:также|ещ[её])|читать (?:также|далее)|смотрите также|по теме|подробнее|читайте тако[жє]|читайте більше"
    r"|lees (?:ook|meer|verder)|kijk ook|läs (?:också|mer|även)|les (?:også|mer)|læs (?:også|mere)|lue (?:myös|lisää)"
    r"|čtěte (?:také|více)|přečtěte si|čítajte aj|olvassa el|ayrıca bak|baca juga|simak juga|xem thêm|اقرأ (?:أيضا|أيضًا|المزيد)|شاهد أيضا"
)
_INVITES = re.compile(rf"[\W_]*(?:{_INVITING})\b[^:»>|→]{{0,30}}[:»>|–—→]", re.IGNORECASE)
_VIDEO = re.compile(r"^(?:video\b\W*)?\S.{8,120}\s\(?\d{1,2}:\d{2}(?::\d{2})?\)?$", re.IGNORECASE)


def is_notice(line: str) -> bool:
    """Whether the publisher speaks of itself: its newsletter, its rights, its channels, its prices."""
    return words(line) <= _NOTICE_WORDS and bool(_NOTICE.search(line))


_NOTICE = re.compile(
    r"all rights reserved|alle rechte vorbehalten|todos los derechos reservados|todos os direitos reservados|tous droits réservés"
    r"|все права защищены|wszelkie prawa zastrzeżone|tutti i diritti riservati|©\s*(?:copyright\b|\d{4}\b)|copyright\s*(?:©|\d{4})"
    r"|\bsubscribe (?:now|today|here|to (?:our|the|us))|\bsign(?:ing)? up (?:for|to) (?:our|the|a)\b.{0,40}newsletter"
    r"|\balready (?:a|an) (?:subscriber|member)\b|\bfollow us on\b|\bdownload (?:the|our)\b.{0,30}\bapps?\b|\baffiliate links?\b"
    r"|\bsuscr[ií]b[ae]t?e\b|\bs[ií]guenos en\b|\bhazte (?:socio|miembro|suscriptor)|\bun[aá]?se a nuestro canal|\bnuestro canal de\b"
    r"|\babonnez-vous\b|\binscrivez-vous à\b.{0,40}newsletter|\bnewsletter (?:abonnieren|anmelden)|\bjetzt abonnieren\b|\bfolgen sie uns\b"
    r"|\bnewsletter an(?:melden)?\b|\bassine (?:já|agora|a)\b|\biscriviti alla\b|\bzapisz się (?:na|do)\b.{0,30}newsletter"
    r"|\bподпис(?:ывайтесь|аться|ка) на\b|\bподпишитесь на\b",
    re.IGNORECASE,
)
