"""Every survey by name. No check has two owners: no two surveys share one, and no batch judges one of these."""

from exceptions.catalogue import register as register_checks
from exceptions.checks import capacity as capacity_checks
from exceptions.checks import closure as closure_checks
from exceptions.checks import contact as contact_checks
from exceptions.checks import duplicates
from exceptions.checks import notices as notices_checks
from exceptions.checks.freshness import CHECKS as FRESHNESS
from exceptions.surveys import capacity, closure, contact, feeds, ledger, notices
from exceptions.surveys.looking import Survey

FAILED, LIMITED = "survey_failed", "survey_limited"
_OF_LEDGER = tuple(check for check in FRESHNESS if check.id == "ledger_difference")
_OF_FEEDS = tuple(check for check in FRESHNESS if check.id not in {"ledger_difference", FAILED, LIMITED})

SURVEYS: dict[str, Survey] = {
    survey.name: survey
    for survey in (
        Survey("feeds", _OF_FEEDS, feeds.look),
        Survey("ledger", _OF_LEDGER, ledger.look),
        Survey("contact", contact_checks.CHECKS + duplicates.CHECKS, contact.look),
        Survey("capacity", capacity_checks.CHECKS, capacity.look),
        Survey("closure", closure_checks.CHECKS, closure.look),
        Survey("notices", notices_checks.CHECKS, notices.look),
    )
}


def register(survey: Survey) -> None:
    """Add the survey of an upper floor and its checks; called while apps load. The same again changes nothing.

    Raises:
        ValueError: another survey has the name, or another check an id.
    """
    if SURVEYS.setdefault(survey.name, survey) != survey:
        raise ValueError(f"Two surveys are called {survey.name}.")
    register_checks(*survey.checks)
