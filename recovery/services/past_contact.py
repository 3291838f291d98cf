"""What was known at a past moment beside what is written down with its own time: merges, and how current we were."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max

from recovery.services.read_people import Records, records_of
from scheduling.digestion.aliases import resolve_roots
from scheduling.folding.order import control_id_and_digest, source_time
from scheduling.models import Feed, Message, Patient
from scheduling.services.intake import control_hash

LONGEST = timedelta(days=1)
Edge = tuple[int, int, bytes]


def records_then(patient_id: int, at: datetime) -> Records:
    """The records of a person as merges had joined them at ``at``; call it inside ``transaction.atomic``.

    A merge counts from when we received the message that said it, or from its source time where that message is gone.
    Of two merges of one record only the newer is kept, so before it the record counts as never merged.
    """
    now = records_of(patient_id)
    if len(now.everyone) == 1:
        return now
    edges = [edge for edge in _edges(now.everyone) if _received_at(edge) <= at]
    roots = resolve_roots(edges)
    return Records(roots.get(patient_id, patient_id), tuple(sorted(_joined(patient_id, edges))))


def last_merge_at(records: Records) -> datetime | None:
    """When we heard of the newest merge of a person's records; None where there was none."""
    return max((_received_at(edge) for edge in _edges(records.everyone)), default=None)


def message_age_then(source_id: int, at: datetime) -> timedelta | None:
    """How long before ``at`` the quietest feed of a source had last said anything; None where one was silent for a day.

    Messages tell their time of receipt for ever; heartbeats and empty polls do not, so this errs towards "too old".
    """
    feeds = Feed.objects.filter(source=source_id, is_active=True, proof__isnull=False).values_list("pk", flat=True)
    heard: dict[int, datetime] = dict(
        Message.objects.filter(feed__in=list(feeds), received_at__lte=at, received_at__gt=at - LONGEST)
        .values("feed")
        .annotate(newest=Max("received_at"))
        .values_list("feed", "newest")
    )
    if not heard or set(feeds) - set(heard):
        return None
    return at - min(heard.values())


def _edges(everyone: Iterable[int]) -> list[Edge]:
    rows = Patient.objects.filter(pk__in=list(everyone), merged_into__isnull=False)
    found = rows.values_list("pk", "merged_into", "merge_key")
    return [(pk, into, bytes(key or b"")) for pk, into, key in found if into is not None]


def _received_at(edge: Edge) -> datetime:
    """When we received the message that said a merge."""
    retired, _, key = edge
    control_id, digest = control_id_and_digest(key)
    said = Message.objects.filter(
        feed__source__in=Patient.objects.filter(pk=retired).values("source"),
        control_hash=control_hash(control_id),
        digest=digest,
    )
    first = said.order_by("received_at").values_list("received_at", flat=True).first()
    return first if first is not None else source_time(key)


def _joined(patient_id: int, edges: Iterable[Edge]) -> set[int]:
    """Everyone connected with a record by merges, in either direction."""
    found, edges = {patient_id}, list(edges)
    while True:
        near = {end for retired, into, _ in edges for end in (retired, into) if {retired, into} & found}
        if near <= found:
            return found
        found |= near
