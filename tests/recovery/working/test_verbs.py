"""Working the queue through its pages: each verb, each refusal with its sentence and what was typed, who may what."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils.html import strip_tags

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from recovery.models import Attempt, ItemEvent, QueueItem
from recovery.services.claims import LEASE
from recovery.vocabulary import AttemptOutcome, NextStep
from tests.recovery.worked import MINUTE, VISIT_AT
from tests.support.desk import DAY, HOUR, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import siu

LATER = NOW + MINUTE
TYPED = "Wants the morning"
pytestmark = pytest.mark.django_db


def said(answer):
    """The words of an answer without their markup."""
    return " ".join(unescape(strip_tags(answer.content.decode())).split()).replace(" .", ".")


def test_taking_shows_everybody_who_works_on_it(worked, page, signed_in):
    answer = page("take")

    assert (answer.status_code, worked.item.claimed_by) == (200, worked.ruth)
    assert "You hold it, until 09:52 CST." in said(answer)
    seen = said(signed_in(worked.omar).get(f"/recovery/?item={worked.item.pk}"))
    assert "Ruth, since 09:42" in seen
    assert "Ruth works on it, since 09:42 CST." in seen


def test_without_scripts_a_verb_leads_back_to_the_item_in_its_list(worked, page):
    answer = page("take", swap=False, query="?split=bumped")

    assert (answer.status_code, answer.url) == (302, f"/recovery/?split=bumped&item={worked.item.pk}")


def test_letting_go_frees_it(claimed, page):
    assert page("let-go").status_code == 200
    assert claimed.item.claimed_by is None


def test_a_colleague_gets_it_with_a_remark(claimed, page):
    answer = page("hand-over", to=claimed.omar.pk, remark="Speaks Spanish")

    assert (answer.status_code, claimed.item.claimed_by) == (200, claimed.omar)
    assert "Speaks Spanish" in answer.content.decode()


def test_handing_over_to_nobody_is_invalid_and_keeps_the_remark(claimed, page):
    answer = page("hand-over", remark=TYPED)

    assert answer.status_code == 422
    assert TYPED in answer.content.decode()


def test_only_a_supervisor_frees_a_colleagues_item_and_says_why(claimed, page, person, clock):
    boss = person(Role.SUPERVISOR, clinic=claimed.item.clinic)

    assert page("free", by=claimed.omar, reason="On leave").status_code == 403
    assert page("free", by=boss, reason="").status_code == 422
    assert page("let-go", by=claimed.omar).status_code == 409
    assert claimed.item.claimed_by == claimed.ruth
    assert page("free", by=boss, reason="On leave").status_code == 200
    assert claimed.item.claimed_by is None


def test_a_call_reveals_the_number_and_asks_how_it_went(claimed, page):
    answer = page("call", note=TYPED)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "3125550142" in text
    assert "How it went" in text
    assert TYPED in text
    revealed = AuditEntry.objects.get(action=AuditAction.REVEALED)
    assert (revealed.actor, revealed.patients) == (claimed.ruth, [claimed.patient.pk])


def test_an_outcome_forces_its_next_step(claimed, calling, page):
    verb = f"calls/{calling.pk}/outcome"

    wrong = page(verb, outcome="no_answer", next_step="close", note=TYPED)
    none = page(verb, outcome="", next_step="try_again", note=TYPED)

    assert (wrong.status_code, none.status_code) == (422, 422)
    assert "Choose what happens next." in wrong.content.decode()
    assert TYPED in wrong.content.decode()
    assert TYPED in none.content.decode()
    assert page(verb, outcome="no_answer", next_step="try_again").status_code == 200
    assert (claimed.item.tries, claimed.item.claimed_by) == (1, None)


def test_a_call_back_has_a_time_a_person_and_a_language_and_comes_first_when_due(claimed, calling, page, clock):
    answer = page(
        f"calls/{calling.pk}/outcome", outcome="call_back", next_step="call_back", at="2026-11-24T11:30",
        with_whom="Maria", language="es",
    )  # fmt: skip

    assert "Call back 11:30 CST: ask for Maria, in Spanish. Ruth promised it." in answer.content.decode()
    more_urgent(claimed)
    clock.move_to(claimed.item.not_before - timedelta(seconds=1))
    page("next", by=claimed.ruth, swap=False)
    assert claimed.item.claimed_by is None  # it rests
    QueueItem.objects.update(claimed_by=None, claimed_at=None, claimed_until=None)
    clock.move_to(claimed.item.not_before)
    page("next", by=claimed.omar, swap=False)
    page("next", by=claimed.ruth, swap=False)
    assert claimed.item.claimed_by == claimed.ruth


def more_urgent(worked):
    """Bump two more visits, which the ranking puts first."""
    for number in range(2):
        at = VISIT_AT + (1 + number) * DAY
        told: dict[str, Any] = {
            "visit": f"U{number}",
            "patient": f"P-{number}",
            "phone": f"312555019{number}",
            "starts_at": at,
        }
        worked.hear(siu("S12", at=NOW - DAY, **told), siu("S15", at=NOW - MINUTE, status="Bumped", **told))
    QueueItem.objects.filter(appointment__external_id__startswith="U").update(weight=99)


def test_a_time_the_clocks_leap_over_is_no_time(claimed, calling, page):
    answer = page(
        f"calls/{calling.pk}/outcome", outcome="call_back", next_step="call_back", at="2027-03-14T02:30",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "The clocks leap over this time." in answer.content.decode()


def test_next_best_takes_what_nobody_has_and_nothing_twice(worked, page):
    more_urgent(worked)

    first, second = page("next", swap=False), page("next", by=worked.omar, swap=False)

    held = dict(QueueItem.objects.filter(claimed_by__isnull=False).values_list("pk", "claimed_by__first_name"))
    assert sorted(held.values()) == ["Omar", "Ruth"]
    assert {first.url, second.url} == {f"/recovery/?item={pk}" for pk in held}


def test_next_best_says_when_nothing_is_left(worked, page):
    QueueItem.objects.update(next_step=NextStep.WAIT_FOR_EHR)

    answer = page("next", swap=False)

    assert answer.url == "/recovery/"
    (message,) = get_messages(answer.wsgi_request)
    assert str(message) == "Nothing is free to take here. What rests or is held opens by itself."
    assert QueueItem.objects.filter(claimed_by__isnull=False).count() == 0


def test_a_pin_stands_first_with_its_reason_until_its_end(worked, page, clock, signed_in):
    more_urgent(worked)
    assert page("pin", hours="4", reason="").status_code == 422
    answer = page("pin", hours="4", reason="Promised by the clinic")

    assert "Promised by the clinic (Ruth, until 13:42 CST)" in answer.content.decode()
    assert rows(signed_in(worked.omar))[0] == worked.item.pk
    clock.move_to(LATER + 4 * HOUR)
    assert rows(signed_in(worked.omar))[0] != worked.item.pk
    assert page("unpin").status_code == 200
    kinds = list(ItemEvent.objects.filter(item=worked.item, kind__in=["pinned", "unpinned"]).values_list("kind"))
    assert kinds == [("pinned",), ("unpinned",)]


def rows(client, query=""):
    return [row.item.pk for row in client.get(f"/recovery/{query}").context["queue"].rows]


@pytest.mark.parametrize("verb", ["take", "let-go", "free", "hand-over", "call", "pin", "unpin", "stay"])
def test_another_clinics_item_is_a_404(worked, page, person, other_clinic, verb):
    stranger = person(Role.ACCESS, clinic=other_clinic)

    assert page(verb, by=stranger).status_code == 404


@pytest.mark.parametrize("verb", ["take", "let-go", "free", "hand-over", "call", "pin", "unpin", "stay"])
def test_who_only_looks_acts_on_nothing(worked, page, person, verb):
    launch = person(Role.LAUNCH, clinic=worked.item.clinic)

    assert page(verb, by=launch).status_code == 403


def test_a_role_elsewhere_does_not_act_here(worked, page, person, other_clinic):
    mixed = person(Role.LAUNCH, clinic=worked.item.clinic)
    Grant.objects.create(user=mixed, role=Role.ACCESS, clinic=other_clinic)

    assert page("take", by=mixed).status_code == 403
    assert AuditEntry.objects.filter(action=AuditAction.DENIED, actor=mixed).count() == 1


def test_staying_renews_what_is_ones_own_and_says_when_it_is_not(claimed, page, clock):
    clock.move_to(NOW + 9 * MINUTE)
    assert page("stay").status_code == 204
    assert claimed.item.claimed_until == NOW + 9 * MINUTE + LEASE
    clock.move_to(NOW + 30 * MINUTE)

    late = page("stay")

    assert (late.status_code, late.content.decode()) == (409, "Your claim ran out. Take it again.")


def test_outcome_of_another_persons_call_is_refused_with_the_note(claimed, calling, page):
    answer = page(f"calls/{calling.pk}/outcome", by=claimed.omar, outcome="busy", next_step="try_again", note=TYPED)

    assert answer.status_code == 409
    assert "Ruth made this call." in answer.content.decode()
    assert Attempt.objects.get().outcome == ""


@pytest.mark.parametrize(
    ("split", "expected"),
    [("ready", True), ("mine", False), ("due", False), ("resting", False), ("bumped", True), ("held", False)],
)
def test_splits_by_where_the_work_stands(worked, clock, signed_in, split, expected):
    assert (worked.item.pk in rows(signed_in(worked.ruth), f"?split={split}")) == expected


def test_what_rests_stands_under_resting_with_its_time(claimed, calling, page, signed_in):
    page(f"calls/{calling.pk}/outcome", outcome="no_answer", next_step="try_again")

    client = signed_in(claimed.ruth)

    assert rows(client, "?split=resting") == [claimed.item.pk]
    assert claimed.item.pk not in rows(client, "?split=ready")
    assert "Rests until 13:42" in client.get("/recovery/?split=resting").content.decode()


def test_nothing_more_to_do_frees_the_hands(claimed, calling, page):
    page(f"calls/{calling.pk}/outcome", outcome="declined", next_step="close")

    item = claimed.item
    assert (item.claimed_by, item.next_step, item.is_open) == (None, NextStep.CLOSE, True)
    assert Attempt.objects.get().outcome == AttemptOutcome.DECLINED
