"""Contact and consent: who should be reached about a visit, and why that will not go as planned.

Asked only of people with a visit in the window. Groups are per clinic of the visit, so each clinic sees its own people.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from exceptions.checks.found import Findings
from exceptions.checks.kinds import Check
from exceptions.checks.people import PersonFacts, VisitFacts, of_person, usable
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.vocabulary import REBOOKS, Decision

# A couple or a family shares a number; people of three names do not.
STRANGERS = 3
_REACHING = frozenset({*REBOOKS, Decision.CONFIRM})

CHECKS = (
    Check(
        id="unreachable_patient",
        title="No way to reach the patient",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="Patients with a visit ahead or lost have no phone and no e-mail address on file.",
        advice="Ask for a number at the next contact, or write a letter. If many, look at the feed's fields.",
        owner=OwnerTeam.ACCESS,
        blocks=_REACHING,
        self_clearing=True,
    ),
    Check(
        id="missing_mobile",
        title="No usable mobile",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="Patients with a visit ahead or lost can be called, but have no mobile number to text.",
        advice="Call instead of texting, and ask for a mobile number.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="shared_number",
        title="Number of several patients",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="A mobile number stands in the records of three or more patients of different names.",
        advice="It may be a placeholder or somebody else's by now. Ask each patient for their own number.",
        owner=OwnerTeam.ACCESS,
        blocks=_REACHING,
        self_clearing=True,
    ),
    Check(
        id="language_without_template",
        title="No text in the language",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="Patients with a visit ahead or lost prefer a language without an approved text.",
        advice="Have somebody who speaks it call, or ask an interpreter. Family members do not count.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="inactive_portal",
        title="Nothing written arrives",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="Patients with a visit ahead or lost have an inactive portal, no mobile and no e-mail address.",
        advice="Call them, and offer to set the portal up at the visit.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="opt_out_conflict",
        title="Consent contradicts itself",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="One field says that the patient wants no contact, another that this channel is allowed.",
        advice="Do not reach out. Ask the patient at the next visit, and have both fields say the same.",
        owner=OwnerTeam.ACCESS,
        blocks=_REACHING,
        self_clearing=True,
    ),
    Check(
        id="refused_contact",
        title="Lost visit, no contact wanted",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="Patients who asked for no contact lost a visit, and no later one stands.",
        advice="Nobody may call or text them. Tell the clinician, who decides whether a letter goes out.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset(REBOOKS),
        self_clearing=True,
    ),
    Check(
        id="restricted_patient",
        title="Restricted patient to be reached",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="Restricted patients lost a visit, and no later one stands. Lists hide their names.",
        advice="Have one named person open the record with a reason and call.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="minor_without_guardian",
        title="Minor without a guardian",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="Patients under 18 with a visit ahead or lost have no guardian on file.",
        advice="Ask the clinic who may be called. Nothing goes to the child.",
        owner=OwnerTeam.ACCESS,
        blocks=_REACHING,
        self_clearing=True,
    ),
    Check(
        id="deceased_with_visit",
        title="Visit of a deceased patient",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="Patients who have died, by the source, still have visits ahead.",
        advice="Have the clinic cancel the visits in the source before a reminder reaches the family.",
        owner=OwnerTeam.ACCESS,
        blocks=_REACHING,
        self_clearing=True,
    ),
    Check(
        id="unknown_patient_zone",
        title="Unknown time zone of patients",
        family=Family.CONTACT,
        severity=Severity.NOTE,
        happened="The source states a time zone for patients that does not exist, so their quiet hours are unknown.",
        advice="Have the source send names such as America/Chicago. The clinic's zone is used meanwhile.",
        self_clearing=True,
    ),
)

_Rule = Callable[[PersonFacts, date], Sequence[VisitFacts]]
HasText = Callable[[str], bool]


def find(persons: Iterable[PersonFacts], now: datetime, has_text: HasText) -> Findings:
    """Yield what stands in the way of reaching each person at ``now``, once per clinic of the visits concerned.

    ``has_text`` tells whether texts in a language, by the code of the feed, were approved.
    """
    rules: dict[str, _Rule] = {**_RULES, "language_without_template": partial(_without_template, has_text)}
    for person in persons:
        today = now.astimezone(person.source_zone).date()
        for check, rule in rules.items():
            visits = rule(person, today)
            if visits:
                yield from of_person(check, _raw(check, person), person, visits)


def _raw(check: str, person: PersonFacts) -> str:
    if check == "opt_out_conflict":
        return ", ".join(sorted(person.allowed))
    return person.zone if check == "unknown_patient_zone" else ""


def _unreachable(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return () if person.has_died or person.is_only_an_id or _ways(person, today) else person.visits


def _without_mobile(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    if person.has_died or person.wants_no_contact or not _ways(person, today):
        return ()
    return () if person.mobiles(today) else person.visits


def _sharing(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits if person.families_on_number >= STRANGERS and person.mobiles(today) else ()


def _without_template(has_text: HasText, person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits if person.language and not has_text(person.language) and not person.has_died else ()


def _unwritten(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    if person.portal != "inactive" or person.has_died or person.wants_no_contact:
        return ()
    ways = _ways(person, today)
    return person.visits if ways == {"phone"} and not person.mobiles(today) else ()


def _contradicting(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits if person.wants_no_contact and person.allowed else ()


def _refusing(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits_wanting if person.wants_no_contact and not person.has_died else ()


def _restricted(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits_wanting if person.is_restricted and not person.has_died else ()


def _unguarded(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits if person.is_minor(today) and not person.guardian and not person.has_died else ()


def _deceased(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits_ahead if person.has_died else ()


def _without_zone(person: PersonFacts, today: date) -> Sequence[VisitFacts]:
    return person.visits if person.zone and not _is_zone(person.zone) else ()


def _ways(person: PersonFacts, today: date) -> set[str]:
    """By which systems the person can be reached: phone, email."""
    return {str(point[0]) for point in usable(person.points, today)} & {"phone", "email"}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


_RULES: dict[str, _Rule] = {
    "unreachable_patient": _unreachable,
    "missing_mobile": _without_mobile,
    "shared_number": _sharing,
    "inactive_portal": _unwritten,
    "opt_out_conflict": _contradicting,
    "refused_contact": _refusing,
    "restricted_patient": _restricted,
    "minor_without_guardian": _unguarded,
    "deceased_with_visit": _deceased,
    "unknown_patient_zone": _without_zone,
}
