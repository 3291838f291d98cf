"""Lost visits of a period with what took their place, read as the planner reads them, whoever the records belong to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction

from recovery.chances import LostVisit, OtherVisit
from recovery.decisions import REBOOK_WINDOW
from recovery.hours import ClinicDay
from recovery.metrics.counting import ChanceGroup, Tallies
from recovery.metrics.measures import Chain
from recovery.metrics.periods import monday_of
from recovery.metrics.rebooking import Loss, answers, loss_of
from recovery.selectors.results_scope import Scope
from recovery.services.read_lost_visits import read_clinic_days, read_lost_visits, read_other_visits
from recovery.services.read_persons import read_persons
from scheduling.sql.cursors import Cursor, server_cursor
from scheduling.vocabulary import Status

# Some clinics write a bump down after the day of the visit.
LATEST_BUMP = timedelta(days=7)
_LOST = """
SELECT a.id, a.patient_id FROM scheduling_appointment a
WHERE a.clinic_id = ANY(%(clinics)b::int8[]) AND a.patient_id IS NOT NULL AND a.status_at IS NOT NULL
  AND (a.status = 'missed' AND a.starts_at >= %(begins)b AND a.starts_at < %(ends)b
       OR a.status = 'bumped' AND a.starts_at >= %(bumped_from)b
          AND a.status_at >= %(begins)b AND a.status_at < %(ends)b)
"""
_ITEMS = """
SELECT i.appointment_id, max(i.id), coalesce(sum(t.contacts), 0)::int8
FROM recovery_queueitem i CROSS JOIN LATERAL (
    SELECT count(*) AS contacts FROM recovery_attempt WHERE item_id = i.id AND is_counted
) AS t
WHERE i.appointment_id = ANY(%b::int8[]) AND i.family IN ('rebook_missed', 'rebook_bumped') GROUP BY 1
"""
_COMPLETED = "SELECT id FROM scheduling_appointment WHERE id = ANY(%b::int8[]) AND status = 'completed'"


class Work(NamedTuple):
    """The newest item of a lost visit, and the tries about all of its items."""

    item_id: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Losses:
    """Lost visits of the period with all that is asked about them."""

    losses: tuple[Loss, ...] = ()
    days: Mapping[int, ClinicDay] = field(default_factory=dict)
    work: Mapping[int, Work] = field(default_factory=dict)
    completed: frozenset[int] = frozenset()


def read_losses(scope: Scope) -> Losses:
    """Everything about the lost visits of the period; some ten statements whatever their number, nothing is locked."""
    with transaction.atomic(savepoint=False), server_cursor() as cursor:
        asked = scope.params() | {"bumped_from": scope.period.begins_at - LATEST_BUMP}
        cursor.execute(_LOST, {name: asked[name] for name in ("clinics", "begins", "ends", "bumped_from")})
        rows = cursor.fetchall()
        losses = _losses(cursor, scope, {row[0] for row in rows}, sorted({row[1] for row in rows})) if rows else []
        lost_ids = sorted(loss.visit.appointment_id for loss in losses)
        cursor.execute(_ITEMS, (lost_ids,))
        work = {row[0]: Work(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(_COMPLETED, (sorted({taker for loss in losses for taker in loss.rebooked}),))
        completed = frozenset(row[0] for row in cursor.fetchall())
        return Losses(tuple(losses), read_clinic_days(cursor, sorted(scope.places)), work, completed)


def _losses(cursor: Cursor, scope: Scope, wanted: set[int], patient_ids: list[int]) -> list[Loss]:
    persons = read_persons(cursor, patient_ids, lock=False)
    everyone = persons.everyone(patient_ids)
    since = scope.period.begins_at - LATEST_BUMP + REBOOK_WINDOW
    visits = [visit for visit in read_lost_visits(cursor, persons, everyone, now=since) if _is_of(visit, wanted)]
    earliest = min((min(visit.starts_at, visit.lost_at) for visit in visits), default=scope.period.begins_at)
    others: defaultdict[int, list[OtherVisit]] = defaultdict(list)
    for other in read_other_visits(cursor, persons, everyone, since=earliest):
        others[other.person_id].append(other)
    found = (
        loss_of(visit, others[visit.person_id], scope.places[visit.clinic_id].zone)
        for visit in visits
        if visit.clinic_id is not None
    )
    return [
        loss
        for loss in found
        if scope.period.first <= loss.on <= scope.period.last
        and loss.since <= scope.now
        and loss.family in scope.families
    ]


def _is_of(visit: LostVisit, wanted: set[int]) -> bool:
    return visit.appointment_id in wanted and visit.status in (Status.MISSED, Status.BUMPED)


def count_losses(tallies: Tallies, found: Losses, scope: Scope) -> None:
    """Count whether they were rebooked in time, and what was done about them."""
    tallies.add_chances(_chances(found))
    for loss in found.losses:
        for figure, is_in_time in answers(loss, clinic_day(found, loss), scope.now).items():
            tallies.add(figure, monday_of(loss.on), part=int(is_in_time), whole=1)


def _chances(found: Losses) -> Iterable[ChanceGroup]:
    for loss in found.losses:
        work = found.work.get(loss.visit.appointment_id)
        if work is None:
            continue
        is_acted = work.contacts > 0
        is_completed = is_acted and not found.completed.isdisjoint(loss.rebooked)
        yield ChanceGroup(monday_of(loss.on), loss.family, Chain(1, int(is_acted), int(is_completed)), work.contacts)


def clinic_day(found: Losses, loss: Loss) -> ClinicDay | None:
    """The calendar of the clinic that lost the visit."""
    return found.days.get(loss.visit.clinic_id) if loss.visit.clinic_id is not None else None
