"""What a clinic decided about offers, as in force at a moment."""

from datetime import datetime

from recovery.models import OfferPolicy
from recovery.offering import DEFAULT_RULES, OfferRules, read_steps
from recovery.vocabulary import OutreachChannel


def read_offer_rules(clinic_id: int | None, at: datetime) -> OfferRules:
    """The clinic's policy in force and known at ``at``, else the default; one query."""
    rows = OfferPolicy.objects.filter(clinic=clinic_id, valid_from__lte=at, recorded_at__lte=at)
    row = rows.order_by("-valid_from", "-pk").first()
    return DEFAULT_RULES if row is None else rules_of(row)


def rules_of(row: OfferPolicy) -> OfferRules:
    """A stored policy as values."""
    return OfferRules(read_steps(row.steps), tuple(OutreachChannel(channel) for channel in row.channels))
