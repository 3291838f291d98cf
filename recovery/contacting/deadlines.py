"""Until when the law lets a reply wait that may be an opt-out. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_DAYS = 10  # 47 CFR 64.1200(a)(10)
_SATURDAY = 5


def honour_by(received_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which an opt-out is honoured in time: ten business days after the local day it came.

    Holidays count as business days, which errs towards sooner.
    """
    on, left = received_at.astimezone(zone).date(), BUSINESS_DAYS
    while left:
        on += timedelta(days=1)
        left -= on.weekday() < _SATURDAY
    return on
