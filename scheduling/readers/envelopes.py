"""Takes a received body apart into messages, at intake and before anything is read.

A message is what one reader reads alone: one HL7 v2 message, one FHIR resource, one row of a CSV extract under its
header and a note (`scheduling.readers.csv.note`). Nothing is dropped: what cannot be read becomes a message too, is
rejected later, and so is counted.

A vanished visit (listed in an earlier full extract, not in this one) gets a message of its own from
`vanished_message`, which the CSV reader turns into an appointment fact with trigger ``vanished``.
"""

from scheduling.facts import UnreadableMessageError
from scheduling.readers.csv import envelope as csv_envelope
from scheduling.readers.csv.envelope import vanished_message
from scheduling.readers.fhir import envelope as fhir_envelope
from scheduling.readers.hl7 import envelope as hl7_envelope
from scheduling.readers.shapes import MAX_BYTES, MAX_MESSAGES, Arrival, Envelope, ExtractInfo, Profile
from scheduling.vocabulary import FeedFormat

__all__ = ["Arrival", "Envelope", "ExtractInfo", "split", "vanished_message"]

_NOTHING_KNOWN = Arrival()


def split(body: bytes, format: FeedFormat, profile: Profile, *, arrival: Arrival = _NOTHING_KNOWN) -> Envelope:  # noqa: A002
    """The messages of a body, in order. ``arrival`` is what intake knows of a file; only CSV extracts ask for it.

    Raises UnreadableMessageError for a body over the feed's ``max_bytes`` or with over ``max_messages`` messages:
    taking the first of them would lose the rest in silence.
    """
    limit = int(profile.get("max_bytes", MAX_BYTES))
    if len(body) > limit:
        raise UnreadableMessageError("too_large", f"The body has {len(body):,} bytes; this feed takes {limit:,}.")
    envelope = _split(body, format, profile, arrival)
    most = int(profile.get("max_messages", MAX_MESSAGES))
    if len(envelope.messages) > most:
        count = len(envelope.messages)
        raise UnreadableMessageError("too_many_messages", f"It holds {count:,} messages; this feed takes {most:,}.")
    return envelope


def _split(body: bytes, format: FeedFormat, profile: Profile, arrival: Arrival) -> Envelope:  # noqa: A002
    match format:
        case FeedFormat.HL7V2:
            messages, declared, problems = hl7_envelope.split(body)
            return Envelope(messages, declared=declared, problems=problems)
        case FeedFormat.FHIR:
            return fhir_envelope.split(body)
        case FeedFormat.CSV:
            return csv_envelope.split(body, profile, arrival)
