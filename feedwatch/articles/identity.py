"""Which article is this? An article has many addresses; one founding key stays for its whole life."""

from __future__ import annotations

from urllib.parse import urlsplit

from feedwatch.text.addresses import canonical, is_web, same_site


def article_key(link: str | None, feed_address: str, entry_key: str, *, address_is_identity: bool) -> str:
    """'a:' and the article's canonical address; where that is none of its own, 'e:', feed and entry."""
    if link and address_is_identity and is_web(link):
        return f"a:{canonical(link)}"
    return f"e:{feed_address} {entry_key}"


def believed_canonical(claim: str | None, page_url: str) -> str | None:
    """The canonical form of what a page claims as its address; None where that cannot be believed.

    Believed are absolute addresses on the page's own site that are not its root: one site in 749 pages names
    its home page on every article.
    """
    if not claim or not is_web(claim) or not same_site(claim, page_url):
        return None
    return canonical(claim) if urlsplit(claim).path.strip("/") else None
