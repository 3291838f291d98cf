"""Take back what a person did to exceptions, as far as each is still as they left it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.locks import RowsBusyError, short_waits
from exceptions.errors import StaleExceptionError
from exceptions.lifecycle import UNDOABLE
from exceptions.models import Act, History, IntegrationException, Spell
from exceptions.services.act_on_many import MOVED, Outcome
from exceptions.services.move_exception import BUSY
from exceptions.vocabulary import Came, State, Verb

MOVED_ON = "It moved on since, so it stays as it is now."
TWIN = "A newer exception about the same thing is open, so this one stays closed."
STILL_HELD = "Visits are held by it now, so it stays open."
GONE = "It is not there any more."
TOO_LATE = "This cannot be taken back any more. Use the verbs of each exception."


def undo(act: Act, *, actor: User, now: datetime, request_id: str = "") -> Act:
    """Put back what ``act`` changed where nobody and nothing moved the exception since; return the act of undoing.

    Each exception keeps its outcome: what the data closed or opened again meanwhile stays as it is, and so does what
    another person moved. What cannot be put back at all (a comment, who was told) is refused as a whole.

    Raises:
        StaleExceptionError: it is too late, it was taken back before, or it is another person's act.
    """
    if act.verb not in UNDOABLE or act.actor_id != actor.pk:
        raise StaleExceptionError(TOO_LATE)
    done = {outcome[0]: outcome for outcome in act.outcomes if outcome[1] == Came.DONE}
    try:
        with transaction.atomic():
            open_acts = Act.objects.filter(pk=act.pk, undone_at__isnull=True, undo_until__gt=now)
            if not open_acts.update(undone_at=now):
                raise StaleExceptionError(TOO_LATE)
            outcomes = _undo_rows(done, act, actor=actor, now=now, request_id=request_id)
            return Act.objects.create(
                actor=actor,
                verb=Verb.UNDO,
                at=now,
                undo_until=now,
                reason=f"What was taken back: {act.get_verb_display().lower()}.",
                asked=len(outcomes),
                done=sum(outcome[1] == Came.DONE for outcome in outcomes),
                outcomes=outcomes,
            )
    except RowsBusyError as error:
        raise StaleExceptionError(BUSY) from error
    except IntegrityError as error:
        # one_open_exception_per_fingerprint: a twin opened between our look and our update.
        raise StaleExceptionError(TWIN) from error


def _undo_rows(done: dict[int, Outcome], act: Act, *, actor: User, now: datetime, request_id: str) -> list[Outcome]:
    with short_waits():
        rows = IntegrationException.objects.filter(pk__in=done).order_by("fingerprint")
        locked = {row.pk: row for row in rows.select_for_update(of=("self",))}
    twins = _twins(locked.values())
    outcomes: list[Outcome] = []
    back: list[tuple[IntegrationException, str]] = []
    changed: set[str] = set()
    for pk, (_, _, _, version, before) in done.items():
        row = locked.get(pk)
        refusal = GONE if row is None else _refusal(row, version, before, twins)
        if row is None or refusal:
            outcomes.append([pk, Came.REFUSED, refusal, version, {}])
            continue
        was, values = row.state, [getattr(row, name) for name in MOVED]
        _put_back(row, before)
        changed |= {name for name, value in zip(MOVED, values, strict=True) if getattr(row, name) != value}
        outcomes.append([pk, Came.DONE, "", row.version, {}])
        back.append((row, was))
    _write(back, sorted(changed), act, actor=actor, now=now, request_id=request_id)
    return outcomes


def _twins(rows: Iterable[IntegrationException]) -> set[bytes]:
    """Fingerprints of closed rows of which another exception is open."""
    closed = [row.fingerprint for row in rows if row.is_resolved]
    found = IntegrationException.objects.unresolved().filter(fingerprint__in=closed)
    return {bytes(fingerprint) for fingerprint in found.values_list("fingerprint", flat=True)}


def _refusal(row: IntegrationException, version: int, before: dict[str, Any], twins: set[bytes]) -> str:
    """Say why a row stays as it is; "" where it can be put back."""
    if row.version != version:
        return MOVED_ON
    if row.is_resolved and bytes(row.fingerprint) in twins:
        return TWIN
    if before["state"] == State.RESOLVED and row.kind.is_hold and row.live_count:
        return STILL_HELD
    return ""


def _put_back(row: IntegrationException, before: dict[str, Any]) -> None:
    for name in MOVED:
        value = before[name]
        setattr(row, name, datetime.fromisoformat(value) if name.endswith(("_at", "_until")) and value else value)
    row.version += 1
    # Findings come and go without a move: what the data says of a state now is stronger than what was before.
    if row.state == State.CLEARED_UNSEEN and row.live_count:
        row.state = State.OPEN
    elif not row.is_resolved and row.kind.self_clearing and before["live_count"] and not row.live_count:
        row.state, row.muted_until, row.taken_until = State.CLEARED_UNSEEN, None, None


def _write(
    back: Sequence[tuple[IntegrationException, str]],
    changed: Sequence[str],
    act: Act,
    *,
    actor: User,
    now: datetime,
    request_id: str,
) -> None:
    """Write rows, history, spells and the audit row: a fixed number of statements a hundred rows."""
    rows = [row for row, _ in back]
    names = [name.removesuffix("_id") for name in changed]
    IntegrationException.objects.bulk_update(rows, [*names, "version"], batch_size=100)
    History.objects.bulk_create(
        History(
            exception=row, at=now, verb=Verb.UNDO, actor=actor, from_state=was, to_state=row.state,
            version=row.version, detail={"act": act.pk, "undone": act.verb},
        )
        for row, was in back
    )  # fmt: skip
    if act.verb == Verb.RESOLVE:
        Spell.objects.filter(exception__in=rows, no=F("exception__spell_no")).update(closed_at=None)
    elif act.verb == Verb.REOPEN:
        Spell.objects.filter(exception__in=rows, no__gt=F("exception__spell_no")).delete()
    if rows:
        record(
            AuditAction.CHANGED,
            actor=actor,
            subject_kind="exceptions.integrationexception",
            subjects=[row.pk for row in rows],
            detail={"verb": Verb.UNDO.value, "undone": act.verb},
            now=now,
            request_id=request_id,
        )
