"""The exact words that a text or e-mail would carry, before anybody sends it; or why none can leave now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from recovery.contacting.scripts import Script
from recovery.errors import GuardRefusedError
from recovery.models import QueueItem
from recovery.outreach.gateways import is_switched_on
from recovery.selectors.candidate_cards import Reach, reach_of
from recovery.selectors.contacts import hidden
from recovery.services.read_contact import TOPICS
from recovery.services.send_outreach import find_words, words_key
from recovery.trust import ClinicTrust
from recovery.vocabulary import Family, OutreachChannel
from scheduling.selectors.codes import language_words


@dataclass(frozen=True)
class Preview:
    """What one person would get. ``key`` names the words, so that no others leave; ``problem`` says why none can."""

    to: str
    language: str
    script: Script | None
    key: str
    problem: str


def previews(
    item: QueueItem,
    patient_ids: Iterable[int],
    channel: OutreachChannel,
    *,
    trust: ClinicTrust | None,
    actor: User,
    now: datetime,
) -> dict[int, Preview]:
    """What these patients would get about an item, by id."""
    asked = list(patient_ids)
    if not is_switched_on(channel):
        off = Preview("", "", None, "", f"{channel.label} messages are switched off at this desk.")
        return dict.fromkeys(asked, off)
    reach = reach_of(item, asked, trust=trust, actor=actor, now=now)
    unknown = Preview("", "", None, "", "The clinic is not known, so nobody can be written to.")
    return {pk: _preview(item, pk, reach[pk], channel, now) if pk in reach else unknown for pk in asked}


def _preview(item: QueueItem, patient_id: int, reach: Reach, channel: OutreachChannel, now: datetime) -> Preview:
    way = reach.answer.way(channel)
    to = hidden(way.point.system, way.point.value) if way.point is not None else ""
    spoken = language_words(reach.language) if reach.language else ""
    problem = way.stops[0].sentence if way.stops else ""
    try:
        words = find_words(item, patient_id, TOPICS[Family(item.family)], channel, reach.language, now)
    except GuardRefusedError as error:
        return Preview(to, spoken, None, "", problem or str(error))
    return Preview(to, spoken, words.script, words_key(words), problem)
