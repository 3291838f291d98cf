"""The queue page as a read model: rows, counts, what is oldest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from django.http import HttpRequest

from accounts.scope import has_any_role
from config.web.asking import MOST_OF_SPLIT, Question, capped, how_many
from config.web.links import with_query
from config.web.menus import Split, splits
from config.web.navigation import answers_with_rail
from config.web.paging import Count, Page, keyset_page
from config.web.times import span
from recovery.filters import SPLITS, QueueFilter, Sight, split
from recovery.models import QueueItem
from recovery.querysets import RANK_ORDER, QueueItemQuerySet
from recovery.selectors.holds import blocks_of
from recovery.selectors.rows import Beside, QueueRow, queue_row
from recovery.selectors.tries import limits_from, limits_question
from recovery.selectors.trusts import trusts_for
from recovery.trust import ClinicTrust
from recovery.verdict import Reason
from recovery.vocabulary import Level
from scheduling.vocabulary import Decision, LaunchMode

# What a row prints; the rest would make a page of rows twice as dear.
_OF_PATIENT = ("given", "family", "mrn", "protection", "vip", "publicity", "language", "phones_home", "phones_work")
_OF_VISIT = ("starts_at", "resource", "visit_type", "visit_type_name", "provider_name")
_OF_ITEM = (
    "family", "clinic_id", "appointment_id", "starts_at", "resource", "visit_type", "cause", "initiator", "set_by",
    "lost_at", "ready_from", "useful_until", "weight", "reasons", "level", "state", "minutes", "claimed_by",
    "claimed_at", "claimed_until", "tries", "next_step", "not_before", "pinned_until",
)  # fmt: skip
_OF_HOLDER = ("first_name", "last_name", "username")
LIMITS = "limits of tries"
_SHOWN = (
    *_OF_ITEM,
    *(f"claimed_by__{name}" for name in _OF_HOLDER),
    *(f"appointment__{name}" for name in _OF_VISIT),
    *(f"{path}__{name}" for path in ("patient", "appointment__patient") for name in _OF_PATIENT),
)


@dataclass
class Queue:
    """One person's queue at one moment, as the address asks for it."""

    request: HttpRequest
    now: datetime
    beside: Mapping[str, Question] = field(default_factory=dict)  # what the page asks along with the counts
    opened: QueueItem | None = None  # the item that stands beside the list

    @cached_property
    def trusts(self) -> list[ClinicTrust]:
        """The person's clinics."""
        return trusts_for(self.request, self.now)

    @cached_property
    def by_clinic(self) -> Mapping[int, ClinicTrust]:
        """The same by id."""
        return {trust.clinic_id: trust for trust in self.trusts}

    @cached_property
    def filters(self) -> QueueFilter:
        """The menus; an unreadable value filters nothing."""
        items = QueueItem.objects.visible_to(self.request.user).in_queue(self.trusts, self.now)
        return QueueFilter(self.request.GET, queryset=items, trusts=self.trusts, now=self.now)

    @property
    def sight(self) -> Sight:
        """For whom the list is cut."""
        return Sight(self.request.user, self.trusts, self.now)

    @cached_property
    def filtered(self) -> QueueItemQuerySet:
        """What the menus leave."""
        found: QueueItemQuerySet = self.filters.qs
        return found

    @cached_property
    def split_name(self) -> str:
        """The split in force."""
        asked = self.request.GET.get("split", "")
        return asked if asked in SPLITS else ""

    @cached_property
    def items(self) -> QueueItemQuerySet:
        """What the split leaves."""
        return split(self.filtered, self.split_name, self.sight)

    @cached_property
    def found(self) -> dict[str, Any]:
        """How many each split holds, and the answers to ``beside``; one query, which the rail shares."""
        lists = {name: split(self.filtered, name, self.sight) for name in SPLITS}
        asked = {name: how_many(items, MOST_OF_SPLIT) for name, items in lists.items()}
        asked |= {LIMITS: limits_question(self.by_clinic, self.now), **self.beside}
        return answers_with_rail(self.request, partial(has_any_role, self.request.user), asked)

    @cached_property
    def counts(self) -> dict[str, Count]:
        """How many each split holds, bounded."""
        return {name: capped(self.found[name], MOST_OF_SPLIT) for name in SPLITS}

    @cached_property
    def splits(self) -> list[Split]:
        """The splits as links that keep the menus and let go of the opened row."""
        labels = [(name, label) for name, (label, _) in SPLITS.items()]
        return splits(self.request, labels, counts=dict(self.counts))

    @cached_property
    def page(self) -> Page[QueueItem]:
        """One page, best chance first."""
        ranked = self.items.ranked(self.now).with_sight(self.request.user)
        ranked = ranked.select_related("appointment__patient", "patient", "claimed_by").only(*_SHOWN)
        return keyset_page(ranked, order=RANK_ORDER, cursor=self.request.GET.get("after", ""))

    @cached_property
    def blocks(self) -> Mapping[int, list[Reason]]:
        """What stands in the way of the page's rows and of the opened item; one query."""
        return blocks_of([*self.page.rows, *([self.opened] if self.opened is not None else [])], self.now)

    @cached_property
    def rows(self) -> list[QueueRow]:
        """The page's rows in words."""
        asked, prefix = self.request.GET.get("item", ""), open_prefix(self.request)
        beside = Beside(self.request.user.pk, self.blocks, limits_from(self.found[LIMITS]))
        return [
            queue_row(
                item,
                self.by_clinic,
                beside,
                now=self.now,
                url=f"{prefix}{item.pk}",
                is_current=str(item.pk) == asked,
            )
            for item in self.page.rows
        ]

    @property
    def next_row(self) -> QueueRow | None:
        """The best row that may be worked, after the one that is open."""
        at = next((place for place, row in enumerate(self.rows) if row.is_current), -1)
        workable = [row for row in [*self.rows[at + 1 :], *self.rows[: max(at, 0)]] if row.is_to_do]
        return workable[0] if workable else None

    @property
    def lede(self) -> str:
        """How many, and how many of them end soon."""
        total, soon = self.counts[""], self.counts["soon"]
        if not total:
            return "No open chances." if self.is_whole else "No open chances under these filters."
        ends = (
            f"{soon} {'ends' if soon.value == 1 else 'end'} within the hour." if soon else "None ends within the hour."
        )
        return f"{total} open {'chance' if total.value == 1 else 'chances'}. {ends}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing narrows the list."""
        return not self.split_name and not any(self.request.GET.get(name) for name in self.filters.filters)

    @property
    def slowest(self) -> str:
        """The oldest feed of all, in words."""
        return slowest_words(self.trusts, self.now)

    @property
    def sources(self) -> list[ClinicTrust]:
        """One clinic of each source, the source with the oldest data first; its slowest feed counts for all."""
        of_source = {trust.source_id: trust for trust in self.trusts}
        never = datetime.min.replace(tzinfo=UTC)
        return sorted(of_source.values(), key=lambda one: one.feed.proven_at if one.feed else never)

    @cached_property
    def stale(self) -> list[ClinicTrust]:
        """Launched clinics whose data is too old for a refill today."""
        return [
            trust
            for trust in self.trusts
            if trust.mode_of(Decision.REFILL_24H) != LaunchMode.OBSERVING
            and trust.freshness(Decision.REFILL_24H, self.now) == Level.HELD
        ]

    @property
    def stale_words(self) -> str:
        """Where refills for today wait, and for which feed."""
        return stale_words(self.stale, self.now)


def stale_words(stale: Sequence[ClinicTrust], now: datetime) -> str:
    """Where refills wait, feed by feed: "at Harbor Pediatrics (Harbor FHIR is 36 min old) and at 6 clinics (…)"."""
    of_feed: dict[str, list[str]] = {}
    for trust in stale:
        age = trust.age(now)
        why = "no feed has proven itself" if age is None or trust.feed is None else f"{trust.feed.name} is {_old(age)}"
        of_feed.setdefault(why, []).append(trust.name)
    parts = [f"at {names[0] if len(names) == 1 else f'{len(names)} clinics'} ({why})" for why, names in of_feed.items()]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _old(age: timedelta) -> str:
    return f"{span(age.total_seconds())} old"


def open_prefix(request: HttpRequest) -> str:
    """The same page of the list with one row open, up to that row's id."""
    query = request.GET.copy()
    query.pop("item", None)
    return f"?{query.urlencode()}&item=" if query else "?item="


def slowest_words(trusts: Sequence[ClinicTrust], now: datetime) -> str:
    """The oldest feed of these clinics: "Lakeview RIS, 22 min"; "" where no feed ever proved anything."""
    ages: list[tuple[timedelta, str]] = [
        (age, trust.feed.name) for trust in trusts if trust.feed is not None and (age := trust.age(now)) is not None
    ]
    if not ages:
        return ""
    age, name = max(ages)
    return f"{name}, {span(age.total_seconds())}"


def all_url(request: HttpRequest) -> str:
    """The whole queue again."""
    return with_query(request, split="", clinic="", kind="", step="", verdict="", data="", item="")
