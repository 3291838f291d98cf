"""The one table from the words of the starter packs (``no_show``, ``cancelled:patient``, …) into our own.

A suggestion is ``word[:initiator][ (remark)]``. Remarks that change the meaning are in ``REMARKS``; those that are in
no table send the row to a person, so that a suggestion can never mean more than somebody wrote down here.
"""

import re
from typing import Any, NamedTuple

from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

K, S = EventKind, Status


class Translation(NamedTuple):
    """What a suggestion means. ``needs_person``: an admin must state the meaning, and what is here is only a start.

    ``kind`` None takes the trigger's, ``status`` None keeps the status (see ``rules.Rule``).
    """

    kind: EventKind | None = None
    status: Status | None = None
    initiator: Initiator | None = None
    set_by: SetBy = SetBy.PERSON
    reopens: bool = True
    suppresses: bool = False
    counts_as_missed: bool = False
    needs_person: bool = False
    remark: str = ""


ASK = Translation(needs_person=True)

WORDS: dict[str, Translation] = {
    "requested": Translation(status=S.REQUESTED),
    "waitlist": Translation(status=S.WAITLISTED),
    "pending": Translation(status=S.PENDING),
    "booked": Translation(status=S.BOOKED),
    "confirmed": Translation(status=S.CONFIRMED),
    "arrived": Translation(status=S.CHECKED_IN),
    "checked_in": Translation(status=S.CHECKED_IN),
    "in_progress": Translation(status=S.IN_PROGRESS),
    "completed": Translation(status=S.COMPLETED),
    "cancelled:patient": Translation(status=S.CANCELLED, initiator=Initiator.PATIENT),
    "cancelled:clinic": Translation(status=S.BUMPED, initiator=Initiator.CLINIC),
    "cancelled:system": Translation(status=S.CANCELLED, initiator=Initiator.SYSTEM),
    "cancelled:other": Translation(status=S.CANCELLED, initiator=Initiator.UNKNOWN),
    "cancelled:unspecified": Translation(status=S.CANCELLED, initiator=Initiator.UNKNOWN),
    "cancelled:deceased": Translation(status=S.CANCELLED, initiator=Initiator.SYSTEM, reopens=False, suppresses=True),
    "no_show": Translation(status=S.MISSED, counts_as_missed=True),
    "lwbs": Translation(status=S.LEFT_UNSEEN, counts_as_missed=True),
    "error": Translation(status=S.ENTERED_IN_ERROR, reopens=False),
    "slot_open": Translation(kind=K.SLOT_OPENED),
    "slot_blocked": Translation(kind=K.SLOT_BLOCKED),
    "unchanged": Translation(kind=K.CHANGED),
    # An event, not a status; whether the old row ends or the visit moves differs from system to system.
    "rescheduled": Translation(kind=K.RESCHEDULED, needs_person=True),
    # States of a slot or a resource, types of a visit, or a source's own open question: no meaning to take over.
    "slot_taken": ASK,
    "slot_held": ASK,
    "type": ASK,
    "no status": ASK,
    "not a status": ASK,
    "resource level": ASK,
    "per ZU3": ASK,
    "use trigger instead": ASK,
    "review": ASK,
    "booked/confirmed": ASK,
    "booked / review": ASK,
    "booked -> review when past start": ASK,
    "checked_in/completed": ASK,
}

# What a remark adds; an empty change is a note for the reader of the pack.
REMARKS: dict[str, dict[str, Any]] = {
    "suppress": {"reopens": False, "suppresses": True},
    "suppress rebook": {"reopens": False, "suppresses": True},
    "suppress outreach": {"reopens": False, "suppresses": True},
    "no rebook": {"reopens": False},
    "await patient": {"reopens": False},
    "already rebooked": {"reopens": False},
    "auto; verify": {"set_by": SetBy.TIMER},
    "keep old slot as freed": {"kind": K.RESCHEDULED},
    "rebook owed": {},
    "late": {},
    "late, not seen": {},
    "flag late": {},
    "walk-in": {},
    "reminder": {},
    "reminder sent": {},
    "outreach attempted": {},
    "earlier-slot wanted": {},
    "tentative": {},
    "unsigned": {},
    "exclude from rates": {},
    "NOT pending!": {},
    "do NOT cancel whole visit": {},
    "re-read SCH-25": {},
    "use cancelationReason": {},
    "if patient actor": {},  # the row's rule asks for it
    "flag overbooked; HL7 map leaves unmapped": {},
    "HL7 map leaves unmapped": {},
    "HL7 maps to checked-in": {},
    "that site counts as completed": {},
    "bump if <30 days": {},
    # The same code means the opposite elsewhere; within its own system the meaning stands.
    "conflicts with NHS DD code 3 = DNA": {},
    "conflicts with NHS DD code 5 = attended": {},
}

_SUGGESTION = re.compile(r"\(?(?P<word>[^()]*[^() ])\)?(?: \((?P<remark>.*)\))?(?P<rest>.*)", re.DOTALL)


def translate(suggestion: str) -> Translation:
    """Our words for a suggestion; unknown words and remarks need a person. Never raises."""
    found = _SUGGESTION.fullmatch(suggestion.strip())
    if found is None:
        return ASK._replace(remark=suggestion)
    word, remark = found["word"], found["remark"] or ""
    base = WORDS.get(word, ASK)
    is_known = not found["rest"] and (not remark or remark in REMARKS)
    changes = REMARKS.get(remark, {})
    if not is_known or base.needs_person:
        changes = changes | {"needs_person": True}
    said = remark if word in WORDS and not found["rest"] else suggestion
    return base._replace(remark=said, **changes)
