"""Chances closed by hand: with a reason, for as long as the same chance lasts; taken back while nothing changed."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, Offer, QueueItem
from recovery.services.answer_offer import accept_offer
from recovery.services.attempts import begin_call
from recovery.services.claims import LEASE, claim_item
from recovery.services.close_item import close_item, reopen_item
from recovery.services.expire_items import expire_items
from recovery.vocabulary import Family, HandReason, ItemEventKind
from tests.recovery.refills import SLOT_AT, make_refill
from tests.recovery.worked import BUMPED_AT, MINUTE, VISIT_AT
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

LATER = NOW + MINUTE
pytestmark = pytest.mark.django_db


def close(worked, *, reason=HandReason.NOT_WANTED, actor=None, version=None, now=LATER, words=""):
    return close_item(
        worked.item.pk, reason, words=words, actor=actor or worked.ruth, version=version or worked.item.version, now=now
    )


def reopen(worked, *, actor=None, version=None, now=LATER):
    return reopen_item(worked.item.pk, actor=actor or worked.ruth, version=version or worked.item.version, now=now)


def refused(act, *args, **kwargs):
    with pytest.raises(GuardRefusedError) as refusal:
        act(*args, **kwargs)
    return refusal.value.code, str(refusal.value)


def rebooks():
    """(state, why) of every rebook, oldest first."""
    items = QueueItem.objects.filter(family=Family.REBOOK_BUMPED).order_by("pk")
    return list(items.values_list("state", "close_reason"))


BUMPED_AGAIN = siu("S15", visit="V1", at=BUMPED_AT, starts_at=VISIT_AT, status="Bumped", minutes=45)


def test_closing_says_who_and_why_and_lets_go(claimed):
    closed = close(claimed, words="Asked for nothing more")

    assert (closed.state, closed.close_reason, closed.closed_at, closed.claimed_by) == ("closed", "done", LATER, None)
    line = ItemEvent.objects.get(kind=ItemEventKind.CLOSED)
    assert (line.actor, line.reason) == (claimed.ruth, "done")
    assert line.detail == {"why": "not_wanted", "reason": "Asked for nothing more"}
    assert AuditEntry.objects.filter(actor=claimed.ruth, detail__verb="closed").count() == 1


def test_closing_needs_no_claim_but_nobody_elses(worked):
    claim_item(worked.item.pk, actor=worked.omar, version=None, now=NOW)

    assert refused(close, worked)[0] == "taken"
    assert close(worked, now=NOW + LEASE).close_reason == "done"


def test_closing_is_refused_by_an_older_page_and_by_what_waits(worked):
    assert refused(close, worked, version=worked.item.version + 1)[0] == "changed"
    worked.desk.receive(adt("A08", at=NOW, patient="N-1"), now=LATER)
    assert refused(close, worked)[0] == "unread"
    assert rebooks() == [("open", None)]


def test_held_items_can_be_closed(worked):
    assert close(worked, now=NOW + 25 * HOUR).close_reason == "done"  # the feed went stale


@pytest.mark.parametrize(
    ("reason", "words", "sentence"),
    [
        (HandReason.CLINIC_KEEPS, "", "Choose a reason that fits."),
        (HandReason.OTHER, " ", "Write a few words, so that others know why."),
    ],
    ids=["a reason of slots", "no words"],
)
def test_a_reason_fits_and_says_something(worked, reason, words, sentence):
    with pytest.raises(InvalidActError, match=sentence):
        close(worked, reason=reason, words=words)


def test_a_call_without_an_outcome_keeps_it_open(claimed):
    begin_call(claimed.item.pk, actor=claimed.ruth, version=None, now=LATER)

    with pytest.raises(InvalidActError, match="how the call went"):
        close(claimed)


@pytest.mark.parametrize(
    "bodies",
    [
        [BUMPED_AGAIN],
        [adt("A08", at=NOW, phone="3125550199")],
        [
            siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY),
            siu("S15", visit="V2", at=LATER, starts_at=VISIT_AT + DAY, status="Cancelled"),
        ],
    ],
    ids=["said again with other minutes", "another number", "booked elsewhere and cancelled"],
)  # fmt: skip
def test_it_stays_closed_while_the_same_chance_lasts(worked, bodies):
    close(worked)

    for body in bodies:
        worked.hear(body, now=LATER)

    assert rebooks() == [("closed", "done")]


def test_another_chance_of_the_same_visit_opens_anew(worked):
    close(worked)

    worked.hear(siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Booked"), now=LATER)
    worked.hear(siu("S15", visit="V1", at=LATER, starts_at=VISIT_AT, status="Bumped"), now=LATER)

    assert rebooks() == [("closed", "done"), ("open", None)]


def test_in_whatever_order_messages_come_the_same_is_open(worked):
    """A bump that came late makes another chance; once it is known to have been void, the closed one is closed."""
    close(worked)
    again = [
        siu("S14", visit="V1", at=NOW + MINUTE, starts_at=VISIT_AT, status="Booked"),
        siu("S15", visit="V1", at=NOW + 2 * MINUTE, starts_at=VISIT_AT, status="Bumped"),
    ]

    worked.hear(again[1], now=NOW + 3 * MINUTE)
    first = rebooks()
    worked.hear(again[0], now=NOW + 4 * MINUTE)

    # The later bump alone says nothing new; with the booking between them it is another chance.
    assert (first, rebooks()) == ([("closed", "done")], [("closed", "done"), ("open", None)])


def test_taken_back_it_is_open_as_before(claimed):
    close(claimed)

    opened = reopen(claimed, actor=claimed.omar)

    assert (opened.state, opened.close_reason, opened.closed_at, opened.claimed_by) == ("open", None, None, None)
    assert ItemEvent.objects.get(kind=ItemEventKind.REOPENED).actor == claimed.omar
    assert claim_item(claimed.item.pk, actor=claimed.omar, version=None, now=LATER).claimed_by == claimed.omar


def test_taken_back_it_says_what_is_known_by_now(worked):
    close(worked)
    worked.hear(siu("S15", visit="V1", at=BUMPED_AT, starts_at=VISIT_AT, status="Bumped", minutes=45), now=LATER)

    assert reopen(worked).minutes == worked.desk.visit("V1").minutes


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY), "closed_rebooked", "the patient has another visit."),
        (siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Booked"), "closed_visit_gone", "no longer lost."),
        (adt("A08", at=NOW, died_at=NOW - DAY), "closed_unwanted", "outreach is not wanted."),
    ],
    ids=["booked elsewhere", "stands again", "died"],
)
def test_what_ended_meanwhile_is_not_opened_again(worked, body, code, sentence):
    close(worked)
    worked.hear(body, now=LATER)

    found = refused(reopen, worked)

    assert (found[0], found[1].endswith(sentence)) == (code, True), found
    assert rebooks() == [("closed", "done")]


def test_a_newer_chance_of_the_visit_stands_instead(worked):
    close(worked)
    first = worked.item
    worked.hear(siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Booked"), now=LATER)
    worked.hear(siu("S15", visit="V1", at=LATER, starts_at=VISIT_AT, status="Bumped"), now=LATER)

    assert refused(reopen_item, first.pk, actor=worked.ruth, version=None, now=LATER)[0] == "newer"


def test_only_what_was_closed_by_hand_is_opened_by_hand(worked):
    assert refused(reopen, worked) == ("open", "It is open already.")
    expire_items(worked.item.useful_until)
    assert refused(reopen, worked, now=worked.item.useful_until)[0] == "closed_expired"


def test_slot_closed_by_hand_asks_nobody_any_more(desk):
    refill = make_refill(desk)
    refill.claim()
    offer = refill.offer("C1")
    close(refill, reason=HandReason.CLINIC_KEEPS, now=NOW)

    assert refill.states() == [("C1", "withdrawn")]
    assert refused(accept_offer, offer.pk, actor=refill.ruth, now=LATER)[0] == "closed_done"
    refill.hear(
        adt("A08", at=NOW, patient="P-1"), siu("S12", visit="X", at=NOW, starts_at=SLOT_AT + 5 * HOUR), now=LATER
    )
    assert desk.open_items() == []
    assert reopen(refill).state == "open"


def test_slot_filled_after_it_was_closed_does_not_open_again(desk):
    refill = make_refill(desk)
    close(refill, reason=HandReason.NOBODY, now=NOW)
    refill.book("B1", patient="P-2", now=LATER)

    assert refused(reopen, refill, now=LATER)[0] == "closed_slot_filled"


def test_accepted_offer_is_taken_back_before_the_slot_is_closed(desk):
    refill = make_refill(desk)
    refill.claim()
    accept_offer(refill.offer("C1").pk, actor=refill.ruth, now=NOW)

    assert refused(close, refill, reason=HandReason.CLINIC_KEEPS, now=LATER) == (
        "accepted",
        "Somebody took it at 09:41 CST. Take that offer back first.",
    )
    assert Offer.objects.get().state == "pending"


def test_the_page_closes_with_a_reason_and_opens_again(worked, page):
    nothing = page("close", why="", words="Wants the morning")
    other = page("close", why="other", words="")
    done = page("close", why="not_wanted", words="Wants the morning")

    assert (nothing.status_code, other.status_code, done.status_code) == (422, 422, 200)
    assert "Wants the morning" in nothing.content.decode()
    assert "Open again" in done.content.decode()
    assert "Ruth closed it." in done.content.decode()
    assert done.context["changed"].next_step == "Closed"  # the row stays where it is
    assert "The patient does not want it. Wants the morning" in done.content.decode()
    assert "Open again" not in page("reopen").content.decode().split("History")[0]
    assert worked.item.is_open


def test_the_page_keeps_what_was_typed_where_a_colleague_was_faster(worked, page):
    claim_item(worked.item.pk, actor=worked.omar, version=None, now=NOW)

    answer = page("close", why="not_wanted", words="Wants the morning", version=worked.item.version)

    assert answer.status_code == 409
    assert "Omar works on it since 09:41 CST." in answer.content.decode()


@pytest.mark.parametrize("verb", ["close", "reopen"])
def test_strangers_and_onlookers_close_nothing(worked, page, person, other_clinic, verb):
    stranger, onlooker = person(Role.ACCESS, clinic=other_clinic), person(Role.LAUNCH, clinic=worked.item.clinic)

    answers = [page(verb, by=who, why="not_wanted").status_code for who in (stranger, onlooker)]

    assert (answers, rebooks(), Attempt.objects.count()) == ([404, 403], [("open", None)], 0)


def test_closing_twice_is_told_who_was_faster(worked):
    seen = worked.item.version
    close(worked)

    assert refused(close, worked, actor=worked.omar, version=seen, now=LATER + timedelta(seconds=1))[0] == "closed_done"
