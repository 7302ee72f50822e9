"""Teasers between an article's paragraphs: what invites to read something else, told by its shape.

A line that is nothing but a link, or a label and a link ("MIRA: …", "VEA TAMBIÉN: …", "Dowiedz się więcej"), or the
headline of a video with its duration; and what a publisher says of itself between the paragraphs: subscribe, follow
us, all rights reserved. They are no part of the article, so a word in them is no hit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from feedwatch.articles.lines import key, phrases, said, words
from feedwatch.text.addresses import host_of

_LABEL_LEAST, _LABEL_WORDS = 2, 6  # "Anna:" is who speaks in an interview
_LINE_WORDS = 40  # at most; longer is prose, whatever it links to
_NOTICE_WORDS = 45
_HOST_PARTS = 2  # of a name that two hosts share to be one site's


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What the page's links say, as keys, and where they lead; not those to places on the page itself."""

    url: str  # the page's own address
    targets: dict[str, list[str]]

    def lead_within(self, name: str) -> bool:
        """Whether one of the links that say this stays on the page's site."""
        return any(_is_own(address, self.url) for address in self.targets.get(name, ()))


def links_of(tree: Any, url: str) -> Links:
    targets: dict[str, list[str]] = defaultdict(list)
    for link in tree.iter("a"):
        address = (link.get("href") or "").strip()
        if address and not address.startswith(("#", "javascript:")) and (name := key(said(link))):
            targets[name].append(address)
    return Links(url=url, targets=dict(targets))


def _is_own(address: str, url: str) -> bool:
    if not address.lower().startswith(("http:", "https:", "//")):
        return not address.startswith(("mailto:", "tel:"))
    try:
        return _site(urljoin(url, address)) == _site(url)
    except ValueError:
        return False


def _site(url: str) -> str:
    """The last two parts of the host's name: enough to tell a site from others, if not from its neighbours."""
    return ".".join(host_of(url).split(".")[-_HOST_PARTS:])


def is_mostly_links(line: str, links: Links) -> bool:
    """Whether half of the line's words or more are links."""
    name = key(line)
    return 2 * sum(words(link) for link in links.targets if link in name) >= words(name)


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
    if line.startswith("|"):
        return _is_row_of_links(line, links)
    return (
        links.lead_within(key(line))
        or any(links.lead_within(name) for name in _labelled(line))
        or (bool(_INVITES.match(line)) and not line.endswith("."))  # a sentence is said, not offered
        or bool(_VIDEO.match(line))
        or any(links.lead_within(key(offer[0])) for offer in _OFFERS.finditer(line))
    )


def _is_row_of_links(row: str, links: Links) -> bool:
    """Whether each cell of a table's row is a link's headline: tables lay out pages, too."""
    cells = [key(cell) for cell in row.split("|") if cell.strip()]
    return bool(cells) and all(words(cell) >= _LABEL_LEAST and links.lead_within(cell) for cell in cells)


def _labelled(line: str) -> Iterator[str]:
    """What stands behind a label of a few words, as keys."""
    for mark in _MARK.finditer(line):
        if 0 < words(line[: mark.start()]) <= _LABEL_WORDS:
            yield key(line[mark.end() :])


_MARK = re.compile(r"[:»>|–—→]")


def _is_address(line: str) -> bool:
    return "://" in line or "@" in line or line.startswith("www.")


def _is_label(line: str) -> bool:
    return _LABEL_LEAST <= words(line) <= _LABEL_WORDS and line.rstrip()[-1:] in _LABEL_ENDS


_LABEL_ENDS = (":", "»", ">", "→")

# Invitations, as publishers of many languages word them; each opens a short line that ends in a mark and a headline.
_INVITING = (
    r"(?:see|read|watch|listen|learn|find out) (?:also|more|next|now|too)|also (?:read|see|watch)|related"
    r"|more (?:on|from)|don.?t miss|recommended|you may (?:also )?like"
    r"|(?:vea|ve|lea|lee|mira|mire|ver|leer|escuch[ae])(?: también| además| más)?|también (?:lee|lea|puedes)|además"
    r"|te puede interesar|(?:le|les|te) recomendamos|nota relacionada"
    r"|(?:à|a) lire(?: aussi)?|lire (?:aussi|également)|voir aussi|notre dossier"
    r"|(?:lesen|sehen) sie (?:auch|hier|mehr|dazu)|lies auch|auch (?:lesen|interessant)|siehe auch|weiterlesen"
    r"|mehr (?:zum thema|dazu|lesen)|lesetipp|das könnte (?:sie|dich) auch|leggi anche|guarda anche"
    r"|leia (?:também|mais)|veja (?:também|mais)|saiba mais|confira|assista"
    r"|(?:czytaj|zobacz|przeczytaj|sprawdź)(?: też| także| również| więcej)?|dowiedz się więcej|polecamy"
    r"|читайте (?:также|ещ[её]|тако[жє]|більше)|читать (?:также|далее)|смотрите также|по теме|подробнее"
    r"|lees (?:ook|meer|verder)|kijk ook|läs (?:också|mer|även)|les (?:også|mer)|læs (?:også|mere)|lue (?:myös|lisää)"
    r"|čtěte (?:také|více)|přečtěte si|čítajte aj|olvassa el|ayrıca bak|baca juga|simak juga|xem thêm"
    r"|اقرأ (?:أيضا|أيضًا|المزيد)|شاهد أيضا"
)
_INVITES = re.compile(rf"[\W_]*(?:{_INVITING})\b[^:»>|→]{{0,30}}[:»>|–—→]", re.IGNORECASE)
_OFFERS = re.compile(rf"\b(?:{_INVITING})[\W_]*$", re.IGNORECASE)  # "… Read more"
_VIDEO = re.compile(r"\S.{8,120}\s\(?\d{1,2}:\d{2}(?::\d{2})?\)?$")


def is_notice(line: str) -> bool:
    """Whether the publisher speaks of itself: its newsletter, its rights, its channels, its prices."""
    if words(line) > _NOTICE_WORDS:
        return False
    said_so = line.casefold()
    return any(notice in said_so for notice in _NOTICES)


_NOTICES = phrases(
    """
all rights reserved|alle rechte vorbehalten|todos los derechos reservados|tous droits réservés
todos os direitos reservados|все права защищены|wszelkie prawa zastrzeżone|tutti i diritti riservati|copyright ©
© copyright|copyright 20|© 19|© 20|copyrighted property|without permission|subscribe now|subscribe today
subscribe here|subscribe to our|subscribe to the |to our newsletter|sign up for our|sign up to our
already a subscriber|already a member|follow us on|affiliate link|newsletter signup|daily newsletter
free newsletter|download our app|download the app|for ios and android|whatsapp channel|our telegram channel
support our journalism|suscríbete|suscríbase|síguenos en|síganos en|hazte socio|hazte miembro|únete a nuestro
nuestro canal de|abonnez-vous|newsletter abonnieren|newsletter anmelden|zum newsletter|jetzt abonnieren
folgen sie uns|assine já|assine agora|siga-nos|inscreva-se n|iscriviti all|zapisz się na|zapisz się do
подписывайтесь на|подпишитесь на|подписаться на|підписуйтесь на
"""
)
