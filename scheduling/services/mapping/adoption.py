"""Taking rows of a starter pack into a draft, each confirmed by the person who takes it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from scheduling.mapping.errors import InvalidMappingError
from scheduling.mapping.packs import Pack, PackRow, reason_of, rule_of
from scheduling.mapping.rules import Reason
from scheduling.mapping.vocabulary import MappingVerb
from scheduling.models.mapping import MappingReason, MappingRevision
from scheduling.services.mapping.edits import note_edit, origin_fields, rule_fields, take_turn, write_rule


@transaction.atomic
def adopt_pack(
    revision: MappingRevision,
    pack: Pack,
    *,
    rows: Collection[int],
    actor: User,
    now: datetime,
    clinic_id: int | None = None,
) -> int:
    """Take the named rows into a draft: all of them or, with an InvalidMappingError that names the row, none.

    ``rows`` are the numbers that ``actor`` has looked at and confirmed. A row that needs a person has no meaning to
    confirm: its rule is added by hand. A row whose twin is in the draft already is refused. Returns how many.
    """
    take_turn(revision)
    numbers = sorted(set(rows))
    for number in numbers:
        _adopt_row(revision, pack.row(number), {"confirmed_by": actor, "confirmed_at": now}, clinic_id)
    note_edit(revision, MappingVerb.ADOPT, actor, now, {"pack": pack.name, "rows": numbers, "clinic": clinic_id})
    return len(numbers)


def _adopt_row(revision: MappingRevision, row: PackRow, confirmed: dict[str, Any], clinic_id: int | None) -> None:
    place = f"Row {row.row} of {row.pack} ({row.code})"
    if row.needs_person:
        raise InvalidMappingError(f"{place} has no meaning of its own: add a rule for it by hand.")
    origin = origin_fields(row) | confirmed
    try:
        if row.is_reason:
            _write_reason(revision, reason_of(row), {**origin, "text": row.text})
        else:
            fields = rule_fields(rule_of(row, clinic_id=clinic_id))
            write_rule(revision, {**fields, **origin, "remark": row.translation.remark})
    except InvalidMappingError as error:
        raise InvalidMappingError(f"{place}: {error}") from error


def _write_reason(revision: MappingRevision, reason: Reason, origin: dict[str, Any]) -> None:
    if revision.reasons.filter(code=reason.code).exists():
        raise InvalidMappingError("This draft already knows this reason.")
    MappingReason.objects.create(revision=revision, **reason._asdict(), **origin)
