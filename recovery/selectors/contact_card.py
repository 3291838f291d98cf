"""How one person may be reached for an item, way by way, with the reasons, the words to say and the numbers on file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Clinic, User
from config.web.times import both, clock, day, zone_words
from recovery.contacting.answer import Way
from recovery.contacting.facts import Point
from recovery.contacting.owners import number_owner
from recovery.contacting.rules import Obstacle
from recovery.contacting.scripts import Script, ScriptError, withheld
from recovery.models import MessageTemplate, QueueItem
from recovery.selectors.contacts import hidden
from recovery.selectors.wordings import script_facts, script_of, wordings_for
from recovery.services.explain_contact import Explained, explain_item
from recovery.services.read_contact import policy_in_force
from recovery.trust import ClinicTrust
from recovery.vocabulary import Mark, OutreachChannel
from scheduling.models import Patient
from scheduling.selectors.codes import language_words, point_words

WORDS = {"fresh": "May be used", "warn": "With care", "idle": "Not now", "held": "No"}
LEARNT = {Mark.CONFIRMED: "Confirmed", Mark.REACHED: "Reached", Mark.WRONG: "Wrong since"}
VOICEMAIL = "If nobody answers, say"


@dataclass(frozen=True, slots=True)
class CardWay:
    """One channel; ``again`` is when the clock alone opens it, "" otherwise."""

    name: str
    tone: str
    word: str
    number: str
    learnt: str
    again: str
    obstacles: tuple[Obstacle, ...]
    script: Script | None
    script_title: str
    script_note: str


@dataclass(frozen=True, slots=True)
class CardNumber:
    """One way on file. ``key`` names it in forms, which carry no number."""

    key: int
    kind: str
    number: str
    learnt: str
    note: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Everything the card prints."""

    ways: list[CardWay]
    numbers: list[CardNumber]
    facts: list[tuple[str, str]]
    is_allowed: bool
    again: str
    is_too_late: bool


def contact_card(
    item: QueueItem, patient: Patient, clinic: Clinic, *, trust: ClinicTrust | None, actor: User, now: datetime
) -> ContactCard:
    """Explain an item's person at ``now`` as the guard will see them; sixteen queries, whatever is on file."""
    found = explain_item(item, patient.pk, clinic=clinic, trust=trust, actor=actor, now=now)
    wordings = wordings_for(found.ask.topic, found.person.language, now)
    facts = script_facts(item, patient, clinic, policy_in_force(clinic, now), found.person.language)
    again = found.answer.again_at
    return ContactCard(
        ways=[_way(way, found, wordings, facts) for way in found.answer.ways],
        numbers=[_number(point, found.zone) for point in found.person.points],
        facts=_facts(found),
        is_allowed=found.answer.is_allowed,
        again="" if again is None else both(again, found.zone, now),
        is_too_late=found.answer.opens_too_late(item.useful_until),
    )


def _way(
    way: Way, found: Explained, wordings: Mapping[OutreachChannel, MessageTemplate], facts: dict[str, str]
) -> CardWay:
    tone = _tone(way)
    script, note = _script(way.channel, wordings.get(way.channel), facts)
    return CardWay(
        name=way.channel.label,
        tone=tone,
        word=WORDS["held" if tone == "idle" and way.again_at is None else tone],
        number=hidden(way.point.system, way.point.value) if way.point is not None else "",
        learnt=learnt_words(way.point, found.zone) if way.point is not None else "",
        again="" if way.again_at is None else both(way.again_at, found.zone, found.at),
        obstacles=(*way.stops, *way.cautions),
        script=script,
        script_title=VOICEMAIL if way.channel == OutreachChannel.CALL else "Would say",
        script_note=note,
    )


def _tone(way: Way) -> str:
    if not way.is_allowed:
        return "idle"
    return "warn" if way.cautions else "fresh"


def _script(
    channel: OutreachChannel, wording: MessageTemplate | None, facts: dict[str, str]
) -> tuple[Script | None, str]:
    """The words, and what they keep quiet about; or why there are none."""
    if wording is None:
        is_call = channel == OutreachChannel.CALL
        return None, "No approved voicemail in the language: leave none." if is_call else ""
    try:
        script = script_of(wording, facts)
    except ScriptError as error:
        return None, f"{error} See the contact settings of the clinic."
    return script, f"Not said: {', '.join(withheld(channel))}."


def learnt_words(point: Point, zone: ZoneInfo) -> str:
    """What is known of a number, and since when: "Confirmed Thu 12 Nov 2026"."""
    if point.mark is None or point.marked_at is None:
        return "Never reached"
    return f"{LEARNT[point.mark]} {day(point.marked_at, zone)}"


def _number(point: Point, zone: ZoneInfo) -> CardNumber:
    notes = [f"{point.sharers} others have it" if point.sharers > 1 else "One other has it"] if point.sharers else []
    if point.ends_on is not None:
        notes.append(f"until {point.ends_on:%Y-%m-%d}")
    return CardNumber(
        key=number_owner(point.value),
        kind=point_words(point.system, point.use),
        number=hidden(point.system, point.value),
        learnt=learnt_words(point, zone),
        note=", ".join(notes),
        is_wrong=point.mark == Mark.WRONG,
    )


def _facts(found: Explained) -> list[tuple[str, str]]:
    person = found.person
    there = "" if person.zone is not None else ", the clinic's, since the patient's is not stated"
    facts = [("Local time", f"{clock(found.at, found.zone, found.at)}, {zone_words(found.zone)}{there}")]
    facts.append(("Language", language_words(person.language) if person.language else "Not stated"))
    if person.guardian:
        facts.append(("Guardian", person.guardian))
    if len(found.records.everyone) > 1:
        facts.append(("Records", f"{len(found.records.everyone)} of one person; all their contacts count"))
    return facts
