"""FHIR Schedule: whose template it is. It states no stretch of time, so it makes no fact; the note says who owns it."""

from scheduling.facts import ReaderContext, Reading
from scheduling.readers.fhir.common import Resource, identifier, objects, reference


def read_schedule(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Note the schedule's provider and clinic, in the words that the feed's ``schedules`` setting takes."""
    actors = [reference(actor) for actor in objects(resource.get("actor"))]
    clinic_type = context.profile.get("clinic_actor", "Location")
    provider = next((actor.id for actor in actors if actor.type.startswith("Practitioner")), "")
    clinic = next((actor.id for actor in actors if actor.type == clinic_type), "")
    schedule = identifier(resource.get("id")) or "without id"
    reading.skipped.append(f"Schedule {schedule}: provider {provider or 'not said'}, clinic {clinic or 'not said'}")
