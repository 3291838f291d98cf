"""The facts: feeds, messages, mapping, mapped events, appointments, slots, patients."""

from scheduling.models.appointments import (
    Appointment,
    MappedEvent,
    RefoldRequest,
    ResourceDay,
    TemplateSlot,
    Vacancy,
)
from scheduling.models.feeds import Extract, Feed, FeedProof, FeedSettings, IntakeTally
from scheduling.models.mapping import (
    MappingHistory,
    MappingPublication,
    MappingReason,
    MappingRevision,
    MappingRule,
    PrecedenceSetting,
)
from scheduling.models.messages import EnvelopeNote, Message, Receipt, Waiting
from scheduling.models.patients import Consent, ContactPoint, Patient, PatientVersion

__all__ = [
    "Appointment",
    "Consent",
    "ContactPoint",
    "EnvelopeNote",
    "Extract",
    "Feed",
    "FeedProof",
    "FeedSettings",
    "IntakeTally",
    "MappedEvent",
    "MappingHistory",
    "MappingPublication",
    "MappingReason",
    "MappingRevision",
    "MappingRule",
    "Message",
    "Patient",
    "PatientVersion",
    "PrecedenceSetting",
    "Receipt",
    "RefoldRequest",
    "ResourceDay",
    "TemplateSlot",
    "Vacancy",
    "Waiting",
]
