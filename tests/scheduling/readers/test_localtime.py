from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.readers.localtime import (
    Moment,
    _local_minute,
    read_day,
    read_formatted_time,
    read_hl7_time,
    read_iso_time,
    to_utc,
)

CHICAGO = ZoneInfo("America/Chicago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks move by half an hour


def utc(*parts):
    return Moment(datetime(*parts).replace(tzinfo=UTC))  # noqa: DTZ001 - UTC by the next word


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20270115143000", utc(2027, 1, 15, 20, 30)),
        ("20270715143059", utc(2027, 7, 15, 19, 30, 59)),
        ("202701151430", utc(2027, 1, 15, 20, 30)),
        ("2027011514", utc(2027, 1, 15, 20)),
        ("20270115143000.1234", utc(2027, 1, 15, 20, 30, 0, 123400)),
        ("20270115143000+0530", utc(2027, 1, 15, 9)),
        ("20270115143000.5-0600", utc(2027, 1, 15, 20, 30, 0, 500000)),
        ("20270115143000Z", utc(2027, 1, 15, 14, 30)),
        ("2027-01-15T14:30:00", utc(2027, 1, 15, 20, 30)),
        ("2027-01-15 14:30", utc(2027, 1, 15, 20, 30)),
        ("20270115", Moment(None, "date_only")),
        ("01/15/2027 14:30", Moment(None, "bad_time")),
        ("20271301000000", Moment(None, "bad_time")),
        ("20270115240000", Moment(None, "bad_time")),
        ("20270115143060", Moment(None, "bad_time")),
        ("20270115143000+9900", Moment(None, "bad_time")),
        ("00000000000000", Moment(None, "bad_time")),
        ("99991231235959", Moment(None, "bad_time")),
        ("٢٠٢٧٠١١٥١٤٣٠٠٠", Moment(None, "bad_time")),
        ("9" * 5_000, Moment(None, "bad_time")),
        ("", Moment(None, "bad_time")),
    ],
    ids=[
        "winter", "summer with seconds", "no seconds", "hour only", "fraction", "offset", "fraction and offset", "Z",
        "ISO", "ISO with a space", "a day is no time", "no guess about slashes", "month 13", "hour 24", "second 60",
        "offset of 99 hours", "zeros", "past the last year in UTC", "digits that are not ASCII", "endless", "empty",
    ],
)  # fmt: skip
def test_hl7_time_is_read_in_the_zone_given(text, moment):
    assert read_hl7_time(text, CHICAGO) == moment


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("20270314015959", CHICAGO, utc(2027, 3, 14, 7, 59, 59)),
        ("20270314020000", CHICAGO, Moment(None, "impossible_local_time")),
        ("20270314025959", CHICAGO, Moment(None, "impossible_local_time")),
        ("20270314030000", CHICAGO, utc(2027, 3, 14, 8)),
        ("20271107005959", CHICAGO, utc(2027, 11, 7, 5, 59, 59)),
        ("20271107010000", CHICAGO, Moment(None, "ambiguous_local_time")),
        ("20271107015959", CHICAGO, Moment(None, "ambiguous_local_time")),
        ("20271107020000", CHICAGO, utc(2027, 11, 7, 8)),
        ("20271107013000-0500", CHICAGO, utc(2027, 11, 7, 6, 30)),
        ("20271003021500", LORD_HOWE, Moment(None, "impossible_local_time")),
        ("20270404014500", LORD_HOWE, Moment(None, "ambiguous_local_time")),
        ("20270404013000", LORD_HOWE, Moment(None, "ambiguous_local_time")),
        ("20270404012959", LORD_HOWE, utc(2027, 4, 3, 14, 29, 59)),
    ],
    ids=[
        "last second before the gap", "gap begins", "gap ends", "first second after the gap",
        "last second before the fold", "fold begins", "fold ends", "first second after the fold",
        "an offset settles the fold", "half-hour gap", "half-hour fold", "half-hour fold begins", "half hour before it",
    ],
)  # fmt: skip
def test_hl7_time_that_happens_twice_or_never_is_a_fault(text, zone, moment):
    assert read_hl7_time(text, zone) == moment


def test_iso_time_takes_its_own_offset_or_the_zone():
    read = [read_iso_time(text, CHICAGO) for text in ("2027-07-15T14:30:00+02:00", "2027-07-15T14:30:00", "2027-07-15")]

    assert read == [utc(2027, 7, 15, 12, 30), utc(2027, 7, 15, 19, 30), Moment(None, "date_only")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("01/15/2027 2:30 PM", utc(2027, 1, 15, 20, 30)),
        ("15.01.2027 14:30 +0100", utc(2027, 1, 15, 13, 30)),
        ("11/07/2027 1:30 AM", Moment(None, "ambiguous_local_time")),
        ("01/15/2027", Moment(None, "date_only")),
        ("tomorrow", Moment(None, "bad_time")),
    ],
    ids=["US", "with an offset", "fold", "day", "words"],
)
def test_formatted_time_uses_the_first_format_that_fits(text, moment):
    formats = ("%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M %z", "%m/%d/%Y")

    assert read_formatted_time(text, formats, CHICAGO) == moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19800229", date(1980, 2, 29)),
        ("1980-02-29", date(1980, 2, 29)),
        ("198002291200+0100", date(1980, 2, 29)),
        ("19810229", None),
        ("198002", None),
        ("x" * 100, None),
    ],
    ids=["HL7", "ISO", "with a time", "no leap year", "month only", "endless"],
)
def test_day_needs_a_whole_valid_date(text, day):
    assert read_day(text) == day


def test_local_time_out_of_range_is_a_bad_time():
    assert to_utc(datetime(1, 1, 1), ZoneInfo("Asia/Tokyo")) == Moment(None, "bad_time")  # noqa: DTZ001


def test_cache_of_minutes_is_bounded():
    assert _local_minute.cache_info().maxsize == 32_768
