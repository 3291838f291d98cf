"""Fold mapped events into the current picture of one appointment.

The result depends on the set of events alone, never on the order they arrived in (I3). What cannot be trusted becomes
a trouble and is not guessed at (I4): a meaning that is missing or contradictory, a source time ahead of receipt, two
unnumbered events of one moment that disagree, a change that cannot happen, one id for two patients.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from scheduling.folding.order import has_sequence
from scheduling.folding.slots import place_of, track_slot
from scheduling.folding.state import VISIT_FIELDS, AppointmentState, FoldEvent, Trouble
from scheduling.folding.transitions import is_impossible
from scheduling.vocabulary import EventKind, MappingOutcome, Outcome, Status, TroubleKind

AHEAD_TOLERANCE = timedelta(minutes=5)  # DESIGN I3
MAX_TROUBLES = 20

_TROUBLE_OF_MAPPING = {
    MappingOutcome.UNMAPPED: TroubleKind.UNMAPPED,
    MappingOutcome.AMBIGUOUS: TroubleKind.AMBIGUOUS,
    MappingOutcome.CONFLICT: TroubleKind.CONFLICT,
}
# Plain names for what every event is held against: reading a member of an enumeration takes several times as long.
_MAPPED = MappingOutcome.MAPPED.value
_APPLIED, _SUPERSEDED, _HELD, _DUPLICATE = Outcome.APPLIED, Outcome.SUPERSEDED, Outcome.HELD, Outcome.DUPLICATE
_BOOKED = Status.BOOKED.value
_GIVES_TIME = (EventKind.CREATED.value, EventKind.RESCHEDULED.value)
_NO_ALIASES: Mapping[int, int] = {}
_ORDER_KEY, _RECEIVED_AT = attrgetter("order_key"), attrgetter("received_at")
_visit_of = attrgetter(*VISIT_FIELDS)
# Troubles about one moment, which a later certain event outdates.
_OUTDATED_BY_NEWS = frozenset({TroubleKind.EQUAL_TIME, TroubleKind.AHEAD})


def fold(
    events: Iterable[FoldEvent],
    base: AppointmentState | None = None,
    *,
    floor: bytes = b"",
    aliases: Mapping[int, int] | None = None,
) -> AppointmentState:
    """Fold ``events`` on top of ``base``, in order of their keys; sets each event's ``outcome``.

    Every event must lie at a later source time than all that ``base`` was folded from; of equal keys the earliest
    received counts. Events up to ``floor`` only count as superseded. ``aliases`` maps a retired patient to the record
    that survived the merge. ``base`` is not changed.
    """
    state = base.copy() if base is not None else AppointmentState()
    ordered = list(events)
    if len(ordered) > 1:
        ordered = _once(ordered)
    moment: list[FoldEvent] = []
    for event in ordered:
        if moment and event.source_at != moment[0].source_at:
            _fold_moment(state, moment, floor, aliases or _NO_ALIASES)
            moment = []
        moment.append(event)
    if moment:
        _fold_moment(state, moment, floor, aliases or _NO_ALIASES)
    return state


def _once(events: list[FoldEvent]) -> list[FoldEvent]:
    """Put events in order; of equal keys the earliest received stays, the others are duplicates."""
    events.sort(key=_RECEIVED_AT)
    events.sort(key=_ORDER_KEY)
    once: list[FoldEvent] = []
    for event in events:
        if once and once[-1].order_key == event.order_key:
            event.outcome = _DUPLICATE
        else:
            once.append(event)
    return once


def _fold_moment(state: AppointmentState, events: list[FoldEvent], floor: bytes, aliases: Mapping[int, int]) -> None:
    """Fold the events of one source time."""
    if len(events) > 1 and _disagree(events):
        _add(state, TroubleKind.EQUAL_TIME, "", events[0])
    for event in events:
        _count(state, event)
        if event.order_key <= floor:
            event.outcome = _SUPERSEDED
        elif event.mapping != _MAPPED:
            event.outcome = _HELD
            _fill_blanks(state, event)
            _add(state, _TROUBLE_OF_MAPPING[MappingOutcome(event.mapping)], event.raw, event)
        elif event.source_at - event.received_at > AHEAD_TOLERANCE:
            event.outcome = _HELD
            _fill_blanks(state, event)
            _add(state, TroubleKind.AHEAD, "", event)
        else:
            event.outcome = _APPLIED
            _apply(state, event, aliases)


def _disagree(events: list[FoldEvent]) -> bool:
    """Whether events of one moment, which no numbers put in order, say different things about status or place in time.

    An event without a number may belong before or after any other; equal numbers are no order either.
    """
    trusted = [event for event in events if event.mapping == _MAPPED]
    if all(has_sequence(event.order_key) for event in trusted):
        numbered = groupby(trusted, key=lambda event: event.order_key[8:12])
        return any(_say_different_things(list(group)) for _, group in numbered)
    return _say_different_things(trusted)


def _say_different_things(events: list[FoldEvent]) -> bool:
    statuses = {_stated_status(event) for event in events if _says_status(event)}
    starts = {event.starts_at for event in events if event.starts_at is not None}
    resources = {event.resource for event in events if event.resource is not None}
    return len(statuses) > 1 or len(starts) > 1 or len(resources) > 1


def _count(state: AppointmentState, event: FoldEvent) -> None:
    state.events += 1
    state.order_key = max(state.order_key, event.order_key)
    if state.heard_at is None or event.received_at > state.heard_at:
        state.heard_at = event.received_at
    if state.booked_at is None:
        state.booked_at = event.source_at
    state.said_at = event.source_at


def _fill_blanks(state: AppointmentState, event: FoldEvent) -> None:
    """Take from a held event only what nothing else has said, so that the visit has a clinic and a patient."""
    for name in VISIT_FIELDS:
        if getattr(state, name) is None:
            setattr(state, name, getattr(event, name) or None)
    if state.patient_id is None:
        state.patient_id = event.patient_id


def _apply(state: AppointmentState, event: FoldEvent, aliases: Mapping[int, int]) -> None:
    """Fold one trusted event."""
    if state.troubles and _says_status(event):
        _drop(state, _OUTDATED_BY_NEWS, before=event)
    _take_patient(state, event, aliases)
    was_occupying, place = state.occupies, place_of(state)
    _take_visit(state, event)
    _take_status(state, event)
    track_slot(state, event, place, was_occupying=was_occupying)


def _says_status(event: FoldEvent) -> bool:
    return event.status is not None or event.kind in _GIVES_TIME


def _stated_status(event: FoldEvent) -> str:
    # A visit that is given a time anew stands; what was confirmed was the old time.
    return event.status or _BOOKED


def _take_patient(state: AppointmentState, event: FoldEvent, aliases: Mapping[int, int]) -> None:
    new, old = event.patient_id, state.patient_id
    if new is None or new == old:
        return
    if old is not None and aliases.get(new, new) != aliases.get(old, old):
        # The latest change of person counts, so that a merge of patients before it changes nothing.
        _drop(state, {TroubleKind.REUSED_ID})
        _add(state, TroubleKind.REUSED_ID, "", event)
    state.patient_id = new


def _take_fields(state: AppointmentState, event: FoldEvent) -> None:
    said = _visit_of(event)
    if said != _visit_of(state):  # most events repeat the visit as it is
        for name, value in zip(VISIT_FIELDS, said, strict=True):
            if value is not None:
                setattr(state, name, value if value != "" else None)
    for name in event.cleared:
        if name in VISIT_FIELDS:
            setattr(state, name, None)


def _take_visit(state: AppointmentState, event: FoldEvent) -> None:
    _take_fields(state, event)
    if event.clinic_code:
        state.clinic_id = event.clinic_id
        if state.troubles:
            _drop(state, {TroubleKind.UNKNOWN_CLINIC})
        if event.clinic_id is None:
            _add(state, TroubleKind.UNKNOWN_CLINIC, event.clinic_code, event)
    if event.has_bad_start:
        _add(state, TroubleKind.AMBIGUOUS_LOCAL_TIME, "", event)
    elif event.starts_at is not None and state.troubles:
        _drop(state, {TroubleKind.AMBIGUOUS_LOCAL_TIME})


def _take_status(state: AppointmentState, event: FoldEvent) -> None:
    if not _says_status(event):
        return
    status = _stated_status(event)
    if status == state.status:
        return
    if is_impossible(state.status, status):
        _add(state, TroubleKind.IMPOSSIBLE_TRANSITION, f"{state.status} to {status}", event)
    elif state.troubles:
        _drop(state, {TroubleKind.IMPOSSIBLE_TRANSITION})
    state.status, state.status_at = status, event.source_at
    state.initiator, state.set_by, state.reason_flags = event.initiator, event.set_by, event.reason_flags
    state.reason_code, state.reason_text = event.reason_code or None, event.reason_text or None


def _add(state: AppointmentState, kind: str, raw: str, event: FoldEvent) -> None:
    if any(trouble.kind == kind and trouble.raw == raw for trouble in state.troubles):
        return
    state.troubles = (*state.troubles, Trouble(kind, raw, event.source_at))[:MAX_TROUBLES]


def _drop(state: AppointmentState, kinds: Iterable[str], before: FoldEvent | None = None) -> None:
    state.troubles = tuple(
        trouble
        for trouble in state.troubles
        if trouble.kind not in kinds or (before is not None and trouble.at >= before.source_at)
    )
