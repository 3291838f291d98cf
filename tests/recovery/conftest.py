"""A small world of appointments: events go in, the real fold and the real writers of slots run, then the plan."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from itertools import count
from typing import Any

import pytest
from django.db import transaction

from accounts.models import ClinicHours, ClinicLaunchMode
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import QueueItem
from recovery.services.plan_batch import plan_batch
from scheduling.digestion.places import horizon, touched_days, write_vacancies
from scheduling.digestion.resource_days import Days, own_days
from scheduling.folding.change import AppointmentChange, BatchChanges, PatientChange
from scheduling.folding.fold import fold
from scheduling.folding.order import order_key
from scheduling.folding.state import FoldEvent
from scheduling.models import Appointment, Feed, FeedProof, Patient, TemplateSlot
from scheduling.patients.state import PatientState
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import EventKind, FeedFormat, LaunchMode, MappingOutcome, Status, Transport

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # Tuesday 09:41 in Chicago
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = {
    Status.BOOKED: EventKind.CREATED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.BUMPED: EventKind.BUMPED,
    Status.MISSED: EventKind.MISSED,
    Status.COMPLETED: EventKind.COMPLETED,
    Status.ENTERED_IN_ERROR: EventKind.DELETED,
    Status.CONFIRMED: EventKind.CONFIRMED,
    Status.CHECKED_IN: EventKind.CHECKED_IN,
}
MOBILE = [["phone", "mobile", "+13125550142", None, None]]


@dataclass
class World:
    """One clinic's appointments. ``events`` of an appointment are kept here, rows in the database."""

    clinic: Any
    now: datetime = NOW
    events: dict[int, list[FoldEvent]] = field(default_factory=dict)
    states: dict[int, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def patient(self, **fields):
        number = next(self.numbers)
        defaults = {"family": f"Family{number}", "given": "Given", "phones_home": MOBILE, "as_of": b""}
        return Patient.objects.create(
            source=self.clinic.source, authority="A", mrn=f"N-{number:07}", **(defaults | fields)
        )

    def appointment(self, **fields):
        """An appointment without any event yet: it exists as a row once a batch has touched it."""
        number = next(self.numbers)
        appointment = Appointment(
            source=self.clinic.source, namespace="", external_id=str(number), occurrence="", **fields
        )
        appointment.said_at = appointment.heard_at = NOW
        appointment.order_key, appointment.events = b"", 0
        appointment.save()
        self.events[appointment.pk] = []
        return appointment

    def event(self, at, status=Status.BOOKED, **fields):
        """What one message says; a booking at ``at`` unless told otherwise."""
        number = next(self.numbers)
        digest = blake2b(str(number).encode(), digest_size=16).digest()
        defaults = {
            "kind": KINDS.get(status, EventKind.CHANGED),
            "clinic_id": self.clinic.pk,
            "clinic_code": self.clinic.key,
            "resource": "OKAFOR",
            "visit_type": "ECHO",
            "minutes": 30,
            "received_at": at,
        }
        return FoldEvent(order_key(at, None, str(number), digest), at, status=status, **(defaults | fields))

    def unmapped(self, at, raw="ZZ9", **fields):
        return self.event(at, None, mapping=MappingOutcome.UNMAPPED, kind=None, raw=raw, **fields)

    def booked(self, patient, starts_at, *, at=NOW - timedelta(days=9), **fields):
        """Digest the booking of a new visit."""
        appointment = self.appointment()
        self.batch((appointment, self.event(at, starts_at=starts_at, patient_id=patient.pk, **fields)))
        return appointment

    def batch(self, *told, patients=(), was=None, now=None, before_commit=None):
        """Digest one batch of (appointment, event) pairs in its own transaction, then plan.

        ``was`` is what the patients' records said before, where that matters.
        """
        days = self.days()
        with transaction.atomic(), server_cursor() as cursor:
            changes = self.digest(cursor, told, days, patients, now or self.now, was)
            plan_batch(cursor, changes, days)
            if before_commit is not None:
                before_commit()

    def days(self):
        return Days({self.clinic.source_id: self.clinic.source.zone})

    def digest(self, cursor, told, days, patients=(), now=NOW, was=None):
        """What the facts floor does: lock, fold, write, own the days, write vacancies."""
        ids = sorted({appointment.pk for appointment, _ in told})
        known = {state.patient_id for _, state in told} | {patient.pk for patient in patients}
        lock = "SELECT id FROM scheduling_{} WHERE id = ANY(%b::int8[]) ORDER BY id FOR UPDATE"
        cursor.execute(lock.format("patient"), (sorted(pk for pk in known if pk),))
        cursor.execute(lock.format("appointment"), (ids,))
        changes = BatchChanges(now, patients=[self._patient_change(patient, was) for patient in patients])
        for row in Appointment.objects.filter(pk__in=ids):
            fresh = [event for appointment, event in told if appointment.pk == row.pk]
            changes.appointments.append(self._fold(row, fresh, days))
        touched = touched_days(changes.appointments, days, horizon(now))
        own_days(cursor, days, touched)
        write_vacancies(cursor, changes.appointments, days)
        changes.resource_days = touched
        return changes

    def _patient_change(self, patient, was):
        before = PatientState(**was) if was is not None else None
        after = PatientState(died=patient.died, merged_into=patient.merged_into_id)
        return PatientChange(patient.pk, patient.source_id, before, after, ())

    def _fold(self, row, fresh, days):
        events = self.events[row.pk]
        before = self.states.get(row.pk)
        events.extend(fresh)
        after = self.states[row.pk] = fold(events)
        for name in (
            "status", "status_at", "initiator", "set_by", "reason_flags", "reason_code", "reason_text", "starts_at",
            "minutes", "clinic_id", "clinic_code", "resource", "visit_type", "visit_type_name", "provider_name",
            "patient_id", "booked_at", "said_at", "heard_at", "order_key", "events",
        ):  # fmt: skip
            setattr(row, name, getattr(after, name))
        row.troubles = [trouble.dump() for trouble in after.troubles] or None
        row.left = [slot.dump() for slot in after.left] or None
        row.resource_day = days(row.source_id, after.resource, after.starts_at)
        row.save()
        return AppointmentChange(row.pk, row.source_id, 0, before, after, ())

    def block(self, starts_at, *, minutes=30, status="blocked", resource="OKAFOR"):
        """A provider template closes a stretch; planned as the pipeline does."""
        days = self.days()
        spanned = days.spanned(self.clinic.source_id, resource, starts_at, minutes)
        with transaction.atomic(), server_cursor() as cursor:
            own_days(cursor, days, spanned)
            TemplateSlot.objects.update_or_create(
                source=self.clinic.source, resource=resource, starts_at=starts_at,
                defaults={
                    "minutes": minutes, "status": status, "resource_day": spanned[0], "order_key": b"", "heard_at": NOW,
                },
            )  # fmt: skip
            plan_batch(cursor, BatchChanges(self.now, resource_days={*spanned}), days)

    def open_set(self):
        """What should be the same however the messages came."""
        return sorted(
            QueueItem.objects.open().values_list(
                "family", "subject", "appointment_id", "patient_id", "cause", "lost_at", "useful_until", "ready_from",
                "weight", "level",
            )
        )  # fmt: skip

    def opened(self):
        return sorted(QueueItem.objects.open().values_list("family", "appointment_id"))

    def closed(self):
        return list(QueueItem.objects.filter(state="closed").order_by("pk").values_list("family", "close_reason"))


@pytest.fixture
def world(clinic):
    for weekday in range(5):
        ClinicHours.objects.create(clinic=clinic, weekday=weekday, opens=time(8), closes=time(17))
    return World(clinic)


@pytest.fixture
def feed(source):
    feed = Feed.objects.create(
        source=source, key="northside-siu", name="Northside SIU", format=FeedFormat.HL7V2, transport=Transport.MLLP
    )
    FeedProof.objects.create(feed=feed, digested_to=NOW - timedelta(minutes=1))
    return feed


@pytest.fixture
def launch(clinic):
    """Set launch modes: ``launch(LaunchMode.LIVE)`` for every decision of the queue."""

    def switch(mode=LaunchMode.LIVE, *, decisions=QUEUE_DECISIONS, at=clinic):
        for decision in decisions:
            ClinicLaunchMode.objects.create(
                clinic=at, decision=decision, mode=mode, valid_from=NOW - DAY, recorded_at=NOW
            )

    return switch
