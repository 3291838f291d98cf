"""Map stored events anew with the rules in force: what a published mapping changes (DESIGN section 6)."""

from collections.abc import Callable, Iterable, Mapping

from scheduling.digestion.history import StoredEvent
from scheduling.digestion.meaning import flags_of
from scheduling.mapping.loading import SourceRules
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext
from scheduling.sql.cursors import Cursor

Remapper = Callable[[int, list[StoredEvent]], list[StoredEvent]]

_UPDATE = """
UPDATE scheduling_mappedevent e SET mapping = n.mapping, kind = n.kind, status = n.status, initiator = n.initiator,
    set_by = n.set_by, reason_flags = n.flags, rule = n.rule, revision = n.revision, clinic_id = n.clinic_id,
    outcome = n.outcome
FROM unnest(%b::int8[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::int2[], %b::int8[],
    %b::int8[], %b::int8[], %b::text[])
    AS n(id, mapping, kind, status, initiator, set_by, flags, rule, revision, clinic_id, outcome)
WHERE e.id = n.id
"""


def remapper(rules: Mapping[int, SourceRules], clinics: Mapping[int, Mapping[str, int]]) -> Remapper:
    """A function that maps one appointment's stored events in place and returns those whose meaning changed."""

    def remap(source_id: int, stored: list[StoredEvent]) -> list[StoredEvent]:
        return [old for old in stored if _remap_one(source_id, old, rules[source_id], clinics[source_id])]

    return remap


def _remap_one(source_id: int, stored: StoredEvent, rules: SourceRules, clinics: Mapping[str, int]) -> bool:
    event = stored.event
    clinic_id = clinics.get(event.clinic_code) if event.clinic_code else None
    rule_set, revision_id = rules.at(event.source_at)
    new = resolve(stored.signals, MappingContext(source_id, clinic_id), rule_set)
    meaning = (new.outcome, new.kind, new.status, new.initiator, new.set_by, flags_of(new), clinic_id)
    known = (
        event.mapping, event.kind, event.status, event.initiator, event.set_by, event.reason_flags, event.clinic_id
    )  # fmt: skip
    event.outcome = ""
    if meaning == known and new.rule_id == stored.rule_id:
        return False
    (event.mapping, event.kind, event.status, event.initiator, event.set_by, event.reason_flags, event.clinic_id) = (
        meaning
    )
    stored.rule_id, stored.revision_id = new.rule_id, revision_id
    stored.means_else = meaning[:-1] != known[:-1]  # another clinic is not the mapping's doing
    return True


def write_remapped(cursor: Cursor, changed: Iterable[StoredEvent]) -> None:
    """Store the new meaning of events that were mapped anew and folded."""
    rows = [
        (old.id, old.event.mapping, old.event.kind, old.event.status, old.event.initiator, old.event.set_by,
         old.event.reason_flags, old.rule_id, old.revision_id, old.event.clinic_id, old.event.outcome)
        for old in changed
    ]  # fmt: skip
    if rows:
        cursor.execute(_UPDATE, tuple(map(list, zip(*rows, strict=True))))
