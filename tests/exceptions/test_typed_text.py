"""What a person typed is never lost, and an end is a moment on the clock of the place."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Source
from exceptions.forms.moves import MuteForm, made_anew
from exceptions.models import IntegrationException
from exceptions.vocabulary import State

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZZ9 = ("unmapped_status", "S15 ZZ9")


@pytest.fixture
def exception(run, change, booked, people):
    run(change(1, booked(ZZ9)))
    return IntegrationException.objects.select_related("source", "clinic").get()


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


def post(client, exception, verb, **data):
    return client.post(f"/exceptions/{exception.pk}/{verb}/", {"version": exception.version, **data})


def test_text_of_a_stale_form_stays_and_can_be_sent_again(mine, exception):
    IntegrationException.objects.update(version=7)

    answer = post(mine, exception, "comment", reason="Asked the imaging desk.")
    form = answer.context["form"]
    again = mine.post(f"/exceptions/{exception.pk}/comment/", form.data)

    assert (answer.status_code, form["reason"].value(), form["version"].value()) == (409, "Asked the imaging desk.", 7)
    assert again.status_code == 302


def test_text_stays_when_a_live_hold_refuses_to_close(mine, exception):
    answer = post(mine, exception, "resolve", reason="All done.")

    assert (answer.status_code, answer.context["form"]["reason"].value()) == (409, "All done.")
    assert 'value="All done."' in answer.content.decode()


def test_form_that_fits_no_more_is_left_out(mine, exception):
    IntegrationException.objects.update(version=7, state=State.RESOLVED, resolved_at=NOON, live_count=0)

    answer = post(mine, exception, "mute", hours="4", reason="Wait")

    assert (answer.status_code, answer.context["form"]) == (409, None)


def test_text_of_an_invalid_form_stays(mine, exception):
    late = (timezone.now() + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M")

    answer = post(mine, exception, "mute", hours="4", until=late, reason="Vendor is on it.")

    assert (answer.status_code, answer.context["form"]["reason"].value()) == (422, "Vendor is on it.")


def muted(exception, **said):
    return MuteForm([exception], {"version": 1, "hours": "4", "reason": "Wait", **said})


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("", NOON + timedelta(hours=4)),
        ("2026-11-25T09:30", datetime(2026, 11, 25, 15, 30, tzinfo=UTC)),
        ("2026-03-08T03:00", datetime(2026, 3, 8, 8, 0, tzinfo=UTC)),
    ],
    ids=["by hours", "by the clock of the clinic", "right after the clocks leap"],
)
def test_mute_ends_after_hours_or_at_a_moment_of_the_clinic(exception, until, ends):
    form = muted(exception, until=until)

    assert form.is_valid()
    assert form.order(NOON).until == ends


@pytest.mark.parametrize("until", ["2026-03-08T02:30", "tomorrow"], ids=["never comes", "no moment"])
def test_moment_that_is_none_is_refused(exception, until):
    assert list(muted(exception, until=until).errors) == ["until"]


def test_zone_of_the_moment_is_said_and_is_utc_where_places_differ(exception):
    east = IntegrationException(source=Source(timezone="America/New_York"))

    assert muted(exception)["until"].help_text == "In Central time."
    assert MuteForm([exception, exception], is_many=True)["until"].help_text == "In Central time."
    assert MuteForm([exception, east], is_many=True)["until"].help_text == "In UTC."


def test_form_made_anew_is_of_the_same_kind_and_valid(exception):
    exception.version = 5
    again = made_anew(muted(exception), exception)

    assert (type(again), again.is_valid(), again.order(NOON).version) == (MuteForm, True, 5)
