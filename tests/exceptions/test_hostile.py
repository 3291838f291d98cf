"""What somebody may try who means no good, or presses the wrong thing."""

import pytest

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from exceptions.models import EscalationPolicy, IntegrationException
from exceptions.vocabulary import State, Verb

ZZ9 = ("unmapped_status", "S15 ZZ9")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def held(run, change, booked, people):
    run(change(1, booked(ZZ9)))
    return IntegrationException.objects.get()


@pytest.fixture
def auditor(people, place):
    Grant.objects.filter(user=people.noor).delete()
    Grant.objects.create(user=people.noor, role=Role.AUDITOR, source=place.lakeview)
    return people.noor


def unchanged(exception):
    return IntegrationException.objects.filter(pk=exception.pk, version=exception.version, state=State.OPEN).exists()


@pytest.mark.parametrize("verb", [verb.value for verb in (Verb.TAKE, Verb.RESOLVE, Verb.MUTE, Verb.COMMENT)])
def test_auditor_is_refused_every_verb_and_that_is_recorded(signed_in, auditor, held, verb):
    client, said = signed_in(auditor), {"version": held.version, "reason": "Please", "hours": "4"}

    one = client.post(f"/exceptions/{held.pk}/{verb}/", said)
    many = client.post(f"/exceptions/many/{verb}/", said | {"row": f"{held.pk}.{held.version}", "sent": "1"})

    assert (one.status_code, many.status_code, unchanged(held)) == (403, 403, True)
    denied = AuditEntry.objects.filter(action=AuditAction.DENIED, actor=auditor)
    assert denied.count() == 2


def test_live_hold_closes_by_no_way_of_many(signed_in, people, held):
    client, said = signed_in(people.milo), {"reason": "Done", "sent": "1"}

    client.post("/exceptions/many/resolve/", said | {"row": f"{held.pk}.{held.version}"})
    client.post("/exceptions/many/resolve/?kind=unmapped_status", said | {"scope": "all", "expected": "1"})

    assert unchanged(held)


def test_script_in_a_comment_stays_text(signed_in, people, held):
    client = signed_in(people.milo)
    client.post(f"/exceptions/{held.pk}/comment/", {"version": held.version, "reason": SCRIPT})

    page = client.get(f"/exceptions/{held.pk}/").content.decode()

    assert (SCRIPT in page, "&lt;script&gt;alert(1)" in page) == (False, True)


@pytest.mark.parametrize("row", ["1" * 5_000 + ".1", "1.", "x.1", "1.99999999999999999999"])
def test_row_that_no_page_sends_is_invalid(signed_in, people, held, row):
    assert signed_in(people.milo).post("/exceptions/many/take/", {"row": row}).status_code == 422


def test_policy_without_a_step_tells_nobody_and_breaks_nothing(run, change, booked, people, signed_in):
    EscalationPolicy.objects.create(name="Nothing", default_for=1)

    run(change(1, booked(ZZ9)))

    (made,) = IntegrationException.objects.all()
    assert made.next_step_at is None
    assert signed_in(people.milo).get(f"/exceptions/{made.pk}/").status_code == 200
