"""An article taken apart: lead, captions, teasers, boxes; what is no article; walls; posts of a live blog."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.articles.furniture import PAGES, STORIES, Repeated, Seen, block_hash, hashes_of, packed, repeated
from feedwatch.articles.page import read_page
from feedwatch.errors import PageUnreadable
from feedwatch.model import Page

URL = "https://courier.example/2026/02/ferry"

PARAGRAPHS = (
    "The ferry between the two banks sailed again on Tuesday after nine days in the dock, the harbour office said.",
    "Some four hundred people waited for the first boat, many of them nurses and pupils from the southern villages.",
    "Captain Ilse Brandt said the new engine had been tested at night and was, in her words, as quiet as a cat.",
    "The fare stays at two crowns; the council will look at the timetable of the winter months again in October.",
)
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
TITLE = "Ferry sails again after nine days"


def page(inside: str, *, head: str = "", before: str = "", after: str = "") -> str:
    return (
        f"<html lang='en'><head><title>{TITLE}</title>{head}</head><body>{before}"
        f"<main><article><h1>{TITLE}</h1>{inside}</article></main>{after}</body></html>"
    )


def read(text: str, url: str = URL, known: Repeated | None = None) -> Page:
    return read_page(text.encode(), url, "text/html; charset=utf-8", known or Repeated())


def between(block: str) -> Page:
    """The article with a block in the middle of its text."""
    middle = "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:2]) + block
    return read(page(middle + "".join(f"<p>{one}</p>" for one in PARAGRAPHS[2:])))


def assert_is_whole(said: Page) -> None:
    assert [line for line in said.body.split("\n") if line in PARAGRAPHS] == list(PARAGRAPHS)


# Teasers


@pytest.mark.parametrize(
    "block",
    [
        "<p><a href='/m'>Maduro speaks in Caracas</a></p>",
        "<p><strong>MIRA: <a href='/m'>Maduro habla en Caracas</a></strong></p>",
        "<p>VEA TAMBIÉN: Maduro habla en Caracas</p>",
        "<p>Czytaj też: Maduro przemawia w Caracas</p>",
        "<p>Читайте также: <a href='/m'>Мадуро (Maduro) выступил в Каракасе</a></p>",
        "<p>&gt;&gt; <a href='https://www.courier.example/m'>Maduro: so geht es weiter</a></p>",
        "<p>Aus dem Archiv | <a href='/m'>Maduro und seine Minister</a></p>",
        "<p>Video: Maduro speaks to the fleet in Caracas 02:31</p>",
        "<div class='read-more'><p>What Maduro told the fleet last week in Caracas</p></div>",
        "<aside><p>What Maduro told the fleet last week in Caracas</p></aside>",
        "<p>Subscribe now to our Maduro letter, every morning in your inbox.</p>",
    ],
)
def test_a_teaser_between_paragraphs_is_no_part_of_the_body(block: str) -> None:
    said = between(block)
    assert "Maduro" not in said.body
    assert_is_whole(said)


def test_teasers_are_kept_apart() -> None:
    said = between("<p>Read more: <a href='/m'>Maduro speaks in Caracas</a></p>")
    assert said.teasers == ("Read more: Maduro speaks in Caracas",)


@pytest.mark.parametrize(
    "block",
    [
        "<p>The letter, <a href='/m'>which Maduro signed</a>, lay on the captain's table for a week.</p>",
        "<p>Maduro: “We will <a href='/m'>come back</a> when the ferry does, and not a day before that.”</p>",
        "<p>See also: Maduro, his minister, two nurses, and a cat that nobody had asked for a ticket went ashore.</p>",
        "<p>Correction: Maduro <a href='/m'>did not sign the letter</a>, as we wrote on Monday.</p>",
        "<p>Also on the boat: Maduro, his minister, two nurses, and a cat that nobody had asked for a ticket.</p>",
    ],
)
def test_what_is_in_doubt_is_the_article(block: str) -> None:
    assert "Maduro" in between(block).body


def test_a_text_that_is_mostly_links_stays_whole() -> None:
    """A reader's digest: the rules do not fit it, so none is used."""
    links = "".join(
        f"<p><a href='/{n}'>Maduro and the {n}th of his ministers went home on Monday</a></p>" for n in range(9)
    )
    intro = "<p>What our readers liked most this week, told by those who wrote it, and in their own words.</p>"
    try:
        body = read(page(intro + links)).body
    except PageUnreadable:
        return
    assert "Maduro" in body


# Cards, and what their own heading calls something else

OTHERS = ("Maduro opens a new bridge", "Maduro speaks to the fleet", "Maduro visits the islands")
SUMMARY = "Nicolás Maduro was there on Monday, officials in the capital said after a long meeting."


def every(shape: str) -> str:
    """The shape once for each of the other stories."""
    return "".join(shape.format(n=n, title=title) for n, title in enumerate(OTHERS))


@pytest.mark.parametrize(
    "block",
    [
        every(f"<div><a href='/o/{{n}}'><img src='x.jpg'><h4>{{title}}</h4></a><p>{SUMMARY}</p></div>"),
        every(f"<section><h3><a href='/o/{{n}}'>{{title}}</a></h3><p>{SUMMARY}</p><time>2 h ago</time></section>"),
        every(f"<div><a href='/world'>World</a><h4><a href='/o/{{n}}'>{{title}}</a></h4><p>{SUMMARY}</p></div>"),
        "<ul>" + every("<li><a href='/o/{n}'>{title}</a> <span>21 November 2026</span></li>") + "</ul>",
        "<ul>" + every("<li>{title}. <a href='/o/{n}'>Read more</a></li>") + "</ul>",
        "<table><tr>" + every("<td><a href='/o/{n}'>{title}</a></td>") + "</tr></table>",
        "<h3>Related stories</h3><ul>" + every("<li>{title}</li>") + "</ul>",
        "<p><b>READ ALSO</b></p>" + every("<p>{title}</p>"),
        "<div><h4>Самое читаемое</h4>" + every("<p>{title}</p>") + "</div>",
        "<section><h3>3 comments</h3>" + every(f"<div><b>joe</b><p>I doubt it. {SUMMARY}</p></div>") + "</section>",
        "<h2>関連記事</h2>" + every("<h3>{title}</h3>"),
    ],
)
def test_other_stories_are_no_part_of_the_body_whatever_shape_they_have(block: str) -> None:
    for said in (between(block), read(page(TEXT + block))):
        assert "Maduro" not in said.body
        assert_is_whole(said)


@pytest.mark.parametrize(
    "block",
    [
        every(f"<div>{SUMMARY} <a href='/o/{{n}}'>{{title}}</a> as we wrote.</div>"),  # paragraphs with a link
        "<p>Related</p><p>Maduro said nothing of the ferry, and his minister said less than that.</p>",
        "<h3>Comments</h3><p>Maduro said that the law on comments was passed by a few votes on Friday.</p>",
        "<h3>Latest</h3><h3>What Maduro wrote</h3><p>It was a short letter, the captain said to us.</p>",
        "<ul><li>Maduro, who signed first</li><li>the captain, who signed last</li></ul>",
        f"<div><a href='/o/1'><h4>How the bridge was opened</h4></a><p>{SUMMARY}</p></div>",  # alone on the page
    ],
)
def test_what_looks_a_little_like_them_is_the_article(block: str) -> None:
    assert "Maduro" in between(block).body


@pytest.mark.parametrize("called", ["highlights", "key-points", "callout", "infobox", "fact-box"])
def test_the_articles_own_boxes_are_the_article(called: str) -> None:
    said = between(
        f"<div class='{called}'><ul><li>Maduro signed the letter</li><li>Nobody read it aloud</li></ul></div>"
    )
    assert "Maduro" in said.body


def test_a_text_that_is_set_as_it_was_typed_is_read() -> None:
    text = "\n\n".join(PARAGRAPHS)
    assert_is_whole(read(f"<html><body><h1>{TITLE}</h1><pre>{text}</pre></body></html>"))


def test_an_article_under_a_kicker_is_an_article() -> None:
    text = f"<html><body><main><h1>{TITLE}</h1><div><p>Latest news</p>{TEXT}</div></main></body></html>"
    assert_is_whole(read(text))


# Lead


@pytest.mark.parametrize(
    "lead",
    [
        "<p class='standfirst'>A delegation that Maduro sent had waited on the southern bank since last week</p>",
        "<div class='article-intro'><p>A delegation that Maduro sent had waited on the southern bank.</p></div>",
        "<h2>A delegation that Maduro sent had waited on the southern bank.</h2>",
    ],
)
def test_the_lead_between_headline_and_text_is_the_head_of_the_body(lead: str) -> None:
    text = (
        f"<html><head><title>{TITLE}</title></head><body><header><h1>{TITLE}</h1>{lead}"
        f"<p>By Ana Ruiz, 09:30</p></header><div class='article-body'>{TEXT}</div></body></html>"
    )
    said = read(text)
    assert "Maduro" in said.body.split("\n")[0]
    assert "Ana Ruiz" not in said.body
    assert_is_whole(said)


def test_a_headline_that_the_title_does_not_repeat_is_kept() -> None:
    named = f"<meta property='og:title' content='{TITLE}'>"
    text = page(TEXT, head=named).replace(f"<h1>{TITLE}</h1>", "<h1>What Maduro has to do with our ferry</h1>")
    said = read(text)
    assert said.title == TITLE
    assert "Maduro" in said.body


# Captions


def test_a_caption_is_apart_from_the_body_and_from_who_took_the_picture() -> None:
    said = between(
        "<figure><img src='a.jpg'><figcaption>Maduro on the southern bank. Foto: A. Ruiz</figcaption></figure>"
    )
    assert said.captions == ("Maduro on the southern bank.",)
    assert "Maduro" not in said.body
    assert_is_whole(said)


def test_the_caption_of_a_teaser_is_none() -> None:
    picture = "<figure><img src='m.jpg'><figcaption>Maduro in Caracas last week</figcaption></figure>"
    assert read(page(TEXT, after=f"<ul><li><a href='/m'>{picture}</a></li></ul>")).captions == ()


# Structured data

LD = "<script type='application/ld+json'>{}</script>"


def test_the_headline_and_authors_of_structured_data_count_first() -> None:
    authors = '"author":[{"name":"Ana Ruiz"},{"name":"Bo Li"}]'
    data = '{"@graph":[{"@type":["NewsArticle"],"headline":"Ferry is back",' + authors + "}]}"
    said = read(page(TEXT, head=LD.format(data)))
    assert (said.title, said.authors) == ("Ferry is back", ("Ana Ruiz", "Bo Li"))


def test_the_body_of_structured_data_stands_in_for_a_text_made_by_scripts() -> None:
    body = "\\n".join((*PARAGRAPHS, "Nicolás Maduro had sent a delegation, which went home without a ticket. " * 4))
    data = '{"@type":"NewsArticle","headline":"Ferry","articleBody":"' + body + '"}'
    shell = f"<html><head>{LD.format(data)}</head><body><div id='app'></div><p>Please wait.</p></body></html>"
    assert "Maduro" in read(shell).body


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_broken_structured_data_are_left_out(junk: str) -> None:
    assert_is_whole(read(page(TEXT, head=LD.format(junk.replace("<", "")))))


# What is no article


def headings(count: int) -> str:
    return "".join(
        f"<div><h2><a href='/{n}'>Story number {n}</a></h2><p>Maduro and what the council of district {n} said on"
        f" Tuesday about the timetable of the winter months…</p></div>"
        for n in range(count)
    )


def test_a_front_page_is_no_article() -> None:
    front = f"<html><head><title>The Courier</title></head><body><main>{headings(30)}</main></body></html>"
    assert not read(front, "https://courier.example/").is_article
    canonical = front.replace("</head>", "<link rel='canonical' href='https://courier.example/'></head>")
    assert not read(canonical, "https://proxy.example/r/123").is_article


def test_a_tag_page_says_so_itself() -> None:
    data = LD.format('{"@type":"CollectionPage","name":"Maduro"}')
    assert not read(f"<html><head>{data}</head><body><main>{headings(30)}</main></body></html>").is_article


def test_an_article_whose_site_names_its_home_page_as_canonical_is_one() -> None:
    assert read(page(TEXT, head="<link rel='canonical' href='https://courier.example/'>")).is_article


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 - Page not found", "The page that you look for is not here. Try our front page, or the search above."),
        ("Página no encontrada | El Faro", "La página que busca no existe o fue movida a otro lugar de este sitio."),
        ("Just a moment...", "Checking your browser before you can go on. This may take a few seconds, please wait."),
        ("Access denied", "You have been blocked. Ask the owner of this site for help and name the number below."),
    ],
)
def test_an_error_and_a_wall_are_no_articles(title: str, text: str) -> None:
    shown = (
        f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1><p>{text * 2}</p></main></body></html>"
    )
    said = read(shown)
    assert not said.is_article
    assert said.paywalled == ("404" not in title and "Página" not in title)


def test_an_article_about_an_error_is_one() -> None:
    long = "The engineers said on Tuesday that page 404 of the manual could not be found in the ship's library. " * 9
    text = page(f"<p>{long}</p>").replace(TITLE, "404: the page that could not be found")
    assert read(text).is_article


# Tastes


@pytest.mark.parametrize(
    ("inside", "head", "taste"),
    [
        (
            f"<p>{PARAGRAPHS[0]} {PARAGRAPHS[1]}</p>",
            LD.format('{"@type":"NewsArticle","isAccessibleForFree":false}'),
            True,
        ),
        (f"<p>{PARAGRAPHS[0]} {PARAGRAPHS[1]}</p><div class='paywall-box'></div>", "", True),
        (f"<p>{PARAGRAPHS[0]} {PARAGRAPHS[1]} And then…</p>", "", True),
        (TEXT * 4, LD.format('{"@type":"NewsArticle","isAccessibleForFree":"False"}'), False),
        (TEXT, "", False),
    ],
)
def test_a_taste_is_told_from_a_text_that_costs_money_and_is_here(inside: str, head: str, *, taste: bool) -> None:
    assert read(page(inside, head=head)).paywalled == taste


# Posts

LIVE = '{"@type":"LiveBlogPosting","headline":"Ferry, live","liveBlogUpdate":[%s]}'
UPDATE = (
    '{"@type":"BlogPosting","@id":"#p%d","headline":"Post %d","articleBody":"The boat is at buoy %d.",'
    '"datePublished":"2026-02-03T1%d:00:00Z"}'
)


def test_the_posts_of_structured_data_keep_their_keys() -> None:
    def live(*numbers: int) -> Page:
        updates = ",".join(UPDATE % (n, n, n, n) for n in numbers)
        return read(page(TEXT, head=LD.format(LIVE % updates)))

    first, later = live(2, 1), live(3, 2)
    assert [post.title for post in first.posts] == ["Post 2", "Post 1"]
    assert first.posts[0].at == datetime(2026, 2, 3, 12, tzinfo=UTC)
    assert later.posts[1] == first.posts[0]
    assert later.posts[0].key not in {post.key for post in first.posts}


def block(number: int) -> str:
    return (
        f"<div class='entry' id='e{number}'><time datetime='2026-02-03T1{number}:00:00Z'>1{number}:00</time>"
        f"<h3>Post {number}</h3><p>The boat has passed buoy number {number} and the people on the southern bank wave"
        " with their hats.</p></div>"
    )


def test_dated_blocks_are_posts() -> None:
    said = read(page(f"<div>{''.join(map(block, (4, 3, 2, 1)))}</div>"))
    assert [post.title for post in said.posts] == ["Post 4", "Post 3", "Post 2", "Post 1"]
    assert all("buoy number" in post.text for post in said.posts)


def test_an_article_with_a_date_and_dated_teasers_has_no_posts() -> None:
    lists = "".join(
        f"<li><time datetime='2026-02-0{n}'>{n}</time><a href='/{n}'>Story {n}</a></li>" for n in range(1, 8)
    )
    dated = "<time datetime='2026-02-03T09:30:00Z'>3 February</time>"
    assert read(page(dated + TEXT, after=f"<ul>{lists}</ul>")).posts == ()


# Repetition


def pages(*lines: str, count: int, texts: int, stories: int) -> list[Seen]:
    blocks = packed(hashes_of(lines))
    return [Seen(text=number % texts, story=number % stories, blocks=blocks) for number in range(count)]


HEADLINE, SENTENCE = "Maduro speaks to the fleet", "Maduro spoke to the fleet on Monday, it is said."


@pytest.mark.parametrize(("count", "texts", "gone"), [(PAGES, STORIES, True), (PAGES - 1, 4, False), (9, 2, False)])
def test_a_short_block_on_enough_pages_is_furniture(count: int, texts: int, *, gone: bool) -> None:
    known = repeated(pages(HEADLINE, count=count, texts=texts, stories=texts))
    body = read(page(f"{TEXT}<p>{HEADLINE}</p><p>{PARAGRAPHS[0]}</p>"), known=known).body
    assert (HEADLINE not in body) == gone


@pytest.mark.parametrize(("stories", "gone"), [(STORIES, True), (1, False)])
def test_a_short_sentence_must_repeat_in_several_stories(stories: int, *, gone: bool) -> None:
    known = repeated(pages(SENTENCE, HEADLINE, count=8, texts=8, stories=stories))
    body = read(page(f"{TEXT}<p>{SENTENCE}</p><p>{HEADLINE}</p><p>{PARAGRAPHS[0]}</p>"), known=known).body
    assert (SENTENCE not in body) == gone
    assert HEADLINE not in body


def test_prose_that_repeats_stays() -> None:
    known = repeated(pages(*PARAGRAPHS, count=40, texts=40, stories=40))
    long = "Nicolás Maduro had sent three delegations to the northern ports before the winter, and the towns along the"
    long += " river were promised a bridge that nobody has built so far."
    known = Repeated(in_texts=known.in_texts | {block_hash(long)}, in_stories=known.in_stories | {block_hash(long)})
    assert long in read(page(f"{TEXT}<p>{long}</p>"), known=known).body


def test_a_block_is_known_however_it_is_set() -> None:
    assert block_hash("Maduro  speaks, to the FLEET!") == block_hash("maduro speaks to the fleet")


def test_another_storys_headline_is_furniture_from_the_first_page_on_and_a_name_is_not() -> None:
    known = repeated((), ("Maduro speaks to the fleet", "Nicolás Maduro", "马杜罗在加拉加斯向海军舰队发表讲话"))
    text = "<p>Maduro Speaks to the Fleet</p><h3>Nicolás Maduro</h3><p>马杜罗在加拉加斯向海军舰队发表讲话</p>"
    said = read(page(TEXT + text), known=known)
    assert "fleet" not in said.body.lower()
    assert "马杜罗" not in said.body
    assert "Nicolás Maduro" in said.body
    assert_is_whole(said)


# A page that attacks


@pytest.mark.parametrize(
    "inside",
    [
        "<time datetime='2026-02-03'>x</time>" * 5_000,
        "<div class='related'>" * 400 + "<p>x</p>" * 2_000,
        "<p><a href='/m'>" + "Maduro: " * 5_000 + "</a></p>",
        "<p>" + "(©" * 5_000 + "</p>",
        "<figure><figcaption>" + "x " * 50_000 + "</figcaption></figure>" * 50,
        "<li><a href='/x'>a b c d</a></li>" * 5_000,
        "<li>Related</li>" * 20_000,
        "<div>" * 200 + "<p>Most read</p><p>x y</p>" * 2_000,
        "<a href='/x'>" + "<p>one two three</p>" * 10_000 + "</a>",
        "<div><a href='/x'><h3>a b c</h3></a><a href='/y'><h3>d e f</h3></a></div>" * 2_000,
    ],
)
@pytest.mark.timeout(120)
def test_a_page_that_attacks_costs_seconds_at_the_most(inside: str) -> None:
    assert_is_whole(read(page(TEXT + inside)))
