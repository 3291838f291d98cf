"""The settings of an HL7 v2 feed, with the defaults that make ``{}`` read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scheduling.readers.hl7.segments import parse_place


@dataclass(frozen=True, slots=True)
class Hl7Profile:
    """What a feed's settings say about reading; each attribute is a key of the profile.

    Places are written ``SCH-2`` or ``AIL-3.4``; a list of places means the first that says something.
    """

    appointment_id: tuple[str, ...] = ("SCH-2", "SCH-1")  # filler, then placer
    ignore_namespace: bool = False  # senders that change it between messages of one appointment
    status_from: tuple[str, ...] = ("SCH-25",)  # add SCH-8.2 for MEDITECH
    status_components: tuple[int, ...] = (1, 4)  # of SCH-25, joined by "&": OpTime sends two statuses in one field
    visit_type_from: tuple[str, ...] = ("AIS-3", "SCH-8")
    clinic_from: tuple[str, ...] = ("AIL-3.1", "PV1-3.1")
    source_time: tuple[str, ...] = ()  # default: MSH-7; EVN-2, then MSH-7 for ADT
    time_formats: tuple[str, ...] = ()  # strptime formats beside HL7's and ISO's
    patient_id: tuple[str, ...] = ("PID-3",)  # add PID-2 or PID-4 for feeds older than 2.3
    patient_id_type: str = "MR"
    duration_units: Mapping[str, str] = field(default_factory=dict)  # spelling -> "s", "min", "h"


DEFAULTS = Hl7Profile()


def read_profile(profile: Mapping[str, Any]) -> Hl7Profile:
    """The feed's settings; ValueError (at the first message, so at set-up) where a place names no field."""
    if not profile:
        return DEFAULTS
    units = {unit.lower(): "s" for unit in _words(profile, "seconds_units")}
    units |= {unit.lower(): meaning for unit, meaning in profile.get("duration_units", {}).items()}
    return Hl7Profile(
        appointment_id=_places(profile, "appointment_id") or DEFAULTS.appointment_id,
        ignore_namespace=bool(profile.get("ignore_namespace", False)),
        status_from=_places(profile, "status_from") or DEFAULTS.status_from,
        status_components=tuple(profile.get("status_components", DEFAULTS.status_components)),
        visit_type_from=_places(profile, "visit_type_from") or DEFAULTS.visit_type_from,
        clinic_from=_places(profile, "clinic_from") or DEFAULTS.clinic_from,
        source_time=_places(profile, "source_time"),
        time_formats=_words(profile, "time_formats"),
        patient_id=_places(profile, "patient_id") or DEFAULTS.patient_id,
        patient_id_type=str(profile.get("patient_id_type", DEFAULTS.patient_id_type)),
        duration_units=units,
    )


def _words(profile: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A setting that may be one text or a list of them."""
    stated = profile.get(key) or ()
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _places(profile: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return _checked(_words(profile, key))


@lru_cache(maxsize=256)
def _checked(places: tuple[str, ...]) -> tuple[str, ...]:
    for place in places:
        parse_place(place)
    return places
