"""What a survey is: the kinds it alone writes, and one look at the database that says which of them live now."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from exceptions.checks.found import Found
from exceptions.checks.kinds import Check
from scheduling.sql.cursors import Cursor

# Visits further from now than this are neither worked nor asked about.
WINDOW = timedelta(days=14)
# Rows that one survey looks at, the nearest to now first; docs/decisions/0011-surveys.md says what happens there.
MOST = 50_000


class Looked(NamedTuple):
    """What a look found. ``is_cut``: there was more than MOST, so what is missing here may still be so."""

    found: Iterable[Found]
    is_cut: bool = False


class Survey(NamedTuple):
    """A named look and the checks that nobody else writes."""

    name: str
    checks: tuple[Check, ...]
    look: Callable[[Cursor, datetime], Looked]

    @property
    def check_ids(self) -> list[str]:
        """The ids of its checks."""
        return [check.id for check in self.checks]
