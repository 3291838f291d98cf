"""The waitlist as its page prints it: who waits for what since when, how often they were asked, whether it is fair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.scope import clinic_scope_q
from config.web.times import span
from recovery.eligibility import DAYS
from recovery.matching import Fairness, Waiting, fairness
from recovery.models import Offer, WaitlistEntry
from recovery.selectors.rows import patient_name
from recovery.vocabulary import EntryState

MOST_WEIGHED = 5_000  # fairness looks at no more
ORDER = ("since", "id")


@dataclass(frozen=True)
class EntryRow:
    """One line; a restricted patient's name and wishes stay hidden."""

    entry: WaitlistEntry
    name: str
    mrn: str
    wishes: str
    waits: str
    offers: int

    @property
    def is_masked(self) -> bool:
        """Whether the name stays hidden."""
        return self.entry.patient.is_restricted


def seen_entries(user: Any) -> QuerySet[WaitlistEntry]:
    """Entries of the person's clinics, settled ones too."""
    return WaitlistEntry.objects.filter(clinic_scope_q(user))


def waiting_entries(user: Any, *, clinic: str = "", visit_type: str = "") -> QuerySet[WaitlistEntry]:
    """Those who wait, at one clinic (an id) or for one visit type where these are given."""
    entries = seen_entries(user).filter(state=EntryState.WAITING)
    if clinic.isdecimal():
        entries = entries.filter(clinic=int(clinic))
    if visit_type:
        entries = entries.filter(visit_type=visit_type)
    return entries


def with_offers(entries: QuerySet[WaitlistEntry]) -> QuerySet[WaitlistEntry]:
    """With ``asked``: how many offers the patient ever had."""
    offers = Offer.objects.filter(patient=OuterRef("patient")).order_by().values("patient").annotate(many=Count("pk"))
    return entries.annotate(asked=Coalesce(Subquery(offers.values("many")), 0))


def entry_rows(entries: Sequence[WaitlistEntry], now: datetime) -> list[EntryRow]:
    """Rows of a page; ``asked`` is annotated, patient and clinic are loaded."""
    return [_row(entry, now) for entry in entries]


def waitlist_fairness(entries: QuerySet[WaitlistEntry], now: datetime) -> Fairness:
    """The numbers of everybody on the list shown; one query, of those who wait longest at most 5,000."""
    rows = with_offers(entries).order_by(*ORDER).values_list("since", "asked")[:MOST_WEIGHED]  # type: ignore[misc]  # annotated
    return fairness([Waiting(now - since, asked) for since, asked in rows])


def visit_types(user: Any) -> list[str]:
    """The types people wait for, by name; one query."""
    return list(waiting_entries(user).order_by("visit_type").values_list("visit_type", flat=True).distinct()[:100])


def _row(entry: WaitlistEntry, now: datetime) -> EntryRow:
    patient = entry.patient
    is_masked = patient.is_restricted
    return EntryRow(
        entry,
        "Restricted" if is_masked else patient_name(patient),
        "Name hidden" if is_masked else patient.mrn,
        "" if is_masked else wish_words(entry),
        span((now - entry.since).total_seconds()),
        getattr(entry, "asked", 0),
    )


def wish_words(entry: WaitlistEntry) -> str:
    """What somebody asked for, in words; "Any time" where they asked for nothing."""
    found = []
    if entry.provider_code:
        found.append(f"with {entry.provider_code}")
    if entry.weekdays:
        found.append(", ".join(DAYS[one][:3] for one in sorted(entry.weekdays)))
    if entry.from_time or entry.until_time:
        begin = f"from {entry.from_time:%H:%M}" if entry.from_time else ""
        end = f"done by {entry.until_time:%H:%M}" if entry.until_time else ""
        found.append(f"{begin} {end}".strip())
    if entry.not_before_on:
        found.append(f"not before {entry.not_before_on.day} {entry.not_before_on:%b}")
    if entry.not_after_on:
        found.append(f"not after {entry.not_after_on.day} {entry.not_after_on:%b}")
    if entry.notice:
        found.append(f"{span(entry.notice.total_seconds())} of notice")
    words = "; ".join(found) or "any time"
    return words[:1].upper() + words[1:]
