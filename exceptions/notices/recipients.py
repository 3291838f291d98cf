"""What is known of people when they are to be told: their address, their wishes, their clock."""

from collections.abc import Collection
from datetime import time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from exceptions.notices.timing import Quiet
from exceptions.vocabulary import EmailMode

# The zone is the one that pages show this person (accounts.zones), looked up only where quiet hours need it.
_RECIPIENTS = """
SELECT person.id, person.is_active, coalesce(wishes.email, 'hourly'), wishes.quiet_from, wishes.quiet_until,
    coalesce(nullif(person.timezone, ''), CASE WHEN wishes.quiet_from IS NOT NULL THEN (
        SELECT clinic.timezone FROM accounts_clinic clinic
        WHERE EXISTS (
            SELECT FROM accounts_grant held
            WHERE held.user_id = person.id AND (
                held.clinic_id = clinic.id OR held.source_id = clinic.source_id
                OR (held.clinic_id IS NULL AND held.source_id IS NULL)))
        GROUP BY clinic.timezone ORDER BY count(*) DESC, clinic.timezone LIMIT 1
    ) END, 'UTC')
FROM accounts_user person LEFT JOIN exceptions_noticesettings wishes ON wishes.person_id = person.id
WHERE person.id = ANY(%s)
"""


class Recipient(NamedTuple):
    """One person and what they want; without settings that is an e-mail an hour and no quiet hours."""

    person_id: int
    is_active: bool
    mode: EmailMode
    quiet: Quiet | None

    @property
    def wants_email(self) -> bool:
        """Whether e-mail is written to them at all."""
        return self.is_active and self.mode != EmailMode.OFF


def recipients(person_ids: Collection[int]) -> dict[int, Recipient]:
    """Recipients by id; one query. Ids of nobody are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_RECIPIENTS, [list(person_ids)])
        rows = cursor.fetchall()
    return {
        person: Recipient(person, is_active, EmailMode(mode), _quiet(starts, ends, zone))
        for person, is_active, mode, starts, ends, zone in rows
    }


def _quiet(starts: time | None, ends: time | None, zone: str) -> Quiet | None:
    return None if starts is None or ends is None else Quiet(starts, ends, ZoneInfo(zone))
