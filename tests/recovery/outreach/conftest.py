"""A clinic whose bumped visit is to be rebooked, approved wordings, and gateways that really listen."""

from datetime import datetime
from typing import Any

import environ
import pytest

from recovery.models import Attempt, ContactPolicy, MessageTemplate, Outbound
from recovery.services.claims import claim_item
from recovery.services.send_outreach import send_message
from recovery.vocabulary import OutreachChannel, Topic
from tests.recovery.worked import MINUTE, VISIT_AT, Worked, make_worked
from tests.support.desk import DAY, LONG_AGO, NOW, Desk
from tests.support.messages import siu
from tests.support.receivers import mail_server, web_server

MOBILE = "3125550142"
POINTS = f"{MOBILE}^PRN^CP~^NET^Internet^ada@example.org"
SECRET = "s3cret-s3cret"
LATER = NOW + MINUTE


def wordings(desk: Desk) -> None:
    """Approved texts and e-mails in English and Spanish."""
    author, approver = desk.people
    words = {
        Topic.REBOOK: "{practice}: your visit of {day} needs a new time. Reply YES or call {phone}. STOP ends texts.",
        Topic.REFILL: "{practice}: a visit is free {day} {time}. Reply YES or call {phone}. STOP ends texts.",
        Topic.CONFIRM: "{practice}: your visit is {day} {time}. Reply YES or call {phone}. STOP ends texts.",
        Topic.STOP: "{practice}: no more texts. Questions: {phone}. After STOP, START begins them again.",
    }
    for clinic in desk.clinics.values():
        ContactPolicy.objects.create(
            clinic=clinic, weekdays_from="09:00", weekdays_until="20:00", sundays_from="12:00", sundays_until="20:00",
            practice="Northside", callback="312-555-0100", valid_from=LONG_AGO, recorded_at=LONG_AGO,
        )  # fmt: skip
    MessageTemplate.objects.bulk_create(
        MessageTemplate(
            topic=topic, channel=channel, language=language, version=1,
            subject="{practice}: about your visit" if channel == OutreachChannel.EMAIL else "",

            body=body if language == "en" else f"ES {body}", written_by=author, written_at=LONG_AGO,
            approved_by=approver, approved_at=LONG_AGO,
        )
        for topic, body in words.items()
        for channel in (OutreachChannel.TEXT, OutreachChannel.EMAIL)
        for language in ("en", "es")
    )  # fmt: skip


@pytest.fixture
def worked(desk: Desk) -> Worked:
    """The patient has a mobile and an address."""
    made = make_worked(desk)
    wordings(desk)
    made.hear(siu("S14", visit="V1", at=NOW - MINUTE, starts_at=VISIT_AT, status="Bumped", phone=POINTS))
    return made


@pytest.fixture
def web(settings):
    """A gateway that takes texts by signed HTTP."""
    with web_server() as server:
        settings.OUTREACH_TEXT = "signed_http"
        settings.OUTREACH_URL, settings.OUTREACH_SECRET = server.url, SECRET
        yield server


@pytest.fixture
def mail(settings):
    """A mail server that takes e-mails."""
    with mail_server() as server:
        settings.OUTREACH_EMAIL = "smtp"
        for name, value in environ.Env.email_url_config(server.url).items():
            setattr(settings, name, value or "")
        yield server


@pytest.fixture
def write(worked: Worked):
    """Take the item and write a text or an e-mail about it."""

    def do(channel: OutreachChannel = OutreachChannel.TEXT, *, now: datetime = NOW) -> Outbound:
        claim_item(worked.item.pk, actor=worked.ruth, version=None, now=now)
        item = worked.item
        attempt = send_message(item.pk, channel, actor=worked.ruth, version=item.version, now=now)
        return Outbound.objects.get(attempt=attempt)

    return do


def stands() -> list[tuple[Any, ...]]:
    """(state, tries, problem) of all messages, oldest first."""
    return list(Outbound.objects.order_by("pk").values_list("state", "tries", "problem"))


def counted() -> list[tuple[Any, ...]]:
    """(channel, outcome, next step, is counted) of all attempts, oldest first."""
    return list(Attempt.objects.order_by("pk").values_list("channel", "outcome", "next_step", "is_counted"))


__all__ = ["DAY", "LATER", "MINUTE", "MOBILE", "NOW", "POINTS", "SECRET", "VISIT_AT", "counted", "stands"]
