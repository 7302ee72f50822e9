"""How newspapers say that they put something right, in many languages."""

from __future__ import annotations

import re

from feedwatch.text.tokens import tokenize

_ANYWHERE = """
    article has been corrected | article was corrected | story has been corrected | story was corrected
    report has been corrected | article has been amended | article was amended | story was amended
    article has been updated to correct | story has been updated to correct | has been updated to reflect that
    earlier version of this article | earlier version of this story | earlier version of this report
    previous version of this article | previous version of this story | previous version of this report
    an earlier headline | the headline has been corrected | we apologise for the error | we apologize for the error
    we regret the error | regrets the error | article has been retracted | story has been retracted
    article has been withdrawn | story has been withdrawn | article has been removed | incorrectly stated
    misstated | misspelled the name | post has been corrected | post was corrected | piece has been corrected
    piece was corrected | was updated to correct | corrected this article | corrected this story
    earlier version misidentified | earlier version incorrectly | earlier version said | earlier version stated
    earlier version gave | earlier version named | previous version said | previous version stated
    fe de errores | fe de erratas | este artículo ha sido corregido | esta noticia ha sido corregida
    esta información ha sido corregida | nota ha sido corregida | texto ha sido corregido | artículo fue corregido
    nota de corrección | nota fue corregida | nota fue modificada para corregir
    artículo fue modificado para corregir
    primera versión de este artículo | primera versión de esta nota | primera versión de este texto
    por error en una versión | una versión anterior de este | una versión anterior de esta
    este artículo ha sido retirado
    erramos | texto foi corrigido | esta reportagem foi corrigida | matéria foi corrigida | artigo foi corrigido
    diferentemente do informado | diferentemente do que foi informado | ao contrário do informado
    ao contrário do que foi publicado | versão anterior deste | versão anterior desta
    matéria foi atualizada para corrigir
    contrairement à ce que nous écrivions | contrairement à ce que nous avions écrit
    contrairement à ce que nous avons écrit | contrairement à ce qui était écrit
    cet article a été corrigé | cet article a été modifié | article a été rectifié | dans une version précédente
    version précédente de cet | version antérieure de cet | une première version de cet article | nous avons corrigé
    in einer früheren version | in einer früheren fassung | in einer vorherigen version | in einer ersten version
    in einer ersten fassung dieses | in einer ersten fassung des artikels | in einer ersten fassung des textes
    in einer vorigen version | in der ursprünglichen version | in der ursprünglichen fassung
    haben wir das korrigiert
    artikel wurde korrigiert | text wurde korrigiert | meldung wurde korrigiert | artikel wurde berichtigt
    haben den fehler korrigiert | wir bitten den fehler zu entschuldigen
    wir haben die stelle korrigiert
    questo articolo è stato corretto | versione precedente di questo | ci scusiamo per l'errore
    articolo è stato modificato
    eerdere versie van dit artikel | dit artikel is gecorrigeerd | in een eerdere versie | dit bericht is aangepast
    w poprzedniej wersji | w pierwotnej wersji tekstu | tekst został poprawiony | sprostowanie
    en tidigare version | i en tidigare version | artikeln har korrigerats | artikeln har rättats
    en tidligere version | en tidligere versjon | artiklen er rettet | artikkelen er rettet | saken er rettet
    aiemmassa versiossa | juttua on korjattu | artikkelia on korjattu | korjattu virhe
    v předchozí verzi | článek byl opraven | opravujeme | v pôvodnej verzii | korábbi változatában
    versiune anterioară | articolul a fost corectat | într-o versiune anterioară
    προηγούμενη έκδοση | το άρθρο διορθώθηκε
    в предыдущей версии | в более ранней версии | в первоначальной версии | в ранней версии | исправлена ошибка
    в первой версии заметки | в первой версии новости | в первой версии текста | в первой версии материала
    в первой версии статьи | материал исправлен | текст исправлен | редакция приносит извинения
    приносим извинения за ошибку
    у попередній версії | виправлено помилку | текст виправлено
    bu haber düzeltilmiştir | haberin önceki versiyonunda | bir önceki sürümünde
    تصحيح خطأ | تم تصحيح | نسخة سابقة من | النسخة السابقة من هذا | تنويه وتصحيح
    این خبر اصلاح شد | نسخه قبلی این | גרסה קודמת | הכתבה תוקנה
    यह लेख सुधारा गया | पिछले संस्करण में | diralat | kesalahan telah diperbaiki | artikel ini telah dikoreksi
    訂正します | 訂正しました | お詫びして訂正 | 更正 | 勘误 | 勘誤 | 本文已更正 | 正誤表 | 바로잡습니다
    정정합니다 | 정정보도 | 기사 수정
"""

_AT_THE_HEAD = """
    correction | corrections | correction appended | corrected | clarification | erratum | errata | retraction
    editor's note
    corrección | rectificación | rectificado | aclaración | correção | retificação | correctif
    rectificatif | rectification | précision | berichtigung | korrektur | korrekturhinweis | richtigstellung
    anmerkung der redaktion
    correzione
    rettifica | errata corrige | correctie | rectificatie | sprostowanie | korekta | rättelse | rettelse | retting
    oikaisu | korjaus | oprava
    helyesbítés | corectură | corectare | rectificare | διόρθωση | исправление | поправка
    исправлено | уточнено | виправлено | уточнение | виправлення | уточнення | düzeltme | تصحيح | توضيح | اصلاحیه
    תיקון | सुधार | ralat | koreksi
    訂正 | 更正 | 정정
"""
"""These are a correction where a sentence begins with them and a colon, a dash or its end follows."""

HEAD = 60
"""Characters in which a sentence's first words and the sign behind them stand."""


_SIGNS = ":：—–-([])（【】［］）"
_BRACKETS = "[(（【［〔* \t"
_DATED = re.compile(r",\s+(?:[^\W\d]{3,9}\.?\s+)?\d")
"""A date behind the word: "Correction, Nov. 3, 2026: …"."""


def _phrases(table: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_key(part) for line in table.split("\n") for part in line.split("|") if part.strip()))


def _key(text: str) -> str:
    return f" {' '.join(tokenize(text).tokens)} "


_anywhere, _heads = _phrases(_ANYWHERE), frozenset(_phrases(_AT_THE_HEAD))


def is_correction(sentence: str) -> bool:
    """Whether a sentence says that the text was corrected, withdrawn, or wrong before."""
    key = _key(sentence)
    return any(phrase in key for phrase in _anywhere) or any(_key(head) in _heads for head in _openings(sentence))


def _openings(sentence: str) -> list[str]:
    """What stands before the first sign that ends a heading, and the sentence itself if it is as short as one."""
    beginning = sentence[:HEAD].lstrip(_BRACKETS)
    dated = _DATED.search(beginning)
    cuts = [at for sign in _SIGNS if (at := beginning.find(sign)) > 0] + ([dated.start()] if dated else [])
    return [beginning[: min(cuts)]] if cuts else [sentence] if len(sentence) <= HEAD else []
