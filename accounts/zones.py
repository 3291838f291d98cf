"""The zone a person reads times in where a page covers several clinics."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count

from accounts.models import Clinic

ZONE_NAME = "_desk_zone"
UTC_NAME = "UTC"


def zone_of(user: Any) -> ZoneInfo:
    """The zone a person chose, else the one most of their clinics have, else UTC.

    Pages about one clinic pass the clinic's zone to their tags.
    """
    chosen: str = getattr(user, "timezone", "")
    if chosen or user is None or not user.is_authenticated:
        return ZoneInfo(chosen or UTC_NAME)
    # The person of a request comes with it (accounts.backends).
    if not hasattr(user, ZONE_NAME):
        setattr(user, ZONE_NAME, _commonest(user))
    return ZoneInfo(getattr(user, ZONE_NAME) or UTC_NAME)


def _commonest(user: Any) -> str:
    """The commonest zone of a person's clinics, by name where two are as common; one query."""
    zones = Clinic.objects.visible_to(user).order_by().values("timezone").annotate(number=Count("pk"))
    first = zones.order_by("-number", "timezone").first()
    return first["timezone"] if first else UTC_NAME
