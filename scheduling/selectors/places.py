"""The clinics a person may see, asked once a page and used for names, zones and menus."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Clinic
from accounts.zones import zone_of

UTC_ZONE = ZoneInfo("UTC")


class Places:
    """Clinics by id, in order of their names; a clinic out of sight has a name and a zone of nowhere."""

    def __init__(self, clinics: list[Clinic]) -> None:
        self.clinics = clinics
        self._by_id = {clinic.pk: clinic for clinic in clinics}

    @classmethod
    def visible_to(cls, user: Any) -> "Places":
        """The person's clinics with their sources; one query."""
        return cls(list(Clinic.objects.visible_to(user).select_related("source").order_by("name", "id")))

    def zone(self, clinic_id: int | None) -> ZoneInfo:
        """The zone of a clinic; UTC where it is not known."""
        clinic = self._by_id.get(clinic_id) if clinic_id else None
        return clinic.zone if clinic else UTC_ZONE

    def name(self, clinic_id: int | None, code: str | None = None) -> str:
        """The name of a clinic, else the code that the source gave."""
        clinic = self._by_id.get(clinic_id) if clinic_id else None
        return clinic.name if clinic else f"Clinic {code}" if code else "Clinic not known"

    def home_zone(self, user: Any, clinic_id: int | None = None) -> ZoneInfo:
        """The zone in which "today" is meant: the chosen clinic's, else the person's own (``accounts.zones``)."""
        if clinic_id in self._by_id:
            return self.zone(clinic_id)
        return zone_of(user)


def start_of_day(now: datetime, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """Local midnight ``days`` after today, in ``zone``; a day of a DST change is 23 or 25 hours long."""
    local = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return (local + timedelta(days=days)).replace(tzinfo=zone)
