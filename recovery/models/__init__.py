"""The action floor's rows: chances and what was done with them, contacts, offers, outreach, what clinics decided."""

from recovery.models.attempts import Attempt, ContactOwner
from recovery.models.contacts import ContactMark, ContactPolicy, MessageTemplate, Reveal, StaffLanguage
from recovery.models.items import ItemEvent, QueueItem
from recovery.models.offers import Offer, WaitlistEntry
from recovery.models.outreach import Outbound, Reply
from recovery.models.policies import AttemptPolicy, OfferPolicy, VisitTypeRule
from recovery.models.risk import RiskDecision, RiskPolicy, RiskScore, RiskSeed, RiskSender

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
    "RiskPolicy",
    "RiskScore",
    "RiskSeed",
    "RiskSender",
    "StaffLanguage",
    "VisitTypeRule",
    "WaitlistEntry",
]
