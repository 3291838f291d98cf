"""Who fits a freed slot: facts and a clock in, every reason for and against out. Pure.

A candidate is a waitlist entry, a later visit of somebody's own, or both. Every rule answers by itself, so that a page
can say all that is in the way and not just the first. Sources: research/recovery.md section 1 (Dentally's eligibility,
Epic Fast Pass, Stride PRM) and 1b (limits).
"""

from collections.abc import Callable
from datetime import timedelta

from config.web.times import span
from recovery.decisions import LEAST_NOTICE
from recovery.eligibility_facts import Case, Fit, Reason
from recovery.vocabulary import Movable

# Booked 7 to 90 days out is Dentally's rule; two days is the least gain worth a call.
LEAST_GAIN, MOST_GAIN = timedelta(days=2), timedelta(days=90)
MOST_OFFERS, OFFERS_WITHIN = 3, timedelta(days=7)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def judge(case: Case) -> Fit:
    """Ask every rule about a candidate."""
    why_not = tuple(found for rule in RULES if (found := rule(case)) is not None)
    return Fit(why_not, _why(case))


def _visit_type(case: Case) -> Reason | None:
    if case.visit_type == case.slot.visit_type or case.slot.visit_type in case.rule.fits:
        return None
    return Reason("visit_type", "Their visit type does not go into this slot.")


def _movable(case: Case) -> Reason | None:
    if case.rule.movable == Movable.NEVER:
        return Reason("never_moved", "This visit type is never offered.")
    return None


def _provider(case: Case) -> Reason | None:
    wanted = case.wish.provider_code if case.wish is not None else ""
    if wanted and wanted != case.slot.resource:
        return Reason("provider", "They asked for another provider.")
    return None


def _location(case: Case) -> Reason | None:
    return None if case.clinic_id == case.slot.clinic_id else Reason("location", "They wait at another clinic.")


def _duration(case: Case) -> Reason | None:
    if (case.minutes or 0) > case.slot.minutes:
        return Reason("duration", f"Their visit takes {case.minutes} min, the slot has {case.slot.minutes}.")
    return None


def _dates(case: Case) -> Reason | None:
    wish, on = case.wish, case.begins.date()
    if wish is None:
        return None
    if wish.not_before_on is not None and on < wish.not_before_on:
        return Reason("dates", f"They cannot come before {wish.not_before_on:%d %b}.")
    if wish.not_after_on is not None and on > wish.not_after_on:
        return Reason("dates", f"They cannot come after {wish.not_after_on:%d %b}.")
    return None


def _weekday(case: Case) -> Reason | None:
    if case.wish is not None and case.wish.weekdays and case.begins.weekday() not in case.wish.weekdays:
        return Reason("weekday", f"They cannot come on a {DAYS[case.begins.weekday()]}.")
    return None


def _hours(case: Case) -> Reason | None:
    """From the beginning to the end of the visit; one that runs past midnight ends after every hour."""
    wish = case.wish
    if wish is None:
        return None
    if wish.from_time is not None and case.begins.time() < wish.from_time:
        return Reason("hours", f"They can come from {wish.from_time:%H:%M}.")
    is_over = case.ends.date() > case.begins.date()
    if wish.until_time is not None and (is_over or case.ends.time() > wish.until_time):
        return Reason("hours", f"They have to be done by {wish.until_time:%H:%M}.")
    return None


def _lead_time(case: Case) -> Reason | None:
    if case.ahead < LEAST_NOTICE:
        return Reason("lead_time", f"It starts in less than {span(LEAST_NOTICE.total_seconds())}.")
    return None


def _notice(case: Case) -> Reason | None:
    wanted = max(case.rule.notice, (case.wish.notice if case.wish is not None else None) or timedelta())
    if case.ahead < wanted:
        return Reason("notice", f"They need {span(wanted.total_seconds())} of notice.")
    return None


def _preparation(case: Case) -> Reason | None:
    if case.ahead < case.rule.preparation:
        return Reason("preparation", f"Preparing takes {span(case.rule.preparation.total_seconds())}.")
    return None


def _gain(case: Case) -> Reason | None:
    if case.visit is None or case.visit.starts_at is None:
        return None
    gain = case.visit.starts_at - case.slot.starts_at
    if gain < LEAST_GAIN:
        return Reason("gain", f"Their own visit is less than {LEAST_GAIN.days} days later.")
    return Reason("too_far", f"Their own visit is over {MOST_GAIN.days} days later.") if gain > MOST_GAIN else None


def _first(case: Case) -> Reason | None:
    if case.visit is not None and not case.visit.is_first:
        return Reason("not_first", "They have another visit before their own one.")
    return None


def _series(case: Case) -> Reason | None:
    if case.visit is not None and case.visit.in_series:
        return Reason("series", "Their visit is one of a series.")
    return None


def _stands(case: Case) -> Reason | None:
    if case.visit is not None and not case.visit.stands:
        return Reason("visit_gone", "Their own visit does not stand any more.")
    return None


def _certain(case: Case) -> Reason | None:
    return Reason("visit_in_doubt", "Their own visit is in doubt.") if case.visit and case.visit.is_uncertain else None


def _sooner(case: Case) -> Reason | None:
    return Reason("has_sooner", "They have a visit of this type before it.") if case.person.has_sooner else None


def _clash(case: Case) -> Reason | None:
    return Reason("clash", "They have another visit at that time.") if case.person.clashes else None


def _leaver(case: Case) -> Reason | None:
    return Reason("left_it", "They gave this slot back.") if case.person.patient_id in case.slot.left_by else None


def _closed(case: Case) -> Reason | None:
    return Reason("closed_record", "Their record is closed.") if case.person.is_closed else None


def _unwanted(case: Case) -> Reason | None:
    return Reason("no_contact", "They asked for no contact.") if case.person.wants_none else None


def _restricted(case: Case) -> Reason | None:
    return Reason("restricted", "Restricted: never part of a list.") if case.person.is_restricted else None


def _reachable(case: Case) -> Reason | None:
    return None if case.person.has_phone else Reason("no_phone", "No phone number on file.")


def _live_offer(case: Case) -> Reason | None:
    return Reason("live_offer", "Another slot is offered to them now.") if case.person.has_live_offer else None


def _offered_often(case: Case) -> Reason | None:
    if case.person.recent_offers >= MOST_OFFERS:
        return Reason("offered_often", f"They had {MOST_OFFERS} offers in {OFFERS_WITHIN.days} days.")
    return None


RULES: tuple[Callable[[Case], Reason | None], ...] = (
    _closed, _unwanted, _restricted, _leaver, _visit_type, _movable, _location, _provider, _duration, _dates, _weekday,
    _hours, _lead_time, _notice, _preparation, _stands, _certain, _gain, _first, _series, _sooner, _clash, _reachable,
    _live_offer, _offered_often,
)  # fmt: skip


def _why(case: Case) -> tuple[Reason, ...]:
    """What speaks for a candidate."""
    found = []
    if case.visit_type == case.slot.visit_type:
        found.append(Reason("same_type", "Same visit type."))
    elif case.slot.visit_type in case.rule.fits:
        found.append(Reason("fitting_type", "Their visit type may take this slot."))
    if case.wish is not None and case.wish.provider_code and case.wish.provider_code == case.slot.resource:
        found.append(Reason("wanted_provider", "The provider they asked for."))
    elif case.visit is not None and case.visit.resource and case.visit.resource == case.slot.resource:
        found.append(Reason("own_provider", "Their own provider."))
    if case.wish is not None:
        found.append(Reason("asked", "On the waitlist."))
    return tuple(found)
