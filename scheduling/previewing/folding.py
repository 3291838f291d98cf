"""What a mapping would make of stored events: appointments mapped and folded anew in memory, as replay would do it.

The functions that map and fold are digestion's own; only the reading differs, which locks nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduling.digestion.aliases import load_aliases
from scheduling.digestion.appointments import AppointmentWork, fold_one, load_refolds, rivals
from scheduling.digestion.context import FeedContext, load_feeds
from scheduling.digestion.history import StoredEvent, load_history
from scheduling.digestion.remapping import remapper
from scheduling.digestion.resource_days import Days
from scheduling.folding.change import AppointmentChange
from scheduling.mapping.loading import PublishedRevision, SourceRules
from scheduling.mapping.rules import RuleSet
from scheduling.services.refolds import CONCERNED
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MappingOutcome

CHUNK = 1000  # appointments that are in memory at once, with all their events
_MAPPED = MappingOutcome.MAPPED

_CONCERNED = f"""
SELECT a.id, a.events FROM scheduling_appointment a
WHERE a.id IN (SELECT e.appointment_id {CONCERNED}
    AND (%(newer)s::timestamptz IS NULL OR e.source_at >= %(newer)s::timestamptz))
ORDER BY a.id
"""  # noqa: S608 - our own words
_FEEDS = "SELECT id FROM scheduling_feed WHERE source_id = %b ORDER BY id"


@dataclass(slots=True, frozen=True)
class Trial:
    """A revision as if it were published last, for source times from ``effective_from`` on.

    ``since`` narrows it to visits with an event at or after that source time; None looks at all that publishing would.
    """

    source_id: int
    revision_id: int
    rules: RuleSet
    effective_from: datetime
    since: datetime | None = None


class Tried:
    """Appointments that publishing would ask for; ``events`` is how many events they have."""

    def __init__(self, rows: Sequence[tuple[int, int]]) -> None:
        self.ids = [row[0] for row in rows]
        self.events = sum(row[1] for row in rows)


@dataclass(slots=True)
class Folded:
    """What folding anew gives: appointments that change, and by clinic what became of their events.

    ``remeant`` are appointments of which some event means something else. Of ``counts`` the keys are the clinic of the
    visit as folded anew (None: not known) and one of "events", "meanings", "released", "held".
    """

    changes: list[AppointmentChange] = field(default_factory=list)
    remeant: list[int] = field(default_factory=list)
    counts: Counter[tuple[int | None, str]] = field(default_factory=Counter)
    events: int = 0


def concerned(cursor: Cursor, trial: Trial) -> Tried:
    """The appointments that publishing the trial would ask for, in order of their ids."""
    named = {"source": trial.source_id, "since": trial.effective_from, "newer": trial.since}
    cursor.execute(_CONCERNED, named)
    return Tried(cursor.fetchall())


def contexts(cursor: Cursor, source_id: int) -> dict[int, FeedContext]:
    """The feeds of a source by their ids, as digestion sees them."""
    cursor.execute(_FEEDS, (source_id,))
    return load_feeds(cursor, [row[0] for row in cursor.fetchall()])


def days_of(feeds: dict[int, FeedContext]) -> Days:
    """Names owner rows for the sources of these feeds."""
    return Days({feed.source_id: feed.reader.zone for feed in feeds.values()})


def fold_anew(cursor: Cursor, ids: Sequence[int], feeds: dict[int, FeedContext], trial: Trial) -> Iterator[Folded]:
    """Map and fold these appointments with the trial in force, chunk by chunk; ``feeds`` must not be empty.

    ``cursor`` reads a snapshot. Every chunk is a ``Folded`` of its own, for whoever adds them up and tells of progress.
    """
    feed = next(reversed(feeds.values()))
    remap = remapper({trial.source_id: with_trial(feed.rules, trial)}, {trial.source_id: feed.clinic_ids})
    for start in range(0, len(ids), CHUNK):
        works = load_refolds(cursor, ids[start : start + CHUNK], feed_id=feed.feed_id)
        history = load_history(cursor, [work.id for work in works])
        aliases = load_aliases(cursor, rivals(works, history))
        folded = Folded()
        for work in works:
            stored = history.get(work.id, [])
            was_mapped = [old.event.mapping == _MAPPED for old in stored]
            fold_one(work, stored, aliases, remap)
            _add(folded, work, stored, was_mapped)
        yield folded


def with_trial(rules: SourceRules, trial: Trial) -> SourceRules:
    """The rules in force as they would be if the trial were published after all of them."""
    first = PublishedRevision(trial.revision_id, trial.effective_from, trial.rules)
    return replace(rules, published=(first, *rules.published))


def _add(folded: Folded, work: AppointmentWork, stored: Sequence[StoredEvent], was_mapped: Sequence[bool]) -> None:
    clinic_id, count = work.after.clinic_id, folded.counts
    folded.events += len(stored)
    count[clinic_id, "events"] += len(stored)
    if work.remapped:
        remeant = sum(old.means_else for old in work.remapped)
        count[clinic_id, "meanings"] += remeant
        if remeant:
            folded.remeant.append(work.id)
        for old, was in zip(stored, was_mapped, strict=True):
            if (old.event.mapping == _MAPPED) != was:
                count[clinic_id, "held" if was else "released"] += 1
    if work.is_changed:
        folded.changes.append(
            AppointmentChange(work.id, work.key[0], work.feed_id, work.before, work.after, (), work.late)
        )
