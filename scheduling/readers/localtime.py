"""Times as sources write them, to UTC: shared by every reader, pure, with bounded caches.

A text that states its own offset is taken at its word; one without is local time in the zone passed in. A local time
that a change of the clocks makes happen twice or never is a fault and never a guess.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

AMBIGUOUS = "ambiguous_local_time"
IMPOSSIBLE = "impossible_local_time"
BAD_TIME = "bad_time"
DATE_ONLY = "date_only"

LONGEST = 48  # characters of a time; a longer text is none, and never a key of a cache
CACHED = 32_768  # entries of each cache: a day of slots of some hundred providers, under 10 MB

_HL7 = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?\s*([+-]\d\d:?\d\d|Z)?", re.ASCII
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?\s*([+-]\d\d(?::?\d\d)?|Z)?",
    re.ASCII | re.IGNORECASE,
)
_SECONDS = {f"{seconds:02d}": timedelta(seconds=seconds) for seconds in range(60)}


class Moment(NamedTuple):
    """A time that was read: ``at`` in UTC, or None with the ``fault`` that kept it from being one.

    ``fault`` is the kind of the Problem to record: ``bad_time``, ``date_only`` (a day without a time of day),
    ``ambiguous_local_time`` or ``impossible_local_time``; ``""`` where there is none.
    """

    at: datetime | None
    fault: str = ""


def to_utc(local: datetime, zone: ZoneInfo) -> Moment:
    """The UTC moment of a naive local time; ambiguous where the clocks run twice through it, impossible in a gap."""
    try:
        before = local.replace(tzinfo=zone, fold=0).utcoffset()
        after = local.replace(tzinfo=zone, fold=1).utcoffset()
        if before is None or after is None:
            return Moment(None, BAD_TIME)
        if before != after:
            return Moment(None, AMBIGUOUS if before > after else IMPOSSIBLE)
        return Moment((local - before).replace(tzinfo=UTC))
    except (OverflowError, ValueError):
        return Moment(None, BAD_TIME)


def read_hl7_time(text: str, zone: ZoneInfo) -> Moment:
    """An HL7 TS/DTM (``YYYYMMDDHH[MM[SS[.S]]][+ZZZZ]``), or its ISO 8601 spelling, which some senders use."""
    if len(text) == 14 and text.isascii() and text.isdigit():
        minute = _local_minute(text[:12], zone)
        seconds = text[12:]
        if seconds == "00" or minute.at is None:
            return minute
        after = _SECONDS.get(seconds)
        return Moment(None, BAD_TIME) if after is None else Moment(minute.at + after)
    if len(text) == 19 and text[14] in "+-" and text.isascii() and text[:14].isdigit() and text[15:].isdigit():
        with suppress(ValueError, OverflowError):  # the slow way says what is wrong
            return Moment(datetime.fromisoformat(f"{text[:8]}T{text[8:]}").astimezone(UTC))
    return _read_hl7_text(text, zone) if len(text) <= LONGEST else Moment(None, BAD_TIME)


@lru_cache(maxsize=CACHED)
def _local_minute(digits: str, zone: ZoneInfo) -> Moment:
    """The UTC moment of ``YYYYMMDDHHMM``; zones change their offset on whole minutes only."""
    try:
        local = datetime(  # noqa: DTZ001 - local by intent: the zone is applied next
            int(digits[:4]), int(digits[4:6]), int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
        )
    except ValueError:
        return Moment(None, BAD_TIME)
    return to_utc(local, zone)


@lru_cache(maxsize=CACHED)
def _read_hl7_text(text: str, zone: ZoneInfo) -> Moment:
    return _from_match(_HL7.fullmatch(text.strip()) or _ISO.fullmatch(text.strip()), zone)


def read_iso_time(text: str, zone: ZoneInfo) -> Moment:
    """An ISO 8601 / FHIR dateTime or instant; a bare date is ``date_only``."""
    return _read_iso_text(text, zone) if len(text) <= LONGEST else Moment(None, BAD_TIME)


@lru_cache(maxsize=CACHED)
def _read_iso_text(text: str, zone: ZoneInfo) -> Moment:
    return _from_match(_ISO.fullmatch(text.strip()), zone)


def read_formatted_time(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> Moment:
    """A time in the first of the ``strptime`` formats that fits; a format with ``%z`` states its own offset."""
    return _read_formatted_text(text, formats, zone) if len(text) <= LONGEST else Moment(None, BAD_TIME)


@lru_cache(maxsize=CACHED)
def _read_formatted_text(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> Moment:
    for pattern in formats:
        try:
            read = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone is applied below
        except ValueError:
            continue
        if "%H" not in pattern and "%I" not in pattern:
            return Moment(None, DATE_ONLY)
        if read.tzinfo is None:
            return to_utc(read, zone)
        try:
            return Moment(read.astimezone(UTC))
        except OverflowError:
            break
    return Moment(None, BAD_TIME)


def read_day(text: str) -> date | None:
    """The calendar day that an HL7 or ISO text begins with; None where it states no whole valid day."""
    return _read_day_text(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=CACHED)
def _read_day_text(text: str) -> date | None:
    match = _HL7.fullmatch(text.strip()) or _ISO.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _from_match(match: re.Match[str] | None, zone: ZoneInfo) -> Moment:
    if match is None:
        return Moment(None, BAD_TIME)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        local = datetime(  # noqa: DTZ001 - local by intent: the zone is applied next
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "")[:6].ljust(6, "0")),
        )
        if hour is None:
            return Moment(None, DATE_ONLY)
        if offset is None:
            return to_utc(local, zone)
        return Moment(local.replace(tzinfo=_fixed_zone(offset)).astimezone(UTC))
    except (OverflowError, ValueError):
        return Moment(None, BAD_TIME)


def _fixed_zone(offset: str) -> timezone:
    """The zone of ``Z``, ``+02``, ``-0500`` or ``+05:30``; ValueError beyond 24 hours."""
    if offset in {"Z", "z"}:
        return UTC
    digits = offset[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
