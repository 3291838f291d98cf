"""The patient columns of a row."""

from functools import lru_cache

from scheduling.facts import ContactPointFact, PatientFact, Problem
from scheduling.readers import keeping
from scheduling.readers.csv.cells import MAX_TEXT, NO, YES, Row
from scheduling.readers.csv.profile import Layout

SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U", "m": "M", "f": "F", "o": "O", "u": "U"}
PORTAL = {"active": "active", "inactive": "inactive"} | dict.fromkeys(YES, "active") | dict.fromkeys(NO, "inactive")
HOME = (("mobile", "phone", "mobile"), ("home_phone", "phone", "home"), ("email", "email", ""))
WORK = (("work_phone", "phone", "work"),)
# Everything that a patient is read from; `_read_patient` sees no other cell.
FIELDS = (
    *("patient_id", "family", "given", "born", "sex", "language", "zone", "deceased", "restricted", "guardian"),
    *("mobile", "home_phone", "work_phone", "email", "portal", "opt_out_text"),
)


def read_patient(row: Row, authority: str) -> PatientFact | None:
    """What the row states about its patient; None where it names none.

    Blank cells clear names and contact points (a number that was taken off must not be dialled), but never the marks
    that protect: death, restriction and opt-out stand until a cell takes them back in words.
    """
    mrn = row.raw("patient_id")
    if not mrn or len(mrn) > MAX_TEXT:  # cutting an id could make two patients one
        return None
    stated = tuple(row.raw(field) for field in FIELDS)
    if sum(map(len, stated)) > keeping.LONGEST:
        return _read_patient(row, authority)
    patient, problems = _kept_patient(stated, row.layout, authority)
    row.problems += problems
    return patient


@lru_cache(maxsize=keeping.PATIENTS)
def _kept_patient(stated: tuple[str, ...], layout: Layout, authority: str) -> tuple[PatientFact, tuple[Problem, ...]]:
    """The patient of these cells, in the order of FIELDS, and the problems with them."""
    row = Row(layout, dict(zip(FIELDS, stated, strict=True)), [])
    return _read_patient(row, authority), tuple(row.problems)


def _read_patient(row: Row, authority: str) -> PatientFact:
    sex = row.text("sex")
    born_on = row.day("born")
    portal = _portal(row)
    return PatientFact(
        authority,
        row.raw("patient_id"),
        family=row.text("family"),
        given=row.text("given"),
        born_on=born_on,
        sex=SEXES.get(sex.casefold(), sex) if sex else sex,
        language=row.text("language"),
        zone=row.raw("zone") or None,
        phones_home=_points(row, HOME),
        phones_work=_points(row, WORK),
        died=_died(row),
        vip=_restriction(row),
        portal=portal,
        # A "no" in an opt-out column is no consent: it must not lift a stop that the patient texted to us.
        consents=(("text", "", False),) if row.flag("opt_out_text") else (),
        guardian=row.text("guardian"),
    )


def _points(row: Row, columns: tuple[tuple[str, str, str], ...]) -> tuple[ContactPointFact, ...] | None:
    if not any(row.has(field) for field, _, _ in columns):
        return None
    found = tuple(
        ContactPointFact(system, value, use=use)
        for field, system, use in columns
        if (value := row.raw(field)[:MAX_TEXT])
    )
    return found if found or row.clears else None


def _restriction(row: Row) -> str | None:
    """``R`` for yes, empty for no, and any other word as the source's own code."""
    word = row.raw("restricted")[:MAX_TEXT]
    if not word:
        return None
    flag = row.flag("restricted")
    return word if flag is None else "R" if flag else ""


def _portal(row: Row) -> str | None:
    word = row.raw("portal")
    found = PORTAL.get(word.casefold())
    if word and found is None:
        row.note("unknown_word", "portal", word)
    return found


def _died(row: Row) -> bool | None:
    """A yes, or a date of death, says the patient died; only an explicit no says they did not."""
    if not row.raw("deceased"):
        return None
    died = row.flag("deceased")
    return True if died is None and row.day("deceased") else died
