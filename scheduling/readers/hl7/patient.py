"""PID, PD1, PV1, NK1 and MRG: what one message states about one patient."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.facts import ContactPointFact, PatientFact
from scheduling.readers.hl7.contact import read_points
from scheduling.readers.hl7.elements import NULL
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.times import read_moment
from scheduling.readers.localtime import DATE_ONLY, read_day

_GUARDIANS: Final = ("GRD", "PAR", "MTH", "FTH", "GUARDIAN", "PARENT", "MOTHER", "FATHER")


PatientId = tuple[str, str, str]  # (authority, type, id), one repetition of a CX field


def read_patient(message: Message, zone: ZoneInfo, profile: Hl7Profile) -> PatientFact | None:
    """The patient of the message's first PID; None without a PID or without an id in it (a ``no_patient_id``)."""
    segments = message.table.get("PID")
    if not segments:
        return None
    ids = read_patient_ids(message, segments[0], profile)
    if not ids:
        message.problem("no_patient_id", str(profile.patient_id[0]))
        return None
    patient = PatientFact(ids[0][0], ids[0][2], tuple(ids[1:]))
    _read_person(message, patient)
    _read_death(message, patient, zone, profile)
    _read_safety(message, patient)
    return patient


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


def _read_person(message: Message, patient: PatientFact) -> None:
    """Name, birth, sex, language and contact points."""
    pid = message.table["PID"][0]
    name = message.components(pid[5])
    patient.family = message.text(name[0].partition(message.subcomponent)[0])
    patient.given = message.text(name[1])
    patient.sex = message.coded(pid[8])
    patient.language = message.coded(pid[15])
    if pid[7]:
        patient.born_on = _birthday(message, patient, pid[7])
    patient.phones_home = read_points(message, pid[13], "PID-13", "home")
    patient.phones_work = read_points(message, pid[14], "PID-14", "work")
    if pid[40] and patient.phones_home is None and patient.phones_work is None:
        _read_telecom(message, patient, pid[40])
    if "NK1" in message.table:
        patient.guardian = _guardian(message)


def _birthday(message: Message, patient: PatientFact, raw: str) -> date | None:
    if raw == NULL:
        patient.cleared |= {"born_on"}
        return None
    day = read_day(raw[:8] if raw[:8].isdigit() else message.single(raw))
    if day is None:
        message.problem("bad_date", "PID-7", raw)
    return day


def _read_telecom(message: Message, patient: PatientFact, raw: str) -> None:
    """PID-40, which replaces PID-13 and PID-14 since 2.7: sorted by use, whole lists both."""
    points = read_points(message, raw, "PID-40", "home") or ()
    work: list[ContactPointFact] = [point for point in points if point.use == "work"]
    patient.phones_home = tuple(point for point in points if point.use != "work")
    patient.phones_work = tuple(work)


def _guardian(message: Message) -> str | None:
    """The name of the first next of kin that is a guardian or parent."""
    for nk1 in message.table["NK1"]:
        relation, role = message.coded(nk1[3]) or "", message.coded(nk1[7]) or ""
        if relation.upper() in _GUARDIANS or role.upper() in _GUARDIANS:
            name = message.components(nk1[2])
            family = message.value(name[0].partition(message.subcomponent)[0])
            return f"{message.value(name[1])} {family}".strip() or None
    return None


def _read_death(message: Message, patient: PatientFact, zone: ZoneInfo, profile: Hl7Profile) -> None:
    """PID-29 and PID-30. A date of death means death, also where it cannot be read or PID-30 says N."""
    pid = message.table["PID"][0]
    when, indicator = pid[29], pid[30]
    if not when and not indicator:
        return
    if indicator == NULL:
        patient.cleared |= {"died"}
    elif indicator:
        patient.died = {"Y": True, "N": False}.get(message.value(message.single(indicator)).upper()[:1])
        if patient.died is None:
            message.problem("bad_death_indicator", "PID-30", indicator)
    if when == NULL:
        patient.cleared |= {"died_at"}
    elif when:
        if patient.died is False:
            message.problem("death_disagrees", "PID-30", indicator)
        patient.died = True
        patient.died_at = _died_at(message, message.single(when), zone, profile)


def _died_at(message: Message, raw: str, zone: ZoneInfo, profile: Hl7Profile) -> datetime | None:
    moment = read_moment(raw, zone, profile)
    if moment.at is None and moment.fault != DATE_ONLY:
        message.problem(moment.fault, "PID-29", raw)
    return moment.at


def _read_safety(message: Message, patient: PatientFact) -> None:
    """PD1-10 to PD1-12 and PV1-16.

    PD1-13, from when PD1-12 holds, is not waited for: protection announced is protection.
    """
    if "PD1" in message.table:
        pd1 = message.table["PD1"][0]
        patient.duplicate_of = message.text(message.single(pd1[10]))
        patient.publicity = message.coded(pd1[11])
        patient.protection = message.coded(pd1[12])
    if "PV1" in message.table:
        patient.vip = message.coded(message.table["PV1"][0][16])


def read_merge(message: Message, patient: PatientFact, profile: Hl7Profile) -> None:
    """Give the surviving patient the ids that MRG-1 retires.

    Every MRG counts that follows a PID of the same patient; an MRG of another one is a ``several_patients`` problem. An
    id without an authority is the survivor's authority's. A patient merged into itself is a ``self_merge`` problem.
    """
    retired: dict[tuple[str, str], None] = {}
    for pid, mrgs in _merge_groups(message):
        survivor = read_patient_ids(message, pid, profile)[:1]
        if not survivor or (survivor[0][0], survivor[0][2]) != (patient.authority, patient.mrn):
            message.problem("several_patients", "PID-3")
            continue
        for mrg in mrgs:
            for authority, _, id_ in _retired_ids(message, mrg[1], profile):
                retired[authority or patient.authority, id_] = None
    if (patient.authority, patient.mrn) in retired:
        message.problem("self_merge", "MRG-1", patient.mrn)
        del retired[patient.authority, patient.mrn]
    elif not retired:
        message.problem("no_merged_id", "MRG-1")
    patient.merged_from = tuple(retired)


def _merge_groups(message: Message) -> list[tuple[Fields, list[Fields]]]:
    """Each PID with the MRG segments behind it."""
    pids, mrgs = iter(message.table["PID"]), iter(message.table.get("MRG", ()))
    groups: list[tuple[Fields, list[Fields]]] = []
    for line in message.lines:
        name = message.name_of(line)
        if name == "PID":
            groups.append((next(pids), []))
        elif name == "MRG" and groups:
            groups[-1][1].append(next(mrgs))
    return groups


def _retired_ids(message: Message, raw: str, profile: Hl7Profile) -> list[PatientId]:
    """The repetitions of MRG-1 that are ids of the kind PID-3 names patients by; the first one where none says so."""
    ids = read_ids(message, raw)
    return [one for one in ids if one[1] == profile.patient_id_type] or [one for one in ids if not one[1]] or ids[:1]
