"""Who may read the numbers, and what they say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exceptions.models import MaintenanceWindow

URL = "/metrics"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = "for-the-monitor"
    return {"Authorization": "Bearer for-the-monitor"}


def test_monitor_with_the_token_reads_the_lag_of_every_timer(client, source, token):
    begun = timezone.now() - timedelta(hours=3)
    MaintenanceWindow.objects.create(
        name="Upgrade", source=source, starts_at=begun, ends_at=begun + timedelta(hours=1), made_at=begun
    )

    answer = client.get(URL, headers=token)

    lines = [line.split() for line in answer.content.decode().splitlines() if not line.startswith("#")]
    lags = {name: round(float(value) / 60) for name, value in lines}
    name = 'recovery_desk_timer_lag_seconds{{timer="{}"}}'.format
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert lags == {name("steps"): 0, name("takes"): 0, name("mutes"): 0, name("waivers"): 0, name("maintenance"): 120}


def test_superuser_reads_them_in_the_browser(person, signed_in):
    assert signed_in(person(is_superuser=True)).get(URL).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer wrong", "for-the-monitor"])
def test_nobody_else_does(client, db, token, given):
    assert client.get(URL, headers={"Authorization": given}).status_code == 401


def test_without_a_token_in_the_settings_an_empty_one_is_no_key(client, db, settings):
    settings.METRICS_TOKEN = ""

    assert client.get(URL, headers={"Authorization": "Bearer "}).status_code == 401


def test_person_without_that_right_does_not(person, signed_in, token):
    assert signed_in(person()).get(URL).status_code == 401
