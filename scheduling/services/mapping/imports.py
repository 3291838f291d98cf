"""Taking over a whole revision from a file, always as a new draft that somebody else has to approve."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Clinic, Source, User
from scheduling.mapping.errors import InvalidMappingError, MappingError
from scheduling.mapping.exchange import read_revision
from scheduling.mapping.rows import PlainRow, Table
from scheduling.mapping.vocabulary import MappingVerb
from scheduling.models.mapping import MappingReason, MappingRevision, MappingRule, PrecedenceSetting
from scheduling.services.mapping.edits import note_edit
from scheduling.services.mapping.revisions import start_draft

MODELS: Mapping[Table, Any] = {
    Table.RULE: MappingRule,
    Table.REASON: MappingReason,
    Table.PRECEDENCE: PrecedenceSetting,
}
TITLE_LIMIT = 200


@transaction.atomic
def import_revision(
    source: Source,
    text: str,
    *,
    title: str,
    actor: User,
    now: datetime,
    based_on: MappingRevision | None = None,
) -> MappingRevision:
    """Write a file's rows into a new draft of the source, each confirmed by ``actor``.

    ``based_on`` is the revision the file was made from; it is named by the draft, and nothing is copied from it.
    Raises ImportRefusedError with the problems by line, and then nothing is written.
    """
    if not 0 < len(title.strip()) <= TITLE_LIMIT:
        raise InvalidMappingError(f"A revision needs a title of 1 to {TITLE_LIMIT} characters.")
    if based_on is not None and based_on.source_id != source.pk:
        raise MappingError("A revision can only be based on one of the same source: nothing is inherited between them.")
    clinics = dict(Clinic.objects.filter(source=source).values_list("key", "pk"))
    rows = read_revision(text, clinics=clinics.keys())
    revision = start_draft(source, title=title.strip(), actor=actor, now=now)
    if based_on is not None:
        revision.based_on = based_on
        revision.save(update_fields=["based_on"])
    for table, model in MODELS.items():
        confirmed = {"revision": revision, "confirmed_by": actor, "confirmed_at": now}
        model.objects.bulk_create(model(**_columns(row, clinics), **confirmed) for row in rows if row.table is table)
    details = {**count_rows(rows), "based_on": based_on and based_on.number}
    note_edit(revision, MappingVerb.IMPORT, actor, now, details)
    return revision


def count_rows(rows: Iterable[PlainRow]) -> dict[str, int]:
    """How many rows of each table there are, by plural names."""
    tables = [row.table for row in rows]
    return {
        "rules": tables.count(Table.RULE),
        "reasons": tables.count(Table.REASON),
        "precedence": tables.count(Table.PRECEDENCE),
    }


def _columns(row: PlainRow, clinics: Mapping[str, int]) -> dict[str, Any]:
    """A row as the columns of its model."""
    columns: dict[str, Any] = row.named
    if "clinic" not in columns:
        return columns
    key = columns.pop("clinic")
    return {**columns, "clinic_id": None if key is None else clinics[key]}
