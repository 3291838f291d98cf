"""FHIR Patient.link: which records are one person.

A retired record says ``replaced-by`` its survivor; a survivor may say ``replaces``. Facts state merges from the
survivor's side only, so a retired record reads as its survivor taking it over. ``seealso`` is a suspicion, no merge.
"""

from scheduling.facts import PatientFact, Reading
from scheduling.readers.fhir.common import Resource, note_problem, objects, plain, reference


def read_links(fact: PatientFact, resource: Resource, reading: Reading) -> PatientFact | None:
    """Set what this record takes over and may double; answer with its survivor if it is itself retired.

    Two different survivors are a problem, not a choice; a record that replaces itself is ignored with a note.
    """
    linked = _by_type(resource, fact.mrn, reading)
    fact.merged_from = tuple((fact.authority, other) for other in linked["replaces"])
    fact.duplicate_of = next(iter(linked["seealso"]), None)
    survivors = linked["replaced-by"]
    if len(survivors) > 1:
        note_problem(reading, "several_survivors", "Patient.link", " ".join(survivors))
    if len(survivors) != 1:
        return None
    retired = ((fact.authority, fact.mrn), *fact.merged_from)
    merged = tuple(pair for pair in retired if pair != (fact.authority, survivors[0]))
    return PatientFact(fact.authority, survivors[0], merged_from=merged)


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
