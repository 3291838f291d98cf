"""Which items are asked for: splits and menus, all in the address as words and ids."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from config.web.menus import Menu, menu
from recovery.models import QueueItem
from recovery.querysets import QueueItemQuerySet, ageing_q, stale_q
from recovery.trust import ClinicTrust
from recovery.vocabulary import Family

HOUR = timedelta(hours=1)
Items = QueueItemQuerySet
_Split = Callable[[Items, Sequence[ClinicTrust], datetime], Items]

SPLITS: Mapping[str, tuple[str, _Split]] = {
    "soon": ("Under 1 h", lambda items, _trusts, now: items.filter(useful_until__lte=now + HOUR)),
    "held": ("Held", lambda items, trusts, now: items.held(trusts, now)),
    "ready": ("Ready", lambda items, trusts, now: items.workable(trusts, now)),
    "refill": ("Refill", lambda items, _trusts, _now: items.filter(family=Family.REFILL)),
    "missed": ("Rebook missed", lambda items, _trusts, _now: items.filter(family=Family.REBOOK_MISSED)),
    "bumped": ("Rebook bumped", lambda items, _trusts, _now: items.filter(family=Family.REBOOK_BUMPED)),
    "": ("All", lambda items, _trusts, _now: items),
}
VERDICTS = (("ready", "Ready"), ("warn", "Look first"), ("held", "Held"))
DATA = (("fresh", "Fresh"), ("ageing", "Ageing"), ("old", "Too old"))


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The menus of the queue; ``trusts`` are the person's clinics as of ``now``."""

    clinic = django_filters.NumberFilter(field_name="clinic_id")
    kind = django_filters.ChoiceFilter(field_name="family", choices=Family.choices)
    verdict = django_filters.ChoiceFilter(choices=VERDICTS, method="by_verdict")
    data = django_filters.ChoiceFilter(choices=DATA, method="by_data")

    class Meta:
        model = QueueItem
        fields = ("clinic", "kind", "verdict", "data")

    def __init__(self, data: Any, *, queryset: Items, trusts: Sequence[ClinicTrust], now: datetime) -> None:
        super().__init__(data, queryset=queryset)
        self.trusts, self.now = trusts, now

    def by_verdict(self, items: Items, name: str, value: str) -> Items:  # noqa: ARG002 - django-filter passes it
        """Keep one level of the verdict."""
        return {"ready": items.ready, "warn": items.warned, "held": items.held}[value](self.trusts, self.now)

    def by_data(self, items: Items, name: str, value: str) -> QuerySet[QueueItem]:  # noqa: ARG002 - django-filter passes it
        """Keep items whose data is fresh, ageing or too old for their own decision."""
        stale, ageing = stale_q(self.trusts, self.now), ageing_q(self.trusts, self.now)
        return {"old": items.filter(stale), "ageing": items.filter(ageing), "fresh": items.exclude(stale | ageing)}[
            value
        ]

    def menus(self, request: HttpRequest) -> list[Menu]:
        """The filters as menus of links."""
        clinics = [(str(trust.clinic_id), trust.name) for trust in self.trusts]
        return [
            menu(request, "clinic", "Clinic", clinics, all_label=f"All {len(clinics)}"),
            menu(request, "kind", "Kind", Family.choices),
            menu(request, "verdict", "Verdict", VERDICTS),
            menu(request, "data", "Data", DATA),
        ]


def split(items: Items, name: str, trusts: Sequence[ClinicTrust], now: datetime) -> Items:
    """Cut the list; an unknown name is no cut."""
    _, cut = SPLITS.get(name, SPLITS[""])
    return cut(items, trusts, now)
