"""What holds where a clinic has decided nothing: the strictest of the rules we know of, and the queue's own limits."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from recovery.contacting.facts import ContactHours, Policy, Tries
from recovery.vocabulary import Family

# Federal marketing hours are 8 to 21 of the recipient's time; Florida, Oklahoma and Maryland end at 20, Connecticut
# begins at 9, Texas keeps Sundays before noon (research/recovery.md section 2). Whether they reach texts about care is
# argued, so a clinic may widen them on purpose; silence of a clinic is no such purpose.
STRICTEST = ContactHours(weekdays=(time(9), time(20)), sundays=(time(12), time(20)))

# One text a day and three a week: 47 CFR 64.1200(a)(9)(iv), for exempt health care texts.
DEFAULT_POLICY = Policy(hours=STRICTEST, most_texts_a_day=1, most_texts_a_week=3, most_calls_a_day=2, revoke_all=False)

# "One stop ends every topic" was put off to this day, and may be again (47 CFR 64.1200(a)(10)).
REVOKE_ALL_FROM = date(2027, 1, 31)

# research/recovery.md section 1b: missed visits three tries on three days; bumped ones until rebooked or refused;
# visits at risk a call and a message.
DEFAULT_TRIES: Mapping[Family, Tries] = {
    Family.REFILL: Tries(most=3, rest=timedelta(minutes=30)),
    Family.REBOOK_MISSED: Tries(most=3, rest=timedelta(hours=20)),
    Family.REBOOK_BUMPED: Tries(most=None, rest=timedelta(hours=4)),
    Family.CONFIRM: Tries(most=2, rest=timedelta(hours=1)),
}
# Of one person and clinic, between two visits at risk.
CONFIRM_REST = timedelta(days=60)
ADULT_AT = 18


def default_policy(on: date) -> Policy:
    """What holds on a day of a clinic that decided nothing."""
    return DEFAULT_POLICY._replace(revoke_all=is_in_force(REVOKE_ALL_FROM, on))


def is_in_force(since: date | None, on: date) -> bool:
    """Whether a switch with a day of its own is on by ``on``; without a day it never is."""
    return since is not None and since <= on
