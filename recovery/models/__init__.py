"""The action floor's rows: chances and what was done with them, contacts, offers, outreach, what clinics decided."""

from recovery.models.attempts import Attempt, ContactOwner
from recovery.models.contacts import ContactMark, ContactPolicy, MessageTemplate, Reveal, StaffLanguage
from recovery.models.items import ItemEvent, QueueItem
from recovery.models.offers import Offer, WaitlistEntry
from recovery.models.outreach import Outbound, Reply
from recovery.models.policies import AttemptPolicy, OfferPolicy, VisitTypeRule
from recovery.models.risk import RiskDecision, RiskScore

__all__ = [
    "Attempt",
    "AttemptPolicy",
    "ContactMark",
    "ContactOwner",
    "ContactPolicy",
    "ItemEvent",
    "MessageTemplate",
    "Offer",
    "OfferPolicy",
    "Outbound",
    "QueueItem",
    "Reply",
    "Reveal",
    "RiskDecision",
    "RiskScore",
    "StaffLanguage",
    "VisitTypeRule",
    "WaitlistEntry",
]
