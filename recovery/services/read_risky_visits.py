"""Visits that were decided to be asked about, as they stand now, with how their patients can be reached."""

import orjson

from recovery.chances import RiskyVisit
from recovery.services.read_lost_visits import read_contacts
from recovery.services.read_persons import Persons
from recovery.vocabulary import RiskArm
from scheduling.sql.cursors import Cursor

_RISKY = f"""
SELECT a.id, a.source_id, a.patient_id, a.clinic_id, a.resource, a.starts_at, a.minutes, a.visit_type, a.status,
       a.troubles::text, a.clinic_code, d.score, d.starts_at, d.at
FROM recovery_riskdecision d JOIN scheduling_appointment a ON a.id = d.appointment_id
WHERE d.arm = '{RiskArm.CONTACT}' AND (a.id = ANY(%b::int8[]) OR a.patient_id = ANY(%b::int8[]))
ORDER BY a.id
"""  # noqa: S608 - a word of our own


def read_risky_visits(
    cursor: Cursor, persons: Persons, appointment_ids: list[int], patient_ids: list[int]
) -> list[RiskyVisit]:
    """Of these appointments and of these records' visits those that were decided to be contacted, whatever became.

    Contact facts come from the record that survived the merges; ``persons`` are the merges of all their patients.
    """
    cursor.execute(_RISKY, (appointment_ids, patient_ids))
    rows = cursor.fetchall()
    named = {row[2] for row in rows if row[2] is not None}
    contacts = read_contacts(cursor, sorted({persons.root(patient) for patient in named})) if named else {}
    found = []
    for row in rows:
        root = contact = None
        if row[2] is not None:
            root = persons.root(row[2])
            contact = contacts[root]._replace(is_merged=persons.is_merged(row[2]))
        troubles = orjson.loads(row[9]) if row[9] else None
        found.append(RiskyVisit._make([*row[:2], root, *row[3:9], troubles, contact, *row[10:]]))
    return found
