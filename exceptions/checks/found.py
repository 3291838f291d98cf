"""What a survey answers: one thing that is wrong with one visit, patient or feed."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from exceptions.vocabulary import SubjectKind


class Found(NamedTuple):
    """One finding of a survey; equal ones of any subjects, of one feed where it is named, make one exception.

    ``at`` is when it became so by the source's clock, so that an older one does not open what was closed later (I7);
    it is no part of what the finding is. ``raw`` never holds patient data.
    """

    check: str
    source_id: int
    clinic_id: int | None
    raw: str
    kind: SubjectKind
    subject_id: int
    at: datetime
    feed_id: int | None = None


Findings = Iterator[Found]
