"""The world changes between opening an item and acting: the page says so with its own sentence, and keeps the text."""

import pytest

from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from recovery.models import Attempt, ItemEvent, QueueItem
from recovery.services.claims import LEASE, claim_item
from recovery.vocabulary import ItemEventKind
from scheduling.models import Consent, FeedProof
from tests.recovery.worked import MINUTE, VISIT_AT
from tests.support.desk import DAY, HOUR, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import adt, merge, siu

LATER = NOW + MINUTE
TYPED = "Wants the morning"
pytestmark = pytest.mark.django_db


def opts_out(worked):
    Consent.objects.create(patient=worked.patient, channel="call", is_allowed=False, valid_from=NOW, recorded_at=NOW)


def colleague_takes_it(worked):
    QueueItem.objects.filter(pk=worked.item.pk).update(
        claimed_by=worked.omar, claimed_at=NOW, claimed_until=LATER + LEASE
    )


def goes_stale(worked):
    FeedProof.objects.update(digested_to=NOW - 25 * HOUR, heartbeat_at=None)


def is_blocked(worked):
    """An exception about the visit that blocks every decision, as a survey may open it."""
    other = siu("S12", visit="V9", at=NOW, starts_at=VISIT_AT + 40 * DAY, status="ZZ9", patient="N-8")
    worked.hear(other)
    exception = IntegrationException.objects.get(check_id="unmapped_status")
    Membership.objects.create(
        exception=exception, subject_kind=SubjectKind.APPOINTMENT, subject_id=worked.item.appointment_id, since=NOW
    )


def hears(*bodies):
    return lambda worked: worked.hear(*bodies, now=LATER)


REFUSALS = [
    pytest.param(
        hears(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY)),
        "The patient has another visit, known since 09:42 CST.",
        id="booked again",
    ),
    pytest.param(
        hears(siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Confirmed")),
        "The visit stands again, known since 09:42 CST.",
        id="confirmed",
    ),
    pytest.param(
        hears(siu("S13", visit="V1", at=NOW, starts_at=VISIT_AT + DAY, status="Booked")),
        "The visit stands again, known since 09:42 CST.",
        id="moved",
    ),
    pytest.param(
        hears(siu("S15", visit="V1", at=NOW, starts_at=VISIT_AT, status="Cancelled")),
        "The visit is no longer lost, known since 09:42 CST.",
        id="cancelled",
    ),
    pytest.param(opts_out, "Call: refused by the patient.", id="opted out"),
    pytest.param(
        hears(adt("A08", at=NOW, died_at=NOW - DAY)), "Outreach is not wanted, known since 09:42 CST.", id="died"
    ),
    pytest.param(
        hears(merge(at=NOW, survivor="N-9", retired="N-1")),
        "The record was merged with another, 09:42 CST. Look at it again.",
        id="merged",
    ),
    pytest.param(goes_stale, "this action needs 24 h.", id="stale feed"),
    pytest.param(colleague_takes_it, "Omar works on it since 09:41 CST.", id="a colleague has it"),
    pytest.param(is_blocked, "Unmapped status.", id="an exception in the way"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSALS)
def test_a_call_is_refused_with_its_sentence_and_what_was_typed(claimed, page, change, sentence):
    seen = claimed.item.version
    change(claimed)

    answer = page("call", note=TYPED, version=seen)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert sentence in text
    assert TYPED in text
    assert Attempt.objects.count() == 0
    assert ItemEvent.objects.filter(kind=ItemEventKind.REFUSED).count() == 1


def test_list_and_pane_say_what_the_guard_would_refuse(worked, page, clock, signed_in):
    is_blocked(worked)

    listed = signed_in(worked.ruth).get(f"/recovery/?item={worked.item.pk}")

    rows = {row.item.pk: row for row in listed.context["queue"].rows}
    row, stop = rows[worked.item.pk], listed.context["pane"].stops[0]
    assert (row.is_held, row.verdict.main.sentence) == (True, "Unmapped status.")
    assert stop.reason.sentence == "Unmapped status."
    assert page("take").status_code == 409
    assert page("next", swap=False).status_code == 302
    assert worked.item.claimed_by is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda worked: None, ""),
        (
            hears(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY)),
            "It closed at 09:42 CST: the patient has another visit.",
        ),
        (
            lambda worked: claim_item(worked.item.pk, actor=worked.omar, version=None, now=LATER),
            "It changed at 09:42 CST: Omar took it.",
        ),
        (goes_stale, "It is held now: Data is 25 h old; this action needs 24 h."),
    ],
    ids=["nothing", "booked again", "a colleague takes it", "the feed goes stale"],
)
def test_the_open_page_is_told_what_changed_and_nothing_moves(worked, clock, signed_in, change, words):
    address = f"/live/recovery/{worked.item.pk}/?version={worked.item.version}&level=0"
    change(worked)
    client = signed_in(worked.ruth)

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (words in first.content.decode(), bool(words) == bool(first.content.strip())) == (True, True)
    assert again.status_code == 304
