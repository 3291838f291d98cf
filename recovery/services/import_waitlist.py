"""A file of waitlist entries: every row is read and judged, then all of them are added or none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.datastructures import MultiValueDict

from accounts.models import Clinic, User
from recovery.forms_waitlist import Found, RowForm
from recovery.services.waitlist import WAITS_ALREADY, Wanted, add_entries, patients_by_mrn, waiting_already
from recovery.tables import Columns, RowError, read_table
from recovery.vocabulary import EntryOrigin

MOST_ROWS, MOST_BYTES, MOST_ERRORS = 2_000, 1_000_000, 50
NEEDED = ("clinic", "mrn", "visit_type")
COLUMNS = (
    *NEEDED, "provider", "minutes", "not_before", "not_after", "weekdays", "from_time", "until_time", "notice_hours",
    "since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """How a file fared: how many were added, or what is wrong with which lines."""

    added: int
    errors: tuple[RowError, ...]


def import_waitlist(
    body: bytes, clinics: Sequence[Clinic], *, actor: User, now: datetime, request_id: str = ""
) -> Imported:
    """Add everybody a file names, or nobody where a line is wrong; at most 2,000 lines.

    The first line names columns of ``COLUMNS``; weekdays are "mon thu", days 2026-11-24, times 09:30 at the clinic.
    Raises InvalidActError where the file as a whole cannot be read.
    """
    lines = read_table(body, Columns(COLUMNS, NEEDED, MOST_ROWS, MOST_BYTES))
    forms = [(line, RowForm(_data(row), clinics=clinics, now=now)) for line, row in lines]
    found = _patients(form for _, form in forms)
    errors: list[RowError] = []
    wanted: list[tuple[int, Wanted]] = []
    for line, form in forms:
        form.found = found
        if form.is_valid():
            wanted.append((line, form.wanted))
        else:
            errors += [RowError(line, name, str(told[0])) for name, told in form.errors.items()]
    errors += _twice(wanted)
    if errors:
        return Imported(0, tuple(sorted(errors, key=lambda error: error.line)[:MOST_ERRORS]))
    add_entries([one for _, one in wanted], EntryOrigin.FILE, actor=actor, now=now, request_id=request_id)
    return Imported(len(wanted), ())


def _data(row: dict[str, str]) -> "MultiValueDict[str, str]":
    """A row as a form takes it; several weekdays stand in one cell."""
    said = {name: [value] for name, value in row.items()}
    return MultiValueDict(said | {"weekdays": row.get("weekdays", "").lower().split()})


def _patients(forms: Iterable[RowForm]) -> Found:
    asked: defaultdict[int, set[str]] = defaultdict(set)
    for form in forms:
        if form.asked is not None:
            asked[form.asked[0]].add(form.asked[1])
    return {
        (source, mrn): people for source, mrns in asked.items() for mrn, people in patients_by_mrn(source, mrns).items()
    }


def _twice(wanted: Sequence[tuple[int, Wanted]]) -> list[RowError]:
    """Lines whose person waits for that already, on the list or further up in the file."""
    seen = waiting_already(one for _, one in wanted) if wanted else set()
    errors = []
    for line, one in wanted:
        key = (one.patient_id, one.clinic.pk, one.visit_type)
        if key in seen:
            errors.append(RowError(line, "mrn", WAITS_ALREADY))
        seen.add(key)
    return errors
