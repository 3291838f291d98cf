"""Codes of the patient facts in words; pure."""

import pytest

from scheduling.selectors.codes import Value, coded, language_words, point_words


@pytest.mark.parametrize(
    ("aspect", "code", "shown"),
    [
        ("sex", "F", Value("Female", "F")),
        ("sex", "female", Value("Female")),
        ("sex", "X", Value("X")),
        ("language", "en-US", Value("English", "en-US")),
        ("language", "tlh", Value("tlh")),
        ("publicity", "U", Value("Not known", "U")),
        ("protection", "Y", Value("Protected", "Y")),
        ("vip", "V", Value("Restricted", "V")),
        ("vip", "", Value("")),
        ("portal", "active", Value("Active")),
        ("zone", "America/Chicago", Value("Central time", "America/Chicago")),
    ],
)
def test_a_code_is_said_in_words_and_kept_beside_them(aspect, code, shown):
    assert coded(aspect, code) == shown


@pytest.mark.parametrize(
    ("system", "use", "words"),
    [
        ("phone", "mobile", "Mobile"),
        ("phone", "", "Phone"),
        ("email", "home", "E-mail, home"),
        ("fax", "work", "Fax, work"),
    ],
)
def test_a_way_to_reach_somebody_has_a_name(system, use, words):
    assert point_words(system, use) == words


def test_an_unknown_language_stands_as_it_came():
    assert [language_words(code) for code in ("SPA", "vi", "xx")] == ["Spanish", "Vietnamese", "xx"]
