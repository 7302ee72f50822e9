"""How headlines count, in the languages that feedwatch reads most: words, folded, or their beginnings."""

from __future__ import annotations

from feedwatch.text.fold import fold


def _beginnings(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split())


KINDS: dict[str, tuple[str, ...]] = {
    "dead": _beginnings(
        "dead death died kill fatal toll slain muert muere murio murie fallec mata asesin victima mort morreu morrem"
        " mortes matou tue deces morti morto uccis vittim tote tod gestorben getot opfer dode doden gedood"
        " omgekomen zabit"
        " zgine zmarl mrtv smrt olu oldu погиб жертв умер убит смерт загин помер вбит жертв قتل مقتل قتيل موت"
        " متوف وفا شهيد شهد"
        " 死 亡 사망 숨 희생"
    ),
    "hurt": _beginnings(
        "injur hurt wound herid lesion bless ferid ferit verletz gewond ranen rann yarali ранен пострад травмир поранен"
        " постражд جرح جريح مصاب اصاب 伤 傷 負 부상 다"
    ),
    "missing": _beginnings("missing unaccounted desaparec dispar dispers vermiss заги пропа зник مفقود فقد 失 不 실종"),
    "held": _beginnings(
        "arrest detain detenid detien captur presos arret deten arrestat festgenommen verhaft задерж арест затрим"
        " заареш"
        " اعتقل معتقل 拘 逮 체포"
    ),
    "freed": _beginnings(
        "free freed release liber excarcel rilasci freigel freiko освобо отпу звільн افرج اطلق 释 釈 석방"
    ),
    "fled": _beginnings(
        "evacuat displac flee fled evacuad desplaz evacue deplace sfollat evakui эвакуи евакуй نازح 疏 避 대피"
    ),
}
"""What headlines count under changing names: the beginnings of the words, whatever the language."""

KINDS_WHOLE = {("dead", "en"): frozenset({"die", "dies"})}
"""The same for words that are another thing in other languages: the German article die."""

FILLING = frozenset(
    _beginnings(
        "the and for but not was are has its his her new los las del por con una uno que sus mas son sin les des"
        " une par sur est der die das und den dem ein bei von auf ist mit vor zum zur gli che per una non dos das"
        " com uma para pelo как что для его это або для"
        " least more than over about around nearly almost after"
        " with from into some were have been their says said"
        " para tras"
        " menos unos unas casi cerca sobre desde entre como hasta otros otras este esta mindestens rund fast etwa"
        " nach uber"
        " mehr weitere beim wegen sind moins plus pres environ apres dans avec pour autres presque almeno oltre"
        " circa dopo"
        " quasi altri della nella pelo mais quase apos para outros более около почти свыше после минимум еще были"
        " было при"
        " понад майже щонайменше після близько через اكثر نحو بعد على 超 约 約 以 达 達 の が を で と 了 的 名 余"
    )
)
"""Words that name nothing."""

MONTHS = _beginnings(
    "january february march april june july august september october november december"
    " enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
    " janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
    " januar februar marz juni juli oktober dezember janeiro fevereiro marco maio junho julho setembro outubro novembro"
    " dezembro gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
    " январ феврал март апрел мая июн июл август сентябр октябр ноябр декабр"
    " січн лют березн квіт травн черв лип серп верес жовт листопад груд"
    " يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر"
    " 月 월"
)

SHORT_MONTHS = frozenset(
    _beginnings(
        "jan feb mar apr may jun jul aug sep sept oct nov dec ene abr ago dic fev mai dez okt mrz янв фев мар апр"
        " мая май"
        " июн июл авг сен сент окт ноя нояб дек"
    )
)

UNITS_OF_TIME = frozenset(
    _beginnings(
        "year years month months week weeks day days hour hours minute minutes second seconds am pm gmt utc"
        " año años mes meses semana semanas día días hora horas minuto minutos segundo segundos ano anos mês"
        " jahr jahre jahren monat monate monaten woche wochen tag tage tagen stunde stunden minute minuten uhr sekunden"
        " an ans année années mois semaine semaines jour jours heure heures anni mese mesi settimana settimane"
        " giorno giorni"
        " ora ore minuti год года году лет месяц месяца месяцев неделя недели недель день дня дней час часа часов минут"
        " суток рік роки років місяць місяці місяців тиждень тижні тижнів дні днів година години годин хвилин"
        " ساعة ساعات يوم يوما ايام عام عاما سنة سنوات اسبوع اسابيع شهر اشهر"
        " 年 日 时 時 点 點 号 號 岁 歳 周 週 分 回 次 月 個月 년 일 시 세 월 개월"
        " things ways reasons takeaways claves cosas datos razones photos fotos"
    )
)
"""Behind a number that says when, how long, how old, how often, or how long a list is."""

NAMED_BY = frozenset(
    _beginnings(
        "game match update season episode window windows minute juego partido temporada episodio minuto etapa"
        " vuelta day week phase round part chapter article law section route flight channel group top number numero"
        " boeing airbus"
        " formula grand dia semana fase jornada ronda parte articulo ley ruta vuelo canal grupo resolucion linea"
        " tag woche teil"
        " artikel gruppe platz kapitel jour semaine partie loi vol ligne groupe giorno parte articolo legge covid"
        " день неделя"
        " статья группа часть рейс этап день тиждень стаття 第 제 aged edad"
    )
)
"""Before a number that says which one."""

PERCENT = (
    *_beginnings("percent prozent процент відсот pourcent yuzde بالمائ بالمئ"),
    "por ciento",
    "per cento",
    "por cento",
    "pour cent",
    "per cent",
)

_TIMES = {
    10
    ** 3: "k thousand mil mila mille milliers tausend tsd тыс тысяч тысячи тысяча тис тисяч тисячі الف الاف tys tysięcy"
    " bin ribu nghìn 千 천",
    10**4: "万 萬 만",
    10**5: "lakh lakhs",
    10**6: "m mn mln mio million millions millón millones milhão milhões milione milioni millionen млн миллион миллиона"
    " миллионов мільйон мільйона мільйонів مليون ملايين milyon milionów juta triệu",
    10**7: "crore crores",
    10**8: "亿 億 억",
    10**9: "b bn billion mrd milliarde milliarden milliard milliards miliardo miliardi bilhão bilhões млрд миллиард"
    " миллиарда миллиардов мільярд мільярда мільярдів مليار milyar miliar mld",
    10**12: "tn trillion billón billones billionen трлн триллион триллиона триллионов 兆",
}
TIMES = {word: factor for factor, words in _TIMES.items() for word in _beginnings(words)}
"""By what a word behind a number multiplies it."""

_SPELT = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze",
    "it": "due tre quattro cinque - sette otto nove dieci undici dodici tredici quattordici quindici",
    "ru": "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать"
    " пятнадцать",
    "uk": "два три чотири - шість сім вісім - десять одинадцять дванадцять",
}
_PERSONS = {"ru": "двое трое четверо пятеро шестеро семеро", "uk": "двоє троє четверо - шестеро семеро"}
SPELT = {
    language: {
        word: n
        for some in (words, _PERSONS.get(language, ""))
        for n, word in enumerate(_beginnings(some), 2)
        if word != "-"
    }
    for language, words in _SPELT.items()
}
"""Numbers as words, from two, by language: one is an article in most of them. The Italian sei is also "you are"."""
