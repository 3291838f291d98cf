"""What a clinic decided about offers and tries, as in force at a moment."""

from datetime import datetime

from recovery.contacting.facts import Tries
from recovery.contacting.policy import DEFAULT_TRIES
from recovery.models import AttemptPolicy, OfferPolicy, VisitTypeRule
from recovery.offering import DEFAULT_RULES, OfferRules, read_steps
from recovery.vocabulary import Family, OutreachChannel


def read_offer_rules(clinic_id: int | None, at: datetime) -> OfferRules:
    """The clinic's policy in force and known at ``at``, else the default; one query."""
    rows = OfferPolicy.objects.filter(clinic=clinic_id, valid_from__lte=at, recorded_at__lte=at)
    row = rows.order_by("-valid_from", "-pk").first()
    return DEFAULT_RULES if row is None else rules_of(row)


def rules_of(row: OfferPolicy) -> OfferRules:
    """A stored policy as values."""
    return OfferRules(read_steps(row.steps), tuple(OutreachChannel(channel) for channel in row.channels))


def is_confidential_type(clinic_id: int, visit_type: str | None, at: datetime) -> bool:
    """Whether a minor's visit of a type is confidential there, in force and known at ``at``; one query."""
    rows = VisitTypeRule.objects.filter(clinic=clinic_id, visit_type=visit_type or "")
    known = rows.filter(valid_from__lte=at, recorded_at__lte=at).order_by("-valid_from", "-pk")
    return bool(known.values_list("is_confidential", flat=True).first())


def read_tries_in_force(clinic_id: int | None, family: Family, at: datetime) -> Tries:
    """How often a family is tried and how long it rests in between, in force and known at ``at``; one query."""
    rows = AttemptPolicy.objects.filter(clinic=clinic_id, family=family, valid_from__lte=at, recorded_at__lte=at)
    row = rows.order_by("-valid_from", "-pk").first()
    return DEFAULT_TRIES[family] if row is None else Tries(row.most_tries, row.rest)
