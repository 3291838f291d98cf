"""Which exceptions are asked for; all of it stands in the address, and none of it names a patient."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.db.models import Q
from django.db.models.functions import Least
from django.http import HttpRequest

from accounts.models import Clinic
from accounts.scope import grants_of
from config.web.asking import Question, rows_of, written_once
from config.web.ids import read_id
from config.web.menus import Menu, menu
from exceptions.catalogue import CATALOGUE
from exceptions.models import IntegrationException
from exceptions.querysets import CLOCKS, IntegrationExceptionQuerySet
from exceptions.routing import By
from exceptions.selectors.routing_page import seen_rules
from scheduling.vocabulary import PATIENT_FACING, Decision

Rows = IntegrationExceptionQuerySet

# Orders that a keyset can follow: no nulls, the last column unique.
ORDERS = {
    "": ("severity", "-live_count", "-id"),
    "next": ("next_at", "id"),
    "held": ("-live_count", "-id"),
    "newest": ("-occurred_last", "-id"),
    "oldest": ("opened_at", "id"),
}
ORDER_LABELS = [
    ("next", "Next step first"),
    ("held", "Most held"),
    ("newest", "Last happened"),
    ("oldest", "Open longest"),
]
AFTER_RULES: dict[str, str] = {
    By.FEED: "The feed's team",
    By.CHECK: "The kind's team",
    By.CATCH_ALL: "The catch-all team",
}
# Behind every clock that runs.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
MOST_CLINICS = 500


def ordered(queryset: Rows, sort: str) -> tuple[Rows, tuple[str, ...]]:
    """Return what an order needs to be read, and the order; a word that is none of them is the worst first."""
    order = ORDERS.get(sort, ORDERS[""])
    if "next_at" in order:
        queryset = queryset.annotate(next_at=Least(*CLOCKS, NEVER))
    return queryset, order


def filtered(request: HttpRequest, queryset: Rows) -> Rows:
    """What the toolbar leaves; without a filter in the address none is built."""
    if not is_filtered(request):
        return queryset
    found: Rows = ExceptionFilter(request.GET, queryset=queryset).qs
    return found


def is_filtered(request: HttpRequest) -> bool:
    """Whether the toolbar narrows the list."""
    return any(request.GET.get(name) for name in ExceptionFilter.Meta.fields)


class ExceptionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The toolbar; the splits stand apart, so that their counts know every other filter."""

    q = django_filters.CharFilter(method="by_text", max_length=80)
    source = django_filters.NumberFilter(field_name="source_id")
    clinic = django_filters.NumberFilter(field_name="clinic_id")
    kind = django_filters.CharFilter(field_name="check_id", max_length=40)
    blocks = django_filters.ChoiceFilter(choices=Decision.choices, method="by_decision")
    route = django_filters.CharFilter(method="by_route", max_length=20)

    class Meta:
        model = IntegrationException
        fields = ("q", "source", "clinic", "kind", "blocks", "route")

    def by_text(self, queryset: Rows, name: str, value: str) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep rows whose raw value, kind, source or clinic has the words."""
        kinds = [check.id for check in CATALOGUE.values() if value.lower() in check.title.lower()]
        return queryset.filter(
            Q(raw__icontains=value)
            | Q(check_id__in=kinds)
            | Q(source__name__icontains=value)
            | Q(clinic__name__icontains=value)
        )

    def by_decision(self, queryset: Rows, name: str, value: str) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep rows of checks that block a decision."""
        return queryset.filter(check_id__in=[check.id for check in CATALOGUE.values() if value in check.blocks])

    def by_route(self, queryset: Rows, name: str, value: str) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep rows that one rule gave their owner (its id), or what comes after all rules (a ``By``)."""
        return queryset.filter(routed_q(value))


def routed_q(chosen: str) -> Q:
    """Rows whose owner was chosen by a rule (its id) or by what comes after all rules (a ``By``)."""
    if rule := read_id(chosen):
        return Q(route__by=By.RULE, route__rule=rule)
    # What was opened before there were rules counts as sent to the team of its kind.
    return Q(route__by=chosen) | Q(route__isnull=True) if chosen == By.CHECK else Q(route__by=chosen)


def menu_questions(request: HttpRequest) -> Mapping[str, Question]:
    """What the menus offer beside words of our own: the clinics in scope with their sources."""

    def write() -> Mapping[str, Question]:
        clinics = Clinic.objects.visible_to(request.user).order_by("name", "id")
        return {"clinics": rows_of(clinics.values("id", "name", "source_id", "source__name")[:MOST_CLINICS])}

    named = seen_rules(request.user).filter(pk=read_id(request.GET.get("route", ""))).values("name")
    rule = rows_of(named) if request.GET.get("route") else Question(None, nothing=[])
    return {**written_once(("clinics of menus", grants_of(request.user)), write), "rule": rule}


def menus_for(request: HttpRequest, found: Mapping[str, Any]) -> list[Menu]:
    """The filters that open as menus of links, from the answers to ``menu_questions``."""
    clinics = found["clinics"]
    sources = sorted({(clinic["source__name"], clinic["source_id"]) for clinic in clinics})
    kinds = sorted((check.title, check.id) for check in CATALOGUE.values())
    menus = [
        menu(request, "source", "Source", [(str(pk), name) for name, pk in sources]),
        menu(request, "clinic", "Clinic", [(str(clinic["id"]), clinic["name"]) for clinic in clinics]),
        menu(request, "kind", "Kind", [(check_id, title) for title, check_id in kinds]),
        menu(request, "blocks", "Blocks", [(decision.value, decision.label) for decision in PATIENT_FACING]),
        menu(request, "sort", "Sort", ORDER_LABELS, all_label="Worst first"),
    ]
    # Only the page of rules leads to it, so it is offered for taking off alone.
    if asked := request.GET.get("route", ""):
        names = [row["name"] for row in found["rule"]] or [AFTER_RULES.get(asked, "A rule")]
        menus.insert(-1, menu(request, "route", "Routed by", [(asked, names[0])]))
    return menus
