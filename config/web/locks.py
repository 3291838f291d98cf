"""How long what a person does may wait for rows that a batch holds (DESIGN section 3)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

LONGEST_WAIT = "2s"


class RowsBusyError(Exception):
    """Rows that are needed were held by somebody else for too long; nothing was done."""


@contextmanager
def short_waits() -> Iterator[None]:
    """Wait at most two seconds for each lock until the transaction ends; call it inside ``transaction.atomic``.

    Raises RowsBusyError when a statement of the block waited longer; the transaction can only be rolled back then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise RowsBusyError from error
        raise
