"""The parts every resource is made of, read without trusting their JSON types.

Senders write a list where FHIR wants an object, a number where it wants a string, or nothing useful at all.
Each function here takes any JSON value and answers with the plain value, or None (or an empty list) when it is
not there in a usable form.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from scheduling.facts import Problem, Reading
from scheduling.readers import keeping

Resource = dict[str, Any]

MAX_ID = 255  # longer ids are taken for absent: cutting one could make two of them equal
MAX_TEXT = 255
MAX_NOTE = 200
MAX_RAW = 200
MAX_ITEMS = 50  # of any list inside one resource


class Reference(NamedTuple):
    """A literal or logical reference: ``type`` and ``id`` are empty where it names none."""

    type: str
    id: str
    display: str


NOWHERE = Reference("", "", "")


def plain(value: Any, limit: int = MAX_TEXT) -> str | None:
    """A text without NULs and outer blanks, cut at ``limit``; numbers are written out, all else is None."""
    if type(value) is not str:
        if type(value) not in {int, float}:
            return None
        value = str(value)
    if "\x00" in value:  # PostgreSQL takes no NUL in a text
        value = value.replace("\x00", "")
    value = value.strip()
    return (value if len(value) <= limit else value[:limit]) or None


def identifier(value: Any) -> str:
    """An id as text, empty when absent or longer than any id is."""
    found = plain(value, MAX_ID + 1)
    return found if found is not None and len(found) <= MAX_ID else ""


def objects(value: Any) -> list[Resource]:
    """The objects of a list, or the one object standing where a list belongs; at most ``MAX_ITEMS``."""
    if type(value) is list:
        if len(value) == 1:
            return value if type(value[0]) is dict else []
        return [item for item in value[:MAX_ITEMS] if type(item) is dict]
    return [value] if type(value) is dict else []


def code(concept: Any) -> str | None:
    """What a CodeableConcept says in one word: its first code, else its text, else its first display.

    A list of concepts answers with its first that says anything; a bare string (a ``code``) with itself.
    """
    if concept is None:
        return None
    if type(concept) is str:
        return plain(concept)
    for each in objects(concept):
        codings = objects(each.get("coding"))
        found = _first(codings, "code") or plain(each.get("text")) or _first(codings, "display")
        if found:
            return found
    return None


def label(concept: Any) -> str | None:
    """What a CodeableConcept says to people: its text, else its first display."""
    if concept is None:
        return None
    for each in objects(concept):
        found = plain(each.get("text")) or _first(objects(each.get("coding")), "display")
        if found:
            return found
    return None


def _first(items: list[Resource], key: str) -> str | None:
    for item in items:
        if found := plain(item.get(key)):
            return found
    return None


def reference(value: Any) -> Reference:
    """Read a Reference: relative, absolute, with a version, or by identifier only. Contained ones name nothing."""
    if type(value) is not dict:
        items = objects(value)
        if not items:
            return NOWHERE
        value = items[0]
    stated = (plain(value["type"]) or "") if "type" in value else ""
    display = plain(value.get("display")) or ""
    literal = plain(value.get("reference"), 1_000) or ""
    if not literal:
        logical = objects(value.get("identifier"))
        return Reference(stated, identifier(logical[0].get("value")) if logical else "", display)
    return _kept_literal(literal, stated, display) if len(literal) <= MAX_ID else _literal(literal, stated, display)


def _literal(literal: str, stated: str, display: str) -> Reference:
    """A reference by its text; the type in it leads over the ``stated`` one."""
    if literal.startswith("#"):
        return Reference(stated, "", display)
    if literal.startswith("urn:"):
        return Reference(stated, identifier(literal.rpartition(":")[2]), display)
    parts = literal.partition("/_history/")[0].rstrip("/").split("/")
    named = parts[-2] if len(parts) > 1 else stated
    return Reference(named, identifier(parts[-1]), display)


_kept_literal = lru_cache(maxsize=keeping.PATIENTS)(_literal)


def instant(value: Any) -> tuple[datetime | None, str]:
    """Read a FHIR instant into UTC: (time, "") or (None, kind of problem); absent is (None, "").

    A date alone, or a time without an offset, is no moment: guessing its zone is how visits move by hours.
    """
    if value is None:
        return None, ""
    if type(value) is not str or len(value) < 16 or value[10] not in "Tt" or value[4] != "-":
        return None, "date_only" if day(value) and len(value) == 10 else "bad_time"
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            return None, "time_without_zone"
        return moment.astimezone(UTC), ""
    except (ValueError, OverflowError):
        return None, "bad_time"


def moment(resource: Resource, key: str, reading: Reading) -> datetime | None:
    """The instant at ``key``; what is wrong with it becomes a problem of the reading."""
    if key not in resource:
        return None
    found, kind = instant(resource[key])
    if kind:
        note_problem(reading, kind, key, resource[key])
    return found


def day(value: Any) -> date | None:
    """A full date, or the date part of a dateTime as its own clock shows it; None for anything less."""
    if type(value) is not str:
        return None
    try:
        return date.fromisoformat(value[:10]) if value[4:5] == "-" else None
    except ValueError:
        return None


def last_day(value: Any) -> date | None:
    """The last day a possibly partial date includes (FHIR Period: ``2014`` ends with its 31 December)."""
    if type(value) is not str:
        return None
    try:
        if len(value) == 4:
            return date(int(value), 12, 31)
        if len(value) == 7:
            year, month = int(value[:4]), int(value[5:])
            return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)
    except ValueError:
        return None
    return day(value)


def minutes_between(starts_at: datetime | None, ends_at: datetime | None) -> int | None:
    """Whole minutes from start to end; None unless both are known and in order."""
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        return None
    return max(1, round((ends_at - starts_at).total_seconds() / 60))


def positive(value: Any) -> int | None:
    """A whole number above zero and below ten million, also when written as text."""
    if type(value) is str and value.strip().isdecimal() and len(value) < 9:
        value = int(value)
    return value if type(value) is int and 0 < value < 10_000_000 else None


def truth(value: Any) -> bool | None:
    """A boolean, also when written as text."""
    if type(value) is str:
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if type(value) is bool else None


def extension(resource: Resource, url: str) -> Any:
    """The value of the extension with this url, whatever its type; None when it is not there."""
    for each in objects(resource.get("extension")):
        if each.get("url") == url:
            return next((each[key] for key in each if key.startswith("value")), None)
    return None


def note_problem(reading: Reading, kind: str, field: str, raw: Any = "") -> None:
    """Add a problem with its raw value, cut to a bounded length."""
    reading.problems.append(Problem(kind, field, raw[:MAX_RAW] if type(raw) is str else repr(raw)[:MAX_RAW]))
