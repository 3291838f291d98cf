"""Find patients by MRN, name or number, and appointments by their id in the source (DESIGN section 13).

What was typed never leaves the request: the answer is kept under a short-lived token in the person's session.
"""

import re
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q

from scheduling.models import Appointment, ContactPoint, Patient

LIFETIME = timedelta(minutes=10)
MOST_PATIENTS = 200
MOST_VISITS = 200
KEPT_SEARCHES = 5
SESSION_KEY = "found"
_NOT_DIGITS = re.compile(r"\D+")


class Found(NamedTuple):
    """Row ids of a search's hits, and when the search ends."""

    patients: list[int]
    visits: list[int]
    ends_at: datetime

    @property
    def condition(self) -> Q:
        """The appointments of the hits."""
        return Q(patient_id__in=self.patients) | Q(pk__in=self.visits)


def find(text: str, user: Any, *, now: datetime) -> Found:
    """Search what the person may see. Restricted people are found by their exact MRN only, never by name or number."""
    words = text.split()
    patients = Patient.objects.visible_to(user).filter(_by_mrn(text) | _open_q(words, text))
    visits = Appointment.objects.visible_to(user).filter(external_id=text).exclude(patient__in=patients)
    return Found(
        list(patients.order_by("id").values_list("id", flat=True)[:MOST_PATIENTS]),
        list(visits.order_by("id").values_list("id", flat=True)[:MOST_VISITS]),
        now + LIFETIME,
    )


def _by_mrn(text: str) -> Q:
    return Q(mrn__in={text, text.upper()})


def _open_q(words: list[str], text: str) -> Q:
    """By name (every word begins the family or given name) or by number; unrestricted people only."""
    by_name = Q()
    for word in words:
        by_name &= Q(family__istartswith=word) | Q(given__istartswith=word)
    hit = by_name
    if numbers := ways_to_write(text):
        hit |= Q(pk__in=ContactPoint.objects.filter(system="phone", value__in=numbers).values("patient_id"))
    return hit & Q(vip="") & ~Q(protection="Y")


def ways_to_write(text: str) -> list[str]:
    """How sources write this North American number; each is an index look-up. Empty for anything but 10 digits."""
    digits = _NOT_DIGITS.sub("", text)
    national = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    if len(national) != 10:
        return []
    area, exchange, line = national[:3], national[3:6], national[6:]
    written = [
        f"({area}){exchange}-{line}",
        f"({area}) {exchange}-{line}",
        f"{area}-{exchange}-{line}",
        f"{area}.{exchange}.{line}",
        f"{area} {exchange} {line}",
        national,
    ]
    return [before + number for before in ("", "1", "+1", "1-", "+1 ", "+1-", "1 ") for number in written]


def keep(session: SessionBase, found: Found) -> str:
    """Keep a search in the session and return its token; older searches make room."""
    kept = dict(session.get(SESSION_KEY, {}))
    token = token_urlsafe(9)
    kept[token] = [found.patients, found.visits, found.ends_at.timestamp()]
    session[SESSION_KEY] = dict(list(kept.items())[-KEPT_SEARCHES:])
    return token


def recall(session: SessionBase, token: str, *, now: datetime) -> Found | None:
    """The search of a token; None when it is not this person's or its time is over."""
    row = session.get(SESSION_KEY, {}).get(token)
    if row is None or row[2] < now.timestamp():
        return None
    return Found(row[0], row[1], datetime.fromtimestamp(row[2], tz=now.tzinfo))
