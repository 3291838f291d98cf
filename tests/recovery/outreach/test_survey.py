"""Both checks of outreach come about by what happened at a desk, and go away the same way."""

from datetime import timedelta

import pytest

from accounts.models import ClinicLaunchMode
from exceptions.models import IntegrationException
from exceptions.services.run_survey import run_survey
from recovery.models import Outbound, QueueItem
from recovery.outreach.reading_posts import StatusLine
from recovery.outreach.sending import send_outreach
from recovery.services.take_statuses import take_statuses
from recovery.vocabulary import OutreachChannel
from tests.recovery.outreach.conftest import NOW
from tests.support.desk import HOUR

SECOND = timedelta(seconds=1)
CLOSES = NOW.replace(hour=23, minute=0)  # 17:00 in Chicago


def live(at):
    """Live findings of the survey by check, clinic and raw value, as of a moment."""
    run_survey("outreach", now=at)
    found = IntegrationException.objects.filter(check_id__startswith="outreach_", live_count__gt=0)
    return sorted(found.values_list("check_id", "clinic__key", "raw"))


SILENT = [("outreach_silent_day", "card", "")]
UNHEARD = [("outreach_without_status", None, "text")]


def test_day_without_outreach_is_found_at_its_end_and_clears_with_the_next_contact(worked, write, web):
    before, fired = live(CLOSES - SECOND), live(CLOSES)
    write()

    assert (before, fired, live(CLOSES + HOUR)) == ([], SILENT, [])


def test_messages_without_a_status_are_found_after_four_hours_and_clear_with_the_first(worked, write, web):
    written = write()
    send_outreach(NOW)
    sent_at = Outbound.objects.get().settled_at
    assert sent_at is not None
    before, fired = live(sent_at + 4 * HOUR), live(sent_at + 4 * HOUR + SECOND)

    take_statuses([StatusLine(written.key, "", "queued", None)], now=NOW + 5 * HOUR)

    assert (before, fired, live(NOW + 5 * HOUR)) == ([], UNHEARD, [])


def test_mail_server_tells_no_status_and_is_not_asked_for_one(worked, write, mail):
    write(OutreachChannel.EMAIL)
    send_outreach(NOW)

    assert live(NOW + 6 * HOUR) == []


def test_what_was_refused_or_never_left_waits_for_no_status(worked, write, web):
    write()
    Outbound.objects.update(state="refused", settled_at=NOW)

    assert live(NOW + 6 * HOUR) == []


@pytest.mark.parametrize("mode", ["shadow", "observing"])
def test_clinic_that_is_not_live_has_no_outreach_to_miss(worked, mode):
    ClinicLaunchMode.objects.update(mode=mode)

    assert live(CLOSES) == []


def test_clinic_with_nothing_to_do_is_not_silent(worked):
    QueueItem.objects.update(state="closed", closed_at=NOW - HOUR * 2, close_reason="done")

    assert live(CLOSES) == []
