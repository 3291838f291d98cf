"""FHIR R4 resources as Harbor posts them: Appointment, Encounter, Patient and Slot, times with the clinic's offset."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from scheduling.simulator.codes import Code, Odd
from scheduling.simulator.names import TOWNS
from scheduling.simulator.people import PatientState
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import PATIENT_KINDS, SlotState, TruthEvent, VisitState
from scheduling.vocabulary import EventKind

Resource = dict[str, Any]
NO_SHIFT = timedelta(0)
TYPES = "https://harbor.example/visit-types"
REASONS_SYSTEM = "https://harbor.example/cancel-reasons"
PORTAL = "https://harbor.example/fhir/portal-status"  # the feed's ``portal_extension``
GENDERS = {"F": "female", "M": "male"}


class FhirRenderer:
    """Renders the events of one source; every event gives one resource."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.zone = ZoneInfo(lookup.source.timezone)

    def render(self, event: TruthEvent, odd: Odd | None = None, shift: timedelta = NO_SHIFT) -> bytes | None:
        """One resource as JSON; None when the source has no way to say it. ``odd`` and ``shift`` as for HL7."""
        code = self.lookup.code(event)
        if code is None:
            return None
        if odd is not None:
            code = code._replace(
                trigger="Appointment",
                filler_status=odd.filler_status,
                event_reason=odd.event_reason,
                event_reason_text="",
                resource_status=odd.resource_status,
            )
        if event.kind in PATIENT_KINDS:
            resource = self._patient(event, shift)
        elif event.slot is not None:
            resource = self._slot(event.slot, code, shift)
        elif code.trigger == "Encounter":
            resource = self._encounter(event, code, shift)
        else:
            resource = self._appointment(event, code, shift)
        resource["meta"]["versionId"] = str(event.id)
        resource["meta"]["lastUpdated"] = (event.at + shift).astimezone(self.zone).isoformat()
        return orjson.dumps(resource)

    def _appointment(self, event: TruthEvent, code: Code, shift: timedelta) -> Resource:
        visit, patient = _visit_of(event)
        zone = self.lookup.clinics[visit.clinic].zone
        kind = self.lookup.types[visit.visit_type]
        coding = {"system": TYPES, "code": kind.code, "display": kind.name}
        resource: Resource = {
            "resourceType": "Appointment",
            "id": visit.key,
            "meta": {},
            "identifier": [{"system": "https://harbor.example/appointments", "value": visit.key}],
            "status": code.filler_status,
            "serviceType": [{"coding": [coding], "text": kind.name}],
            "start": _iso(visit.starts_at + shift, zone),
            "end": _iso(visit.starts_at + shift + timedelta(minutes=visit.minutes), zone),
            "minutesDuration": visit.minutes,
            "created": _iso(visit.booked_at, zone),
            "participant": self._participants(visit, patient, code),
        }
        if code.event_reason:
            coding = {"system": REASONS_SYSTEM, "code": code.event_reason}
            if code.event_reason_text:
                coding["display"] = code.event_reason_text
            resource["cancelationReason"] = {"coding": [coding]}
        return resource

    def _participants(self, visit: VisitState, patient: PatientState, code: Code) -> list[Resource]:
        provider = self.lookup.providers[visit.provider]
        clinic = self.lookup.clinics[visit.clinic]
        return [
            _participant(
                "Patient", patient.mrn, f"{patient.given} {patient.family}", code.resource_status or "accepted"
            ),
            _participant("Practitioner", provider.code, f"Dr. {provider.given} {provider.family}", "accepted"),
            _participant("Location", clinic.code, clinic.name, "accepted"),
            _participant("Location", visit.room, f"Room {visit.room}", "accepted"),
        ]

    def _encounter(self, event: TruthEvent, code: Code, shift: timedelta) -> Resource:
        visit, patient = _visit_of(event)
        return {
            "resourceType": "Encounter",
            "id": f"e{visit.key}",
            "meta": {},
            "status": code.filler_status,
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "AMB",
                "display": "ambulatory",
            },
            "subject": {"reference": f"Patient/{patient.mrn}"},
            "appointment": [{"reference": f"Appointment/{visit.key}"}],
            "period": {"start": _iso(event.at + shift, self.lookup.clinics[visit.clinic].zone)},
            "location": [{"location": {"reference": f"Location/{visit.clinic}"}}],
        }

    def _slot(self, slot: SlotState, code: Code, shift: timedelta) -> Resource:
        zone = self.lookup.clinics[slot.clinic].zone
        return {
            "resourceType": "Slot",
            "id": slot.key,
            "meta": {},
            "schedule": {"reference": f"Schedule/{schedule_id(slot.clinic, slot.provider)}"},
            "status": code.filler_status,
            "start": _iso(slot.starts_at + shift, zone),
            "end": _iso(slot.starts_at + shift + timedelta(minutes=slot.minutes), zone),
        }

    def _patient(self, event: TruthEvent, shift: timedelta) -> Resource:
        patient = event.patient
        assert patient is not None  # noqa: S101 - patient events carry one
        if event.kind is EventKind.PATIENTS_MERGED:
            other = {"reference": f"Patient/{patient.mrn}"}
            return {
                "resourceType": "Patient",
                "id": event.merged_mrn,
                "meta": {},
                "active": False,
                "link": [{"other": other, "type": "replaced-by"}],
            }
        return self._living(patient, shift)

    def _living(self, patient: PatientState, shift: timedelta) -> Resource:
        town, state, zip_code = TOWNS[self.lookup.source.timezone]
        restricted = "R" if patient.is_protected or patient.is_vip else "N"
        security = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": restricted}
        address = {"line": [patient.address], "city": town, "state": state, "postalCode": zip_code, "country": "US"}
        portal = {"url": PORTAL, "valueCode": "active" if patient.portal_active else "inactive"}
        resource: Resource = {
            "resourceType": "Patient",
            "id": patient.mrn,
            "meta": {"security": [security]},
            "extension": [portal],
            "identifier": [{"system": self.lookup.source.authority, "value": patient.mrn}],
            "active": True,
            "name": [{"use": "official", "family": patient.family, "given": [patient.given]}],
            "gender": GENDERS[patient.sex],
            "birthDate": patient.born_on.isoformat(),
            "address": [address],
            "communication": [{"language": {"coding": [_language(patient.language)]}, "preferred": True}],
        }
        if points := _telecom(patient):
            resource["telecom"] = points
        if patient.died_at:
            resource["deceasedDateTime"] = _iso(patient.died_at + shift, self.zone)
        if patient.guardian:
            given, _, family = patient.guardian.partition(" ")
            resource["contact"] = [{"relationship": [_GUARDIAN], "name": {"family": family, "given": [given]}}]
        return resource


_GUARDIAN = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "GUARD"}]}


def schedule_id(clinic: str, provider: str) -> str:
    """The id of a provider's Schedule, which Slots refer to; the feed's ``schedules`` setting explains it."""
    return f"{clinic}-{provider}"


def _visit_of(event: TruthEvent) -> tuple[VisitState, PatientState]:
    assert event.visit is not None and event.patient is not None  # noqa: S101, PT018 - visit events carry both
    return event.visit, event.patient


def _iso(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()


def _participant(kind: str, key: str, display: str, status: str) -> Resource:
    return {"actor": {"reference": f"{kind}/{key}", "display": display}, "status": status}


def _language(code: str) -> Resource:
    return {"system": "urn:ietf:bcp:47", "code": code}


def _telecom(patient: PatientState) -> list[Resource]:
    """Contact points; FHIR knows no empty list, so that a patient's last number taken away is merely not mentioned."""
    points: list[Resource] = []
    for digits, use in ((patient.mobile, "mobile"), (patient.home, "home")):
        if digits:
            value = f"+1-{digits[:3]}-{digits[3:6]}-{digits[6:]}"
            points.append({"system": "phone", "value": value, "use": use})
    if patient.email:
        points.append({"system": "email", "value": patient.email})
    return points
