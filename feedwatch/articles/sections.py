"""Sections that their own heading calls something else than the article: "Related stories", "Most read", "3 comments".

Where a box begins with such a heading, all of it goes. Where the heading stands among the paragraphs, the headlines
that follow it go, up to the first line that is a sentence. The words are those that publishers of many languages use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Any

from feedwatch.articles.lines import SENTENCE, Block, key, phrases, said, stand_only, words

MOST = 400
"""Words of a box with such a heading; more is the article under a kicker."""

_LABEL = 6  # words
_FOLLOWS = 12  # headlines after a heading
_HEADLINE = 25  # words
_MORE = 4  # words in a box besides its heading: less is a line under it
_LEVELS = 6  # of elements around a heading
_WHOLE = frozenset({"article", "main", "body", "html"})
_HEADINGS = 50  # of a page that are looked at; no page has as many
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")


def headed(blocks: Sequence[Block], lines: Sequence[str]) -> list[bool]:
    """Which of the lines stand under such headings, and nowhere else on the page."""
    places = [place for place, block in enumerate(blocks) if is_label(block.text)][:_HEADINGS]
    if not places:
        return [False] * len(lines)
    apart = {id(block) for place in places for block in _under(blocks, place)}
    return stand_only(blocks, lines, lambda block: id(block) in apart)


def is_label(line: str) -> bool:
    """Whether a line is the heading of what is not the article; numbers in it ("3 comments") do not matter."""
    return words(line) <= _LABEL and (_words_of(line) in _OTHER_STORIES or _words_of(line) in _COMMENTS)


def _words_of(line: str) -> str:
    return _NUMBER.sub(" ", key(line)).strip()


_NUMBER = re.compile(r"\s*\b\d+\b\s*")


def _under(blocks: Sequence[Block], place: int) -> Iterator[Block]:
    """The heading, and what is under it."""
    label, behind = blocks[place], blocks[place + 1 :]
    yield label
    box = _box_of(label)
    if box is not None:
        yield from takewhile(lambda block: box in block.element.iterancestors(), behind)
    elif _words_of(label.text) in _OTHER_STORIES:  # "8 comments" stands below the headline, too
        yield from islice(_headlines(behind, label.element.tag), _FOLLOWS)


def _box_of(label: Block) -> Any | None:
    """The smallest element that begins with the heading and says more than it; a larger one may hold the article."""
    for element in islice(label.element.iterancestors(), _LEVELS):
        text = said(element)
        if element.tag in _WHOLE or not text.startswith(label.text) or words(text) > MOST or _has_headline(element):
            return None
        if words(text) >= words(label.text) + _MORE:
            return element
    return None


def _has_headline(element: Any) -> bool:
    return next(element.iter("h1"), None) is not None


def _headlines(blocks: Sequence[Block], label: str) -> Iterator[Block]:
    """What follows, as long as it is no sentence, no heading of the same rank, and of one kind."""
    for block in blocks:
        tag = block.element.tag
        if block.text.endswith(SENTENCE) or words(block.text) > _HEADLINE or (tag in _HEADS and tag <= label):
            return
        if _kind(block) != _kind(blocks[0]):
            return
        yield block


def _kind(block: Block) -> tuple[str, bool]:
    return block.element.tag, next(block.element.iter("a"), None) is not None


# Whole headings, lower case, without marks and numbers. What may also stand over an article, or between the first part
# of one and the rest ("Advertisement", "Read more"), is not among them.

_OTHER_STORIES = phrases(
    """
related|related stories|related articles|related news|related content|related topics|related coverage
related posts
related reading|related links|related video|related videos|more stories|more news|more on this story
more on this topic
more on this|more like this|more from this section|most read|most popular|most viewed|most shared
popular now
popular stories|trending|trending now|trending stories|top stories|latest news|latest stories
latest headlines
latest articles|recommended|recommended for you|recommended stories|recommended reading|you may also like
you might also like|you may like|you might like|also read|read also|read next|up next|next up|see also
also see
don t miss|what to read next|what others are reading|editor s picks|editors picks|editor s choice|from the web
around the web|in other news|other news|other stories
recent posts
relacionadas|noticias relacionadas|notas relacionadas|artículos relacionados|contenido relacionado
temas relacionados
te puede interesar|te podría interesar|te puede gustar|también te puede interesar|le puede interesar
más noticias|más leídas|más leído|lo más leído|las más leídas|lo más visto|últimas noticias
lee también
lea también|vea también|mira también|ver también|te recomendamos|le recomendamos|recomendados
recomendadas
recomendaciones|otras noticias|sobre este tema|noticias destacadas
noticias recomendadas|no te pierdas
notícias relacionadas|matérias relacionadas|conteúdo relacionado|leia também|veja também|mais lidas
mais lidos
as mais lidas|mais notícias|mais populares|recomendado para você
à lire aussi|a lire aussi|lire aussi|à lire également|sur le même sujet|dans la même rubrique|articles liés
voir aussi
articles similaires|les plus lus|le plus lu|dernières nouvelles|dernières actualités|vous aimerez aussi
nos recommandations|à ne pas manquer
mehr zum thema|lesen sie auch|auch interessant
das könnte sie auch interessieren
das könnte sie interessieren|das könnte dich auch interessieren|meistgelesen|meistgelesene artikel
am meisten gelesen
weitere artikel|weitere nachrichten|weitere meldungen|weitere themen|verwandte artikel|verwandte themen
ähnliche artikel
ähnliche beiträge|aktuelle nachrichten|neueste nachrichten|neueste artikel|neueste beiträge|top themen
beliebte artikel
empfehlungen|empfohlene artikel
leggi anche|guarda anche|correlati|articoli correlati|notizie correlate|potrebbe interessarti
ti potrebbe interessare
i più letti|le più lette|più letti|ultime notizie|altre notizie|consigliati
lees ook|meest gelezen|gerelateerd|gerelateerde artikelen|meer nieuws|laatste nieuws
ook interessant|aanbevolen
czytaj też|czytaj także|czytaj również|zobacz też|zobacz także|zobacz również|przeczytaj także
powiązane
powiązane artykuły|podobne artykuły|najczęściej czytane|najpopularniejsze|najnowsze|najnowsze wiadomości
polecamy|warto przeczytać
читайте также|читать также|смотрите также|по теме|ещё по теме|еще по теме|материалы по теме
новости по теме
похожие материалы|похожие новости|самое читаемое|самое популярное|популярное|популярные новости
последние новости
главные новости|другие новости|рекомендуем|вам может быть интересно
связанные новости
читайте також|дивіться також|по темі|за темою|новини за темою|новини по темі|матеріали за темою|популярне
популярні новини
останні новини|інші новини|найпопулярніше|схожі новини|рекомендуємо|вам може бути цікаво
прочетете още|още по темата|свързани новини|най четени|прочитајте још|повезане вести|најчитаније
ilgili haberler|benzer haberler|çok okunanlar|en çok okunanlar|son haberler|diğer haberler
bunlar da ilginizi çekebilir
läs också|läs även|mest läst|mest lästa|relaterat|relaterade artiklar|senaste nytt
les også|mest lest|siste nytt|relaterte artikler|læs også|mest læste|seneste nyt
relaterede artikler
lue myös|luetuimmat|aiheeseen liittyvää|uusimmat|loe ka|lasi arī|skaitykite taip pat
čtěte také|související|související články|nejčtenější|nejnovější|přečtěte si také|čítajte aj
súvisiace články|najčítanejšie|pročitajte i|povezane vijesti|najčitanije|preberite tudi|najbolj brano
kapcsolódó cikkek|kapcsolódó|legolvasottabb|olvassa el ezt is|ajánlott cikkek
citește și|citiți și|articole similare|știri similare|cele mai citite|ultimele știri|pe aceeași temă
διαβάστε επίσης|διαβάστε ακόμα|σχετικά άρθρα|δημοφιλή|τελευταία νέα
مواضيع ذات صلة|أخبار ذات صلة|مقالات ذات صلة|اقرأ أيضا|اقرأ أيضًا|اقرأ أيضاً|الأكثر قراءة|آخر الأخبار
شاهد أيضا
اخبار مرتبط|مطالب مرتبط|بیشتر بخوانید|پربازدیدترین|כתבות קשורות|קראו גם|עוד בנושא
यह भी पढ़ें|संबंधित खबरें|ये भी पढ़ें|আরও পড়ুন
baca juga|berita terkait|terpopuler|artikel terkait|tin liên quan|đọc nhiều|đọc thêm
soma pia
相关新闻|相关阅读|相关文章|相关报道|推荐阅读|热门新闻|热门文章|最新消息|最新新闻|延伸阅读|相關新聞|相關文章|延伸閱讀|推薦閱讀|熱門新聞
関連記事|関連ニュース|あわせて読みたい|おすすめ記事|人気記事|アクセスランキング|最新記事|新着記事
관련기사|관련 기사|많이 본 뉴스|인기 기사|최신 뉴스|추천 기사
"""
)
_COMMENTS = phrases(
    """
comments|comment|leave a comment|join the conversation|reader comments|comments from our readers|comentarios
deja un comentario|comentários|deixe um comentário|commentaires|laisser un commentaire|kommentare
kommentar schreiben|schreibe einen kommentar|leserkommentare|commenti|lascia un commento|reacties|komentarze
комментарии|оставить комментарий|коментарі|коментари|yorumlar|kommentarer|kommentit|diskuse|komentáře|komentarji
komentari|hozzászólások|kommentek|comentarii|σχόλια|تعليقات|التعليقات|نظرات|תגובות|टिप्पणियां|komentar|bình luận
评论|留言|網友評論|コメント|댓글
"""
)
