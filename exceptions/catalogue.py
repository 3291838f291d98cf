"""Every kind of problem the desk knows, by id. The database stores ids and state, the rest stands here."""

from exceptions.checks import (
    capacity,
    clocks,
    closure,
    contact,
    duplicates,
    extracts,
    freshness,
    identity,
    lateness,
    mapping,
    message,
    notices,
    order,
    outcome,
    own,
    required,
    steps,
)
from exceptions.checks.kinds import Check

FAMILIES = (
    message, mapping, order, lateness, clocks, steps, identity, required, contact, duplicates, capacity, freshness,
    extracts, closure, outcome, notices, own,
)  # fmt: skip
CATALOGUE: dict[str, Check] = {check.id: check for module in FAMILIES for check in module.CHECKS}


def register(*checks: Check) -> None:
    """Add the checks of an upper floor; called while apps load. The same check again changes nothing.

    Raises:
        ValueError: another check has the id.
    """
    for check in checks:
        if CATALOGUE.setdefault(check.id, check) != check:
            raise ValueError(f"Two checks are called {check.id}.")


def check_of(check_id: str) -> Check:
    """Look a stored id up; an id of a check that a later version dropped gives a plain stand-in, not an error."""
    return CATALOGUE.get(check_id) or _stand_in(check_id)


def _stand_in(check_id: str) -> Check:
    model = CATALOGUE["reader_problem"]
    return Check(
        id=check_id,
        title=check_id.replace("_", " ").capitalize(),
        family=model.family,
        severity=model.severity,
        happened="Something was found by a check that this version does not have any more.",
        advice="Look at the evidence, then close it.",
    )
