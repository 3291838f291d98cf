"""What may be said by which way: gaps by channel, what a text must say, values that cannot do harm. No database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.contacting.scripts import (
    EXAMPLES,
    GAPS,
    MOST_IN_A_TEXT,
    Script,
    ScriptError,
    Wording,
    problems,
    render,
    say_day,
    withheld,
)
from recovery.vocabulary import OutreachChannel

CALL, TEXT, EMAIL, LETTER = OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL, OutreachChannel.LETTER
GOOD = "{practice}: a time is free {day} {time}. Call {phone}. STOP ends texts."
VOICE = "This is {practice} for {first_name}. Call {phone}."


@pytest.mark.parametrize(
    ("wording", "found"),
    [
        (Wording(TEXT, GOOD), []),
        (Wording(CALL, VOICE), []),
        (Wording(EMAIL, "{practice} {phone}", "A time"), []),
        (Wording(LETTER, "{practice} {phone} {clinic} {visit}"), []),
        (Wording(CALL, f"{VOICE} {{clinic}}"), ["{clinic} tells too much for a voicemail."]),
        (Wording(CALL, f"{VOICE} {{visit}}"), ["{visit} tells too much for a voicemail."]),
        (Wording(CALL, f"{VOICE} {{day}}"), ["{day} tells too much for a voicemail."]),
        (Wording(TEXT, f"{GOOD} {{clinic}}"), ["{clinic} tells too much for a text."]),
        (Wording(EMAIL, "{practice} {phone}", "{visit}"), ["{visit} tells too much for an e-mail."]),
        (Wording(TEXT, f"{GOOD} {{mrn}}"), ["There is no {mrn}."]),
        (Wording(TEXT, "Call {phone}. STOP"), ["Say who we are and where to call: {practice}."]),
        (Wording(TEXT, "{practice} STOP"), ["Say who we are and where to call: {phone}."]),
        (Wording(TEXT, "{practice} {phone}"), ["Say how to end texts: reply STOP."]),
        (Wording(TEXT, f"{GOOD} }}"), ["A bracket stands alone."]),
        (Wording(EMAIL, "{practice} {phone}"), ["An e-mail needs a subject."]),
        (Wording(TEXT, GOOD, "Hello"), ["Only e-mails have a subject."]),
    ],
    ids=["text", "voicemail", "e-mail", "letter", "voicemail names the clinic", "voicemail names the visit",
         "voicemail names the day", "text names the clinic", "subject names the visit", "unknown gap", "no name",
         "no number", "no way out", "lone bracket", "no subject", "subject of a text"],
)  # fmt: skip
def test_what_keeps_a_wording_from_being_used(wording, found):
    assert problems(wording) == found


def test_text_may_have_160_characters_with_the_example_values():
    rest = MOST_IN_A_TEXT - len(render(Wording(TEXT, GOOD), EXAMPLES).body)

    assert problems(Wording(TEXT, GOOD + "x" * rest)) == []
    assert problems(Wording(TEXT, GOOD + "x" * (rest + 1))) == [
        "161 characters with the example values; a text has 160."
    ]


def test_values_that_come_out_too_long_are_refused():
    with pytest.raises(ScriptError, match=r"The text has 2\d\d characters, of 160\."):
        render(Wording(TEXT, GOOD), EXAMPLES | {"practice": "N" * 200})


def test_subject_and_words_are_filled():
    wording = Wording(EMAIL, "Hello {first_name}, {practice} {phone}", "On {day}")

    assert render(wording, EXAMPLES) == Script("Hello Ada, Northfield Health 312-555-0100", "On Tue 24 Nov")


@pytest.mark.parametrize("value", ["", "  ", None], ids=["empty", "blank", "missing"])
def test_nothing_is_said_with_a_gap(value):
    facts = {name: text for name, text in EXAMPLES.items() if name != "phone"} | ({"phone": value} if value else {})

    with pytest.raises(ScriptError, match=r"Nothing is known for \{phone\}\."):
        render(Wording(CALL, VOICE), facts)


def test_channel_never_tells_what_it_may_not_even_if_a_wording_asks():
    with pytest.raises(ScriptError, match=r"Nothing is known for \{clinic\}\."):
        render(Wording(CALL, f"{VOICE} {{clinic}}"), EXAMPLES)


@given(st.text(alphabet="ab{} \n", min_size=1).filter(str.strip))
def test_value_is_one_line_of_words_whatever_it_holds(value):
    said = render(Wording(LETTER, "<{clinic}>"), EXAMPLES | {"clinic": value}).body

    assert said == f"<{' '.join(value.split())}>"


def test_voicemail_keeps_specialty_visit_and_time_to_itself():
    assert withheld(CALL) == ["day", "time", "place", "provider", "clinic", "visit"]
    assert withheld(LETTER) == []


def test_what_more_private_ways_may_tell_includes_what_open_ones_may():
    assert GAPS[CALL] < GAPS[TEXT] == GAPS[EMAIL] < GAPS[LETTER] == set(EXAMPLES)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Tue 3 Mar"), ("es", "mar 3 mar"), ("so", "2026-03-03")],
    ids=["English", "Spanish", "no words for it"],
)
def test_day_is_said_in_the_language(language, said):
    assert say_day(date(2026, 3, 3), language) == said
