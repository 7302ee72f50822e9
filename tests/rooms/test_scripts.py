from feedwatch.text.scripts import language_name, script_name, script_of, scripts_in


def test_letters_say_the_script_and_digits_say_nothing() -> None:
    assert scripts_in("Венесуэла 2025!") == {"cyrillic"}
    assert scripts_in("Nicolás Maduro") == {"latin"}
    assert scripts_in("Мадуро (Maduro)") == {"cyrillic", "latin"}
    assert scripts_in("2025, ٢٠٢٥ …") == frozenset()


def test_kana_and_han_are_one_script_to_a_reader() -> None:
    assert scripts_in("トランプ大統領は") == {"cjk"}
    assert scripts_in("ひらがな") == {"cjk"}
    assert scripts_in("ﾄﾗﾝﾌﾟ") == {"cjk"}
    assert scripts_in("委内瑞拉") == {"cjk"}


def test_a_language_has_its_script_unless_it_has_two() -> None:
    assert [script_of(language) for language in ("ru", "uk", "ar", "zh", "ja", "ko", "es", "sr", "xx")] == [
        "cyrillic", "cyrillic", "arabic", "cjk", "cjk", "hangul", "latin", "", "",
    ]  # fmt: skip


def test_names_are_for_people() -> None:
    assert language_name("ru") == "Russian"
    assert language_name("xx") == "xx"
    assert script_name("cyrillic") == "Cyrillic letters"
    assert script_name("cjk") == "Chinese characters"
