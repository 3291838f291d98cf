"""Which statuses a trigger may carry, and how a status and its trigger make one meaning."""

from scheduling.vocabulary import EventKind, Status

K, S = EventKind, Status

PLANNED = frozenset({S.REQUESTED, S.WAITLISTED, S.PENDING, S.BOOKED, S.CONFIRMED})
# Walk-ins are registered after they came, so a creation may carry any status of a visit that took place.
CREATABLE = PLANNED | {S.CHECKED_IN, S.IN_PROGRESS, S.COMPLETED}

# By what a trigger means by itself (never by its name: names are rules of a pack). A modification may carry anything;
# HL7 2.5.1 section 10.3.2 forbids S13 on a visit under way; S17 is "booked in error" and no cancellation, since only
# a cancellation makes refill work (research/integration.md section 2).
CARRIES: dict[EventKind, frozenset[Status]] = {
    K.CREATED: CREATABLE,
    K.RESCHEDULED: PLANNED,
    K.CHANGED: frozenset(S),
    K.CONFIRMED: frozenset({S.CONFIRMED}),
    K.CHECKED_IN: frozenset({S.CHECKED_IN, S.IN_PROGRESS}),
    K.STARTED: frozenset({S.IN_PROGRESS}),
    K.COMPLETED: frozenset({S.COMPLETED}),
    K.CANCELLED: frozenset({S.CANCELLED, S.BUMPED}),
    K.BUMPED: frozenset({S.BUMPED}),
    K.MISSED: frozenset({S.MISSED}),
    K.LEFT_UNSEEN: frozenset({S.LEFT_UNSEEN}),
    K.DELETED: frozenset({S.ENTERED_IN_ERROR}),
}

# What happened, where a source tells a status and nothing about the event. A standing status is only "changed":
# whether the visit is new or has moved is seen by who knows what it was before, the fold.
KIND_OF_STATUS: dict[Status, EventKind] = {
    S.REQUESTED: K.CHANGED,
    S.WAITLISTED: K.CHANGED,
    S.PENDING: K.CHANGED,
    S.BOOKED: K.CHANGED,
    S.CONFIRMED: K.CONFIRMED,
    S.CHECKED_IN: K.CHECKED_IN,
    S.IN_PROGRESS: K.STARTED,
    S.COMPLETED: K.COMPLETED,
    S.CANCELLED: K.CANCELLED,
    S.BUMPED: K.BUMPED,
    S.MISSED: K.MISSED,
    S.LEFT_UNSEEN: K.LEFT_UNSEEN,
    S.ENTERED_IN_ERROR: K.DELETED,
}


def contradicts(trigger_kind: EventKind, kind: EventKind | None, status: Status | None) -> bool:
    """Whether a meaning cannot be true of an event that its trigger calls ``trigger_kind``.

    A meaning that states neither, or says no more than "changed", contradicts nothing.
    """
    if status is not None:
        return status not in CARRIES.get(trigger_kind, frozenset())
    return kind not in (None, K.CHANGED, trigger_kind) and trigger_kind is not K.CHANGED


def merged_kind(trigger_kind: EventKind, status: Status | None) -> EventKind:
    """The kind of an event whose status agrees with its trigger: the trigger's, unless that says only "changed"."""
    if trigger_kind is K.CHANGED and status is not None:
        return KIND_OF_STATUS[status]
    return trigger_kind
