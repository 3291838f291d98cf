"""Which exceptions are asked for; all of it stands in the address, and none of it names a patient."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from accounts.models import Clinic
from config.web.menus import Menu, Split, menu, splits
from exceptions.catalogue import CATALOGUE
from exceptions.models import IntegrationException
from exceptions.querysets import blocking_q, in_state_q, mine_q, nobodys_q, team_q, unresolved_q
from exceptions.vocabulary import State
from scheduling.vocabulary import PATIENT_FACING, Decision

Rows = QuerySet[IntegrationException]

# Orders that a keyset can follow: no nulls, the last column unique.
ORDERS = {
    "": ("severity", "-live_count", "-id"),
    "newest": ("-occurred_last", "-id"),
    "oldest": ("opened_at", "id"),
}
ORDER_LABELS = [("newest", "Last happened"), ("oldest", "Open longest")]
SPLIT_LABELS = [
    ("blocking", "Blocking now"),
    ("mine", "Mine"),
    ("team", "My team"),
    ("nobody", "Nobody's"),
    ("cleared", "Cleared unseen"),
    ("muted", "Muted"),
    ("closed", "Closed"),
    ("", "All"),
]


def split_q(split: str, user: Any) -> Q:
    """Return what a split keeps; a word that is none of them keeps all that is not closed."""
    if split == "team":
        return team_q(user)
    if split == "mine":
        return mine_q(user)
    kept = {
        "blocking": blocking_q(),
        "nobody": nobodys_q(),
        "cleared": in_state_q(State.CLEARED_UNSEEN),
        "muted": in_state_q(State.MUTED),
        "closed": in_state_q(State.RESOLVED),
    }
    return kept.get(split, unresolved_q())


def split_counts(queryset: QuerySet[IntegrationException], user: Any) -> dict[str, int]:
    """Count every split exactly, in one query."""
    counts = {key or "all": Count("pk", filter=split_q(key, user)) for key, _ in SPLIT_LABELS}
    found: dict[str, int] = queryset.order_by().aggregate(**counts)
    found[""] = found.pop("all")
    return found


class ExceptionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The toolbar; the splits stand apart, so that their counts know every other filter."""

    q = django_filters.CharFilter(
        method="by_text",
        label="Search this list",
        max_length=80,
        widget=forms.TextInput(
            attrs={"class": "field field--search", "type": "search", "placeholder": "Code, source or clinic"}
        ),
    )
    source = django_filters.NumberFilter(field_name="source_id")
    clinic = django_filters.NumberFilter(field_name="clinic_id")
    kind = django_filters.CharFilter(field_name="check_id", max_length=40)
    blocks = django_filters.ChoiceFilter(choices=Decision.choices, method="by_decision")

    class Meta:
        model = IntegrationException
        fields = ("q", "source", "clinic", "kind", "blocks")

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


def menus_for(request: HttpRequest) -> list[Menu]:
    """The filters that open as menus of links; one query."""
    clinics = list(Clinic.objects.visible_to(request.user).select_related("source").order_by("name", "id")[:500])
    sources = sorted({(clinic.source.name, clinic.source_id) for clinic in clinics})
    kinds = sorted((check.title, check.id) for check in CATALOGUE.values())
    return [
        menu(request, "source", "Source", [(str(pk), name) for name, pk in sources]),
        menu(request, "clinic", "Clinic", [(str(clinic.pk), clinic.name) for clinic in clinics]),
        menu(request, "kind", "Kind", [(check_id, title) for title, check_id in kinds]),
        menu(request, "blocks", "Blocks", [(decision.value, decision.label) for decision in PATIENT_FACING]),
        menu(request, "sort", "Sort", ORDER_LABELS, all_label="Worst first"),
    ]


def splits_for(request: HttpRequest, counts: dict[str, int]) -> list[Split]:
    """The ways to cut the list, as links with their exact counts."""
    return splits(request, SPLIT_LABELS, counts=dict(counts))
