"""A batch of texts that nobody took goes on to the next people, in the name of who began it."""

from datetime import datetime

from accounts.models import User
from recovery.errors import RecoveryError
from recovery.models import Offer, QueueItem
from recovery.selectors.candidates import candidates_for
from recovery.selectors.offers import read_offers
from recovery.services.claims import claim_item, release_item
from recovery.services.make_offers import Asked, make_offers
from recovery.services.read_candidates import Named
from recovery.vocabulary import OutreachChannel


def continue_batch(item_id: int, *, now: datetime) -> int:
    """Text the next people where the last round was a batch of texts; returns how many were asked.

    It is tried once a round, as soon as the round ended: where somebody works on the item, nobody fits or the guard
    refuses, the next person stays proposed and people decide.
    """
    last = Offer.objects.filter(item=item_id).select_related("attempt", "made_by").order_by("-pk").first()
    if last is None or not last.is_batch or last.made_by is None or last.attempt is None:
        return 0
    if last.attempt.channel != OutreachChannel.TEXT:
        return 0
    item = QueueItem.objects.select_related("clinic", "source", "appointment").get(pk=item_id)
    asked_before = set(Offer.objects.filter(item=item_id).values_list("patient", flat=True))
    found = candidates_for(item, read_offers(item, now), last.made_by, now)
    people = [
        Named(one.entry_id, one.appointment_id)
        for one in found.fitting
        if one.may_offer and not one.needs_review and one.patient_id not in asked_before
    ]
    return _ask(item_id, people, last.made_by, now) if people else 0


def _ask(item_id: int, people: list[Named], actor: User, now: datetime) -> int:
    try:
        claim_item(item_id, actor=actor, version=None, now=now)
        try:
            made = make_offers(item_id, people, Asked(actor, now, channel=OutreachChannel.TEXT, is_batch=True))
        finally:
            release_item(item_id, actor=actor, now=now)
    except RecoveryError:
        return 0
    return len(made.offers)
