"""What a reply means: opt-outs at once in any language, a bare yes or no, everything else to a person. No database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.outreach.reading_replies import asks_to_cancel, meaning
from recovery.vocabulary import ReplyMeaning

STOP, START, HELP, YES, NO, ASK = (
    ReplyMeaning.STOP, ReplyMeaning.START, ReplyMeaning.HELP, ReplyMeaning.YES, ReplyMeaning.NO, ReplyMeaning.ASK,
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop.", " Stop ", "S T O P".replace(" ", ""), "STOPALL", "QUIT", "END", "REVOKE", "OPT OUT", "opt-out",
        "UNSUBSCRIBE", "Please stop", "stop texting me", "Stop the messages!", "don't text me", "Remove me",
        "no more texts", "PARE", "Alto", "¡Detener!", "No más", "baja", "no me escriban más", "Arrêt", "ngừng lại",
        "jooji", "退订", "إيقاف", "Stop\nThank you, Ada", "\n\nstop\n\nOn Tuesday the clinic wrote:\n> Come sooner?",
    ],
)  # fmt: skip
def test_opt_out_words_act_at_once(text):
    assert meaning(text) == STOP


@pytest.mark.parametrize(
    "text",
    ["CANCEL", "cancel", "Cancelar", "please cancel my visit", "CANCEL ALL", "cancel texts?"],
)
def test_cancel_is_asked_about_and_never_guessed(text):
    assert (meaning(text), asks_to_cancel(text)) == (ASK, True)


@pytest.mark.parametrize(
    "text",
    [
        "I'll stop by at three", "can I stop by?", "end of the week works", "I quit smoking", "does it end at 4?",
        "the bus stop", "start at nine?", "yes but later", "yes?! who is this", "no problem, yes", "maybe", "",
        "👍", "who is this", "Yes\nbut at three",
    ],
)  # fmt: skip
def test_near_misses_are_asked_about(text):
    assert meaning(text) == ASK


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("YES", "", YES), ("y", "", YES), ("Yes please!", "", YES), ("No thanks", "", NO), ("n", "", NO),
        ("Sí", "es", YES), ("Sí", "spa", YES), ("Sí", "", ASK), ("si", "en", ASK), ("no, gracias", "es", NO),
        ("oui", "fr", YES), ("vâng", "vie", YES), ("vâng", "en", ASK), ("START", "", START), ("unstop", "", START),
        ("HELP", "", HELP), ("ayuda", "es", HELP),
        ("Yes\n\nOn Tuesday the clinic wrote:\n> Reply STOP to end", "", YES),
        ("Yes\n> Reply STOP to end", "", YES),
    ],
)  # fmt: skip
def test_bare_answers_count_in_english_and_the_patients_language(text, language, said):
    assert meaning(text, language) == said


@given(st.text(max_size=3_000), st.text(max_size=8))
def test_whatever_is_written_has_a_meaning(text, language):
    assert meaning(text, language) in set(ReplyMeaning)
