"""PID, PD1, PV1 and NK1: what one message states about one patient."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.facts import ContactPointFact, PatientFact
from scheduling.readers import keeping
from scheduling.readers.hl7.contact import read_points
from scheduling.readers.hl7.delimiters import Delimiters
from scheduling.readers.hl7.elements import NULL
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.times import read_moment
from scheduling.readers.localtime import DATE_ONLY, read_day

_GUARDIANS: Final = ("GRD", "PAR", "MTH", "FTH", "GUARDIAN", "PARENT", "MOTHER", "FATHER")
_CLEARED: Final = (("born_on", 7), ("died", 30), ("died_at", 29))

Points = tuple[ContactPointFact, ...]
PatientId = tuple[str, str, str]  # (authority, type, id), one repetition of a CX field


def read_patient(message: Message, zone: ZoneInfo, profile: Hl7Profile) -> PatientFact | None:
    """The patient of the message's first PID; None without a PID or without an id in it (a ``no_patient_id``).

    The same segments give the same object while it is kept (see `scheduling.readers.keeping`).
    """
    found = message.found
    if "PID" not in found:
        return None
    vip = message.raw("PV1", 16)
    text = "\r".join([found["PID"][0], *found.get("PD1", ())[:1], *found.get("NK1", ())])
    if len(text) + len(vip) <= keeping.LONGEST:
        patient = _kept_patient(text, vip, message.delimiters, zone, profile)
        if patient is not None:
            return patient
    return _read_patient(message, vip, zone, profile)


@lru_cache(maxsize=keeping.PATIENTS)
def _kept_patient(
    text: str, vip: str, delimiters: Delimiters, zone: ZoneInfo, profile: Hl7Profile
) -> PatientFact | None:
    """What PID, the first PD1, every NK1 and PV1-16 say; None where a problem is to be told of the whole message."""
    message = Message(text.split("\r"), delimiters, is_escaped=True)
    patient = _read_patient(message, vip, zone, profile)
    return None if message.problems else patient


def _read_patient(message: Message, vip: str, zone: ZoneInfo, profile: Hl7Profile) -> PatientFact | None:
    pid, pd1 = message.first("PID"), message.first("PD1")
    ids = read_patient_ids(message, pid, profile)
    if not ids:
        message.problem("no_patient_id", str(profile.patient_id[0]))
        return None
    name = message.components(pid[5])
    family, given = message.text(name[0].partition(message.subcomponent)[0]), message.text(name[1])
    sex, language = message.coded(pid[8]), message.coded(pid[15])
    born_on = _birthday(message, pid[7]) if pid[7] else None
    phones_home, phones_work = _read_telecom(message, pid)
    guardian = _guardian(message) if "NK1" in message.found else None
    died, died_at = _read_death(message, pid[29], pid[30], zone, profile)
    return PatientFact(
        ids[0][0],
        ids[0][2],
        tuple(ids[1:]),
        family=family,
        given=given,
        born_on=born_on,
        sex=sex,
        language=language,
        phones_home=phones_home,
        phones_work=phones_work,
        died=died,
        died_at=died_at,
        duplicate_of=message.text(message.single(pd1[10])),
        publicity=message.coded(pd1[11]),
        protection=message.coded(pd1[12]),  # PD1-13, from when it holds, is not waited for: announced is protected
        vip=message.coded(vip),
        guardian=guardian,
        cleared=frozenset(name for name, number in _CLEARED if pid[number] == NULL),
    )


def read_patient_ids(message: Message, pid: Fields, profile: Hl7Profile) -> list[PatientId]:
    """The ids of a PID, the one that names the patient first: that of the feed's type (MR), else the first sent."""
    for place in profile.patient_id:
        ids = read_ids(message, pid[place.field])
        for number, one in enumerate(ids):
            if one[1] == profile.patient_id_type:
                return ids if number == 0 else [one, *ids[:number], *ids[number + 1 :]]
        if ids:
            return ids
    return []


def read_ids(message: Message, raw: str) -> list[PatientId]:
    """Every repetition of a CX field that holds an id."""
    found: list[PatientId] = []
    for repetition in message.repetitions(raw):
        parts = repetition.split(message.component, 6)
        if id_ := message.value(parts[0]):
            authority = message.named(parts[3]) if len(parts) > 3 else ""
            found.append((authority, message.value(parts[4]) if len(parts) > 4 else "", id_))
    return found


def _birthday(message: Message, raw: str) -> date | None:
    if raw == NULL:
        return None
    day = read_day(raw[:8] if raw[:8].isdigit() else message.single(raw))
    if day is None:
        message.problem("bad_date", "PID-7", raw)
    return day


def _read_telecom(message: Message, pid: Fields) -> tuple[Points | None, Points | None]:
    """(home, work): PID-13 and PID-14, else PID-40, which replaces them since 2.7: sorted by use, whole lists both."""
    home, work = read_points(message, pid[13], "PID-13", "home"), read_points(message, pid[14], "PID-14", "work")
    if pid[40] and home is None and work is None:
        points = read_points(message, pid[40], "PID-40", "home") or ()
        home = tuple(point for point in points if point.use != "work")
        work = tuple(point for point in points if point.use == "work")
    return home, work


def _guardian(message: Message) -> str | None:
    """The name of the first next of kin that is a guardian or parent."""
    for nk1 in message.all("NK1"):
        relation, role = message.coded(nk1[3]) or "", message.coded(nk1[7]) or ""
        if relation.upper() in _GUARDIANS or role.upper() in _GUARDIANS:
            name = message.components(nk1[2])
            family = message.value(name[0].partition(message.subcomponent)[0])
            return f"{message.value(name[1])} {family}".strip() or None
    return None


def _read_death(
    message: Message, when: str, indicator: str, zone: ZoneInfo, profile: Hl7Profile
) -> tuple[bool | None, datetime | None]:
    """(died, when): a date of death (PID-29) means death, also where it cannot be read or PID-30 says N."""
    died: bool | None = None
    if indicator and indicator != NULL:
        died = {"Y": True, "N": False}.get(message.value(message.single(indicator)).upper()[:1])
        if died is None:
            message.problem("bad_death_indicator", "PID-30", indicator)
    if not when or when == NULL:
        return died, None
    if died is False:
        message.problem("death_disagrees", "PID-30", indicator)
    return True, _died_at(message, message.single(when), zone, profile)


def _died_at(message: Message, raw: str, zone: ZoneInfo, profile: Hl7Profile) -> datetime | None:
    moment = read_moment(raw, zone, profile)
    if moment.at is None and moment.fault != DATE_ONLY:
        message.problem(moment.fault, "PID-29", raw)
    return moment.at
