"""How each simulated source says what happened: one table per source, read by renderers and by mapping packs.

A row (:class:`~scheduling.simulator.codes.Code`) ties one truth (event kind, reason) to the signals that a message
carries and to what they mean. Signals are those of ``scheduling.facts``. HL7 puts them in MSH-9.2, SCH-25, SCH-6 and
AIS-10, FHIR in the resource type, ``status``, ``cancelationReason`` and the patient's ``participant.status``, CSV in
``row`` and the columns ``status`` and ``cancel_reason``. Where a row leaves a signal empty the message does not say it;
SCH-8 (``appointmentType``, ``visit_type``) always holds the visit type.
"""

from scheduling.simulator.codes import ELM, HARBOR, IMAGING, NORTHSIDE, Code, Dialect, Odd, reasoned
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, SetBy, Status

E = EventKind
S = Status

NORTHSIDE_CODES = (
    Code(NORTHSIDE, E.CREATED, S.BOOKED, "S12", "Booked"),
    Code(NORTHSIDE, E.RESCHEDULED, S.BOOKED, "S13", "Booked", "RSCH", "Rescheduled"),
    Code(NORTHSIDE, E.CHANGED, S.BOOKED, "S14", "Booked"),
    Code(NORTHSIDE, E.CONFIRMED, S.CONFIRMED, "S14", "Confirmed"),
    Code(NORTHSIDE, E.CHECKED_IN, S.CHECKED_IN, "S14", "Arrived"),
    Code(NORTHSIDE, E.STARTED, S.IN_PROGRESS, "S14", "InExam"),
    Code(NORTHSIDE, E.COMPLETED, S.COMPLETED, "S14", "Complete"),
    Code(NORTHSIDE, E.LEFT_UNSEEN, S.LEFT_UNSEEN, "S14", "LWBS", counts_as_missed=True),
    Code(NORTHSIDE, E.MISSED, S.MISSED, "S26", "NoShow", counts_as_missed=True, reopens=True),
    Code(
        NORTHSIDE, E.MISSED, S.MISSED, "S26", "NoShow", "AUTO", "Auto close",
        reason="timer", set_by=SetBy.TIMER, counts_as_missed=True, reopens=True,
    ),
    # the older module has no S26: it cancels, and only the reason tells
    Code(
        NORTHSIDE, E.MISSED, S.MISSED, "S15", "Canceled", "NOSHOW", "No show",
        trait=IMAGING, counts_as_missed=True, reopens=True,
    ),
    Code(
        NORTHSIDE, E.MISSED, S.MISSED, "S15", "Canceled", "NOSHOWAUTO", "No show (nightly job)",
        reason="timer", trait=IMAGING, set_by=SetBy.TIMER, counts_as_missed=True, reopens=True,
    ),
    Code(NORTHSIDE, E.CHECKED_IN, S.CHECKED_IN, "S14", "Booked", resource_status="ARRIVED", trait=IMAGING),
    Code(NORTHSIDE, E.DELETED, S.ENTERED_IN_ERROR, "S17", "Deleted"),
    *reasoned(
        NORTHSIDE, "S15", "Canceled",
        {
            "conflict": ("PT01", "Patient schedule conflict"),
            "better": ("PT02", "Feeling better"),
            "transport": ("PT03", "Transportation"),
            "cost": ("PT04", "Insurance or cost"),
            "elsewhere": ("PT05", "Seen elsewhere"),
            "never": ("PT09", "Patient asks not to be rescheduled"),
            "deceased": ("DEC", "Patient deceased"),
            "provider": ("PR01", "Provider unavailable"),
            "equipment": ("FA01", "Equipment down"),
            "template": ("FA02", "Template change"),
        },
    ),
    Code(NORTHSIDE, E.SLOT_BLOCKED, None, "S23", "Blocked"),
    Code(NORTHSIDE, E.SLOT_OPENED, None, "S24", "Open"),
    Code(NORTHSIDE, E.PATIENT_CHANGED, None, "A08"),
    Code(NORTHSIDE, E.PATIENT_CHANGED, None, "A31", reason="person"),
    Code(NORTHSIDE, E.PATIENT_CHANGED, None, "A28", reason="registered"),
    Code(NORTHSIDE, E.PATIENT_CHANGED, None, "A04", reason="walk_in"),
    Code(NORTHSIDE, E.PATIENT_DIED, None, "A08", reason="died"),
    Code(NORTHSIDE, E.PATIENTS_MERGED, None, "A40"),
)  # fmt: skip

HARBOR_CODES = (
    # FHIR has no trigger: a booking, a new time and a changed room all read as "booked"
    Code(HARBOR, E.CREATED, S.BOOKED, "Appointment", "booked", resource_status="needs-action"),
    Code(HARBOR, E.RESCHEDULED, S.BOOKED, "Appointment", "booked", resource_status="needs-action"),
    Code(HARBOR, E.CHANGED, S.BOOKED, "Appointment", "booked", resource_status="needs-action"),
    Code(HARBOR, E.CONFIRMED, S.CONFIRMED, "Appointment", "booked", resource_status="accepted"),
    Code(HARBOR, E.CHECKED_IN, S.CHECKED_IN, "Appointment", "checked-in", resource_status="accepted"),
    Code(HARBOR, E.STARTED, S.IN_PROGRESS, "Encounter", "in-progress"),
    Code(HARBOR, E.COMPLETED, S.COMPLETED, "Appointment", "fulfilled", resource_status="accepted"),
    Code(
        HARBOR, E.LEFT_UNSEEN, S.LEFT_UNSEEN, "Appointment", "cancelled", "hp-lwbs", "Left without being seen",
        "accepted", counts_as_missed=True,
    ),
    Code(HARBOR, E.MISSED, S.MISSED, "Appointment", "noshow", resource_status="needs-action",
         counts_as_missed=True, reopens=True),
    Code(HARBOR, E.MISSED, S.MISSED, "Appointment", "noshow", "hp-auto", "Closed by the night run", "needs-action",
         reason="timer", set_by=SetBy.TIMER, counts_as_missed=True, reopens=True),
    Code(HARBOR, E.DELETED, S.ENTERED_IN_ERROR, "Appointment", "entered-in-error", resource_status="needs-action"),
    *reasoned(
        HARBOR, "Appointment", "cancelled",
        {
            "conflict": ("pat-cpp", "Patient: schedule conflict"),
            "better": ("pat-fb", "Patient: feeling better"),
            "transport": ("pat-lt", "Patient: lack of transportation"),
            "cost": ("oth-fin", "Other: financial"),
            "elsewhere": ("hp-elsewhere", "Patient: sought care elsewhere"),
            "never": ("hp-dnr", "Patient: do not reschedule"),
            "deceased": ("pat-dec", "Patient: deceased"),
        },
        resource_status="declined",
    ),
    *reasoned(
        HARBOR, "Appointment", "cancelled",
        {
            "provider": ("prov-pers", "Provider: personal"),
            "equipment": ("maint", "Equipment maintenance"),
            "template": ("oth-room", "Other: room or resource"),
        },
        resource_status="accepted",
    ),
    Code(HARBOR, E.SLOT_BLOCKED, None, "Slot", "busy-unavailable"),
    Code(HARBOR, E.SLOT_OPENED, None, "Slot", "free"),
    Code(HARBOR, E.PATIENT_CHANGED, None, "Patient"),
    Code(HARBOR, E.PATIENT_DIED, None, "Patient"),
    Code(HARBOR, E.PATIENTS_MERGED, None, "Patient"),
)  # fmt: skip

ELM_CODES = (
    Code(ELM, E.CREATED, S.BOOKED, "row", "S"),
    Code(ELM, E.RESCHEDULED, S.BOOKED, "row", "S"),
    Code(ELM, E.CHANGED, S.BOOKED, "row", "S"),
    Code(ELM, E.CONFIRMED, S.CONFIRMED, "row", "C"),
    Code(ELM, E.CHECKED_IN, S.CHECKED_IN, "row", "A"),
    Code(ELM, E.STARTED, S.IN_PROGRESS, "row", "R"),
    Code(ELM, E.COMPLETED, S.COMPLETED, "row", "D"),
    Code(ELM, E.LEFT_UNSEEN, S.LEFT_UNSEEN, "row", "W", counts_as_missed=True),
    Code(ELM, E.MISSED, S.MISSED, "row", "N", counts_as_missed=True, reopens=True),
    Code(ELM, E.MISSED, S.MISSED, "row", "N", "AUTO", reason="timer",
         set_by=SetBy.TIMER, counts_as_missed=True, reopens=True),
    *reasoned(
        ELM, "row", "X",
        {
            "conflict": ("PT", ""),
            "better": ("PTOK", ""),
            "transport": ("PTCAR", ""),
            "cost": ("PT$", ""),
            "elsewhere": ("PTMOV", ""),
            "never": ("PTNO", ""),
            "deceased": ("DEC", ""),
            "provider": ("DR", ""),
            "equipment": ("EQ", ""),
            "template": ("OFF", ""),
        },
    ),
)  # fmt: skip

# Signals that mean something on their own. A pack lists them beside the plain status rows, equally specific, so that
# a status and a reason that disagree ("booked", yet the patient declined) end ambiguous and not in a guess.
EVIDENCE = (
    Code(HARBOR, E.CANCELLED, S.CANCELLED, "Appointment", resource_status="declined", initiator=Initiator.PATIENT),
    *(code._replace(filler_status="") for code in ELM_CODES if code.filler_status == "X"),
)

_STANDING = frozenset({E.CREATED, E.CHANGED, E.CONFIRMED, E.CHECKED_IN, E.STARTED, E.COMPLETED, E.MISSED})
_GONE = frozenset({E.CANCELLED, E.BUMPED})
_BOOKINGS = frozenset({E.CREATED, E.RESCHEDULED, E.CHANGED})

DIALECTS: dict[str, Dialect] = {
    NORTHSIDE: Dialect(
        NORTHSIDE,
        FeedFormat.HL7V2,
        NORTHSIDE_CODES,
        # codes a site starts to use one day without telling anybody; no pack knows them
        unknown=(
            Odd(_STANDING, "TELEHOLD"),
            Odd(_STANDING, "Roomed-2"),
            Odd(_GONE, "Canceled-WX", "WX7"),
            Odd(_STANDING | _GONE, "PendAuth"),
        ),
        contradictions=(
            Odd(_GONE, "Booked"),
            Odd(_GONE, "Confirmed"),
            Odd(frozenset({E.MISSED}), "Confirmed"),
            Odd(_STANDING - {E.MISSED}, "Canceled", trigger="S12"),
        ),
    ),
    HARBOR: Dialect(
        HARBOR,
        FeedFormat.FHIR,
        HARBOR_CODES,
        # FHIR binds Appointment.status, so a site's news come as reasons or as values from a newer release
        unknown=(
            Odd(_GONE, "cancelled", "hp-strike", "declined"),
            Odd(_STANDING | _GONE, "on-hold", "", "tentative"),
        ),
        contradictions=(
            Odd(_STANDING | _GONE, "booked", "pat-cpp", "declined"),
            Odd(_STANDING | _GONE, "fulfilled", "pat-cpp", "declined"),
        ),
    ),
    ELM: Dialect(
        ELM,
        FeedFormat.CSV,
        ELM_CODES,
        unknown=(Odd(_STANDING | _BOOKINGS | _GONE, "T"), Odd(_STANDING | _BOOKINGS | _GONE, "H")),
        contradictions=(Odd(_STANDING | _BOOKINGS | _GONE, "S", "PT"), Odd(_STANDING | _BOOKINGS | _GONE, "D", "OFF")),
    ),
}  # fmt: skip
