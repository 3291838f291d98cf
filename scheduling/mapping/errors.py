"""What the mapping verbs refuse; people read the sentences."""

from collections.abc import Sequence
from typing import NamedTuple


class MappingError(Exception):
    """A mapping verb that cannot be done; the text is a sentence fit for the screen."""


class UnknownPackError(MappingError):
    """There is no starter pack of this name, or it has no such row."""


class StaleRevisionError(MappingError):
    """Somebody else changed or moved the revision first."""


class StaleReplayError(MappingError):
    """The replay is not as the person saw it, or workers hold its rows."""


class NotAllowedError(MappingError):
    """This person may not do this to this revision: its makers do not approve it."""


class InvalidMappingError(MappingError):
    """A rule, reason or setting that makes no sense or is there already."""


class ImportProblem(NamedTuple):
    """What is wrong in one place of an imported file; ``line`` counts from 1, ``column`` is "" for a whole line."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        place = f"Line {self.line}, {self.column}" if self.column else f"Line {self.line}"
        return f"{place}: {self.text}"


class ImportRefusedError(MappingError):
    """A file that was not imported, with the first problems of it in the order of its lines."""

    SHOWN = 50

    def __init__(self, problems: Sequence[ImportProblem]) -> None:
        self.total = len(problems)
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line)[: self.SHOWN])
        count = "one problem" if self.total == 1 else f"{self.total:,} problems"
        super().__init__(f"Nothing was imported: the file has {count}. {self.problems[0]}")
