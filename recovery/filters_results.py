"""Which results are asked for: clinics, days, kind of work, notice; all in the address as words, dates and ids."""

from datetime import date, datetime, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from accounts.vocabulary import Role
from accounts.zones import zone_of
from config.web.menus import Menu, menu
from recovery.metrics.definitions import NOTICE, NOTICES
from recovery.metrics.periods import Period, PeriodError, period
from recovery.selectors.results_scope import Place, Scope
from recovery.vocabulary import Family

READERS = (Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN, Role.AUDITOR)
DAYS = (("7", "Last 7 days"), ("28", "Last 4 weeks"), ("91", "Last 13 weeks"), ("364", "Last 52 weeks"))
HOURS = tuple((str(hours), f"{hours} h or more") for hours in NOTICES)


class ResultsFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The toolbar. Source and clinic narrow the clinics; the others say what is counted of them."""

    since = django_filters.DateFilter(method="kept")
    until = django_filters.DateFilter(method="kept")
    days = django_filters.ChoiceFilter(choices=DAYS, method="kept")
    source = django_filters.NumberFilter(field_name="source_id")
    clinic = django_filters.NumberFilter(field_name="pk")
    kind = django_filters.ChoiceFilter(choices=Family.choices, method="kept")
    notice = django_filters.ChoiceFilter(choices=HOURS, method="kept")

    class Meta:
        model = Clinic
        fields = ("since", "until", "days", "source", "clinic", "kind", "notice")

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        seen = Clinic.objects.visible_to(request.user).filter(
            clinic_scope_q(request.user, "pk", "source", roles=READERS), is_test=False
        )
        super().__init__(request.GET, queryset=seen.select_related("source").order_by("name", "pk"))
        self.asked_by, self.now = request, now

    def kept(self, clinics: QuerySet[Clinic], name: str, value: Any) -> QuerySet[Clinic]:  # noqa: ARG002 - django-filter passes it
        """Leave the clinics as they are: the filter is about what is counted."""
        return clinics

    def said(self, name: str) -> Any:
        """What was chosen; None where nothing readable was."""
        self.form.is_valid()
        return self.form.cleaned_data.get(name) or None

    @property
    def period(self) -> Period:
        """The days asked for, those of the person's own today where none are. Raises PeriodError."""
        today = self.now.astimezone(zone_of(self.asked_by.user)).date()
        if self.said("days"):  # chosen from the menu after days were typed
            return period(today - timedelta(days=int(self.said("days")) - 1), today, today)
        if set(self.form.errors) & {"since", "until"}:
            raise PeriodError("Choose dates as year-month-day, such as 2026-11-24.")
        first: date | None = self.said("since")
        last: date | None = self.said("until")
        return period(first, last, today)

    def scope(self) -> Scope:
        """What is to be counted; one query. Raises PeriodError."""
        kind, hours = self.said("kind"), self.said("notice")
        return Scope(
            {clinic.pk: Place(clinic.pk, clinic.name, clinic.zone) for clinic in self.qs},
            self.period,
            self.now,
            (Family(kind),) if kind else tuple(Family),
            timedelta(hours=int(hours)) if hours else NOTICE,
        )

    def menus(self, request: HttpRequest) -> list[Menu]:
        """The filters that open as menus of links; one query."""
        clinics = list(self.queryset)
        sources = sorted({(clinic.source.name, str(clinic.source_id)) for clinic in clinics})
        usual = f"{NOTICE // timedelta(hours=1)} h or more"
        return [
            menu(request, "days", "Days", DAYS, all_label="Last 4 weeks"),
            menu(request, "source", "Source", [(pk, name) for name, pk in sources]),
            menu(request, "clinic", "Clinic", [(str(clinic.pk), clinic.name) for clinic in clinics]),
            menu(request, "kind", "Kind", Family.choices),
            menu(request, "notice", "Notice", HOURS, all_label=usual),
        ]

    def words(self, scope: Scope) -> list[tuple[str, str]]:
        """What is counted, in words, for the head of an export."""
        kinds = ", ".join(family.label for family in scope.families)
        return [
            ("From", scope.period.first.isoformat()),
            ("Until", scope.period.last.isoformat()),
            ("Clinics", ", ".join(place.name for place in scope.places.values()) or "None"),
            ("Kinds", kinds),
            ("Least notice", f"{scope.notice // timedelta(hours=1)} h"),
            ("Counted at", f"{scope.now:%Y-%m-%d %H:%M} UTC"),
        ]
