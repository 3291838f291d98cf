"""FHIR Patient: who it is, how to reach them, and what forbids it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling.facts import PatientFact, ReaderContext, Reading
from scheduling.readers.fhir.common import (
    MAX_ITEMS,
    Resource,
    code,
    day,
    extension,
    identifier,
    instant,
    label,
    last_day,
    note_problem,
    objects,
    plain,
    truth,
)
from scheduling.readers.fhir.patient_links import Links, read_links
from scheduling.readers.fhir.telecom import read_telecom

SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
TIMEZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
# v3-RoleCode and v2-0131 words for the person who answers for a patient; next of kin alone is not that person.
GUARDIAN_WORDS = frozenset({"guardian", "parent", "mother", "father"})
GUARDIANS = frozenset(
    {"GUARD", "GUADLTM", "PRN", "GRD", "PAR", "FTH", "MTH", "NFTH", "NMTH", "ADOPTF", "ADOPTM", "STPFTH", "STPMTH"}
)


def read_patient(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the patient that this resource states; a retired record states only who survives it."""
    authority, mrn = str(context.profile.get("patient_authority", "")), identifier(resource.get("id"))
    if resource.get("_deleted") is True:
        reading.skipped.append("Patient was deleted")
        note_problem(reading, "patient_deleted", "Patient.id", mrn)
        return
    if not mrn:
        reading.skipped.append("Patient without id")
        note_problem(reading, "no_patient_id", "Patient.id")
        return
    links = read_links(authority, mrn, resource, reading)
    if links.survivor:
        reading.skipped.append("Patient was replaced by another record; its own details are not taken")
        reading.patient = links.survivor
        return
    reading.patient = _fact(authority, mrn, links, resource, reading, context.profile)
    if truth(resource.get("active")) is False:
        reading.skipped.append("Patient.active is false")


def _fact(
    authority: str, mrn: str, links: Links, resource: Resource, reading: Reading, profile: Mapping[str, Any]
) -> PatientFact:
    family, given = _name(resource)
    sex = plain(resource.get("gender"))
    born_on = day(resource.get("birthDate"))
    if born_on is None and resource.get("birthDate") is not None:
        note_problem(reading, "bad_date", "Patient.birthDate", resource["birthDate"])
    died, died_at = _death(resource, reading)
    phones_home, phones_work = read_telecom(resource, reading)
    return PatientFact(
        authority,
        mrn,
        _identifiers(resource),
        family=family,
        given=given,
        born_on=born_on,
        sex=SEXES.get(sex, sex) if sex else None,
        language=_language(resource, only=bool(profile.get("only_language_is_preferred"))),
        zone=plain(extension(resource, TIMEZONE)),
        phones_home=phones_home,
        phones_work=phones_work,
        died=died,
        died_at=died_at,
        vip=_restriction(resource),
        portal=_portal(resource, profile),
        duplicate_of=links.duplicate_of,
        guardian=_guardian(resource),
        merged_from=links.merged_from,
    )


def _identifiers(resource: Resource) -> tuple[tuple[str, str, str], ...]:
    """(authority, type, value) of each identifier in use."""
    return tuple(
        (plain(each.get("system")) or "", code(each.get("type")) or "", value)
        for each in objects(resource.get("identifier"))
        if each.get("use") != "old" and (value := identifier(each.get("value")))
    )


def _name(resource: Resource) -> tuple[str | None, str | None]:
    """(family, given) of the name in force: official before usual before any other; never an old or ended one."""
    ranks = {"official": 0, "usual": 1, "": 2}
    names = [each for each in objects(resource.get("name")) if plain(each.get("use")) not in {"old", "maiden"}]
    names = [each for each in names if not any("end" in period for period in objects(each.get("period")))] or names
    if not names:
        return None, None
    best = min(names, key=lambda each: ranks.get(plain(each.get("use")) or "", 3))
    given = best.get("given")
    parts = given[:MAX_ITEMS] if type(given) is list else [given]
    family = plain(best.get("family"))
    if family is None and type(best.get("family")) is list:  # DSTU2 had several family names
        family = " ".join(filter(None, map(plain, best["family"][:MAX_ITEMS]))) or None
    joined = " ".join(filter(None, map(plain, parts))) or None
    return (family or (None if joined else plain(best.get("text")))), joined


def _death(resource: Resource, reading: Reading) -> tuple[bool | None, datetime | None]:
    """(died, when); a date of death means death, also where it cannot be read."""
    when = resource.get("deceasedDateTime")
    if when is None:
        return truth(resource.get("deceasedBoolean")), None
    died_at, kind = instant(when)
    if kind and last_day(when) is None:  # a date alone is legal here
        note_problem(reading, kind, "Patient.deceasedDateTime", when)
    return True, died_at


def _portal(resource: Resource, profile: Mapping[str, Any]) -> str | None:
    """``active`` or ``inactive``, as the feed's extension says it."""
    url = profile.get("portal_extension")
    if not url:
        return None
    value = extension(resource, url)
    word = {True: "active", False: "inactive"}.get(value) if type(value) is bool else code(value)
    return word.lower() if word and word.lower() in {"active", "inactive"} else None


def _language(resource: Resource, *, only: bool) -> str | None:
    """The preferred language. A language merely listed is one they speak, unless the feed says the only one counts."""
    spoken = objects(resource.get("communication"))
    for each in spoken:
        if truth(each.get("preferred")):
            return code(each.get("language"))
    return code(spoken[0].get("language")) if only and len(spoken) == 1 else None


def _restriction(resource: Resource) -> str | None:
    """v3-Confidentiality in meta.security: R or V restricts, another level says "not restricted", none says nothing."""
    levels = {
        plain(each.get("code")) for meta in objects(resource.get("meta")) for each in objects(meta.get("security"))
    }
    if restricted := levels & {"R", "V"}:
        return max(level for level in restricted if level)
    return "" if levels & {"U", "L", "M", "N"} else None


def _guardian(resource: Resource) -> str | None:
    """The first contact who answers for the patient: their name, else what they are; one with an end is over."""
    for each in objects(resource.get("contact")):
        if any(period.get("end") for period in objects(each.get("period"))):
            continue
        for relation in objects(each.get("relationship")):
            words = {code(relation) or "", label(relation) or ""}
            if words & GUARDIANS or {word.lower() for word in words} & GUARDIAN_WORDS:
                family, given = _name({"name": each.get("name")})
                return " ".join(filter(None, (given, family))) or label(relation) or code(relation)
    return None
