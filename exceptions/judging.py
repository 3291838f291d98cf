"""Judge one folded appointment: facts in, findings out. Pure.

What is stored as live findings always equals ``judge(state)``: a batch judges the state before and after and writes
the difference, so that folding twice counts once (I3).
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from exceptions.checks import outcome, required, troubles
from exceptions.checks.kinds import Finder
from scheduling.folding.state import AppointmentState

MAX_RAW = 200

# Each looks at every touched visit of a batch, so a finder asks the cheapest question first.
FINDERS: list[Finder] = [troubles.find, required.find, outcome.find]
_NOTHING: frozenset["Finding"] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one subject; equal findings of any subjects make one integration exception.

    ``decision`` is empty where the finding blocks all that its check blocks, else the one decision it is about.
    ``at`` is source time and no part of what the finding is.
    """

    check: str
    source_id: int
    clinic_id: int | None
    raw: str
    decision: str = ""
    at: datetime | None = field(default=None, compare=False)


def judge(source_id: int, state: AppointmentState | None) -> frozenset[Finding]:
    """Find everything wrong with one appointment as it is folded now; nothing where there is none yet."""
    if state is None:
        return _NOTHING
    hits = [hit for find in FINDERS for hit in find(state)]
    if not hits:
        return _NOTHING
    return frozenset(Finding(hit.check, source_id, state.clinic_id, hit.raw[:MAX_RAW], at=hit.at) for hit in hits)


def fingerprint(check: str, source_id: int, clinic_id: int | None, raw: str, feed_id: int | None = None) -> bytes:
    """Name a group of equal findings in 16 bytes (I7).

    Owner, route and severity are no part of it. State findings leave the feed out, since two feeds may tell of one
    visit; findings about messages belong to their feed.
    """
    parts = (check, source_id, "" if feed_id is None else feed_id, "" if clinic_id is None else clinic_id, raw)
    return blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=16).digest()
