"""Bulgarian, Macedonian, Serbian, Croatian and Bosnian, Slovene."""

from __future__ import annotations

from feedwatch.watches.languages.endings import declension

# The article, which bears the only endings left (Wikipedia, "Bulgarian grammar"; "Macedonian grammar").
bulgarian = declension("*: ът а", "й: ят я", "ки: кия кият", "и: те", "а: та", "я: та", "о: то", "е: то")
macedonian = declension("*: от", "и: те", "а: та", "о: то", "е: то")

# Croatian and Serbian nouns, names, adjectives and possessives (Wikipedia, "Serbo-Croatian grammar"), in Latin
# letters; Cyrillic ones are made of them. Foreign names in -o are declined (Maduro, Madura), -i takes a j.
_SERBIAN = (
    "*: a u om em e ov ova ovo ove ovi ovu ovog ovom ovim ovih ev eva evo eve evi evu evog evom evim evih",
    "ar: ra ru rom re",
    "ac: ca cu cem ce",
    "ak: ka ku kom",
    "at: ta tu tom",
    "a: e i u o om oj",
    "ka: ci",
    "ga: zi",
    "ha: si",
    "o: a u om",
    "e: a u em ea eu eom ih im ima ama",
    "u: ua uu uom",
    "i: ija iju ijem ije og om im ih eg em e a ima ama",
)
_CYRILLIC = str.maketrans(dict(zip("abvgdezijklmnoprstufhc", "абвгдезијклмнопрстуфхц", strict=True)))
serbian = declension(*_SERBIAN)
serbian_in_cyrillic = declension(*(row.translate(_CYRILLIC) for row in _SERBIAN))

# Wikipedia, "Slovene declension"; Slovenski pravopis, § 740 on (names: fleeting e, -r and -i take a j).
slovene = declension(
    "*: a u om em ov ova ovo ove ovi ovega ovem ovim ovih ev eva evo eve evi evega evem evim evih",
    "r: rja rju rjem rjev rjeva rjevo rjeve rjevi rjevega rjevem rjevim rjevih",
    "er: ra ru rom",
    "el: la lu lom",
    "ec: ca cu cem",
    "ek: ka ku kom",
    "en: na nu nom",
    "a: e i o",
    "o: a u om",
    "u: uja uju ujem",
    "i: e ija iju ijem ega emu im em ov om ih",
    "e: eja eju ejem a u om ih im imi ah am ami -",
)
