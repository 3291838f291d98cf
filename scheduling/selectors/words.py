"""What the facts pages say in sentences: states, holds, outcomes, reading problems. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.web import times
from scheduling.models import Appointment
from scheduling.vocabulary import Initiator, Outcome, SetBy, Status, TroubleKind


@dataclass(frozen=True, slots=True)
class HoldWords:
    """One kind of hold: two words for a list, what it means, what frees it, and who is asked by default."""

    short: str
    meaning: str
    needs: str
    owner: str


HOLDS = {
    TroubleKind.UNMAPPED: HoldWords(
        "no meaning yet",
        "The source sent a status that nobody has given a meaning.",
        "A mapping rule for it. The visit is then read again by itself.",
        "Mapping admin",
    ),
    TroubleKind.AMBIGUOUS: HoldWords(
        "two rules disagree",
        "Two mapping rules fit equally well and say different things.",
        "A more specific rule, or one of the two changed.",
        "Mapping admin",
    ),
    TroubleKind.CONFLICT: HoldWords(
        "contradiction",
        "The status says one thing and the event it came with another.",
        "A mapping setting that says which of the two leads.",
        "Mapping admin",
    ),
    TroubleKind.EQUAL_TIME: HoldWords(
        "two at one time",
        "Two messages of the same source time disagree, and nothing tells which came last.",
        "A newer message about this visit.",
        "Integration owner",
    ),
    TroubleKind.AHEAD: HoldWords(
        "time in the future",
        "The source dated a message more than 5 min after we received it.",
        "The source's clock or zone put right, or a newer message.",
        "Integration owner",
    ),
    TroubleKind.IMPOSSIBLE_TRANSITION: HoldWords(
        "odd change",
        "The status changed in a way that visits do not change.",
        "A later status that follows, or a look at the messages below.",
        "Integration owner",
    ),
    TroubleKind.REUSED_ID: HoldWords(
        "two patients",
        "One appointment id was used for two patients.",
        "The source to say whose visit this is.",
        "Integration owner",
    ),
    TroubleKind.UNKNOWN_CLINIC: HoldWords(
        "clinic unknown",
        "The clinic's code is not one we know.",
        "The code added to a clinic.",
        "Administrator",
    ),
    TroubleKind.AMBIGUOUS_LOCAL_TIME: HoldWords(
        "clock change",
        "The start lies in an hour that happens twice or never.",
        "A message that states the start with its offset.",
        "Integration owner",
    ),
}
UNKNOWN_HOLD = HoldWords("held", "Something about this visit cannot be trusted.", "A look at it.", "Integration owner")

OUTCOME_WORDS = {
    Outcome.APPLIED: "It changed what we know.",
    Outcome.SUPERSEDED: "It told nothing newer than what we knew.",
    Outcome.DUPLICATE: "It repeats a message that we already had.",
    Outcome.HELD: "It is kept and waits until a person has said what it means.",
    Outcome.REJECTED: "It could not be read.",
    Outcome.FAILED: "We failed on it; nothing else waits for it.",
    Outcome.WAITING: "It is stored and has not been read yet.",
}
OUTCOME_TONES = {Outcome.HELD: "held", Outcome.REJECTED: "held", Outcome.FAILED: "held", Outcome.WAITING: "warn"}

_BY = {Initiator.PATIENT: "by the patient", Initiator.CLINIC: "by the clinic", Initiator.SYSTEM: "by the system"}


def hold_words(kind: str) -> HoldWords:
    """The words of a trouble; a kind of a newer version has words too."""
    return HOLDS[TroubleKind(kind)] if kind in TroubleKind.values else UNKNOWN_HOLD


def status_word(status: str | None) -> str:
    """A status as people say it; an appointment whose every event is held has none."""
    return str(Status(status).label) if status else "Not known yet"


def status_note(initiator: str | None, set_by: str | None, status: str | None) -> str:
    """What qualifies a status: who brought it about, and that a timer set it."""
    words = []
    if initiator and status == Status.CANCELLED:
        words.append(_BY.get(Initiator(initiator), "by nobody said"))
    if set_by == SetBy.TIMER:
        words.append("set by a timer")
    return ", ".join(words)


def state_sentence(appointment: Appointment, zone: ZoneInfo, now: datetime) -> str:
    """The appointment in one sentence, in the clinic's zone: "Booked for Wed 10:40 CST, in 25 min."."""
    what = status_word(appointment.status)
    note = status_note(appointment.initiator, appointment.set_by, appointment.status)
    said = f"{what} {note}" if note.startswith("by") else f"{what}, {note}" if note else what
    if appointment.starts_at is None:
        return f"{said}. The source has not said when it starts."
    start = times.clock(appointment.starts_at, zone, now)
    verb = "starts" if appointment.starts_at > now else "started"
    return f"{said}. It {verb} {start}, {times.relative(appointment.starts_at, now)}."


def lag_words(source_at: datetime, received_at: datetime) -> str:
    """How long after the source said it we heard it; "early" where the source dates it later than that."""
    lag = received_at - source_at
    if lag < timedelta(0):
        return f"heard {times.span(lag.total_seconds())} early"
    return f"heard {times.span(lag.total_seconds())} later" if lag >= timedelta(seconds=1) else "heard at once"


def problem_words(kind: str, field: str) -> str:
    """A reader's problem in words: "Times disagree, SCH-11"."""
    said = kind.replace("_", " ").capitalize()
    return f"{said}, {field}" if field else said
