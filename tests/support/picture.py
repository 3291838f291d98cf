"""Everything that must come out the same however messages arrive (I3), as plain comparable values.

Row ids and clocks of arrival are left out; appointments and patients are named by what their sources call them.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from exceptions.surveys.registry import SURVEYS

SURVEYED = frozenset(check.id for survey in SURVEYS.values() for check in survey.checks)
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
APPOINTMENT = """a.source_id || '/' || a.namespace || '/' || a.external_id || '/' || a.occurrence"""
PATIENT = """p.source_id || '/' || p.authority || '/' || p.mrn"""

QUERIES = {
    "appointments": f"""
        SELECT {APPOINTMENT}, a.status, a.status_at, a.initiator, a.set_by, a.reason_flags, a.reason_code, a.starts_at,
            a.minutes, a.clinic_id, a.room, a.resource, a.provider_code, a.visit_type, {PATIENT}, a.booked_at,
            a.said_at, a.order_key, a.events, a.troubles::text, a."left"::text, a.resource_day
        FROM scheduling_appointment a LEFT JOIN scheduling_patient p ON p.id = a.patient_id""",
    "heard": f"""
        SELECT {APPOINTMENT}, a.heard_at FROM scheduling_appointment a""",
    "patients": f"""
        SELECT {PATIENT}, p.family, p.given, p.born_on, p.sex, p.language, p.phones_home::text, p.phones_work::text,
            p.died, p.died_at, p.publicity, p.protection, p.vip, p.portal, p.duplicate_of, p.guardian,
            p.identifiers::text, p.as_of, p.merge_key,
            (SELECT q.source_id || '/' || q.authority || '/' || q.mrn FROM scheduling_patient q
                WHERE q.id = p.merged_into_id)
        FROM scheduling_patient p""",
    "contact points": f"""
        SELECT {PATIENT}, c.system, c.use, c.value, c.rank, c.ends_on
        FROM scheduling_contactpoint c JOIN scheduling_patient p ON p.id = c.patient_id""",
    "vacancies": f"""
        SELECT {APPOINTMENT}, v.resource_day, v.resource, v.clinic_id, v.starts_at, v.minutes, v.visit_type, v.cause,
            v.initiator, v.vacated_at
        FROM scheduling_vacancy v JOIN scheduling_appointment a ON a.id = v.appointment_id""",
    "tallies": """
        SELECT source_id, clinic_code, trigger, filler_status, event_reason, appointment_reason, appointment_type,
            resource_status, has_note, events, first_at, last_at
        FROM scheduling_signaltally""",
    "template": """
        SELECT source_id, resource, starts_at, minutes, status, clinic_id, visit_type, resource_day, order_key
        FROM scheduling_templateslot""",
    "findings": f"""
        SELECT e.check_id, e.source_id, e.clinic_id, e.raw, m.subject_kind, {APPOINTMENT}, m.decision
        FROM exceptions_membership m JOIN exceptions_integrationexception e ON e.id = m.exception_id
        JOIN scheduling_appointment a ON a.id = m.subject_id""",
    "live counts": """
        SELECT check_id, source_id, clinic_id, raw, live_count FROM exceptions_integrationexception
        WHERE live_count > 0""",
    "open items": f"""
        SELECT i.family, CASE i.family WHEN 'refill' THEN i.subject END, {APPOINTMENT}, {PATIENT}, i.level, i.weight
        FROM recovery_queueitem i JOIN scheduling_appointment a ON a.id = i.appointment_id
        LEFT JOIN scheduling_patient p ON p.id = i.patient_id
        WHERE i.state = 'open' AND i.useful_until > %(useful_after)s""",
}


def picture(*, useful_after: datetime = LONG_AGO) -> dict[str, list[tuple[Any, ...]]]:
    """The state of the desk, table by table, in one order.

    Open items count while their time ends after ``useful_after``: desks compared at different moments name one moment.
    """
    found = {}
    with connection.cursor() as cursor:
        for name, query in QUERIES.items():
            cursor.execute(query, {"useful_after": useful_after})
            found[name] = sorted((tuple(map(_plain, row)) for row in cursor.fetchall()), key=repr)
    return found


def told_alike(shown: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """A picture for desks that heard the same at other times: without those times, and without what the clock finds.

    Surveys run while a desk does; what they find depends on when they last ran.
    """
    told = {name: rows for name, rows in shown.items() if name != "heard"}
    return told | {name: [row for row in shown[name] if row[0] not in SURVEYED] for name in ("findings", "live counts")}


def differences(one: dict[str, list[tuple[Any, ...]]], other: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """Up to three differing rows of each table, to be read in a failed test."""
    return [
        f"{name} {mark} {row}"
        for name in one
        for mark, here, there in (("-", one[name], other[name]), ("+", other[name], one[name]))
        for row in sorted(set(map(repr, here)) - set(map(repr, there)))[:3]
    ]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
