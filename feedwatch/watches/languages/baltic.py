"""Lithuanian, Latvian."""

from __future__ import annotations

from feedwatch.watches.languages.endings import declension

# Wikipedia, "Lithuanian declension"; foreign names without an ending are given one (VLKK: Bidenas, Trumpas).
lithuanian = declension(
    "*: as o ui a u e is io iui i iu",
    "as: o ui a u e",
    "is ys: io iui i iu yje",
    "tis: cio ciui ciu",
    "dis: dzio dziui dziu",
    "us: aus ui u umi uje",
    "ius: iaus iumi iuje",
    "a: os ai oje",
    "e: es ei eje",
    "ai: u ams us ais uose",
    "iai: iu iams ius iais iuose",
    "os: u oms as omis ose",
    "oji: osios ajai aja ojoje",
)

# Wikipedia, "Latvian declension"; foreign names without an ending are given one.
latvian = declension(
    "*: s a am u",
    "s: a am u",
    "is: a im i ja",
    "tis: sa",
    "dis: za",
    "us: u um",
    "a: as ai u am ajai aja",
    "e: es ei i",
    "i: u iem us os",
    "as: u am",
    "ais: a ajam o aja",
)
