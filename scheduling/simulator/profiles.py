"""The settings a feed needs to be read rightly: what an integration engineer would set up for each source."""

from typing import Any

from scheduling.simulator.organisation import SourcePlan
from scheduling.simulator.render import csv, fhir
from scheduling.vocabulary import FeedFormat


def feed_profile(source: SourcePlan) -> dict[str, Any]:
    """``FeedSettings.profile`` of a source's feed."""
    if source.format is FeedFormat.HL7V2:
        return {"appointment_id": "SCH-2"}
    if source.format is FeedFormat.FHIR:
        schedules = {
            fhir.schedule_id(clinic.code, provider.code): {"provider": provider.code, "clinic": clinic.code}
            for clinic in source.clinics
            for provider in clinic.providers
        }
        return {
            "patient_authority": source.authority,
            "portal_extension": fhir.PORTAL,
            "schedules": schedules,
            "sequence": "versionId",
        }
    table = {
        "columns": csv.COLUMNS,
        "formats": csv.FORMATS,
        "extract": "full",
        "header_record": csv.HEAD,
        "trailer_record": csv.TRAILER,
    }
    return {"patient_authority": source.authority, "csv": table}
