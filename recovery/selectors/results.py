"""The results of some clinics in a period: every figure, from some fifteen statements whatever the number of rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from recovery.metrics.causes import Flag, cause_of
from recovery.metrics.counting import Figure, SlotGroup, Tallies, figures_of, slot_counts
from recovery.metrics.definitions import FIGURES
from recovery.metrics.measures import Measure, Spread
from recovery.metrics.rebooking import answers
from recovery.selectors.results_rebooks import Losses, clinic_day, count_losses, read_losses
from recovery.selectors.results_scope import Scope
from recovery.selectors.results_slots import TIMED, count_slots, days_sooner, slots_behind
from recovery.selectors.results_visits import count_confirms, count_leads
from recovery.vocabulary import Family

REBOOKS = (Family.REBOOK_MISSED, Family.REBOOK_BUMPED)
NOTHING_TIMED: Mapping[str, Measure] = {**dict.fromkeys(TIMED, Spread()), "days_sooner": Spread(in_days=True)}


@dataclass(frozen=True, slots=True)
class Results:
    """Every figure of the kinds of work asked for, by its id, with what it was counted from."""

    scope: Scope
    figures: Mapping[str, Figure]
    groups: list[SlotGroup]
    losses: Losses


class Behind(NamedTuple):
    """One chance behind a figure: its item, where and on which day, what became of it. Nobody is named."""

    item_id: int
    family: Family
    clinic: str
    on: date
    became: str


def read_results(scope: Scope) -> Results:
    """Count everything."""
    tallies, spreads = Tallies(), dict(NOTHING_TIMED)
    groups: list[SlotGroup] = []
    if Family.REFILL in scope.families:
        groups, times = count_slots(scope)
        tallies.add_slots(groups)
        spreads |= {**times, "days_sooner": days_sooner(scope)}
    losses = read_losses(scope) if set(REBOOKS).intersection(scope.families) else Losses()
    count_losses(tallies, losses, scope)
    if Family.CONFIRM in scope.families:
        tallies.add_chances(count_confirms(scope))
    for figure, week, missed, every in count_leads(scope):
        tallies.add(figure, week, part=missed, whole=every)
    return Results(scope, figures_of(tallies, spreads, scope.period.weeks, scope.families), groups, losses)


def behind(results: Results, figure: str | None, most: int) -> list[Behind]:
    """The newest chances that a figure counts, or all where None; those of restricted patients are never listed."""
    slots = {group.flags for group in results.groups if figure is None or slot_counts(figure, group.flags)}
    found = [*_slots(results, slots, most), *_losses(results, figure)] if slots else [*_losses(results, figure)]
    return sorted(found, key=lambda one: (one.on, one.item_id), reverse=True)[:most]


def _slots(results: Results, slots: set[Flag], most: int) -> Iterator[Behind]:
    for row in slots_behind(results.scope, slots, most):
        place = results.scope.places[row.clinic_id]
        on = row.starts_at.astimezone(place.zone).date()
        yield Behind(row.item_id, Family.REFILL, place.name, on, slot_words(row.flags))


def slot_words(flags: Flag) -> str:
    """What became of a slot: "Completed", or why it stayed empty."""
    cause = cause_of(flags)
    if cause is not None:
        return FIGURES[f"lost_{cause}"].label
    if flags & Flag.COMPLETED:
        return "Completed"
    return "Taken, then missed" if flags & Flag.MISSED else "Taken, no outcome yet"


def _losses(results: Results, figure: str | None) -> Iterator[Behind]:
    for loss in results.losses.losses:
        visit = loss.visit
        work = results.losses.work.get(visit.appointment_id)
        if work is None or visit.clinic_id is None or visit.contact.is_restricted:
            continue
        in_time = answers(loss, clinic_day(results.losses, loss), results.scope.now)
        is_worked = figure in (f"yield_{loss.family}", f"contacts_{loss.family}") and work.contacts > 0
        if figure is None or is_worked or in_time.get(figure):
            became = "Rebooked" if loss.rebooked else "Not rebooked"
            yield Behind(work.item_id, loss.family, results.scope.places[visit.clinic_id].name, loss.on, became)
