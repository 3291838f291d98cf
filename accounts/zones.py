"""The zone a person reads times in where a page covers several clinics."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.db.models import Count

from accounts.models import Clinic

KEPT_SECONDS = 300
UTC_NAME = "UTC"


def zone_of(user: Any) -> ZoneInfo:
    """The zone a person chose, else the one most of their clinics have, else UTC.

    Pages about one clinic pass the clinic's zone to their tags.
    """
    chosen: str = getattr(user, "timezone", "")
    if chosen or user is None or not user.is_authenticated:
        return ZoneInfo(chosen or UTC_NAME)
    name = caches["local"].get_or_set(f"zone-{user.pk}", lambda: _commonest(user), KEPT_SECONDS)
    return ZoneInfo(name or UTC_NAME)


def _commonest(user: Any) -> str:
    """The commonest zone of a person's clinics, by name where two are as common; one query."""
    zones = Clinic.objects.visible_to(user).order_by().values("timezone").annotate(number=Count("pk"))
    first = zones.order_by("-number", "timezone").first()
    return first["timezone"] if first else UTC_NAME
