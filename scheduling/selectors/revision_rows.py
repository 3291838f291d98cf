"""A revision's rows as plain values."""

from typing import Any

from django.db.models import QuerySet

from scheduling.mapping.rows import COLUMNS, PlainRow, Table, ordered
from scheduling.models import MappingRevision


def read_rows(revision: MappingRevision) -> tuple[PlainRow, ...]:
    """Everything a revision says, ordered; three queries."""
    return tuple(
        ordered(
            [
                *plain_rows(Table.RULE, revision.rules.all()),
                *plain_rows(Table.REASON, revision.reasons.all()),
                *plain_rows(Table.PRECEDENCE, revision.precedence.all()),
            ]
        )
    )


def plain_rows(table: Table, rows: QuerySet[Any]) -> list[PlainRow]:
    """Stored rows of a table as plain ones; one query."""
    names = ["clinic__key" if name == "clinic" else name for name in COLUMNS[table]]
    return [PlainRow(table, values) for values in rows.values_list(*names)]
