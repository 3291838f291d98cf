"""Write what a batch found wrong, last in its transaction: these rows are hot (DESIGN section 3).

At most nine statements, whatever the batch holds, and none where it found nothing; what opens or opens again costs the
routing plan beside them, read once. All fingerprints of the batch are locked first and in order, so that two workers
cannot wait for each other in a circle and everything after is plain arithmetic on rows that stand still. What a worker
and a person do at once is settled by the same locks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exceptions.checks.own import rule_failed
from exceptions.gathering import Group, gather
from exceptions.own import group_own
from exceptions.services.exception_rows import Outcome, find_and_lock, write_outcomes
from exceptions.services.member_rows import add_members, drop_members
from exceptions.services.opening_rows import open_missing
from exceptions.services.route_exceptions import Given, RoutingPlan, load_plan, route
from exceptions.services.settling import settle
from exceptions.services.tell_those_told import Event, tell_those_told
from exceptions.vocabulary import NoticeKind, Verb
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor

_TOLD = {Verb.CURED: NoticeKind.RESOLVED, Verb.REGRESSED: NoticeKind.REOPENED}


@dataclass(slots=True)
class _Router:
    """Routes what a batch opens; reads the plan when the first one does, and keeps what rules failed at."""

    now: datetime
    source_ids: frozenset[int]
    is_ruled: bool
    plan: RoutingPlan | None = None
    failed: dict[tuple[int, int], Given] = field(default_factory=dict)  # by source and rule

    def route(self, groups: Mapping[bytes, Group]) -> dict[bytes, Given]:
        """Route some groups, by fingerprint."""
        if not groups:
            return {}
        if self.plan is None:
            self.plan = load_plan(self.source_ids, self.now, rules=None if self.is_ruled else ())
        given = route(groups, self.plan, self.now)
        for key, one in given.items():
            if one.routed.rule is not None and one.routed.problem:
                self.failed[groups[key].source_id, one.routed.rule.id] = one
        return given


def judge_batch(cursor: Cursor, changes: BatchChanges) -> None:
    """Write the difference between what was wrong before the batch and after it, and count what arrived wrong.

    ``cursor`` is a psycopg cursor with tuple rows inside the batch's transaction, whose appointments are locked.
    """
    write_groups(cursor, gather(changes), changes)


def write_groups(
    cursor: Cursor, groups: Mapping[bytes, Group], changes: BatchChanges, *, is_ruled: bool = True
) -> None:
    """Write what some groups of findings gained and lost, by fingerprint; the way of batches and of surveys.

    Whoever calls holds the locks of the findings' subjects, or of the survey that alone writes them. ``is_ruled``
    False keeps the routing rules away from exceptions about the rules themselves.
    """
    if not groups:
        return
    kept = find_and_lock(cursor, list(groups))
    router = _Router(changes.now, frozenset(group.source_id for group in groups.values()), is_ruled)
    opened = router.route({key: group for key, group in groups.items() if key not in kept and group.has_news})
    if opened:
        kept |= open_missing(cursor, [(groups[key], given) for key, given in opened.items()], changes.now)
    keys = {row.id: key for key, row in kept.items()}
    by_id = {pk: groups[key] for pk, key in keys.items()}
    added = add_members(cursor, by_id)
    dropped = drop_members(cursor, by_id)
    outcomes = [
        outcome
        for row in kept.values()
        if (outcome := settle(row, by_id[row.id], added.get(row.id, []), dropped.get(row.id, 0), changes)).matters
    ]
    again = router.route({keys[one.kept.id]: by_id[one.kept.id] for one in outcomes if one.verb == Verb.REGRESSED})
    plans = {row.id: again[key] for key, row in kept.items() if key in again}
    write_outcomes(cursor, outcomes, changes.now, plans)
    _tell(outcomes, {row.id: opened[key] for key, row in kept.items() if key in opened}, changes.now)
    _tell_of_rules(cursor, router)


def _tell(outcomes: Sequence[Outcome], opened: Mapping[int, Given], now: datetime) -> None:
    """Tell those who were told before of what was closed or happened again, and people of what a rule gave them."""
    events = [
        Event(one.kept.id, _TOLD[one.verb], f"{one.verb}:{one.kept.id}:{one.version}", one.kept.spell_no)
        for one in outcomes
        if one.verb in _TOLD
    ]
    events += [
        Event(pk, NoticeKind.ASSIGNED, f"opened:{pk}", people=(given.routed.person,))
        for pk, given in opened.items()
        if given.routed.person is not None
    ]
    if events:
        tell_those_told(events, now=now)


def _tell_of_rules(cursor: Cursor, router: _Router) -> None:
    """Raise an exception for each rule that failed.

    Its fingerprint is locked out of turn. Should two workers meet there in a circle, one of them starts over, as after
    any deadlock.
    """
    own = [
        rule_failed(source, rule, given.route["name"], router.now) for (source, rule), given in router.failed.items()
    ]
    write_groups(cursor, group_own(own), BatchChanges(router.now), is_ruled=False)
