"""Korean: particles are written as one with the word (Standard Korean Language Dictionary, josa)."""

from __future__ import annotations

from collections.abc import Iterator

from feedwatch.watches.languages.endings import words

_AFTER_CONSONANT = words("은 이 을 과 으로 이나 이라 이라도 이라는 이라고 이며 이고 이랑")
_AFTER_VOWEL = words("는 가 를 와 로 나 라 라도 라는 라고 며 고 랑")
_ANYWHERE = words("의 에 에서 에게 에게서 께 께서 한테 도 만 까지 부터 조차 마저 보다 처럼 마다 밖에 하고")
_CHAINED = {
    "에": "는 도 만 까지",
    "에서": "는 도 만 의 까지 부터",
    "에게": "는 도 만",
    "까지": "는 도 의 만",
    "부터": "는 도 의",
    "만": "은 이 을 의 도 으로",
    "보다": "는 도",
    "처럼": "은 도",
    "과": "의 는 도",
    "와": "의 는 도",
    "으로": "는 도 만 의 서 써 부터",
    "로": "는 도 만 의 서 써 부터",
    "께서": "는 도",
}
_HANGUL_SYLLABLES = 0xAC00  # the first; each 28 share all but the final consonant (Unicode, 3.12)
_FINALS, _FINAL_RIEUL = 28, 8  # ㄹ takes 로, as a vowel does


def korean(token: str) -> Iterator[str]:
    final = (ord(token[-1]) - _HANGUL_SYLLABLES) % _FINALS
    fitting = _AFTER_CONSONANT if final else _AFTER_VOWEL
    for particle in (*fitting, *_ANYWHERE, *(("로",) if final == _FINAL_RIEUL else ())):
        yield token + particle
        yield from (token + particle + more for more in _CHAINED.get(particle, "").split())
