"""Which rows of the audit trail are asked for."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.selectors import SPLITS
from config.web.menus import Menu, Split, menu, splits

FIELD = {"class": "field"}
DAYS = (("1", "Last 24 h"), ("7", "Last 7 days"), ("30", "Last 30 days"))


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped package
    """All of it stands in the address: ids and words only, never a patient's name."""

    split = django_filters.ChoiceFilter(
        choices=[(key, label) for key, (label, _) in SPLITS.items()], method="by_split", widget=forms.HiddenInput
    )
    actor = django_filters.ModelChoiceFilter(queryset=User.objects.order_by("last_name", "first_name", "username"))
    days = django_filters.ChoiceFilter(choices=DAYS, method="by_days")
    patient = django_filters.NumberFilter(
        method="by_patient",
        label="Patient id",
        min_value=1,
        widget=forms.TextInput(attrs=FIELD | {"placeholder": "Patient row id", "inputmode": "numeric"}),
    )

    class Meta:
        model = AuditEntry
        fields = ("split", "actor", "days", "patient")

    def by_split(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:  # noqa: ARG002 - django-filter passes it
        """Keep the actions of a split."""
        return queryset.filter(action__in=SPLITS[value][1])

    def by_days(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:  # noqa: ARG002 - django-filter passes it
        """Keep rows of the last days, each 24 hours long."""
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(value)))

    def by_patient(self, queryset: QuerySet[AuditEntry], name: str, value: Any) -> QuerySet[AuditEntry]:  # noqa: ARG002 - django-filter passes it
        """Keep rows that showed or changed one patient."""
        return queryset.filter(patients__contains=[int(value)])

    def menus(self, request: HttpRequest) -> list[Menu]:
        """The filters that open as menus of links."""
        people = [(str(person.pk), str(person)) for person in User.objects.order_by("last_name", "first_name")[:200]]
        return [menu(request, "actor", "Person", people), menu(request, "days", "When", DAYS)]

    @staticmethod
    def splits(request: HttpRequest) -> list[Split]:
        """The ways to cut the trail, as links."""
        return splits(request, [("", "All"), *((key, label) for key, (label, _) in SPLITS.items())])
