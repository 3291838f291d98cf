"""``manage.py can_contact``: may a person be contacted now, or could they then, by which way, and why."""

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.times import both, clock
from recovery.contacting.answer import CHANNELS, Way
from recovery.models import QueueItem
from recovery.selectors.contacts import hidden
from recovery.services.explain_contact import Explained, explain_at, explain_for
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.models import Appointment, Patient


class Command(BaseCommand):
    """Exit status 0: it is allowed, by the channel that was asked about or by any; 1: it is not."""

    help = "Explains, channel by channel, whether a person may be contacted, now or as it was known at a past moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept an item, a patient, or a patient for an item."""
        parser.add_argument("item", nargs="?", type=int, help="a queue item's number")
        parser.add_argument("--patient", type=int, help="a patient's row id; for a freed slot whom it is offered to")
        parser.add_argument("--at", type=read_moment, help="a past moment with its offset: 2026-03-03T18:05-06:00")
        parser.add_argument("--channel", choices=[channel.value for channel in CHANNELS])
        parser.add_argument("--topic", choices=[Topic.REFILL, Topic.REBOOK, Topic.CONFIRM], default=Topic.REBOOK)
        parser.add_argument("--actor", help="who would call: sign-in name; decides about languages and reveals")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the explanation; the look is written to the audit trail."""
        now = timezone.now()
        at = options["at"] or now
        if at > now:
            raise CommandError("The moment lies ahead; nothing is known of it yet.", returncode=2)
        item = _item(options["item"])
        patient = _patient(options["patient"], item)
        clinic = _clinic(item, patient)
        actor = _actor(options["actor"])
        explain = explain_at if options["at"] else explain_for
        found = explain(patient.pk, at, item=item, topic=Topic(options["topic"]), clinic=clinic, actor=actor)
        _write_audit(patient, clinic, actor, at, now)
        channels = [OutreachChannel(options["channel"])] if options["channel"] else list(CHANNELS)
        told = describe(found, channels)
        self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder) if options["json"] else as_text(found, told, clinic))
        if not told["allowed"]:
            sys.exit(1)


def describe(found: Explained, channels: list[OutreachChannel]) -> dict[str, Any]:
    """The explanation as plain values; numbers show their last digits only."""
    ways = [_way(found.answer.way(channel)) for channel in channels]
    return {
        "patient": found.person.patient_id,
        "at": found.at,
        "topic": found.ask.topic,
        "zone": found.zone.key,
        "zone_is_clinics": found.person.zone is None,
        "allowed": any(way["allowed"] for way in ways),
        "ways": ways,
    }


def _way(way: Way) -> dict[str, Any]:
    return {
        "channel": way.channel,
        "allowed": way.is_allowed,
        "point": hidden(way.point.system, way.point.value) if way.point is not None else None,
        "again_at": way.again_at,
        "reasons": [
            {
                "code": one.code,
                "sentence": one.sentence,
                "owner": one.owner,
                "stops": not one.is_warning,
                "lifts_at": one.lifts_at,
            }
            for one in (*way.stops, *way.cautions)
        ],
    }


def as_text(found: Explained, told: dict[str, Any], clinic: Clinic) -> str:
    """Lines for a person at a terminal: one a channel, its reasons below it."""
    whose = "the clinic's clock" if told["zone_is_clinics"] else "the patient's clock"
    lines = [
        f"Patient {told['patient']}, about: {found.ask.topic.label.lower()}. {clinic}.",
        f"As known at {clock(found.at, found.zone, found.at)} on {found.at.astimezone(found.zone):%Y-%m-%d}, {whose}.",
    ]
    for way in told["ways"]:
        word = "yes" if way["allowed"] else "no"
        again = "" if way["again_at"] is None else f", again {both(way['again_at'], found.zone, found.at)}"
        number = f" {way['point']}" if way["point"] else ""
        lines.append(f"{way['channel'].label}: {word}{number}{again}")
        lines += [f"  {'no' if one['stops'] else 'care'}: {one['sentence']}{_owner(one)}" for one in way["reasons"]]
    return "\n".join(lines)


def _owner(reason: dict[str, Any]) -> str:
    return f" Owner: {reason['owner']}." if reason["owner"] else ""


def read_moment(text: str) -> datetime:
    """A moment with its offset; raises ValueError for one without, which could mean any."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("The moment needs its offset from UTC.")
    return moment


def _item(number: int | None) -> QueueItem | None:
    if number is None:
        return None
    item = QueueItem.objects.select_related("clinic", "patient").filter(pk=number).first()
    if item is None:
        raise CommandError(f"There is no item {number}.", returncode=2)
    return item


def _patient(number: int | None, item: QueueItem | None) -> Patient:
    asked = number if number is not None else item.patient_id if item is not None else None
    if asked is None:
        raise CommandError("Say whom: --patient and the row id.", returncode=2)
    patient = Patient.objects.filter(pk=asked).first()
    if patient is None:
        raise CommandError(f"There is no patient {asked}.", returncode=2)
    return patient


def _clinic(item: QueueItem | None, patient: Patient) -> Clinic:
    """The item's clinic, else that of the newest visit."""
    if item is not None and item.clinic is not None:
        return item.clinic
    visits = Appointment.objects.filter(patient=patient, clinic__isnull=False).order_by("-starts_at")
    visit = visits.select_related("clinic").first()
    if visit is None or visit.clinic is None:
        raise CommandError("No clinic is known for this patient.", returncode=2)
    return visit.clinic


def _actor(name: str | None) -> User | None:
    if name is None:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"Nobody signs in as {name}.", returncode=2)
    return person


def _write_audit(patient: Patient, clinic: Clinic, actor: User | None, at: datetime, now: datetime) -> None:
    record(
        AuditAction.READ,
        actor=actor,
        subject_kind="scheduling.patient",
        subjects=[patient.pk],
        patients=[patient.pk],
        clinic=clinic,
        detail={"what": "can_contact", "at": at.isoformat()},
        now=now,
    )
