"""The settings of an HL7 v2 feed, with the defaults that make ``{}`` read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import orjson

from scheduling.readers import keeping
from scheduling.readers.hl7.places import Place, parse_place

SCH_25: Final = Place("SCH", 25)


@dataclass(frozen=True, slots=True, eq=False)
class Hl7Profile:
    """What a feed's settings say about reading; each attribute is a key of the profile.

    Profiles are compared by identity; `kept_profile` gives the same one for the same settings.

    In the profile a place is a text such as ``SCH-2`` or ``AIL-3.4``. Of several places the first that says something
    counts.
    """

    appointment_id: tuple[Place, ...] = (Place("SCH", 2), Place("SCH", 1))  # filler, then placer
    ignore_namespace: bool = False  # for senders that change it between messages of one appointment
    status_from: tuple[Place, ...] = (SCH_25,)  # SCH-25 then SCH-8.2 for MEDITECH
    status_components: tuple[int, ...] = (1, 4)  # of SCH-25, joined by "&": OpTime sends two statuses in one field
    visit_type_from: tuple[Place, ...] = (Place("AIS", 3), Place("SCH", 8))
    clinic_from: tuple[Place, ...] = (Place("AIL", 3, 1), Place("PV1", 3, 1))
    source_time: tuple[Place, ...] = ()  # unset: MSH-7, for ADT EVN-2 and then MSH-7
    time_formats: tuple[str, ...] = ()  # strptime formats beside HL7's and ISO's
    patient_id: tuple[Place, ...] = (Place("PID", 3),)  # PID-3 then PID-2 for feeds older than 2.3
    patient_id_type: str = "MR"
    duration_units: Mapping[str, str] = field(default_factory=dict)  # own spelling -> "s", "min", "h"


DEFAULTS: Final = Hl7Profile()


def kept_profile(profile: Mapping[str, Any]) -> Hl7Profile:
    """The feed's settings, made once for the same settings; ValueError as `read_profile`."""
    return _kept_profile(orjson.dumps(profile)) if profile else DEFAULTS


@lru_cache(maxsize=keeping.CONTEXTS)
def _kept_profile(profile: bytes) -> Hl7Profile:
    return read_profile(orjson.loads(profile))


def read_profile(profile: Mapping[str, Any]) -> Hl7Profile:
    """The feed's settings; ValueError where a place names no field. Validate settings with this before storing them."""
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


def _places(profile: Mapping[str, Any], key: str) -> tuple[Place, ...]:
    return tuple(SCH_25 if text == "SCH-25" else parse_place(text) for text in _words(profile, key))
