"""The page of a preview: counts in words, by clinic, and the rows behind them as far as the person may see them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.scope import has_any_role, has_role
from accounts.vocabulary import Role
from exceptions.catalogue import check_of
from exceptions.models import IntegrationException
from exceptions.vocabulary import Verb
from launch.previewing.outcome import COUNTS, ExceptionChange, ItemChange, StatusChange
from launch.services.previews import UNFINISHED
from recovery.models import QueueItem
from recovery.navigation import WORKERS
from recovery.vocabulary import CloseReason, Family
from scheduling.mapping.vocabulary import PreviewState
from scheduling.models import Appointment, MappingPreview
from scheduling.selectors.appointment_rows import listed
from scheduling.selectors.people import PersonLabel, label_of
from scheduling.selectors.places import Places
from scheduling.selectors.words import status_word

SHOWN = 100  # lines of each list
FULL = 400  # units of the progress bar
RUNNERS = (Role.MAPPING, Role.INTEGRATION)


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit whose status would change."""

    pk: int
    url: str
    who: PersonLabel
    starts_at: datetime | None
    clinic: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """An exception that would move; ``url`` is empty for one that is not there yet."""

    word: str
    url: str
    title: str
    raw: str
    clinic: str
    live: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A queue item that would be opened, closed or changed; ``url`` is empty where there is none to open."""

    word: str
    url: str
    family: str
    starts_at: datetime | None
    clinic: str
    reason: str


@dataclass(slots=True)
class PreviewPage:
    """One preview as a person may see it. ``counts`` and ``clinics`` leave out clinics out of their sight."""

    preview: MappingPreview
    counts: Counter[str] = field(default_factory=Counter)
    clinics: list[tuple[str, Mapping[str, int]]] = field(default_factory=list)
    visits: list[VisitLine] = field(default_factory=list)
    exceptions: list[ExceptionLine] = field(default_factory=list)
    items: list[ItemLine] = field(default_factory=list)
    patients: list[int] = field(default_factory=list)

    @property
    def is_unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self.preview.state in UNFINISHED

    @property
    def is_done(self) -> bool:
        """Whether there is a result."""
        return self.preview.state == PreviewState.DONE

    @property
    def percent(self) -> int:
        """How many of the events are tried, rounded down."""
        return 100 * self.preview.done // self.preview.total if self.preview.total else 0

    @property
    def filled(self) -> str:
        """The width of the filled part of the bar, of ``FULL`` units."""
        return str(FULL * self.preview.done // self.preview.total if self.preview.total else 0)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at the rate so far; None before the first events."""
        preview = self.preview
        if not preview.done or preview.started_at is None or preview.heartbeat_at is None:
            return None
        seconds = (preview.heartbeat_at - preview.started_at).total_seconds()
        return round(seconds * (preview.total - preview.done) / preview.done)

    @property
    def rate(self) -> int | None:
        """Events a second, over the whole run once it is done."""
        seconds = self.result.get("seconds")
        return round(self.preview.done / seconds) if seconds else None

    @property
    def is_narrowed(self) -> bool:
        """Whether it tried only visits with news since a later moment than the meaning would hold from."""
        return self.preview.since > self.preview.effective_from

    @property
    def is_stale(self) -> bool:
        """Whether the revision was edited after it was asked for."""
        return self.preview.version != self.preview.revision.version

    @property
    def result(self) -> dict[str, Any]:
        """What is stored."""
        return self.preview.result or {}

    @property
    def version(self) -> tuple[object, ...]:
        """What changes whenever the page says something else."""
        return (self.preview.pk, self.preview.state, self.preview.done, self.preview.total)


def may_run(user: Any, source: Any) -> bool:
    """Whether a person may start and stop previews of a source's mapping."""
    return has_role(user, *RUNNERS, source=source)


def newest_preview(revision: Any) -> MappingPreview | None:
    """The preview of a revision that was asked for last."""
    found: MappingPreview | None = revision.previews.select_related("revision__source", "requested_by").first()
    return found


def preview_page(preview: MappingPreview, *, user: Any) -> PreviewPage:
    """Fill the page of one preview; five queries where it is done, however much it found."""
    page = PreviewPage(preview)
    if not page.is_done:
        return page
    places = Places.visible_to(user)
    seen: set[int | None] = {clinic.pk for clinic in places.clinics}
    if has_role(user, source=preview.revision.source):
        seen.add(None)  # rows without a known clinic follow the source's grants
    for line in page.result["clinics"]:
        if line["clinic"] in seen:
            counts = {name: line[name] for name in COUNTS}
            page.counts.update(counts)
            page.clinics.append((places.name(line["clinic"]), counts))
    page.clinics.sort(key=lambda line: line[0])
    _fill_visits(page, places, seen, user)
    _fill_exceptions(page, places, seen, user)
    _fill_items(page, places, seen, user)
    return page


def _fill_visits(page: PreviewPage, places: Places, seen: set[int | None], user: Any) -> None:
    changes = [change for row in page.result["statuses"] if (change := StatusChange(*row)).clinic_id in seen][:SHOWN]
    visible = listed(Appointment.objects.visible_to(user))
    visits = visible.in_bulk([change.appointment_id for change in changes])
    for change in changes:
        visit = visits.get(change.appointment_id)
        if visit is None:  # it moved to a clinic out of sight since
            continue
        words = status_word(change.before), status_word(change.after)
        clinic = places.name(visit.clinic_id, visit.clinic_code)
        who = label_of(visit.patient)
        page.visits.append(VisitLine(visit.pk, visit.get_absolute_url(), who, visit.starts_at, clinic, *words))
        page.patients += [visit.patient_id] if visit.patient_id else []


def _fill_exceptions(page: PreviewPage, places: Places, seen: set[int | None], user: Any) -> None:
    changes = [one for row in page.result["exceptions"] if (one := ExceptionChange(*row)).clinic_id in seen][:SHOWN]
    there = IntegrationException.objects.visible_to(user).in_bulk([one.exception_id for one in changes])
    for one in changes:
        url = there[one.exception_id].get_absolute_url() if one.exception_id in there else ""
        clinic = places.name(one.clinic_id) if one.clinic_id else "–"
        page.exceptions.append(
            ExceptionLine(Verb(one.what).label, url, check_of(one.check).title, one.raw, clinic, one.live)
        )


def _fill_items(page: PreviewPage, places: Places, seen: set[int | None], user: Any) -> None:
    changes = [one for row in page.result["items"] if (one := ItemChange(*row)).clinic_id in seen][:SHOWN]
    there = QueueItem.objects.visible_to(user).in_bulk([one.item_id for one in changes])
    may_open = has_any_role(user, WORKERS)
    starts = dict(
        Appointment.objects.visible_to(user)
        .filter(pk__in=[one.appointment_id for one in changes])
        .values_list("pk", "starts_at")
    )
    for one in changes:
        url = there[one.item_id].get_absolute_url() if may_open and one.item_id in there else ""
        starts_at = _slot_start(one.subject) if one.family == Family.REFILL else starts.get(one.appointment_id)
        reason = CloseReason(one.reason).label if one.reason else ""
        word, family = one.what.capitalize(), Family(one.family).label
        page.items.append(ItemLine(word, url, family, starts_at, places.name(one.clinic_id), reason))


def _slot_start(subject: str) -> datetime:
    """When the slot begins that a refill is named by (``recovery.planning.slot_subject``)."""
    return datetime.fromtimestamp(int(subject.split("|", 2)[1]), UTC)
