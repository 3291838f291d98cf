"""Which field became which fact: every field is left out and altered in turn, and the feed's own reader reads again.

So nothing here knows how a format is read, and what it says of a reader is true of that reader. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scheduling.facts import AppointmentFact, PatientFact, ReaderContext, Reading, Signals, UnreadableMessageError
from scheduling.lab.variants import Variant, variants_of
from scheduling.readers.registry import READERS
from scheduling.vocabulary import FeedFormat

MOST_FIELDS = 250  # a longer message is traced as far as this
MOST_TRACED = 64 * 1024  # bytes; a longer message is read, but not traced
COMPARED = "compared"  # changing the field only raises a problem: it is held against another one


@dataclass(frozen=True, slots=True)
class Trace:
    """``origins``: fact name -> places it comes from; ``unused``: places that say something and change nothing."""

    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    is_whole: bool = True

    def of(self, *facts: str) -> str:
        """Where some facts come from, in the order of the message: "SCH-2, TQ1-7"; "" where nothing says so."""
        return ", ".join(self._in_order(place for fact in facts for place in self.origins.get(fact, ())))

    def of_patient(self) -> str:
        """Every place that says something about the patient, in the order of the message."""
        facts = (places for fact, places in self.origins.items() if fact.startswith("patient_"))
        return ", ".join(self._in_order(place for places in facts for place in places))

    def _in_order(self, places: Iterable[str]) -> list[str]:
        wanted = set(places)
        return [place for place in self.used if place in wanted]


def trace(body: bytes, format: FeedFormat, context: ReaderContext, reading: Reading) -> Trace:  # noqa: A002
    """Trace every field of a message that was read as ``reading``; two readings a field."""
    if len(body) > MOST_TRACED:
        return Trace(is_whole=False)
    known = facts_of(reading)
    origins: defaultdict[str, list[str]] = defaultdict(list)
    used: list[str] = []
    unused: list[str] = []
    is_whole = True
    for count, variant in enumerate(variants_of(body, format, context.profile)):
        if count == MOST_FIELDS:
            is_whole = False
            break
        changed = _changed(variant, format, context, known)
        (used if changed else unused).append(variant.place)
        for fact in changed:
            origins[fact].append(variant.place)
    return Trace(
        {fact: tuple(dict.fromkeys(places)) for fact, places in origins.items()},
        tuple(dict.fromkeys(used)),
        tuple(place for place in dict.fromkeys(unused) if place not in set(used)),
        is_whole,
    )


def _changed(
    variant: Variant,
    format: FeedFormat,  # noqa: A002
    context: ReaderContext,
    known: dict[str, object],
) -> set[str]:
    """The facts that are others without the field, or with another value in it."""
    changed: set[str] = set()
    for body in variant.bodies:
        try:
            found = facts_of(READERS[format](body, context))
        except UnreadableMessageError:
            changed.add("readable")
            continue
        changed |= {name for name in known.keys() | found.keys() if known.get(name) != found.get(name)}
    if "trigger" in changed:  # another kind of message is read by other fields: that says nothing about the rest
        return {"trigger"}
    return changed if changed == {COMPARED} else changed - {COMPARED}


def facts_of(reading: Reading) -> dict[str, object]:
    """A reading as flat names and values; of several appointments the name carries no number."""
    facts: dict[str, object] = {
        "control_id": reading.control_id,
        "trigger": reading.trigger,
        "source_at": reading.source_at,
        "sequence": reading.sequence,
        "slots": reading.slots or None,
        COMPARED: [(problem.kind, problem.field) for problem in reading.problems] or None,
    }
    for name in AppointmentFact._fields:
        if name != "signals":
            facts[name] = _all(reading.appointments, name)
    for name in Signals._fields[1:]:
        facts[f"signal_{name}"] = [getattr(fact.signals, name) for fact in reading.appointments]
    if reading.patient is not None:
        facts |= {f"patient_{name}": getattr(reading.patient, name) for name in PatientFact._fields}
    return facts


def _all(facts: Iterable[Any], name: str) -> list[object]:
    return [getattr(fact, name) for fact in facts]
