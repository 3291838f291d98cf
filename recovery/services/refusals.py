"""What the guard refuses, one function each, on rows that are locked: a sentence says what changed and when."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from config.web.times import clock
from exceptions.selectors.blocks import blocking_for
from exceptions.vocabulary import SubjectKind
from recovery.contacting.answer import Answer
from recovery.errors import GuardRefusedError
from recovery.models import QueueItem
from recovery.services.guard_intent import CHANNELS, Intent
from recovery.services.past_contact import last_merge_at
from recovery.services.read_candidates import STANDS
from recovery.services.read_people import Records, records_of
from recovery.trust import ClinicTrust
from recovery.verdict import Verdict
from recovery.vocabulary import Act, CloseReason, ItemState, Level
from scheduling.models import Appointment, LaneLink, Patient, Waiting
from scheduling.services.intake import patient_hash
from scheduling.vocabulary import Status

# Acts of one moment: nobody else may hold the item, and its holder need not have taken it before.
UNCLAIMED = frozenset({Act.CLAIM, Act.CLOSE})
AT_ONCE = timedelta(seconds=1)  # what was acknowledged longer ago counts as known (I5)


def refuse_unread(item: QueueItem, records: Records | None, now: datetime) -> None:
    """Whatever was acknowledged counts as known: a message that still waits may be the one that changes this."""
    waiting = Waiting.objects.filter(feed__source=item.source_id)
    older = _overdue(item.source_id, now).order_by("received_at").first()
    if older is None and records is not None:
        older = waiting.filter(patient_hash__in=_hashes(records)).order_by("received_at").first()
    if older is not None:
        sentence = "New messages are waiting to be read. Try again in a moment."
        raise GuardRefusedError("unread", sentence, changed_at=older.received_at)


def is_behind(source_id: int, now: datetime) -> bool:
    """Whether messages of a source wait that count as known already: no act about its items would be let pass."""
    return _overdue(source_id, now).exists()


def _overdue(source_id: int, now: datetime) -> QuerySet[Waiting]:
    return Waiting.objects.filter(feed__source=source_id, received_at__lt=now - AT_ONCE)


def _hashes(records: Records) -> set[int]:
    """Under which hashes messages of a person may wait: of every record, and of whatever one is being merged into."""
    mrns = Patient.objects.filter(pk__in=records.everyone).values_list("mrn", flat=True)
    own = {patient_hash(mrn) for mrn in mrns}
    return own | set(LaneLink.objects.filter(patient_hash__in=own).values_list("survivor_hash", flat=True))


def refuse_merged(item: QueueItem, seen: QueueItem, records: Records | None) -> None:
    """Whoever was locked must be who the item is about now; a merge may have been read before the locks were ours."""
    is_same = records is None or records == records_of(records.root)
    if not is_same or item.patient_id != seen.patient_id:
        raise GuardRefusedError("merged", "The record was merged with another meanwhile. Look at it again.")


def refuse_closed(item: QueueItem, trust: ClinicTrust | None, now: datetime) -> None:
    """The chance closed by what messages or the clock told."""
    if item.state == ItemState.OPEN or item.closed_at is None:
        return
    raise GuardRefusedError(
        f"closed_{item.close_reason}",
        f"{item.get_close_reason_display()}, known since {_clock(item.closed_at, trust, now)}.",
        changed_at=item.closed_at,
    )


def refuse_not_by_hand(item: QueueItem, trust: ClinicTrust | None, now: datetime) -> None:
    """Only what a person closed can a person open again; the rest opens by itself when the facts say so."""
    if item.state == ItemState.OPEN:
        raise GuardRefusedError("open", "It is open already.")
    if item.close_reason != CloseReason.DONE:
        refuse_closed(item, trust, now)


def refuse_taken(item: QueueItem, intent: Intent, actor: User, trust: ClinicTrust | None, now: datetime) -> None:
    """A colleague has it, or the person's own claim ran out."""
    is_held = item.claimed_until is not None and item.claimed_until > now
    if is_held and item.claimed_by_id != actor.pk and item.claimed_at is not None:
        since = _clock(item.claimed_at, trust, now)
        raise GuardRefusedError("taken", f"{item.claimed_by} works on it since {since}.", changed_at=item.claimed_at)
    if not is_held and intent.act not in UNCLAIMED:
        raise GuardRefusedError("not_claimed", "Your claim ran out. Take it again.", changed_at=item.claimed_until)


def refuse_changed(
    item: QueueItem, intent: Intent, records: Records | None, trust: ClinicTrust | None, now: datetime
) -> None:
    """The person decided by an older picture of it, perhaps of another record than the one that survived."""
    if intent.version is None or intent.version == item.version:
        return
    # Every change of the version leaves a line of history: the one before them is as old as the picture.
    newest = list(item.events.order_by("-at", "-pk").values_list("at", flat=True)[: item.version - intent.version + 1])
    at = newest[0] if newest else None
    when = f", {_clock(at, trust, now)}" if at is not None else ""
    merged_at = last_merge_at(records) if records is not None else None
    if merged_at is not None and newest and merged_at > newest[-1]:
        sentence = f"The record was merged with another{when}. Look at it again."
        raise GuardRefusedError("merged", sentence, changed_at=at)
    raise GuardRefusedError("changed", f"It changed while you had it open{when}. Look at it again.", changed_at=at)


def refuse_held(item: QueueItem, judged: Verdict) -> None:
    """The verdict holds it now: doubt, launch mode, time, freshness."""
    if judged.level == Level.HELD:
        owner = f" Owner: {judged.main.owner}." if judged.main.owner else ""
        raise GuardRefusedError(judged.main.code, f"{judged.main.sentence}{owner}")


def refuse_blocked(item: QueueItem, judged: Verdict, records: Records | None) -> None:
    """An open exception about the visit or the person stands in the way of this very decision."""
    subjects = [(SubjectKind.APPOINTMENT, item.appointment_id)]
    subjects += [(SubjectKind.PATIENT, pk) for pk in (records.everyone if records is not None else ())]
    for blocks in blocking_for(subjects).values():
        for block in blocks:
            if judged.decision in block.decisions:
                owner = block.owner or block.team
                sentence = f"{block.kind.title}." + (f" Owner: {owner}." if owner else "")
                raise GuardRefusedError(f"exception_{block.kind.id}", sentence)


def refuse_moved_candidate(intent: Intent, trust: ClinicTrust | None, now: datetime) -> None:
    """The visit that somebody would give up for the slot must itself stand."""
    if intent.visit_id is None:
        return
    visit = Appointment.objects.get(pk=intent.visit_id)
    if visit.status in STANDS and not visit.is_uncertain:
        return
    at = visit.status_at
    since = f" since {_clock(at, trust, now)}" if at is not None else ""
    words = "in doubt" if visit.is_uncertain else str(Status(visit.status or Status.PENDING).label).lower()
    raise GuardRefusedError("candidate_moved", f"Their own visit is {words}{since}.", changed_at=at)


def refuse_contact(answer: Answer, intent: Intent) -> None:
    """The person may not be reached by this way now."""
    channel = intent.channel or CHANNELS.get(intent.act)
    if channel is None:
        return
    stops = answer.way(channel).stops
    if stops:
        raise GuardRefusedError(stops[0].code, stops[0].sentence, until=stops[0].lifts_at)


def _clock(at: datetime, trust: ClinicTrust | None, now: datetime) -> str:
    return clock(at, trust.zone, now) if trust is not None else f"{at:%H:%M} UTC"
