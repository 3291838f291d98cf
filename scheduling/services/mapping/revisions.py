"""The life of a revision: start, submit, send back, approve, publish. Taking back is publishing an older one."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max, QuerySet

from accounts.models import Source, User
from scheduling.mapping.errors import MappingError, NotAllowedError, StaleRevisionError
from scheduling.mapping.vocabulary import MappingVerb, RevisionState
from scheduling.models.mapping import (
    MappingHistory,
    MappingPublication,
    MappingReason,
    MappingRevision,
    MappingRule,
    PrecedenceSetting,
)
from scheduling.services.replays import start_replay

Row = TypeVar("Row", MappingRule, MappingReason, PrecedenceSetting)

# Whoever did one of these has made the revision and cannot approve it.
MAKING = (
    MappingVerb.START,
    MappingVerb.ADD_RULE,
    MappingVerb.CHANGE_RULE,
    MappingVerb.REMOVE_RULE,
    MappingVerb.SET_REASON,
    MappingVerb.REMOVE_REASON,
    MappingVerb.SET_PRECEDENCE,
    MappingVerb.REMOVE_PRECEDENCE,
    MappingVerb.ADOPT,
    MappingVerb.IMPORT,
    MappingVerb.SUBMIT,
)


@transaction.atomic
def start_draft(
    source: Source, *, title: str, actor: User, now: datetime, based_on: MappingRevision | None = None
) -> MappingRevision:
    """Open a draft for a source, empty or as a copy of one of its revisions. Who confirmed a row stays on its copy."""
    if based_on is not None and based_on.source_id != source.pk:
        raise MappingError("A revision can only be based on one of the same source: nothing is inherited between them.")
    _lock_numbers(source.pk)
    last = MappingRevision.objects.filter(source=source).aggregate(last=Max("number"))["last"] or 0
    revision = MappingRevision.objects.create(
        source=source, number=last + 1, title=title, based_on=based_on, author=actor, created_at=now
    )
    if based_on is not None:
        _copy_rows(based_on.rules.all(), revision)
        _copy_rows(based_on.reasons.all(), revision)
        _copy_rows(based_on.precedence.all(), revision)
    _note(revision, MappingVerb.START, actor, now, details={"based_on": based_on and based_on.number})
    return revision


@transaction.atomic
def submit(revision: MappingRevision, *, actor: User, now: datetime) -> None:
    """Freeze a draft and ask for approval. StaleRevisionError if somebody edited or submitted it meanwhile."""
    moved = MappingRevision.objects.filter(pk=revision.pk, state=RevisionState.DRAFT, version=revision.version).update(
        state=RevisionState.SUBMITTED, submitted_at=now
    )
    _refuse_unless(moved, "This draft was changed or submitted by someone else. Reload to see it.")
    _note(revision, MappingVerb.SUBMIT, actor, now)
    revision.refresh_from_db()


@transaction.atomic
def return_to_draft(revision: MappingRevision, *, actor: User, reason: str, now: datetime) -> None:
    """Send a submitted revision back to its makers, with the reason."""
    moved = MappingRevision.objects.filter(pk=revision.pk, state=RevisionState.SUBMITTED).update(
        state=RevisionState.DRAFT, submitted_at=None
    )
    _refuse_unless(moved, "This revision is not waiting for approval any more. Reload to see it.")
    _note(revision, MappingVerb.RETURN, actor, now, reason=reason)
    revision.refresh_from_db()


@transaction.atomic
def approve(revision: MappingRevision, *, actor: User, now: datetime) -> None:
    """Approve a submitted revision. NotAllowedError for its author and for everybody who had a hand in it."""
    if revision.author_id == actor.pk or revision.history.filter(actor=actor, verb__in=MAKING).exists():
        raise NotAllowedError("You worked on this revision; somebody else must approve it.")
    moved = MappingRevision.objects.filter(pk=revision.pk, state=RevisionState.SUBMITTED).update(
        state=RevisionState.APPROVED, approved_by=actor, approved_at=now
    )
    _refuse_unless(moved, "This revision is not waiting for approval any more. Reload to see it.")
    _note(revision, MappingVerb.APPROVE, actor, now)
    revision.refresh_from_db()


@transaction.atomic
def publish(
    revision: MappingRevision,
    *,
    effective_from: datetime,
    actor: User,
    now: datetime,
    reason: str = "",
    after: int | None = None,
) -> MappingPublication:
    """Put an approved revision in force for events whose source time is at or after ``effective_from`` (aware).

    Later publications win, so publishing an older revision again takes a newer one back. Every appointment whose
    meaning may change is mapped and folded anew by digestion: the publication's ``replay``. ``after`` is the number
    of the newest publication the actor saw (0: none): where a later one exists, nothing is published.
    """
    _lock_numbers(revision.source_id)
    if not MappingRevision.objects.filter(pk=revision.pk, state=RevisionState.APPROVED).exists():
        raise StaleRevisionError("Only an approved revision can be published.")
    last = last_publication(revision.source_id)
    if after is not None and after != last:
        raise StaleRevisionError(f"Publication {last} of this source came meanwhile. Look at what is in force first.")
    publication = MappingPublication.objects.create(
        source_id=revision.source_id,
        revision=revision,
        number=last + 1,
        effective_from=effective_from,
        published_by=actor,
        published_at=now,
        reason=reason,
    )
    replay = start_replay(publication, now=now)
    details = {
        "publication": publication.number,
        "effective_from": effective_from.isoformat(),
        "appointments": replay.total,
        "replay": replay.pk,
    }
    _note(revision, MappingVerb.PUBLISH, actor, now, reason=reason, details=details)
    return publication


def last_publication(source_id: int) -> int:
    """The number of a source's newest publication, 0 where it has none."""
    number: int | None = MappingPublication.objects.filter(source=source_id).aggregate(last=Max("number"))["last"]
    return number or 0


def _lock_numbers(source_id: int) -> None:
    """Let one writer at a time number a source's revisions and publications; workers' key checks pass it by."""
    Source.objects.select_for_update(no_key=True).get(pk=source_id)


def _copy_rows(rows: QuerySet[Row], revision: MappingRevision) -> None:
    copies = list(rows.order_by("pk"))
    for copy in copies:
        copy.pk = None
        copy.revision = revision
    rows.model.objects.bulk_create(copies)


def _refuse_unless(moved: int, sentence: str) -> None:
    if not moved:
        raise StaleRevisionError(sentence)


def _note(
    revision: MappingRevision,
    verb: MappingVerb,
    actor: User,
    now: datetime,
    *,
    reason: str = "",
    details: dict[str, object] | None = None,
) -> None:
    MappingHistory.objects.create(
        revision=revision, verb=verb, actor=actor, at=now, reason=reason, details=details or {}
    )
