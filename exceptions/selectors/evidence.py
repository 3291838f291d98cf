"""The messages in evidence: which there are, and one of them opened, masked, with the culprit marked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from config.web import times
from config.web.asking import Question, rows_of
from config.web.masking import Part
from exceptions.models import IntegrationException
from scheduling.models import MappedEvent, Message
from scheduling.models.signals import SIGNALS
from scheduling.selectors.message_lines import Lines, csv_cells, message_lines
from scheduling.selectors.message_page import Fate, fate_of, feed_context
from scheduling.vocabulary import FeedFormat, Outcome

SHOWN_NEWEST, SHOWN_FIRST = 3, 2
MOST_EVENTS = 3
_PLACE = re.compile(r"\b([A-Z][A-Z0-9]{2})-(\d{1,2})")
_LABELS = ("Event", "Status", "Reason", "Visit reason", "Visit type", "Resource status")


class Sample(NamedTuple):
    """A message in evidence that the person may open."""

    id: int
    feed: str
    received_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The messages that stand for all: newest first, and how many of them are not for this person or gone."""

    newest: list[Sample]
    first: list[Sample]
    hidden: int

    @property
    def shown(self) -> list[Sample]:
        """Newest, then first ones, each once."""
        return [*self.newest, *self.first]


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """One message as the person may see it. ``cells`` are of a CSV row, else None."""

    message: Message
    zone: ZoneInfo
    fate: Fate
    lines: Lines
    cells: list[tuple[str, Part]] | None
    facts: list[tuple[str, str]]
    before: Sample | None
    after: Sample | None
    place: str


def sample_ids(exception: IntegrationException) -> list[int]:
    """Ids of all messages kept as evidence, the newest first, each once."""
    return list(dict.fromkeys([*reversed(exception.last_samples), *reversed(exception.first_samples)]))


def evidence_question(exception: IntegrationException, user: User) -> Question:
    """Ask for the messages in evidence that the person may see, without their bodies."""
    ids = sample_ids(exception)
    if not ids:
        return Question(None, nothing=[])
    visible = Message.objects.filter(pk__in=ids).visible_to(user)
    return rows_of(visible.order_by("-received_at", "-pk").values("id", "received_at", "feed__name"))


def evidence_of(exception: IntegrationException, rows: Sequence[Mapping[str, Any]]) -> Evidence:
    """Read the answer to ``evidence_question``."""
    samples = _samples(exception, rows)
    newest = samples[:SHOWN_NEWEST]
    return Evidence(newest, samples[SHOWN_NEWEST:][-SHOWN_FIRST:], len(sample_ids(exception)) - len(samples))


def opened_message(
    exception: IntegrationException,
    message: Message,
    rows: Sequence[Mapping[str, Any]],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> OpenedMessage:
    """Open one message in evidence; ``rows`` answer ``evidence_question``. Reading it is the caller's to audit."""
    context, body, fate = feed_context(message.feed), bytes(message.body), fate_of(message)
    culprits = culprits_of(exception.raw)
    is_csv = context.format is FeedFormat.CSV
    lines = message_lines(body, context.format, culprits=culprits, is_open=False)
    if context.format is FeedFormat.HL7V2:
        lines = marked_places(lines, places_of(exception.raw))
    cells = csv_cells(body, context.reader.profile, is_open=False) if is_csv else None
    samples = _samples(exception, rows)
    at = next((number for number, sample in enumerate(samples) if sample.id == message.pk), 0)
    return OpenedMessage(
        message,
        zone,
        fate,
        lines,
        None if cells is None else [(name, _marked(part, culprits)) for name, part in cells],
        _facts(fate, zone, now),
        samples[at + 1] if at + 1 < len(samples) else None,
        samples[at - 1] if at else None,
        f"{len(samples) - at} of {len(samples)} kept",
    )


def culprits_of(raw: str) -> frozenset[str]:
    """The values to mark where they stand alone: the raw value, and each word of it."""
    return frozenset({raw, *raw.split()} - {""})


def places_of(raw: str) -> frozenset[tuple[str, int]]:
    """The fields that a raw value names, as ("SCH", 11)."""
    return frozenset((segment, int(field)) for segment, field in _PLACE.findall(raw))


def marked_places(lines: Lines, places: frozenset[tuple[str, int]]) -> Lines:
    """Mark whole fields of masked HL7 lines; what is masked stays masked."""
    if not places:
        return lines
    return [_marked_line(line, places) for line in lines]


def _marked_line(line: list[Part], places: frozenset[tuple[str, int]]) -> list[Part]:
    if not line or line[0].kind != "name" or not any(segment == line[0].text for segment, _ in places):
        return line
    separator = line[1].text if len(line) > 1 else "|"
    number = 1 if line[0].text == "MSH" else 0
    parts = [line[0]]
    for part in line[1:]:
        is_separator = part.text == separator and not part.kind
        number += is_separator
        is_marked = (line[0].text, number) in places and not is_separator
        parts.append(Part(part.text, "culprit") if is_marked else part)
    return parts


def _marked(part: Part, culprits: frozenset[str]) -> Part:
    return Part(part.text, "culprit") if not part.kind and part.text in culprits else part


def _samples(exception: IntegrationException, rows: Sequence[Mapping[str, Any]]) -> list[Sample]:
    return [
        Sample(
            row["id"],
            row["feed__name"],
            datetime.fromisoformat(row["received_at"]),
            reverse("exceptions:message", args=[exception.pk, row["id"]]),
        )
        for row in rows
    ]


def _facts(fate: Fate, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """What was read and what became of it, without a word about the patient."""
    is_restricted = any(event.patient is not None and event.patient.is_restricted for event in fate.events)
    facts: list[tuple[str, str]] = []
    for event in fate.events[:MOST_EVENTS]:
        facts += _event_facts(event, zone, now, labels=_LABELS[:2] if is_restricted else _LABELS)
    return [*facts, ("Became", _ended(fate))]


def _event_facts(event: MappedEvent, zone: ZoneInfo, now: datetime, *, labels: Sequence[str]) -> list[tuple[str, str]]:
    said = [(label, getattr(event, name)) for label, name in zip(labels, SIGNALS, strict=False)]
    if event.starts_at is not None:
        said.append(("Start", times.clock(event.starts_at, zone, now)))
    said.append(("Source time", times.clock(event.source_at, zone, now)))
    return [(label, value) for label, value in said if value]


def _ended(fate: Fate) -> str:
    if fate.outcome is Outcome.WAITING:
        return "It waits to be read."
    return f"{fate.outcome.label}. {fate.sentence}"
