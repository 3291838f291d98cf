"""The one table from the vocabulary's words into ours."""

import pytest

from scheduling.mapping.translation import REMARKS, WORDS, Translation, translate
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

S = Status


@pytest.mark.parametrize(
    ("suggestion", "expected"),
    [
        ("booked", Translation(status=S.BOOKED)),
        ("arrived", Translation(status=S.CHECKED_IN)),
        ("waitlist", Translation(status=S.WAITLISTED)),
        ("error", Translation(status=S.ENTERED_IN_ERROR, reopens=False)),
        ("no_show", Translation(status=S.MISSED, counts_as_missed=True)),
        ("lwbs", Translation(status=S.LEFT_UNSEEN, counts_as_missed=True)),
        ("cancelled:patient", Translation(status=S.CANCELLED, initiator=Initiator.PATIENT)),
        ("cancelled:clinic", Translation(status=S.BUMPED, initiator=Initiator.CLINIC)),
        (
            "cancelled:deceased (suppress outreach)",
            Translation(
                status=S.CANCELLED, initiator=Initiator.SYSTEM, reopens=False, suppresses=True,
                remark="suppress outreach",
            ),
        ),
        (
            "cancelled:patient (suppress)",
            Translation(
                status=S.CANCELLED, initiator=Initiator.PATIENT, reopens=False, suppresses=True, remark="suppress"
            ),
        ),
        (
            "no_show (auto; verify)",
            Translation(status=S.MISSED, set_by=SetBy.TIMER, counts_as_missed=True, remark="auto; verify"),
        ),
        ("slot_open", Translation(kind=EventKind.SLOT_OPENED)),
        ("unchanged", Translation(kind=EventKind.CHANGED)),
        (
            "booked (keep old slot as freed)",
            Translation(kind=EventKind.RESCHEDULED, status=S.BOOKED, remark="keep old slot as freed"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_translate_a_known_word(suggestion, expected):
    assert translate(suggestion) == expected


@pytest.mark.parametrize(
    "suggestion",
    [
        "review",
        "review (conflict)",
        "review: code reused with 2 titles",
        "rescheduled",
        "(type) walk_in",
        "(no status)",
        "booked/confirmed",
        "cancelled:patient (if patient actor) else review",
        "booked (a remark nobody wrote down)",
        "a new word",
        "",
        "((",
    ],
)
def test_translate_leaves_the_unknown_to_a_person(suggestion):
    assert translate(suggestion).needs_person


def test_no_translation_stores_a_cancellation_by_the_clinic_as_cancelled():
    answers = [translate(f"{word} ({remark})") for word in WORDS for remark in REMARKS]

    assert [each for each in answers if each.status is S.CANCELLED and each.initiator is Initiator.CLINIC] == []
