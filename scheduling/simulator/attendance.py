"""What happens to a visit that stands: confirmed, given a room, attended, walked out of. Actions for :class:`World`."""

from scheduling.simulator.world import Visit, World
from scheduling.vocabulary import EventKind, Status

AHEAD = frozenset({Status.BOOKED, Status.CONFIRMED})


def confirm(world: World, visit: Visit) -> None:
    """The patient says that she will come."""
    if visit.status is Status.BOOKED:
        visit.status = Status.CONFIRMED
        world.emit_visit(visit, EventKind.CONFIRMED)


def change_room(world: World, visit: Visit) -> None:
    """The visit gets another room and nothing else."""
    if visit.status in AHEAD:
        visit.room = f"{visit.clinic.code}-R{1 + int(world.random.random() * 6)}"
        visit.status = Status.BOOKED
        world.emit_visit(visit, EventKind.CHANGED)


def check_in(world: World, visit: Visit, is_told: bool) -> None:  # noqa: FBT001 - planned actions take plain values
    """The patient is here; urgent care also registers the visit."""
    visit.status = Status.CHECKED_IN
    if visit.clinic.is_round_the_clock and is_told and world.random.random() < 0.5:
        record = world.people[visit.clinic.source].records[visit.mrn]
        if not record.merged_into:
            world.emit_patient(record, EventKind.PATIENT_CHANGED, visit.clinic.code, "walk_in")
    world.emit_visit(visit, EventKind.CHECKED_IN, is_told=is_told)


def start_visit(world: World, visit: Visit, is_told: bool) -> None:  # noqa: FBT001 - planned actions take plain values
    """The visit begins."""
    visit.status = Status.IN_PROGRESS
    world.emit_visit(visit, EventKind.STARTED, is_told=is_told)


def leave(world: World, visit: Visit) -> None:
    """The patient leaves without having been seen."""
    close(world, visit, Status.LEFT_UNSEEN, EventKind.LEFT_UNSEEN)


def complete(world: World, visit: Visit, is_told: bool) -> None:  # noqa: FBT001 - planned actions take plain values
    """The visit is over."""
    visit.status = Status.COMPLETED
    world.emit_visit(visit, EventKind.COMPLETED, is_told=is_told)


def false_miss(world: World, visit: Visit) -> None:
    """The timer takes an attended visit for a missed one."""
    world.emit_visit(visit, EventKind.MISSED, reason="timer", status=Status.MISSED, is_true=False)


def close(world: World, visit: Visit, status: Status, kind: EventKind, reason: str = "") -> None:
    """Bring a visit to a status after which nothing planned for it holds."""
    visit.plan += 1
    visit.status = status
    visit.reason = reason
    world.emit_visit(visit, kind, reason=reason)
