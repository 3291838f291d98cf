"""The facts: feeds, messages, mapping, mapped events, appointments, slots, patients."""

from scheduling.models.appointments import (
    Appointment,
    MappedEvent,
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
from scheduling.models.messages import EnvelopeNote, LaneLink, Message, Receipt, Waiting
from scheduling.models.patients import Consent, ContactPoint, Patient, PatientVersion
from scheduling.models.previews import MappingPreview
from scheduling.models.replays import RefoldRequest, Replay, ReplayStep
from scheduling.models.signals import SignalTally

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
    "LaneLink",
    "MappedEvent",
    "MappingHistory",
    "MappingPreview",
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
    "Replay",
    "ReplayStep",
    "ResourceDay",
    "SignalTally",
    "TemplateSlot",
    "Vacancy",
    "Waiting",
]
