"""By which way an item goes on after one that got no answer, in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from config.web.asking import Question, rows_of
from recovery.models import OfferPolicy, QueueItem
from recovery.offering import DEFAULT_RULES
from recovery.outreach.gateways import is_switched_on
from recovery.shifting import BY_ITSELF, next_shift
from recovery.vocabulary import AttemptOutcome, Family, NextStep, OutreachChannel
from scheduling.models import Patient

CHANNELS = "pane channels"
# What somebody was asked by and did not answer.
_SILENT = frozenset({AttemptOutcome.SENT, AttemptOutcome.NO_ANSWER, AttemptOutcome.VOICEMAIL, AttemptOutcome.BUSY})
_AGAIN = {
    OutreachChannel.CALL: "Call them.",
    OutreachChannel.TEXT: "Text them.",
    OutreachChannel.EMAIL: "E-mail them.",
}
_BY = {OutreachChannel.CALL: "phone", OutreachChannel.TEXT: "text", OutreachChannel.EMAIL: "e-mail"}


def channels_question(item: QueueItem, now: datetime) -> Question:
    """Ask in which order the item's clinic tries the channels, as in force and known at ``now``."""
    if item.next_step != NextStep.OTHER_CHANNEL:
        return Question(None, nothing=[])
    rows = OfferPolicy.objects.filter(clinic=item.clinic_id, valid_from__lte=now, recorded_at__lte=now)
    return rows_of(rows.order_by("-valid_from", "-pk").values("channels")[:1])


def shift_words(
    item: QueueItem, found: Iterable[Mapping[str, Any]], attempts: Iterable[Mapping[str, Any]], patient: Patient | None
) -> str:
    """Say "No answer by text. Call them."; "" where the item asks for something else.

    ``found`` answers ``channels_question``. Of a freed slot the offers themselves say by which way they go on.
    """
    if item.next_step != NextStep.OTHER_CHANNEL:
        return ""
    if item.family == Family.REFILL:
        return "Ask those who did not answer another way; the offers say by which."
    rules = [OutreachChannel(name) for row in found for name in row["channels"]] or DEFAULT_RULES.channels
    used = [OutreachChannel(one["channel"]) for one in attempts if one["outcome"] in _SILENT]
    tried = f"No answer by {' or '.join(dict.fromkeys(_BY[one] for one in used if one in _BY))}. " if used else ""
    channel = next_shift(rules, used, _ways(patient)).channel
    return f"{tried}{_AGAIN[channel] if channel is not None else 'Call again at another hour.'}"


def _ways(patient: Patient | None) -> set[OutreachChannel]:
    """What could be used as far as the record says; what forbids it now is said where the ways are shown."""
    if patient is None:
        return {OutreachChannel.CALL}
    points = [(point[0], point[1]) for point in [*(patient.phones_home or []), *(patient.phones_work or [])]]
    found = {OutreachChannel.CALL} if any(system == "phone" and use != "old" for system, use in points) else set()
    if ("phone", "mobile") in points:
        found.add(OutreachChannel.TEXT)
    if any(system == "email" and use != "old" for system, use in points):
        found.add(OutreachChannel.EMAIL)
    return {channel for channel in found if channel not in BY_ITSELF or is_switched_on(channel)}
