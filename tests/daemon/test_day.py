"""A day in the news. What must be told was written down before the day was first run."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.daemon.day import day
from tests.harness import words_of_its_own

WATCHLISTS = """
[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk"]

[[watchlists]]
id = "union"
keywords = ["Petrounion"]
notify = ["desk"]
"""

OUTLETS = ("courier", "herald", "gazette", "observer", "tribune", "standard")

TEXTS = tomllib.loads(Path(__file__).with_name("day.toml").read_text(encoding="utf-8"))
WIRE, DECREE = TEXTS["wire"], "\n".join(TEXTS["decree"])
UPDATED = "\n".join([*TEXTS["toll_rises"], *WIRE[1:]])

# Time of the day from and to → the alerts that are promised in it; at all other times: none.
EXPECTED: tuple[tuple[str, str, list[str]], ...] = (
    ("00:00", "07:00", ["digest"]),  # the first look at six feeds: one digest
    ("08:00", "08:10", ["first ve"]),  # the agency's text in the first outlet
    ("08:10", "09:00", []),  # four more outlets with the same text under other headlines
    ("09:00", "10:00", ["update ve"]),  # another outlet's own report of it
    ("10:00", "10:10", ["raise ve"]),  # the agency's update: the number in the headline is another one
    ("10:10", "11:00", []),  # and another outlet's copy of that
    ("11:00", "11:30", ["first union", "update ve"]),  # a report that another watchlist hears of first
    ("11:30", "12:00", ["first union", "first ve"]),  # a follow-up that has little in common with any report
    ("12:00", "13:00", ["first ve"]),  # something else in the same country
    ("13:00", "14:00", []),  # a late copy, after a restart
    ("14:00", "15:00", ["first ve"]),  # two copies of another text that are decided at once
    ("15:00", "24:00", []),
)


async def test_a_day_brings_exactly_the_alerts_that_are_promised(tmp_path: Path) -> None:
    async with day(tmp_path, OUTLETS, WATCHLISTS) as today:
        for number, old in enumerate(TEXTS["before"]):
            text = f"{old['text']}\n{words_of_its_own(old['title'])}"
            today[OUTLETS[number % len(OUTLETS)]].publish(f"before{number}", old["title"], text)
        await today.until("08:00")
        today["courier"].publish("amuay", "Explosion at Amuay refinery kills 12 in Venezuela", "\n".join(WIRE))
        await today.until("08:10")
        today["herald"].publish("blast", "Twelve dead after blast at Venezuelan plant", "\n".join(WIRE[:4]))
        await today.until("08:15")
        today["gazette"].publish("tank", "Tank explodes in Falcon, workers among the dead", "\n".join(WIRE[1:]))
        await today.until("08:20")
        framed = ("Good morning from our newsroom.", *WIRE, "Write to the editor if you know more about it.")
        today["observer"].publish("fire", "Fire on the peninsula: what we know", "\n".join(framed))
        await today.until("08:25")
        reworded = (
            "\n".join(WIRE)
            .replace("killed 12 workers", "cost the lives of 12 people")
            .replace("several hundred", "many")
        )
        today["tribune"].publish("plant", "Maduro orders inquiry into refinery blast", reworded)
        await today.until("09:00")
        today["standard"].publish(
            "own", "12 workers die in Amuay refinery explosion in Venezuela", "\n".join(TEXTS["own_report"])
        )
        await today.until("10:00")
        today["herald"].publish("toll", "Death toll of Amuay refinery blast rises to 15", UPDATED)
        await today.until("10:15")
        today["gazette"].publish("toll", "Refinery blast: 15 dead, governor says", UPDATED)
        await today.until("11:00")
        title = "Workers killed in Amuay refinery explosion in Venezuela"
        today["tribune"].publish("mourning", title, "\n".join(TEXTS["union_report"]))
        await today.until("11:30")
        title = "Amuay refinery in Venezuela leaked for weeks before explosion, union says"
        today["observer"].publish("union", title, "\n".join(TEXTS["union_speaks"]))
        await today.until("12:00")
        today["courier"].publish("volley", "Volleyball: Venezuela in the semi-final", "\n".join(TEXTS["volleyball"]))
        await today.until("13:00")
        await today.restart()
        today["standard"].publish("late", "Amuay: the agency's report in full", "\n".join(WIRE))
        await today.until("14:00")
        today["gazette"].publish("clock", "Venezuela to change its clocks again", DECREE)
        today["tribune"].publish("hour", "Half an hour more light, by decree of Maduro", DECREE)
        await today.until("20:00")
        happened = [(begin, end, await today.told(begin, end)) for begin, end, _ in EXPECTED]
        assert happened == [(begin, end, sorted(kinds)) for begin, end, kinds in EXPECTED]
        assert len(today.messages()) == sum(len(kinds) for _, _, kinds in EXPECTED), "each alert is one message"
        assert await today.rows("SELECT count(*) FROM entries WHERE decided_version < version") == [(0,)]
