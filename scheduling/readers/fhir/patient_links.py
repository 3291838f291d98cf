"""FHIR Patient.link: which records are one person.

A retired record says ``replaced-by`` its survivor; a survivor may say ``replaces``. Facts state merges from the
survivor's side only, so a retired record reads as its survivor taking it over. ``seealso`` is a suspicion, no merge.
"""

from typing import NamedTuple

from scheduling.facts import PatientFact, Reading
from scheduling.readers.fhir.common import Resource, note_problem, objects, plain, reference


class Links(NamedTuple):
    """What a record takes over and may double, and its survivor, if it is itself retired."""

    merged_from: tuple[tuple[str, str], ...]
    duplicate_of: str | None
    survivor: PatientFact | None


NO_LINKS = Links((), None, None)


def read_links(authority: str, mrn: str, resource: Resource, reading: Reading) -> Links:
    """The links of the record with this id.

    Two different survivors are a problem, not a choice; a record that replaces itself is ignored with a note.
    """
    if resource.get("link") is None:
        return NO_LINKS
    linked = _by_type(resource, mrn, reading)
    replaced = tuple((authority, other) for other in linked["replaces"])
    links = Links(replaced, next(iter(linked["seealso"]), None), None)
    survivors = linked["replaced-by"]
    if len(survivors) > 1:
        note_problem(reading, "several_survivors", "Patient.link", " ".join(survivors))
    if len(survivors) != 1:
        return links
    survivor = (authority, survivors[0])
    merged = tuple(pair for pair in ((authority, mrn), *replaced) if pair != survivor)
    return links._replace(survivor=PatientFact(*survivor, merged_from=merged))


def merged_ids(mrn: str, resource: Resource) -> tuple[str, str]:
    """(whom the record with this id is read as, the first whom its links retire or ""): what intake peeks at."""
    links = read_links("", mrn, resource, Reading("", "", None))
    patient, retired = (links.survivor.mrn, links.survivor.merged_from) if links.survivor else (mrn, links.merged_from)
    return patient, retired[0][1] if retired else ""


def _by_type(resource: Resource, mrn: str, reading: Reading) -> dict[str, list[str]]:
    linked: dict[str, list[str]] = {"replaced-by": [], "replaces": [], "seealso": []}
    for link in objects(resource.get("link")):
        other = reference(link.get("other"))
        ids = linked.get(plain(link.get("type")) or "")
        if ids is None or not other.id or other.type not in {"Patient", ""}:
            continue  # `refer` and RelatedPerson say nothing about which record stands
        if other.id == mrn:
            note_problem(reading, "self_merge", "Patient.link", other.id)
        elif other.id not in ids:
            ids.append(other.id)
    return linked
