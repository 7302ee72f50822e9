"""Real lists of feeds: every address that stands in one comes out, as it is spelt; no other does."""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path

import pytest
from lxml import etree

from feedwatch.feeds.opml import Listed, decoded, read_opml, write_opml
from feedwatch.text.addresses import canonical, is_web

SHARED = Path(os.environ.get("FEEDWATCH_SHARED") or Path(__file__).parents[2].parent / "shared")
LISTS = SHARED / "corpus" / "lists"
BROKEN = 9  # of the 16 lists

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LISTS.is_dir(), reason=f"no lists at {LISTS}"),
]


def files() -> list[Path]:
    return sorted([*LISTS.glob("opml/*.opml"), *(SHARED / "corpus/feeds").glob("**/*.opml")])


def addresses(path: Path) -> list[str]:
    """What stands in the file, found in another way: bare text between xmlUrl=" and the next quote."""
    return [html.unescape(url) for url in re.findall(r"""xmlUrl=["'](.*?)["']""", decoded(path.read_bytes()))]


def is_well_formed(path: Path) -> bool:
    try:
        etree.fromstring(path.read_bytes())
    except etree.XMLSyntaxError:
        return False
    return True


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_address_of_a_list_comes_out(path: Path) -> None:
    found = read_opml(path.read_bytes())
    assert [feed.url for feed in found.feeds] == list(dict.fromkeys(addresses(path)))
    assert found.remarks == ()
    assert sum(not feed.name for feed in found.feeds) == path.read_text(errors="replace").count('text="" title=""')


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_a_well_formed_list_says_what_an_xml_parser_says(path: Path) -> None:
    if not is_well_formed(path):
        return
    rows = [row for row in etree.fromstring(path.read_bytes()).iter("outline") if row.get("xmlUrl")]
    folders = [tuple(up.get("text") for up in reversed([*row.iterancestors("outline")])) for row in rows]
    found = read_opml(path.read_bytes()).feeds
    assert [(feed.url, feed.tags) for feed in found] == list(
        zip([row.get("xmlUrl") for row in rows], folders, strict=True)
    )


def test_so_many_lists_are_broken() -> None:
    assert sum(not is_well_formed(path) for path in files()) == BROKEN
    assert len(files()) >= 17


def test_ten_thousand_real_feeds_go_out_and_come_back() -> None:
    kite = json.loads((LISTS / "kite_feeds.json").read_text(encoding="utf-8"))
    rows = [Listed(url=url, tags=(name,)) for name, about in kite.items() for url in about["feeds"]]
    found = read_opml(write_opml(rows, "kite").encode())
    assert {canonical(feed.url) for feed in found.feeds} == {canonical(row.url) for row in rows if is_web(row.url)}
    assert [remark.text for remark in found.remarks] == [
        f'"{row.url}" is no web address (correct it in the list)' for row in rows if not is_web(row.url)
    ]


def test_the_scale_list_comes_out_whole() -> None:
    urls = (LISTS / "smallweb.txt").read_text(encoding="utf-8").split()
    found = read_opml(write_opml([Listed(url=url) for url in urls], "small").encode())
    assert len(found.feeds) + len(found.remarks) == len({canonical(url) for url in urls})
