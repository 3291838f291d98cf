"""The rules, one function each: what forbids a contact, or asks for care, about whom, by which channel, until when.

A rule yields obstacles. One without a channel is about all of them. ``lifts_at`` is when it goes away by the clock
alone; None means that somebody has to do something first. Sentences are for the screen and name nobody.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.web.times import clock, span
from recovery.contacting.facts import ANY, Ask, Person
from recovery.contacting.hours import is_open, local_day_begins, next_open
from recovery.contacting.law import Law
from recovery.contacting.points import best_point, hours_for, law_for, points_of, today_of
from recovery.contacting.policy import ADULT_AT, CONFIRM_REST
from recovery.vocabulary import Family, Mark, OutreachChannel, Topic

TEXT, CALL, EMAIL, LETTER = OutreachChannel.TEXT, OutreachChannel.CALL, OutreachChannel.EMAIL, OutreachChannel.LETTER
WRITTEN = (TEXT, EMAIL)
WEEK = timedelta(days=7)
# What feeds call the channels, by ours.
CONSENT_WORDS = {
    CALL: frozenset({"call", "phone", "voice"}),
    TEXT: frozenset({"text", "sms"}),
    EMAIL: frozenset({"email"}),
    LETTER: frozenset({"letter", "mail"}),
}


class Obstacle(NamedTuple):
    """One reason against. ``is_warning``: it may be done with care. ``owner`` is who can lift it."""

    code: str
    sentence: str
    channel: OutreachChannel | None = None
    owner: str = ""
    lifts_at: datetime | None = None
    is_warning: bool = False


Rule = Callable[[Person, Ask, datetime], Iterator[Obstacle]]


def died(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """Nobody contacts a family about a visit of somebody who has died (PID-29/30)."""
    if person.died:
        yield Obstacle("died", "The patient has died.", owner="Records")


def merged(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A retired record's contact data is history; the survivor's counts."""
    if person.survivor_id is not None:
        yield Obstacle("merged", "This record was merged. Contact the record that stayed.", owner="Identity")


def wants_none(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """Publicity code N (PD1-11): no contact by any way."""
    if person.wants_none:
        yield Obstacle("opted_out", "The patient asked for no contact.", owner="Consent")


def refused(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """The newest line of the consent ledger decides, by channel and topic; with the switch one stop ends all topics."""
    for channel in OutreachChannel:
        lines = [
            line
            for line in person.consents
            if line.channel in CONSENT_WORDS[channel] | {ANY}
            and (line.topic in ("", ask.topic) or (ask.policy.revoke_all and not line.is_allowed))
        ]
        newest = max(lines, key=lambda line: (line.since, not line.is_allowed), default=None)
        if newest is not None and not newest.is_allowed:
            yield Obstacle("opted_out_partly", f"{channel.label}: refused by the patient.", channel, "Consent")


def only_way(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A request for confidential communication names the one way to use, and nobody asks why (45 CFR 164.522(b))."""
    wanted = {line.channel for line in person.consents if line.topic == "only" and line.is_allowed}
    if not wanted:
        return
    for channel in OutreachChannel:
        if not CONSENT_WORDS[channel] & wanted:
            ways = ", ".join(sorted(wanted))
            yield Obstacle("other_way_only", f"The patient asked to be reached by {ways} only.", channel, "Consent")


def restricted(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A restricted patient is contacted by somebody who gave a reason to see the name, and never in bulk."""
    if person.is_restricted and not person.is_revealed:
        yield Obstacle("restricted", "Restricted: give a reason to see who it is.", owner="Privacy")
    if person.is_restricted:
        for channel in WRITTEN:
            yield Obstacle("restricted_in_writing", "Restricted: no message leaves by itself.", channel, "Privacy")


def minor(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """For a minor the responsible person is contacted; a message cannot tell who reads it."""
    if person.born_on is None:
        return
    today = today_of(person, ask, now)
    age = today.year - person.born_on.year - ((today.month, today.day) < (person.born_on.month, person.born_on.day))
    if age >= ADULT_AT:
        return
    if ask.is_confidential:
        yield Obstacle("confidential_visit", "A minor's confidential visit: tell nobody.", owner="The clinic")
    if not person.guardian:
        yield Obstacle("no_guardian", "A minor without a known guardian.", owner="Records")
        return
    yield Obstacle("guardian", "A minor: speak to the guardian.", CALL, is_warning=True)
    for channel in WRITTEN:
        yield Obstacle("minor_in_writing", "A minor: call the guardian, do not write.", channel, "The clinic")


def no_point(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A channel needs a number or address that is not old, over or known to be wrong."""
    none = {CALL: "No number on file.", TEXT: "No mobile on file.", EMAIL: "No e-mail address on file."}
    wrong = {CALL: "Every number is wrong.", TEXT: "The mobile is wrong.", EMAIL: "The address is wrong."}
    today = today_of(person, ask, now)
    for channel, sentence in none.items():
        if best_point(person, channel, today) is None:
            has_wrong = any(point.mark == Mark.WRONG for point in points_of(person, channel))
            yield Obstacle("no_point", wrong[channel] if has_wrong else sentence, channel, "The clinic")


def shared(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A number of several patients tells whoever reads it about the others: ask who speaks, write nothing."""
    today = today_of(person, ask, now)
    for channel in (CALL, TEXT, EMAIL):
        point = best_point(person, channel, today)
        if point is not None and point.sharers:
            is_call = channel == CALL
            sentence = "Several patients have this number: ask who speaks." if is_call else "Several patients have it."
            yield Obstacle("shared_number", sentence, channel, "The clinic", is_warning=is_call)


def language(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """Written words exist in the patient's language and were approved; a caller speaks it (45 CFR 92.201)."""
    wanted = person.language
    if not wanted:
        return
    for channel in WRITTEN:
        if wanted not in (ask.written or {}).get(channel, frozenset()):
            yield Obstacle("no_template", "No approved wording in the patient's language.", channel, "Access lead")
    if wanted not in ask.spoken:
        if wanted in ask.colleagues:
            yield Obstacle("colleague_speaks", "Hand over: a colleague speaks the language.", CALL, is_warning=True)
        else:
            yield Obstacle("interpreter", "Call with an interpreter.", CALL, is_warning=True)


def quiet_hours(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """Contact hours are the patient's own, wherever the clinic is: the clinic's within the law's; held, not dropped."""
    zone = person.zone or ask.clinic_zone
    for channel in (CALL, TEXT, EMAIL):
        hours = hours_for(person, ask, channel, now)
        opens = next_open(hours, zone, now)
        if opens is None:
            sentence = "The clinic's hours lie outside the law's. Nobody may be contacted."
            yield Obstacle("quiet_hours", sentence, channel, "Access lead")
        elif opens > now:
            law = law_for(person, ask, channel, now) if is_open(ask.policy.hours, zone, now) else None
            yield Obstacle("quiet_hours", _quiet_words(law, opens, zone, now), channel, lifts_at=opens)


def _quiet_words(law: Law | None, opens: datetime, zone: ZoneInfo, now: datetime) -> str:
    where = f"by the law of {law.place}" if law is not None else "where the patient lives"
    return f"Quiet hours {where}, until {clock(opens, zone, now)}."


def counted(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """One counter over all queues: so many texts a day and a week, so many calls a day, by person and by number."""
    zone, policy = person.zone or ask.clinic_zone, ask.policy
    today = local_day_begins(zone, now)
    tomorrow = local_day_begins(zone, today + timedelta(hours=36))
    for channel, most in ((TEXT, policy.most_texts_a_day), (CALL, policy.most_calls_a_day)):
        number = sum(one.channel == channel and one.at >= today for one in person.earlier)
        if number >= most:
            again = next_open(hours_for(person, ask, channel, now), zone, tomorrow)
            words = f"{number} {'text' if channel == TEXT else 'call'}{'' if number == 1 else 's'} today, of {most}."
            yield Obstacle("counted_today", words, channel, lifts_at=again)
    texts = sorted(one.at for one in person.earlier if one.channel == TEXT and one.at > now - WEEK)
    if len(texts) >= policy.most_texts_a_week:
        again = next_open(hours_for(person, ask, TEXT, now), zone, texts[-policy.most_texts_a_week] + WEEK)
        words = f"{len(texts)} texts in 7 days, of {policy.most_texts_a_week}."
        yield Obstacle("counted_week", words, TEXT, lifts_at=again)


def tried(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """An item is tried so often, with a rest in between, then a person decides how it goes on."""
    most, rest, used, last_at = ask.tries
    if most is not None and used >= most:
        yield Obstacle("tries_used", f"Tried {used} times, of {most}.", owner="Supervisor")
    elif last_at is not None and last_at + rest > now:
        left = span((last_at + rest - now).total_seconds())
        yield Obstacle("resting", f"Tried a short while ago; again in {left}.", lifts_at=last_at + rest)


def asked(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """A visit at risk is called about once and written about once, then its clinic leaves the person in peace.

    Source: research/recovery.md section 1b. A call back that was promised belongs to the call that promised it.
    """
    if ask.topic != Topic.CONFIRM:
        return
    own = [one for one in person.earlier if one.family == Family.CONFIRM and not one.is_same_number]
    done = {one.channel in WRITTEN for one in own if one.visit_id == ask.visit_id and not one.is_going_on}
    for channel in (CALL, TEXT, EMAIL):
        is_written = channel in WRITTEN
        if is_written in done:
            verb = "Written to" if is_written else "Called"
            yield Obstacle("asked_already", f"{verb} about this visit already.", channel)
    others = [one.at for one in own if one.clinic_id == ask.clinic_id and one.visit_id != ask.visit_id]
    again = max(others, default=now - CONFIRM_REST) + CONFIRM_REST
    if again > now:
        words = f"Asked about another visit here; the clinic rests for {CONFIRM_REST.days} days."
        yield Obstacle("asked_lately", words, lifts_at=again)


def known_late(person: Person, ask: Ask, now: datetime) -> Iterator[Obstacle]:
    """No message leaves while an opt-out, a death or a merge may be on its way to us (DESIGN section 8)."""
    if ask.consent_age is None or ask.consent_age > ask.consent_limit:
        age = "not known" if ask.consent_age is None else f"{span(ask.consent_age.total_seconds())} old"
        limit = span(ask.consent_limit.total_seconds())
        for channel in WRITTEN:
            yield Obstacle("consent_stale", f"What we know of opt-outs is {age}; messages need {limit}.", channel)


RULES: tuple[Rule, ...] = (
    died, merged, wants_none, refused, only_way, restricted, minor, no_point, shared, language, quiet_hours, counted,
    tried, asked, known_late,
)  # fmt: skip
