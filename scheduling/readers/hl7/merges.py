"""PID and MRG: whom the patients of a merge survive."""

from zoneinfo import ZoneInfo

from scheduling.facts import PatientFact
from scheduling.readers.hl7.patient import PatientId, read_ids, read_patient
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Message

_Key = tuple[str, str]  # (authority, id)


def read_merges(message: Message, zone: ZoneInfo, profile: Hl7Profile) -> list[PatientFact]:
    """The surviving patients in the order of the message, with the ids that their MRG-1 retire.

    Each PID goes with the segments up to the next one; where two name the same patient, the first states the patient
    and both name whom it survives. A PID without an id is a ``no_patient_id`` problem, a patient merged into itself,
    also by way of others, a ``self_merge``, and one that survives nobody a ``no_merged_id``. Of two patients that
    survive the same one the first does, with a ``several_patients`` problem.
    """
    patients: dict[_Key, PatientFact] = {}
    said: dict[_Key, dict[_Key, None]] = {}
    for group in _groups(message):
        patient = read_patient(group, zone, profile)
        if patient is not None:
            key = patient.authority, patient.mrn
            patients.setdefault(key, patient)
            said.setdefault(key, {}).update(dict.fromkeys(_retired(group, patient, profile)))
    merged = _merged(message, said)
    return [patient._replace(merged_from=tuple(merged[key])) for key, patient in patients.items()]


def _merged(message: Message, said: dict[_Key, dict[_Key, None]]) -> dict[_Key, list[_Key]]:
    """Whom each patient survives: as said, without what contradicts something said before it."""
    into: dict[_Key, _Key] = {}
    for survivor, retired in said.items():
        if not retired:
            message.problem("no_merged_id", "MRG-1")
        for key in retired:
            if _root(survivor, into) == key:
                message.problem("self_merge", "MRG-1", key[1])
            elif into.setdefault(key, survivor) != survivor:
                message.problem("several_patients", "MRG-1", key[1])
    return {survivor: [key for key in retired if into.get(key) == survivor] for survivor, retired in said.items()}


def _root(key: _Key, into: dict[_Key, _Key]) -> _Key:
    """Who survives in the end; ``into`` has no circles."""
    while key in into:
        key = into[key]
    return key


def _groups(message: Message) -> list[Message]:
    """Each PID with the segments behind it."""
    groups: list[list[str]] = []
    for line in message.lines:
        if message.name_of(line) == "PID":
            groups.append([line])
        elif groups:
            groups[-1].append(line)
    return [message.part(lines) for lines in groups]


def _retired(group: Message, patient: PatientFact, profile: Hl7Profile) -> list[_Key]:
    """Whom the group's MRG segments name; an id without an authority is of the survivor's."""
    return [
        (authority or patient.authority, id_)
        for mrg in group.all("MRG")
        for authority, _, id_ in _retired_ids(group, mrg[1], profile)
    ]


def _retired_ids(message: Message, raw: str, profile: Hl7Profile) -> list[PatientId]:
    """The repetitions of MRG-1 that are ids of the kind PID-3 names patients by; the first one where none says so."""
    ids = read_ids(message, raw)
    return [one for one in ids if one[1] == profile.patient_id_type] or [one for one in ids if not one[1]] or ids[:1]
