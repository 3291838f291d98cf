"""Which items are asked for: splits and menus, all in the address as words and ids."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from config.web.menus import Menu, menu
from recovery.models import QueueItem
from recovery.querysets import QueueItemQuerySet, ageing_q, stale_q
from recovery.trust import ClinicTrust
from recovery.vocabulary import Family, NextStep

HOUR = timedelta(hours=1)
Items = QueueItemQuerySet


@dataclass(frozen=True)
class Sight:
    """For whom a list is cut: the person, their clinics, the moment."""

    user: Any
    trusts: Sequence[ClinicTrust]
    now: datetime


_Split = Callable[[Items, Sight], Items]
SPLITS: Mapping[str, tuple[str, _Split]] = {
    "ready": ("Ready", lambda items, sight: items.workable(sight.trusts, sight.now).to_do_by(sight.user, sight.now)),
    "mine": ("Mine", lambda items, sight: items.mine(sight.user, sight.now)),
    "due": ("Due", lambda items, sight: items.due(sight.now)),
    "soon": ("Under 1 h", lambda items, sight: items.filter(useful_until__lte=sight.now + HOUR)),
    "held": ("Held", lambda items, sight: items.held(sight.trusts, sight.now)),
    "resting": ("Resting", lambda items, sight: items.resting(sight.now)),
    "refill": ("Refill", lambda items, _sight: items.filter(family=Family.REFILL)),
    "missed": ("Missed", lambda items, _sight: items.filter(family=Family.REBOOK_MISSED)),
    "bumped": ("Bumped", lambda items, _sight: items.filter(family=Family.REBOOK_BUMPED)),
    "confirm": ("Confirm", lambda items, _sight: items.filter(family=Family.CONFIRM)),
    "": ("All", lambda items, _sight: items),
}
# Splits by what is to be recovered; the others say where the work on it stands.
BY_ACTION = frozenset({"soon", "refill", "missed", "bumped", "confirm"})
VERDICTS = (("ready", "Ready"), ("warn", "Look first"), ("held", "Held"))
DATA = (("fresh", "Fresh"), ("ageing", "Ageing"), ("old", "Too old"))


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The menus of the queue; ``trusts`` are the person's clinics as of ``now``."""

    clinic = django_filters.NumberFilter(field_name="clinic_id")
    kind = django_filters.ChoiceFilter(field_name="family", choices=Family.choices)
    step = django_filters.ChoiceFilter(field_name="next_step", choices=NextStep.choices)
    verdict = django_filters.ChoiceFilter(choices=VERDICTS, method="by_verdict")
    data = django_filters.ChoiceFilter(choices=DATA, method="by_data")

    class Meta:
        model = QueueItem
        fields = ("clinic", "kind", "step", "verdict", "data")

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
            menu(request, "step", "Next step", NextStep.choices),
            menu(request, "verdict", "Verdict", VERDICTS),
            menu(request, "data", "Data", DATA),
        ]


def split(items: Items, name: str, sight: Sight) -> Items:
    """Cut the list; an unknown name is no cut."""
    _, cut = SPLITS.get(name, SPLITS[""])
    return cut(items, sight)
