"""What the status path page prints; what it counts is kept a minute by source, clinic, days and scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.db.models import Count

from accounts.models import Clinic
from accounts.scope import has_role
from scheduling.models import Appointment
from scheduling.selectors.heard_events import Heard, HeardTable, heard_by_clinic, heard_table
from scheduling.selectors.path_drawing import PLACES, START, Drawing, Line, drawing_of, gap_words
from scheduling.selectors.people import label_of
from scheduling.selectors.places import Places
from scheduling.selectors.status_paths import (
    Example,
    Move,
    Window,
    bounded_time,
    examples_of,
    moves_of,
)
from scheduling.vocabulary import Outcome, Status

DEFAULT_DAYS = 30
DAYS = (7, DEFAULT_DAYS, 90)
KEPT = timedelta(minutes=1)
NOTHING = "nothing"  # how an address names a visit's first word


@dataclass(frozen=True, slots=True)
class Counted:
    """What is kept: changes, needed events by clinic, and how many events and visits are held. Counts, no patients."""

    moves: list[Move]
    heard: dict[int, dict[str, Heard]]
    held_events: int
    held_visits: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One change in words; ``url`` opens visits that went through it."""

    move: Move
    before: str
    after: str
    median: str
    slow: str
    share: str
    title: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One visit that went through a change."""

    appointment: Appointment
    who: str
    mrn: str
    is_masked: bool
    clinic: str
    zone: ZoneInfo
    at: datetime
    gap: str


@dataclass(frozen=True, slots=True)
class StatusPath:
    """The page; ``lines`` are the drawing's, each with its row; ``changes`` leaves out first words."""

    days: int
    rows: list[MoveRow]
    impossible: list[MoveRow]
    changes: int
    drawing: Drawing
    lines: list[tuple[Line, MoveRow]]
    counted: Counted
    heard: HeardTable
    chosen: MoveRow | None


def count_path(window: Window, *, days: int, clinics: Sequence[Clinic], now: datetime) -> Counted:
    """Count a window, or take what was counted less than a minute ago. Raises ``TooMuchToCountError``."""
    key = _cache_key(window, days, clinics)
    kept: Counted | None = caches["local"].get(key)
    if kept is None:
        with bounded_time():
            held = window.events().filter(outcome=Outcome.HELD)
            found = held.aggregate(events=Count("pk"), visits=Count("appointment_id", distinct=True))
            kept = Counted(moves_of(window), heard_by_clinic(window), found["events"], found["visits"], now)
        caches["local"].set(key, kept, KEPT.total_seconds())
    return kept


def _cache_key(window: Window, days: int, clinics: Sequence[Clinic]) -> str:
    """People with the same view of a source share what was counted; a whole source has visits without a clinic too."""
    is_whole = has_role(window.user, source=window.source)
    scope = "whole" if is_whole else ",".join(str(clinic.pk) for clinic in clinics)
    asked = f"{window.source.pk} {window.clinic_id} {days} {scope}"
    return f"status-path-{blake2b(asked.encode(), digest_size=16).hexdigest()}"


def status_path(counted: Counted, clinics: Sequence[Clinic], *, days: int, base: str, chosen: Any) -> StatusPath:
    """Lay out what was counted; ``base`` is the address that the links of changes go on from, ``chosen`` (from, to)."""
    rows = [_row(move, base, chosen) for move in counted.moves]
    drawing = drawing_of(counted.moves)
    by_move = {(row.move.before, row.move.after): row for row in rows}
    return StatusPath(
        days,
        rows,
        [row for row in rows if row.move.is_impossible],
        sum(move.count for move in counted.moves if move.before is not None),
        drawing,
        [(line, by_move[line.move.before, line.move.after]) for line in drawing.lines],
        counted,
        heard_table(counted.heard, clinics, days),
        next((row for row in rows if row.is_current), None),
    )


def asked_move(before: str, after: str) -> tuple[str | None, str] | None:
    """The change that an address names; None for none and for what is no status."""
    if after not in Status.values or (before != NOTHING and before not in Status.values):
        return None
    return (None if before == NOTHING else before), after


def _row(move: Move, base: str, chosen: Any) -> MoveRow:
    before, after = (
        str(Status(status).label) if status else PLACES[START].name for status in (move.before, move.after)
    )
    median, slow = ("" if spent is None else gap_words(spent) for spent in (move.median, move.slow))
    timing = f", half of them within {median}" if median else ""
    word = "Impossible: " if move.is_impossible else ""
    return MoveRow(
        move,
        before,
        after,
        median,
        slow,
        share_words(move.share),
        f"{word}{before} to {after}, {move.count:,} {'time' if move.count == 1 else 'times'}{timing}",
        f"{base}from={move.before or NOTHING}&to={move.after}#visits",
        (move.before, move.after) == chosen,
    )


def share_words(share: float) -> str:
    """A share of all that left a status: "61 in 100"; never "0" or "100" of what is not none or all."""
    rounded = round(share * 100)
    if rounded == 0 and share:
        return "under 1 in 100"
    return "over 99 in 100" if rounded == 100 and share < 1 else f"{rounded} in 100"


def example_rows(window: Window, chosen: tuple[str | None, str], places: Places) -> list[ExampleRow]:
    """The newest visits that went through a change, as far as the person may see them; two statements."""
    with bounded_time():
        found: list[Example] = examples_of(window, *chosen)
    visible = Appointment.objects.visible_to(window.user).select_related("patient")
    visits = visible.in_bulk([example.appointment_id for example in found])
    return [_example(visits[each.appointment_id], each, places) for each in found if each.appointment_id in visits]


def _example(visit: Appointment, example: Example, places: Places) -> ExampleRow:
    who = label_of(visit.patient)
    gap = gap_words((example.at - example.began_at).total_seconds()) if example.began_at else ""
    return ExampleRow(
        visit,
        who.name,
        who.mrn,
        who.is_masked,
        places.name(visit.clinic_id, visit.clinic_code),
        places.zone(visit.clinic_id),
        example.at,
        gap,
    )
