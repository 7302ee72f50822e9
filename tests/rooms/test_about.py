import pytest

from feedwatch.errors import QueryError
from feedwatch.watches.index import Metadata, build_index
from feedwatch.watches.match import match
from feedwatch.watches.parse import parse_query

KNOWN = Metadata(
    languages=("pt-BR", "nb"),
    hosts=("rss.dw.com", "xn--mnchen-3ya.de", "elpais.com.co"),
    authors=("Midhat Fátima", "Ana Ruiz-Healy"),
    url="https://www.dw.com/en/Politics/a-1?x=1",
    tags=("World", "Latin America"),
    country="ve",
    feeds=("DW English", "rss"),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("lang:pt", True),
        ("lang:PT", True),
        ("lang:pt-BR", True),
        ("lang:pt_br", True),
        ("lang:pt-PT", False),
        ("lang:p", None),
        ("lang:no", True),
        ("lang:(es OR pt)", True),
        ("lang:(es OR fr)", False),
        ("-lang:es", True),
        ("source:dw.com", True),
        ("source:DW.com", True),
        ("source:www.dw.com", True),
        ("source:*.dw.com", True),
        ("source:https://dw.com/", True),
        ("source:rss.dw.com", True),
        ("source:w.com", False),
        ("source:feeds.dw.com", False),
        ("source:münchen.de", True),
        ("source:elpais.com", False),
        ("source:co", True),
        ("source:(bbc.co.uk OR dw.com)", True),
        ("source:dw.com/en", None),
        ("author:fatima", True),
        ('author:"Midhat Fatima"', True),
        ("author:Ruiz", True),
        ('author:"Fatima Ana"', False),
        ("author:Fat", False),
        ("author:(Nobody OR RUIZ)", True),
        ("url:/politics/", True),
        ("url:dw.com/en", True),
        ("url:http://dw.com/en", True),
        ("url:x=1", True),
        ("url:/sports/", False),
        ("tag:world", True),
        ('tag:"latin america"', True),
        ("tag:latin", False),
        ("country:VE", True),
        ("country:ve", True),
        ("country:CO", False),
        ("country:(CO OR VE)", True),
        ("feed:DW", True),
        ('feed:"dw english"', True),
        ("feed:English", True),
        ("feed:Engl", False),
    ],
)
def test_what_is_known_of_an_article_is_asked_by_field(query: str, expected: bool | None) -> None:  # noqa: FBT001 - a table's column
    if expected is None:
        with pytest.raises(QueryError):
            parse_query(query)
        return
    assert (match(parse_query(query), build_index(()), KNOWN) is not None) is expected


@pytest.mark.parametrize(
    "field", ["lang:es", "source:dw.com", "author:Ana", "url:dw", "tag:x", "country:VE", "feed:DW"]
)
def test_of_an_article_of_which_nothing_is_known_nothing_is_true(field: str) -> None:
    assert match(parse_query(field), build_index(())) is None
    assert match(parse_query(f"-{field}"), build_index(())) is not None
