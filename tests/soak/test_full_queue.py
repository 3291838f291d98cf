"""50,000 open chances: the first page and everything beside it answers within ten queries; its time is printed."""

import sys
import time
from typing import Any

import pytest
import time_machine
from django.db import connection, models

from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import Severity, State, SubjectKind
from recovery.models import QueueItem
from recovery.vocabulary import Family
from scheduling.models import Appointment, Patient
from tests.recovery.worked import make_worked
from tests.support.cold import cold_get
from tests.support.desk import DAY, HOUR, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import siu
from tests.support.sizes import SIZES, share

MOST = 10
SHOWN = 50
FAMILIES = (Family.REFILL, Family.REBOOK_BUMPED)
# Of one in so many: a colleague has it, it rests, its visit is in doubt.
HELD_BY_OMAR, RESTING, IN_DOUBT, BLOCKED = 10, 7, 20, 100

pytestmark = pytest.mark.django_db


def multiply(model: type[models.Model], pk: int, number: int, **changed: str) -> int:
    """Copy a row so often, with ids in a run; ``changed`` are SQL expressions of ``n``. Returns the id before them."""
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields if field.column != "id"]
    values = [changed.get(column, f'one."{column}"') for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        before = int(cursor.fetchone()[0])
        cursor.execute(
            f"INSERT INTO {table} (id, {named}) SELECT {before} + n, {', '.join(values)}"
            f" FROM {table} one CROSS JOIN generate_series(1, {number}) AS n WHERE one.id = {pk}"
        )
        cursor.execute(f"ANALYZE {table}")
    return before


def fill(worked: Any, number: int) -> None:
    """Open so many chances, each of a visit and a patient of its own, in every condition that people work with."""
    worked.hear(
        siu("S12", visit="F1", at=NOW - DAY, starts_at=NOW + 2 * DAY, patient="F-1", phone="3125550177"),
        siu("S15", visit="F1", at=NOW - HOUR, starts_at=NOW + 2 * DAY, patient="F-1", status="Cancelled"),
    )
    refill = QueueItem.objects.get(family=Family.REFILL, appointment__external_id="F1")
    halves = ((worked.item, number // 2), (refill, number - number // 2))
    for item, share_of_it in halves:
        visit = worked.desk.visit(item.appointment.external_id)
        patients = multiply(Patient, visit.patient_id or 0, share_of_it, mrn=f"'{item.pk}-' || n")
        visits = multiply(
            Appointment, visit.pk, share_of_it, external_id=f"'{item.pk}-' || n", patient_id=f"{patients} + n"
        )
        multiply(
            QueueItem,
            item.pk,
            share_of_it,
            subject=f"'{item.pk}-' || n",
            appointment_id=f"{visits} + n",
            patient_id="NULL" if item.family == Family.REFILL else f"{patients} + n",
            useful_until="one.useful_until - n % 2000 * interval '1 minute'",
            weight="n % 30",
            claimed_by_id=f"CASE WHEN n % {HELD_BY_OMAR} = 0 THEN {worked.omar.pk} END",
            claimed_at=f"CASE WHEN n % {HELD_BY_OMAR} = 0 THEN one.opened_at END",
            claimed_until=f"CASE WHEN n % {HELD_BY_OMAR} = 0 THEN one.opened_at + interval '9 minutes' END",
            next_step=f"CASE WHEN n % {RESTING} = 0 THEN 'try_again' ELSE '' END",
            not_before=f"CASE WHEN n % {RESTING} = 0 THEN one.opened_at + interval '4 hours' END",
            level=f"CASE WHEN n % {IN_DOUBT} = 0 THEN 2 ELSE one.level END",
        )
    block(worked)


def block(worked: Any) -> None:
    """Something stands in the way of one visit in so many."""
    exception = IntegrationException.objects.create(
        fingerprint=b"0" * 16, check_id="unmapped_status", source=worked.desk.source, severity=Severity.BLOCKING,
        state=State.OPEN, opened_at=NOW, occurred_first=NOW, occurred_last=NOW,
    )  # fmt: skip
    visits = Appointment.objects.filter(external_id__contains="-").values_list("pk", flat=True)
    members = [
        Membership(exception=exception, subject_kind=SubjectKind.APPOINTMENT, subject_id=pk, since=NOW)
        for pk in visits
        if pk % BLOCKED == 0
    ]
    Membership.objects.bulk_create(members)
    IntegrationException.objects.update(live_count=len(members))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE exceptions_membership")


@pytest.mark.parametrize("is_full", SIZES)
def test_queue_answers_within_ten_queries_however_many_are_open(is_full, desk, signed_in, capsys):
    number = share(50_000) if is_full else 2_000
    worked = make_worked(desk)
    fill(worked, number)
    newest = [QueueItem.objects.filter(family=family).latest("pk").pk for family in FAMILIES]
    splits = ("ready", "held", "mine", "due", "resting", "refill", "bumped")

    with time_machine.travel(NOW, tick=False):
        client = signed_in(worked.ruth)
        listed, answer = cold_get(client, "/recovery/")
        asked = {
            url: len(cold_get(client, url)[0])
            for url in (
                *(f"/recovery/?split={name}" for name in splits),
                f"/recovery/?clinic={desk.clinics['CARD'].pk}",
                *(f"/recovery/?item={pk}" for pk in newest),
                *(f"/recovery/{pk}/" for pk in newest),
                f"/live/recovery/?since={int(NOW.timestamp())}",
            )
        }
        begun = time.perf_counter()
        client.get("/recovery/")
        seconds = time.perf_counter() - begun

    with capsys.disabled():
        sys.stdout.write(f"\n{number} open chances: first page {len(listed)} queries, {seconds * 1000:.0f} ms warm\n")
    assert answer.content.count(b"<tr data-row") == SHOWN
    assert {url: many for url, many in {"/recovery/": len(listed), **asked}.items() if many > MOST} == {}
