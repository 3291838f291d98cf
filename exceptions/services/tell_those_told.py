"""Tell the people and systems that were told of an exception what became of it, and those that it concerns now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from exceptions.models import IntegrationException, Notice
from exceptions.notices.queueing import queue_notices
from exceptions.notices.requests import NoticeRequest
from exceptions.notices.sentences import About, sentence
from exceptions.vocabulary import NoticeKind, Severity


class Event(NamedTuple):
    """Something that happened to an exception.

    Those who were told of it in spell ``spell_no`` hear of it (None: nobody does), and ``people`` in any case, but not
    the person who did it. ``key`` names it once and for all.
    """

    exception_id: int
    kind: NoticeKind
    key: str
    spell_no: int | None = None
    people: tuple[int, ...] = ()
    but_not: int | None = None


class Recipient(NamedTuple):
    """A person or an endpoint."""

    person: int | None
    endpoint: int | None


def tell_those_told(events: Sequence[Event], *, now: datetime) -> int:
    """Queue the notices of some events in the caller's transaction; return how many are new.

    Four statements at most, and one where nobody was told.
    """
    told = _told([event.exception_id for event in events if event.spell_no is not None])
    whom = {event: _recipients(event, told) for event in events}
    abouts = abouts_of({event.exception_id for event, found in whom.items() if found})
    return queue_notices(
        [
            NoticeRequest(
                event.kind,
                event.exception_id,
                one.person,
                one.endpoint,
                sentence(event.kind, abouts[event.exception_id]),
                event.key,
            )
            for event, found in whom.items()
            for one in found
        ],
        now=now,
    )


def abouts_of(ids: Iterable[int]) -> dict[int, About]:
    """What sentences may know of some exceptions, by id; one query, none for none."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = IntegrationException.objects.filter(pk__in=wanted).select_related("source", "clinic")
    return {row.pk: about_of(row) for row in rows.defer("policy", "route", "first_samples", "last_samples")}


def about_of(exception: IntegrationException) -> About:
    """What sentences may know of an exception that comes with its places."""
    clinic = exception.clinic.name if exception.clinic is not None else ""
    return About(
        exception.pk,
        exception.check_id,
        Severity(exception.severity),
        exception.source.name,
        clinic,
        exception.live_count,
    )


def _told(ids: Sequence[int]) -> dict[tuple[int, int], list[Recipient]]:
    """Who was told by steps, by exception and spell; in order of their ids."""
    found: dict[tuple[int, int], list[Recipient]] = defaultdict(list)
    if not ids:
        return found
    rows = Notice.objects.filter(kind=NoticeKind.STEP, exception__in=ids, step_run__isnull=False)
    wanted = rows.values_list("exception_id", "step_run__spell_no", "person_id", "endpoint_id")
    for exception_id, spell_no, person, endpoint in wanted.distinct().order_by("person_id", "endpoint_id"):
        found[exception_id, spell_no].append(Recipient(person, endpoint))
    return found


def _recipients(event: Event, told: Mapping[tuple[int, int], list[Recipient]]) -> list[Recipient]:
    before = told.get((event.exception_id, event.spell_no), []) if event.spell_no is not None else []
    everybody = dict.fromkeys([*(Recipient(person, None) for person in event.people), *before])
    return [one for one in everybody if one.person is None or one.person != event.but_not]
