"""Greek."""

from __future__ import annotations

from feedwatch.watches.languages.endings import declension

# Wikipedia, "Modern Greek grammar"; Triantafyllidis, "Modern Greek grammar". Accents are off, so their moves vanish; a
# folded sigma is never a final one.
greek = declension(
    "οσ: ου ο ε",
    "ασ: α",
    "ησ: η",
    "ων: ωνα ωνοσ",
    "υσ: υ",
    "ουσ: ου",
    "ευσ εασ: εα",
    "εσ: ων",
    "οι: ων ουσ",
    "α: ασ ων",
    "αδα: αδοσ ασ",
    "η: ησ εωσ ων",
    "ω: ωσ",
    "ο: ου",
    "ι: ιου",
    "μα: ματοσ",
)
