"""Legal moves of an integration exception: what people may do, and what a batch does by itself. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from exceptions.checks.kinds import Check
from exceptions.vocabulary import State, Verb

MOST_MUTED = timedelta(days=14)
MOST_WAIVED = timedelta(days=7)
# A take that its owner does not renew ends: what was taken and forgotten must come up again.
TAKE_LASTS = timedelta(hours=24)
MOST_TAKEN = timedelta(days=3)

UNRESOLVED = frozenset(State) - {State.RESOLVED}
ACTIVE = frozenset({State.OPEN, State.TAKEN, State.REOPENED})
# In these states the plan of escalation runs. What cleared by itself is among them: it stays until a person looked.
STEPPING = frozenset({State.OPEN, State.REOPENED, State.CLEARED_UNSEEN})


@dataclass(frozen=True, slots=True)
class Move:
    """From where, and what it needs; where to is said in ``services.move_columns``. ``longest`` bounds its end."""

    sources: frozenset[State]
    needs_reason: bool = False
    longest: timedelta | None = None
    needs_owner: bool = False


# What cleared by itself is not taken: a person who has looked at the work it held closes it, which takes one move.
# UNDO is no move from a state to another: it puts back what a move changed, while the version is the one it left
# (services/undo_act.py).
MOVES: dict[Verb, Move] = {
    Verb.TAKE: Move(sources=ACTIVE),
    Verb.RELEASE: Move(sources=frozenset({State.TAKEN})),
    Verb.ASSIGN: Move(sources=UNRESOLVED, needs_owner=True),
    Verb.ESCALATE: Move(sources=ACTIVE | {State.CLEARED_UNSEEN}),
    Verb.MUTE: Move(sources=ACTIVE, needs_reason=True, longest=MOST_MUTED),
    Verb.UNMUTE: Move(sources=frozenset({State.MUTED})),
    Verb.WAIVE: Move(sources=ACTIVE | {State.MUTED}, needs_reason=True, longest=MOST_WAIVED),
    Verb.UNWAIVE: Move(sources=UNRESOLVED),
    Verb.RESOLVE: Move(sources=UNRESOLVED, needs_reason=True),
    Verb.REOPEN: Move(sources=frozenset({State.RESOLVED}), needs_reason=True),
    Verb.REROUTE: Move(sources=STEPPING | {State.MUTED}),
    Verb.COMMENT: Move(sources=frozenset(State), needs_reason=True),
}

# What can be put back. Nobody can be told less than they were, and a comment stays written.
UNDOABLE = frozenset(
    {
        Verb.TAKE, Verb.RELEASE, Verb.ASSIGN, Verb.MUTE, Verb.UNMUTE, Verb.WAIVE, Verb.UNWAIVE, Verb.RESOLVE,
        Verb.REOPEN,
    }
)  # fmt: skip


def verbs_for(state: str, *, is_waived: bool = False) -> list[Verb]:
    """Name what a person may do in a state, in the order of the table; nobody escalates what is waived."""
    # Routing again is done to many, from the page of rules.
    unfit = {Verb.REROUTE, Verb.ESCALATE if is_waived else Verb.UNWAIVE}
    return [verb for verb, move in MOVES.items() if state in move.sources and verb not in unfit]


def resting_state(spell_no: int) -> State:
    """Where an exception stands that nobody has: open, or opened again."""
    return State.OPEN if spell_no == 1 else State.REOPENED


@dataclass(frozen=True, slots=True)
class News:
    """What one batch brought an exception. ``newest`` is the newest source time among what was found."""

    appeared: int
    vanished: int
    arrived: int
    live: int  # live findings after the batch
    newest: datetime | None
    is_cured: bool = False  # a mapping that two people put in force is what took findings away


def after_batch(
    state: str, news: News, check: Check, *, resolved_at: datetime | None = None
) -> tuple[State, Verb | None]:
    """Decide where a batch leaves an exception, and what its history calls that (None: nothing to tell).

    A closed one opens again for a new hold, since no hold may be without an open exception (I4), for one that closes
    by itself, and for anything that happened after it was closed; what is older by the source's clock is evidence only
    (I7). One whose last finding went away by itself waits for a person to look, unless it is a note that held nothing
    up; one that a published mapping cured is closed by it.
    """
    found = news.appeared + news.arrived > 0
    if state == State.RESOLVED:
        is_newer = news.newest is not None and resolved_at is not None and news.newest > resolved_at
        regresses = found and (((check.is_hold or check.closes_itself) and news.appeared > 0) or is_newer)
        return (State.REOPENED, Verb.REGRESSED) if regresses else (State.RESOLVED, None)
    if state == State.CLEARED_UNSEEN:
        return (State.REOPENED, Verb.CAME_BACK) if found else (State.CLEARED_UNSEEN, None)
    if check.self_clearing and news.vanished > 0 and news.live == 0:
        if news.is_cured:
            return State.RESOLVED, Verb.CURED
        return State.RESOLVED if check.closes_itself else State.CLEARED_UNSEEN, Verb.CLEARED
    return State(state), None
