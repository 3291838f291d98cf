"""Published rules out of the database, compiled once per revision and process.

Approved revisions never change, so their compiled rules are kept by revision id; what is in force is asked anew
each time, since a publication may be a second old.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from scheduling.facts import Signals
from scheduling.mapping.rules import Reason, Rule, RuleSet
from scheduling.mapping.vocabulary import Leads
from scheduling.models.mapping import (
    MappingPublication,
    MappingReason,
    MappingRevision,
    MappingRule,
    PrecedenceSetting,
)
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

KEPT = 256  # compiled revisions per process

FLAGS = ("reopens", "suppresses", "counts_as_missed", "set_by")
RULE_COLUMNS = (
    "id", "clinic_id", *Signals._fields, "kind", "status", "initiator", "initiator_by_reason", *FLAGS,
)  # fmt: skip
REASON_COLUMNS = ("code", "initiator", *FLAGS)
PRECEDENCE_COLUMNS = ("clinic_id", "trigger", "leads")


@dataclass(frozen=True, slots=True)
class PublishedRevision:
    """A revision in force for source times from ``effective_from`` (UTC) on, unless a later publication is."""

    revision_id: int
    effective_from: datetime
    rules: RuleSet


@dataclass(frozen=True, slots=True)
class SourceRules:
    """A source's publications that can hold for some source time, the latest published first."""

    source_id: int
    published: tuple[PublishedRevision, ...] = ()

    def at(self, source_at: datetime) -> tuple[RuleSet, int | None]:
        """The rules for an event that the source dates ``source_at``, and their revision.

        The latest publication that has begun by then holds; before the first there are no rules and no revision, so
        everything is unmapped.
        """
        for revision in self.published:
            if revision.effective_from <= source_at:
                return revision.rules, revision.revision_id
        return _no_rules(self.source_id), None

    def since(self, source_at: datetime) -> datetime | None:
        """From which source time the publication that holds at ``source_at`` holds; None before the first."""
        return next((one.effective_from for one in self.published if one.effective_from <= source_at), None)


@lru_cache(maxsize=KEPT)
def _no_rules(source_id: int) -> RuleSet:
    """One empty rule set per source, so that the engine's memo is not filled with answers to equal ones."""
    return RuleSet(source_id)


class _Compiled:
    """Compiled revisions, the least recently used dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, RuleSet] = OrderedDict()
        self._lock = Lock()

    def get(self, revision_ids: Collection[int]) -> dict[int, RuleSet]:
        """The rules of each revision; one query if any is not kept."""
        with self._lock:
            found = {each: self._kept[each] for each in revision_ids if each in self._kept}
            for each in found:
                self._kept.move_to_end(each)
        missing = set(revision_ids) - found.keys()
        if missing:
            loaded = compile_revisions(missing)
            found |= loaded
            self._keep(loaded)
        return found

    def _keep(self, loaded: dict[int, RuleSet]) -> None:
        with self._lock:
            self._kept.update(loaded)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


_COMPILED = _Compiled()


def load_rules(source_ids: Collection[int]) -> dict[int, SourceRules]:
    """The published rules of each source. One query, a second one where a revision is new to this process."""
    publications = MappingPublication.objects.filter(source__in=source_ids).order_by("source_id", "-number")
    in_force = list(_ever_in_force(publications.values_list("source_id", "revision_id", "effective_from")))
    rules = _COMPILED.get({revision_id for _, revision_id, _ in in_force})
    return {
        wanted: SourceRules(
            wanted,
            tuple(
                PublishedRevision(revision_id, effective_from, rules[revision_id])
                for source_id, revision_id, effective_from in in_force
                if source_id == wanted
            ),
        )
        for wanted in source_ids
    }


def _ever_in_force(rows: Iterable[tuple[int, int, datetime]]) -> Iterable[tuple[int, int, datetime]]:
    """Leave out publications that a later one covers whole; rows come per source, the latest first."""
    covered: dict[int, datetime] = {}
    for source_id, revision_id, effective_from in rows:
        if source_id not in covered or effective_from < covered[source_id]:
            covered[source_id] = effective_from
            yield source_id, revision_id, effective_from


def compile_revisions(revision_ids: Collection[int]) -> dict[int, RuleSet]:
    """The rules of these revisions, published or not, read in one query. Drafts change: never keep the result."""
    revisions = MappingRevision.objects.filter(pk__in=revision_ids).values_list(
        "pk",
        "source_id",
        _rows(MappingRule, RULE_COLUMNS),
        _rows(MappingReason, REASON_COLUMNS),
        _rows(PrecedenceSetting, PRECEDENCE_COLUMNS),
    )
    return {
        pk: RuleSet(
            source_id,
            (_rule(row) for row in rules),
            (_reason(row) for row in reasons),
            {(row["clinic_id"], row["trigger"]): Leads(row["leads"]) for row in precedence},
        )
        for pk, source_id, rules, reasons, precedence in revisions
    }


def _rows(model: Any, columns: tuple[str, ...]) -> ArraySubquery:
    row = JSONObject(**{column: column for column in columns})
    return ArraySubquery(model.objects.filter(revision=OuterRef("pk")).values(row=row))


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(
        **row
        | {
            "kind": EventKind(row["kind"]) if row["kind"] else None,
            "status": Status(row["status"]) if row["status"] else None,
            "initiator": Initiator(row["initiator"]) if row["initiator"] else None,
            "set_by": SetBy(row["set_by"]),
        }
    )


def _reason(row: dict[str, Any]) -> Reason:
    return Reason(**row | {"initiator": Initiator(row["initiator"]), "set_by": SetBy(row["set_by"])})
