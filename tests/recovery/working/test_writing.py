"""Texts and e-mails from the pane: the exact words are read first, and no others leave."""

import pytest

from accounts.vocabulary import Role
from recovery.models import Attempt, MessageTemplate, Outbound
from recovery.vocabulary import NextStep
from scheduling.folding.order import order_key
from scheduling.models import Consent, PatientVersion
from tests.recovery.outreach.conftest import POINTS, wordings
from tests.recovery.worked import MINUTE, VISIT_AT
from tests.support.desk import NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import siu

pytestmark = pytest.mark.django_db
WORDS = "Northside: your visit of Fri 27 Nov needs a new time. Reply YES or call 312-555-0100. STOP ends texts."
WAYS = [("text", "text"), ("email", "email")]


@pytest.fixture
def writable(claimed, settings):
    """Ruth holds the item, wordings are approved, the patient has a mobile and an address, the local gateway is on."""
    settings.OUTREACH_TEXT = settings.OUTREACH_EMAIL = "local"
    wordings(claimed.desk)
    claimed.hear(siu("S14", visit="V1", at=NOW - MINUTE, starts_at=VISIT_AT, status="Bumped", phone=POINTS))
    return claimed


@pytest.fixture
def look(writable, clock, signed_in):
    """Open the form of a verb."""

    def get(verb, by=writable.ruth):
        address = f"/recovery/{writable.item.pk}/?verb={verb}"
        return signed_in(by).get(address, headers={"HX-Request": "true"})

    return get


@pytest.mark.parametrize(("verb", "channel"), WAYS)
def test_what_was_read_is_what_leaves(writable, look, page, verb, channel):
    preview = look(verb).context["preview"]

    answer = page(verb, words=preview.key)

    assert (preview.script.body, preview.problem) == (WORDS, "")
    assert answer.status_code == 200
    sent = Outbound.objects.get()
    assert (sent.body, sent.subject, sent.attempt.channel) == (WORDS, preview.script.subject, channel)
    assert (writable.item.next_step, writable.item.claimed_by) == (NextStep.OTHER_CHANNEL, None)


def test_the_number_is_shown_by_its_end_only(look):
    answer = look("text")

    assert answer.context["preview"].to.endswith("0142")
    assert b"3125550142" not in answer.content


def test_the_words_are_in_the_patients_language(writable, look):
    PatientVersion.objects.create(
        patient=writable.patient, recorded_at=NOW, valid_from=NOW, is_effective=True, statement={"language": "es"},
        order_key=order_key(NOW, None, "9", b"9"),
    )  # fmt: skip

    preview = look("text").context["preview"]

    assert (preview.script.body[:3], preview.language) == ("ES ", "Spanish")


def test_words_that_changed_meanwhile_do_not_leave(look, page):
    key = look("text").context["preview"].key
    MessageTemplate.objects.filter(channel="text").update(body="{practice}: another thing. {phone} STOP")

    answer = page("text", words=key)

    assert answer.status_code == 409
    assert "The words changed meanwhile. Read them again." in answer.content.decode()
    assert "another thing" in answer.context["preview"].script.body
    assert Outbound.objects.count() == 0


def test_what_stands_in_the_way_is_said_before_and_refused_at_the_act(writable, look, page):
    key = look("text").context["preview"].key
    Consent.objects.create(patient=writable.patient, channel="text", is_allowed=False, valid_from=NOW, recorded_at=NOW)

    opened, answer = look("text"), page("text", words=key)

    assert opened.context["preview"].problem == "Text: refused by the patient."
    assert "Send the text" not in opened.content.decode()
    assert answer.status_code == 409
    assert Attempt.objects.count() == 0


def test_words_nobody_read_are_not_sent(writable, page):
    assert page("text").status_code == 422
    assert Outbound.objects.count() == 0


@pytest.mark.parametrize("channel", ["OUTREACH_TEXT", "OUTREACH_EMAIL"])
def test_a_channel_that_is_off_has_no_verb(look, settings, channel):
    setattr(settings, channel, "")

    names = [button.name for button in look("").context["writes"]]

    assert names == {"OUTREACH_TEXT": ["email"], "OUTREACH_EMAIL": ["text"]}[channel]


@pytest.mark.parametrize("verb", ["text", "email"])
def test_strangers_and_lookers_write_nothing(writable, page, person, other_clinic, verb):
    stranger = person(Role.ACCESS, clinic=other_clinic)
    launch = person(Role.LAUNCH, clinic=writable.item.clinic)

    assert page(verb, by=stranger, words="0" * 24).status_code == 404
    assert page(verb, by=launch, words="0" * 24).status_code == 403
