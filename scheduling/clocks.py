"""Reading the clocks of senders: how a source time stands to the receipt of its message. Pure."""

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
# What a message may take on its way, or a clock be off by, beside the whole hours of a wrong zone.
USUAL_GAP = timedelta(minutes=1)
MOST_HOURS = 14  # no two zones that feeds are likely to mix up lie further apart


def whole_hours_behind(source_at: datetime, received_at: datetime) -> int:
    """By how many whole hours, within a minute, a source time lies behind its receipt; 0 where it does not."""
    gap = received_at - source_at
    hours = round(gap / HOUR)
    return hours if 0 < hours <= MOST_HOURS and abs(gap - hours * HOUR) <= USUAL_GAP else 0
