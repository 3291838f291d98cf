"""The statements of a batch on exceptions that there are, their history, spells and hourly counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exceptions.gathering import MAX_SAMPLES, Tally
from exceptions.services.plan_columns import plan_values
from exceptions.services.route_exceptions import Given
from exceptions.vocabulary import State, Verb
from scheduling.folding.change import Evidence
from scheduling.sql.cursors import Cursor
from scheduling.sql.locking import for_update


@dataclass(frozen=True, slots=True)
class Kept:
    """A locked exception as the batch found it, or as it has just opened it."""

    id: int
    state: str
    live_count: int
    resolved_at: datetime | None
    version: int
    spell_no: int
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a batch leaves one exception. ``verb`` is None where its history has nothing to tell.

    ``evidence`` is the publication that cured it, or that brought findings about.
    """

    kept: Kept
    state: State
    verb: Verb | None
    live_delta: int
    tally: Tally
    evidence: Evidence | None = None

    @property
    def matters(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.live_delta or self.tally.count or self.verb)

    @property
    def spell_no(self) -> int:
        """The spell it is in: a closed exception that opens again begins a new one."""
        return self.kept.spell_no + (self.verb == Verb.REGRESSED)

    @property
    def version(self) -> int:
        """Its version after the batch; findings alone do not change it, so people's forms stay good."""
        return self.kept.version + (self.verb is not None and not self.kept.is_new)


# First of the two keys of our advisory locks; the second is a bucket of fingerprints.
_LOCK_CLASS = 7_402

# Row locks alone cannot be taken in one order: two workers may each hold rows the other is about to insert. So the
# fingerprints themselves are locked first, in order, by their first byte, which bounds the locks of a batch to 256.
_QUEUE_UP = "select pg_advisory_xact_lock(%s, bucket) from unnest(%s::int[]) bucket"

_FIND = """
select id, fingerprint, state, live_count, resolved_at, version, spell_no
from exceptions_integrationexception
where fingerprint = any(%s::bytea[])
order by fingerprint, state = 'resolved' desc, resolved_at, id
"""

_UPDATE = """
update exceptions_integrationexception kept
set state = new.state,
    version = new.version,
    opened_at = case when new.spell_no > kept.spell_no then %(now)s else kept.opened_at end,
    spell_no = new.spell_no,
    resolved_at = case when new.state = 'resolved' then coalesce(kept.resolved_at, %(now)s::timestamptz) end,
    muted_until = case when new.state = 'muted' then kept.muted_until end,
    taken_until = case when new.state = 'taken' then kept.taken_until end,
    taken_at = case when new.state in ('taken', 'muted') then kept.taken_at end,
    waived_until = case when new.state <> 'resolved' then kept.waived_until end,
    policy = case when new.spell_no > kept.spell_no then new.policy::jsonb else kept.policy end,
    next_step_no = case when new.spell_no > kept.spell_no then 0 else kept.next_step_no end,
    next_step_at = case
        when new.spell_no > kept.spell_no then new.next_step_at
        when new.state = 'resolved' or kept.waived_until is not null then null
        -- Whoever had taken or muted it has that long to look at what cleared by itself.
        when new.state = 'cleared_unseen' then coalesce(kept.next_step_at, kept.taken_until, kept.muted_until)
        else kept.next_step_at
    end,
    live_count = kept.live_count + new.live_delta,
    occurrences = kept.occurrences + new.count,
    occurred_first = least(kept.occurred_first, new.oldest),
    occurred_last = greatest(kept.occurred_last, new.newest),
    first_samples = (kept.first_samples || new.samples::bigint[])[1:%(most)s::int],
    last_samples = (kept.last_samples || new.samples::bigint[])[
        greatest(1, cardinality(kept.last_samples || new.samples::bigint[]) - %(most)s::int + 1):]
from unnest(
    %(id)s::bigint[], %(state)s::text[], %(version)s::int[], %(spell)s::int[], %(live)s::int[], %(count)s::bigint[],
    %(oldest)s::timestamptz[], %(newest)s::timestamptz[], %(samples)s::text[], %(policy)s::text[],
    %(next_step)s::timestamptz[]
) as new (id, state, version, spell_no, live_delta, count, oldest, newest, samples, policy, next_step_at)
where kept.id = new.id
"""

_HISTORY = """
insert into exceptions_history
    (exception_id, at, verb, actor_id, from_state, to_state, version, reason, detail, replay_id)
select new.id, %(now)s, new.verb, null, new.from_state, new.to_state, new.version, new.reason, '{}', new.replay_id
from unnest(
    %(id)s::bigint[], %(verb)s::text[], %(from)s::text[], %(to)s::text[], %(version)s::int[], %(reason)s::text[],
    %(replay)s::bigint[]
) as new (id, verb, from_state, to_state, version, reason, replay_id)
"""

# A spell begins with the first finding and ends when it is closed; clearing and coming back only move its clock.
_SPELLS = """
insert into exceptions_spell as spell (exception_id, no, opened_at, cleared_at, closed_at)
select new.id, new.no, %(now)s, case when new.is_cleared then %(now)s::timestamptz end,
    case when new.is_closed then %(now)s::timestamptz end
from unnest(%(id)s::bigint[], %(no)s::int[], %(cleared)s::bool[], %(closed)s::bool[])
    as new (id, no, is_cleared, is_closed)
on conflict (exception_id, no) do update set cleared_at = excluded.cleared_at, closed_at = excluded.closed_at
"""

_HOURS = """
insert into exceptions_hourlycount as kept (exception_id, hour, count)
select new.id, new.hour, new.count
from unnest(%s::bigint[], %s::timestamptz[], %s::int[]) as new (id, hour, count)
order by new.id, new.hour
on conflict (exception_id, hour) do update set count = kept.count + excluded.count
"""


def find_and_lock(cursor: Cursor, fingerprints: Sequence[bytes]) -> dict[bytes, Kept]:
    """Lock some fingerprints, sorted, and their exceptions; return of each the open one, else the one closed last.

    Until the transaction ends no other batch opens, changes or closes an exception of these fingerprints, and no
    person moves one.
    """
    cursor.execute(_QUEUE_UP, (_LOCK_CLASS, sorted({fingerprint[0] for fingerprint in fingerprints})))
    return find(cursor, fingerprints, lock=True)


def find(cursor: Cursor, fingerprints: Sequence[bytes], *, lock: bool) -> dict[bytes, Kept]:
    """Of each fingerprint the open exception, else the one closed last; a preview locks nothing."""
    cursor.execute(for_update(_FIND, lock=lock), (list(fingerprints),))
    return {bytes(row[1]): Kept(row[0], *row[2:]) for row in cursor.fetchall()}


def write_outcomes(cursor: Cursor, outcomes: Sequence[Outcome], now: datetime, again: Mapping[int, Given]) -> None:
    """Write states, counts and samples, then history and spells of what moved, then the hourly counts.

    ``again`` are the new plans, by id, of what happened again; the owner stays.
    """
    if not outcomes:
        return
    plans = plan_values([again.get(outcome.kept.id) for outcome in outcomes])
    cursor.execute(_UPDATE, {"now": now, **_update_values(outcomes), **plans})
    moved = [outcome for outcome in outcomes if outcome.verb is not None]
    if moved:
        cursor.execute(_HISTORY, _history_values(moved, now))
        cursor.execute(
            _SPELLS,
            {
                "now": now,
                "id": [outcome.kept.id for outcome in moved],
                "no": [outcome.spell_no for outcome in moved],
                "cleared": [outcome.verb == Verb.CLEARED for outcome in moved],
                "closed": [outcome.state == State.RESOLVED for outcome in moved],
            },
        )
    hours = [(outcome.kept.id, hour, count) for outcome in outcomes for hour, count in outcome.tally.hours.items()]
    if hours:
        cursor.execute(_HOURS, tuple(map(list, zip(*hours, strict=True))))


def _update_values(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    rows = list(outcomes)
    return {
        "most": MAX_SAMPLES,
        "id": [row.kept.id for row in rows],
        "state": [str(row.state) for row in rows],
        "version": [row.version for row in rows],
        "spell": [row.spell_no for row in rows],
        "live": [row.live_delta for row in rows],
        "count": [row.tally.count for row in rows],
        "oldest": [row.tally.oldest for row in rows],
        "newest": [row.tally.newest for row in rows],
        "samples": [_samples(row.tally.samples) for row in rows],
    }


def _samples(ids: Sequence[int]) -> str:
    """Write message ids as an array literal, since arrays of arrays cannot be unnested; the middle is left out."""
    ends = [*ids] if len(ids) <= 2 * MAX_SAMPLES else [*ids[:MAX_SAMPLES], *ids[-MAX_SAMPLES:]]
    return "{" + ",".join(map(str, ends)) + "}"


def _history_values(outcomes: Iterable[Outcome], now: datetime) -> dict[str, Any]:
    rows = list(outcomes)
    return {
        "now": now,
        "id": [row.kept.id for row in rows],
        "verb": [str(row.verb) for row in rows],
        "from": ["" if row.kept.is_new else row.kept.state for row in rows],
        "to": [str(row.state) for row in rows],
        "version": [row.version for row in rows],
        "reason": [str(row.evidence or "") for row in rows],
        "replay": [row.evidence and row.evidence.replay_id for row in rows],
    }
