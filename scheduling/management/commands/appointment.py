"""Print what the desk knows of one appointment, and why."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from scheduling.models import Appointment, MappedEvent
from scheduling.vocabulary import TroubleKind


class Command(BaseCommand):
    """``manage.py appointment SOURCE ID [--json]``: state, hold reasons, timeline."""

    help = "State, hold reasons and timeline of one appointment. Its patient is named by row id only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the source's key and the appointment's id in it."""
        parser.add_argument("source", help="the source's key")
        parser.add_argument("id", help="the appointment's id in that source")
        parser.add_argument("--occurrence", default=None, help="which of a series (SCH-3)")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: object, source: str, id: str, occurrence: str | None, **options: object) -> None:  # noqa: A002, ARG002
        """Print each appointment that bears the id; exit 1 if none does."""
        found = Appointment.objects.filter(source__key=source, external_id=id).select_related("source")
        if occurrence is not None:
            found = found.filter(occurrence=occurrence)
        if not found:
            raise CommandError(f"Source {source} has no appointment {id}.")
        for appointment in found.order_by("namespace", "occurrence"):
            told = describe(appointment)
            text = json.dumps(told, cls=DjangoJSONEncoder) if options["json"] else as_text(told)
            self.stdout.write(text)


def describe(appointment: Appointment) -> dict[str, Any]:
    """The appointment as plain values: ``state``, ``holds`` and ``timeline`` in source order."""
    events = MappedEvent.objects.filter(appointment=appointment).order_by("order_key")
    return {
        "source": appointment.source.key,
        "id": appointment.external_id,
        "namespace": appointment.namespace,
        "occurrence": appointment.occurrence,
        "state": {
            name: getattr(appointment, name)
            for name in (
                "status", "status_at", "initiator", "set_by", "starts_at", "minutes", "clinic_id", "resource",
                "provider_code", "visit_type", "patient_id", "booked_at", "said_at", "heard_at", "events",
            )
        },
        "is_uncertain": appointment.is_uncertain,
        "holds": [
            {"kind": kind, "reason": str(TroubleKind(kind).label), "raw": raw}
            for kind, raw, _ in appointment.troubles or []
        ],
        "timeline": [_tell(event) for event in events],
    }  # fmt: skip


def _tell(event: MappedEvent) -> dict[str, Any]:
    return {
        "message": event.message_id,
        "source_at": event.source_at,
        "received_at": event.received_at,
        "outcome": event.outcome,
        "mapping": event.mapping,
        "kind": event.kind,
        "status": event.status,
        "rule": event.rule,
        "revision": event.revision,
        "signals": {
            name: getattr(event, name)
            for name in ("trigger", "filler_status", "event_reason", "appointment_reason", "appointment_type",
                         "resource_status")
        },
        "starts_at": event.starts_at,
    }  # fmt: skip


def as_text(told: dict[str, Any]) -> str:
    """A few lines for a person at a terminal."""
    lines = [f"{told['source']} {told['id']}: {told['state']['status'] or 'no status yet'}"]
    lines += [f"  held: {hold['reason']} ({hold['raw']})" for hold in told["holds"]]
    lines += [
        f"  {event['source_at']:%Y-%m-%d %H:%M:%S} {event['signals']['trigger']:<4} "
        f"{event['signals']['filler_status']:<12} {event['kind'] or event['mapping']:<12} {event['outcome']}"
        for event in told["timeline"]
    ]
    return "\n".join(lines)
