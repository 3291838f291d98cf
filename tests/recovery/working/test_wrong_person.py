"""Somebody else sits at the desk, or the same person twice: what one page shows never acts in another's name."""

import pytest

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction
from recovery.models import Attempt, ItemEvent
from recovery.vocabulary import ItemEventKind
from tests.recovery.worked import MINUTE
from tests.support.desk import NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture

LATER = NOW + MINUTE
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("verb", ["take", "call", "let-go", "hand-over", "stay"])
def test_page_of_one_person_posted_by_the_next_who_signed_in(claimed, page, verb):
    answer = page(verb, by=claimed.omar, to=claimed.ruth.pk)

    assert answer.status_code == 409
    assert (claimed.item.claimed_by, Attempt.objects.count()) == (claimed.ruth, 0)


def test_a_call_begun_by_one_person_is_ended_by_nobody_else_and_shows_no_number(claimed, calling, page, signed_in):
    answer = page(f"calls/{calling.pk}/outcome", by=claimed.omar, outcome="no_answer", next_step="try_again")
    seen = signed_in(claimed.omar).get(f"/recovery/{claimed.item.pk}/").content.decode()

    assert (answer.status_code, Attempt.objects.get().outcome) == (409, "")
    assert calling.value not in answer.content.decode() + seen


def test_the_same_click_twice_calls_once(claimed, page):
    version = claimed.item.version

    answers = [page("call", version=version).status_code for _ in range(2)]

    assert answers == [200, 409]
    assert (Attempt.objects.count(), AuditEntry.objects.filter(action=AuditAction.REVEALED).count()) == (1, 1)


def test_the_same_outcome_twice_counts_once(claimed, calling, page):
    told = {"outcome": "no_answer", "next_step": "try_again"}

    answers = [page(f"calls/{calling.pk}/outcome", **told).status_code for _ in range(2)]

    assert answers == [200, 409]
    assert claimed.item.tries == 1
    assert ItemEvent.objects.filter(kind=ItemEventKind.OUTCOME).count() == 1


def test_whoever_lost_the_right_meanwhile_does_nothing_more(claimed, page):
    Grant.objects.filter(user=claimed.ruth).delete()

    assert page("call").status_code in (403, 404)
    assert Attempt.objects.count() == 0


def test_whoever_was_shut_out_meanwhile_does_nothing_more(claimed, page, clock, signed_in):
    client = signed_in(claimed.ruth)
    type(claimed.ruth).objects.filter(pk=claimed.ruth.pk).update(is_active=False)

    answer = client.post(f"/recovery/{claimed.item.pk}/call/", {"version": claimed.item.version})

    assert (answer.status_code, Attempt.objects.count()) == (302, 0)
