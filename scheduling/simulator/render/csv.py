"""The nightly full extract as Elm Street writes it: a head record, a header line, a row a visit, a trailer record."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from scheduling.simulator.codes import Odd
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import TruthEvent

# The feed's ``columns`` setting: our field, and Elm Street's name for it.
COLUMNS: dict[str, str] = {
    "appointment_id": "appt_no",
    "status": "status",
    "reason": "cancel_reason",
    "date": "appt_date",
    "time": "appt_time",
    "minutes": "length",
    "clinic": "office",
    "room": "room",
    "provider": "provider_id",
    "provider_name": "provider_name",
    "visit_type": "appt_type",
    "visit_type_name": "appt_type_name",
    "patient_id": "chart_no",
    "family": "last_name",
    "given": "first_name",
    "born": "dob",
    "sex": "sex",
    "language": "language",
    "mobile": "cell",
    "home_phone": "home",
    "email": "email",
    "portal": "portal",
    "restricted": "restricted",
    "deceased": "deceased",
    "guardian": "guardian",
    "opt_out_text": "no_text",
}
FORMATS = {"date": "%m/%d/%Y", "time": "%I:%M %p"}
HEAD = r"^H\|ELMSTREET\|(?P<taken_at>[^|]+)"
TRAILER = r"^T\|(?P<rows>\d+)"


class CsvRenderer:
    """Renders extracts of one source from the last told event of every visit."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup

    def extract(self, events: Iterable[TruthEvent], taken_at: datetime, odds: Mapping[str, Odd]) -> bytes:
        """One file, as of ``taken_at`` (UTC); ``odds`` replaces the status and reason of visits by their key.

        The same event twice gives the same row twice.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        rows = [self._row(event, odds) for event in events]
        out.write(f"H|ELMSTREET|{taken_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\r\n")
        writer.writerow(COLUMNS.values())
        writer.writerows(rows)
        out.write(f"T|{len(rows)}\r\n")
        return out.getvalue().encode()

    def _row(self, event: TruthEvent, odds: Mapping[str, Odd]) -> tuple[object, ...]:
        visit, patient, code = event.visit, event.patient, self.lookup.code(event)
        assert visit is not None and patient is not None and code is not None  # noqa: S101, PT018 - every visit event has
        odd = odds.get(visit.key)
        starts = visit.starts_at.astimezone(self.lookup.clinics[visit.clinic].zone)
        provider = self.lookup.providers[visit.provider]
        return (
            visit.key,
            odd.filler_status if odd else code.filler_status,
            odd.event_reason if odd else code.event_reason,
            starts.strftime(FORMATS["date"]),
            starts.strftime(FORMATS["time"]),
            visit.minutes,
            visit.clinic,
            visit.room,
            provider.code,
            f"{provider.family}, {provider.given}",
            visit.visit_type,
            self.lookup.types[visit.visit_type].name,
            patient.mrn,
            patient.family,
            patient.given,
            patient.born_on.strftime(FORMATS["date"]),
            patient.sex,
            patient.language,
            patient.mobile,
            patient.home,
            patient.email,
            _yes(patient.portal_active),
            _yes(patient.is_protected or patient.is_vip),
            _yes(patient.died_at is not None),
            patient.guardian,
            _yes(patient.no_contact),
        )


def _yes(answer: bool) -> str:  # noqa: FBT001 - a word for a truth value
    return "Y" if answer else "N"
