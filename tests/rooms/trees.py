"""Articles and queries at random, small enough to meet each other often."""

from hypothesis import strategies as st

from feedwatch.errors import QueryError, UnknownList
from feedwatch.model import Zone
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.parse import parse_query
from feedwatch.watches.tree import Query

LISTS = {
    "ve": ("Venezuela", "Caracas", "Nicolas Maduro", "Venezuel*"),
    "both": ("@ve", "(a UNLESS b)", "=US"),
    "two": ("@both", "委内", "(b AND Maduro)", "(c NOT lang:pt)"),
}


def lists(name: str) -> tuple[str, ...]:
    if name not in LISTS:
        raise UnknownList(name, "there are @ve, @both and @two")
    return LISTS[name]


WORDS = (
    *("a", "b", "c", "Maduro", "MADURO'S", "Maduros", "Nicola\u0301s", "Venezuelan", "US", "us", "A"),
    *(
        "委内",
        "委",
        "内瑞",
        "委，内",
        "委·内",
        "ป",
        "トランプ",
        "Über",
        "uber",
        "u\u0308ber",
        "Мадуро",
        "Венесуэлой",
        "وفنزويلا",
    ),
    *("l'a", "a-b", "-", ".", "\n", "vene\u200bzuela", "x1"),
)
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
LANGUAGES = ("", "en", "de", "ru", "ar", "fi", "es-VE")
zones = st.builds(Zone, name=st.sampled_from(("title", "summary", "body", "caption")), text=texts)
articles: st.SearchStrategy[Index] = st.builds(
    build_index, st.lists(zones, max_size=4).map(tuple), st.sampled_from(LANGUAGES)
)
metadata = st.builds(
    Metadata,
    languages=st.lists(st.sampled_from(("en", "pt-BR", "pt")), max_size=2).map(tuple),
    hosts=st.lists(st.sampled_from(("dw.com", "www.dw.com", "notdw.com")), max_size=2).map(tuple),
    country=st.sampled_from(("", "VE")),
)

ATOMS = (
    *(
        "a",
        "b",
        "c",
        "Maduro",
        "Nicolás",
        "us",
        "=US",
        "=us",
        "=A",
        "Über",
        "uber",
        "Венесуэла",
        "فنزويلا",
        "委内",
        "委",
    ),
    *("Venezuel*", "Mad*", "Ub*", "=Mad*", '"a b"', '"a b"~2', '="a B"', '"b a c"~3', '"Nicolas Maduro"', "a-b", "x1"),
    *("/a/", "/[ab] [bc]/", "/madur/i", "@ve", "@two"),
    *("(a AND lang:pt)", "(NOT lang:(en OR de) Maduro)"),
)
ABOUT = ("lang:pt", "lang:(en OR pt-br)", "source:dw.com", "country:VE")
FIELDS = ("title", "body", "lead", "caption", "text")


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    near = st.sampled_from(("NEAR", "NEAR/0", "NEAR/2", "ONEAR", "ONEAR/1", "UNLESS", "UNLESS/1"))
    joint = st.sampled_from((" ", " AND ", " OR ", " | ", " NOT ", " -"))
    return st.one_of(
        st.builds("{}{}{}".format, inner, joint, inner),
        st.builds("({}) {} ({})".format, inner, near, inner),
        st.builds("NOT ({})".format, inner),
        st.builds("({})".format, inner),
        st.builds("({}){{{}}}".format, inner, st.integers(1, 3)),
        st.builds("{}:({})".format, st.sampled_from(FIELDS), inner),
    )


written = st.recursive(st.sampled_from((*ATOMS, *ABOUT)) | st.sampled_from(ATOMS), _grow, max_leaves=6)
"""Queries as they are written; some are refused."""


def parsed(text: str) -> Query | None:
    try:
        return parse_query(text, lists)
    except QueryError:
        return None


queries: st.SearchStrategy[Query] = written.map(parsed).filter(lambda tree: tree is not None)  # type: ignore[assignment]
