"""HL7 v2 messages as the test sources send them: one function per kind, times as aware UTC datetimes.

    siu("S12", visit="V1", at=NOON, starts_at=NOON + DAY)          # a booking of the default patient
    siu("S15", visit="V1", at=NOON + HOUR, status="Cancelled")     # its cancellation
    adt("A08", at=NOON, patient="N-2", family="Okafor")            # a patient's facts
    merge(at=NOON, survivor="N-1", retired="N-2")                  # two records of one person

A message's control id follows from what it says, so the same call gives the same bytes; ``control`` overrides it.
"""

from datetime import datetime, timedelta
from zlib import crc32

CLINIC, PROVIDER = "CARD", "OKAFOR"


def stamp(at: datetime) -> str:
    """A time with its own offset, so that no zone is asked."""
    return f"{at:%Y%m%d%H%M%S}+0000"


def siu(
    trigger: str,
    *,
    visit: str,
    at: datetime,
    starts_at: datetime | str | None = None,
    status: str = "Booked",
    patient: str | None = "N-1",
    clinic: str = CLINIC,
    provider: str | None = PROVIDER,
    minutes: int | str = 30,
    reason: str = "",
    sequence: int | str = "",
    phone: str = "3125550142",
    control: str | None = None,
    visit_type: str = "ECHO^Echocardiogram",
) -> bytes:
    """A scheduling message. ``starts_at`` may be raw text, such as ``""`` in quotes for an explicit null."""
    start = stamp(starts_at) if isinstance(starts_at, datetime) else starts_at or ""
    sch = ["SCH", "", visit, "", "", "", reason, "", "", str(minutes), "min", f"^^^{start}", *[""] * 13, status]
    lines = ["|".join(sch)]
    if patient is not None:
        lines.append(f"PID|1||{patient}^^^NSD^MR||Quill^Ada||19800102|F|||||{phone}")
    lines.append(f"AIS|1||{visit_type}")
    lines.append(f"AIL|1||{clinic}")
    if provider is not None:
        lines.append(f"AIP|1||{provider}^Okafor^Ruth")
    return _message(f"SIU^{trigger}", at, lines, sequence, control)


def adt(
    trigger: str,
    *,
    at: datetime,
    patient: str = "N-1",
    family: str = "Quill",
    given: str = "Ada",
    phone: str = "3125550142",
    died_at: datetime | None = None,
    control: str | None = None,
) -> bytes:
    """A patient's facts."""
    pid = ["PID", "1", "", f"{patient}^^^NSD^MR", "", f"{family}^{given}", "", "19800102", "F", "", "", "", "", phone]
    if died_at is not None:
        pid += [*[""] * 15, stamp(died_at), "Y"]
    return _message(f"ADT^{trigger}", at, ["|".join(pid)], "", control)


def merge(*, at: datetime, survivor: str, retired: str, control: str | None = None) -> bytes:
    """``retired`` is the same person as ``survivor``, whose record goes on."""
    return merges((survivor, retired), at=at, control=control)


def merges(*pairs: tuple[str, str], at: datetime, control: str | None = None) -> bytes:
    """One message for several (survivor, retired)."""
    lines = [line for one, other in pairs for line in (f"PID|1||{one}^^^NSD^MR||Quill^Ada", f"MRG|{other}^^^NSD^MR")]
    return _message("ADT^A40", at, lines, "", control)


def slot(trigger: str, *, at: datetime, starts_at: datetime, minutes: int = 30, provider: str = PROVIDER) -> bytes:
    """A stretch of a provider's template: S23 blocks it, S24 opens it again."""
    lines = [
        f"SCH|1|S{provider}{starts_at:%d%H%M}||||||||{minutes}|min|^^^{stamp(starts_at)}",
        f"AIL|1||{CLINIC}",
        f"AIP|1||{provider}^Okafor^Ruth|||{stamp(starts_at)}|||{minutes}|min",
    ]
    return _message(f"SIU^{trigger}", at, lines, "", None)


def _message(event: str, at: datetime, lines: list[str], sequence: int | str, control: str | None) -> bytes:
    said = "\r".join([event, stamp(at), str(sequence), *lines])
    name = control if control is not None else f"C{crc32(said.encode()):08x}"
    head = rf"MSH|^~\&|BOOKER|NORTH|DESK|HUB|{stamp(at)}||{event}|{name}|P|2.5.1|{sequence}"
    return "\r".join([head, *lines, ""]).encode()


def soon(now: datetime, hours: float) -> datetime:
    """``hours`` from ``now``."""
    return now + timedelta(hours=hours)
