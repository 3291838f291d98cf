"""Made-up messages to begin with, in the dialects of the simulated group: one for each format."""

from datetime import datetime, timedelta
from functools import lru_cache

from scheduling.simulator.clinics import demo_organisation
from scheduling.simulator.codes import ELM, HARBOR, NORTHSIDE
from scheduling.simulator.dialects import DIALECTS
from scheduling.simulator.organisation import SourcePlan
from scheduling.simulator.people import PatientState
from scheduling.simulator.render.csv import CsvRenderer
from scheduling.simulator.render.fhir import FhirRenderer
from scheduling.simulator.render.hl7 import Hl7Renderer
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import TruthEvent, VisitState
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, Status

_SOURCES = {FeedFormat.HL7V2: NORTHSIDE, FeedFormat.FHIR: HARBOR, FeedFormat.CSV: ELM}
# The codes in which the three sources say that a patient cancelled for another engagement are their own.
_REASON = "conflict"


def example(format: FeedFormat, now: datetime) -> str:  # noqa: A002
    """A visit of the day after tomorrow, cancelled by its patient a minute before ``now`` (UTC)."""
    plan = _plans()[_SOURCES[format]]
    lookup = Lookup(plan, DIALECTS[plan.key])
    event = _event(plan, now.replace(microsecond=0))
    match format:
        case FeedFormat.HL7V2:
            body = Hl7Renderer(lookup).render(event)
        case FeedFormat.FHIR:
            body = FhirRenderer(lookup).render(event)
        case FeedFormat.CSV:
            body = CsvRenderer(lookup).extract([event], event.at, {})
    return (body or b"").decode().replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=1)
def _plans() -> dict[str, SourcePlan]:
    return demo_organisation().by_key


def _event(plan: SourcePlan, now: datetime) -> TruthEvent:
    clinic = plan.clinics[0]
    provider, kind = clinic.providers[0], clinic.visit_types[0]
    local = (now + timedelta(days=2)).astimezone(clinic.zone)
    starts_at = local.replace(hour=10, minute=40, second=0).astimezone(now.tzinfo)
    mrn = f"{plan.mrn_prefix}0000042"
    patient = PatientState(
        mrn, plan.key, "Sample", "Robin", "F", datetime(1980, 1, 31).date(), "en", "3125550142", "3125550143",  # noqa: DTZ001 - a birthday has no zone
        "robin.sample@mail.example", "1 Alder Street", portal_active=True, is_protected=False, is_vip=False,
        no_contact=False, guardian="",
    )  # fmt: skip
    visit = VisitState(
        f"{plan.mrn_prefix}LAB42", plan.key, clinic.code, mrn, provider.code, provider.room, kind.code, starts_at,
        provider.slot_minutes * kind.slots, Status.CANCELLED, now - timedelta(days=10), _REASON, Initiator.PATIENT,
    )  # fmt: skip
    at = now - timedelta(minutes=1)
    return TruthEvent(42, at, EventKind.CANCELLED, plan.key, clinic.code, visit, patient, reason=_REASON)
