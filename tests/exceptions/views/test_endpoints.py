"""The page of webhook endpoints: who may change them, a secret shown once, a test notice, two people at once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from exceptions.models import Notice, WebhookEndpoint
from exceptions.settings_form import sign_base
from exceptions.vocabulary import NoticeState

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
PAGE = "/exceptions/endpoints/"
SAID = {
    "name": "On-call",
    "url": "https://hooks.example/T0/B1",
    "style": "slack",
    "most_per_hour": "60",
    "is_active": "on",
}
PLAIN = {
    "name": "On-call",
    "url": "https://hooks.example/T0/B1",
    "style": "slack",
    "most_per_hour": 60,
    "is_active": True,
}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(person):
    return person(Role.ADMIN, first_name="Ada", last_name="Marsh")


@pytest.fixture
def endpoint(db):
    return WebhookEndpoint.objects.create(**PLAIN, secret="kept-to-itself")


def test_secret_is_shown_once_when_it_is_made(admin, signed_in):
    client = signed_in(admin)

    made = client.post(f"{PAGE}add/", SAID)

    secret = WebhookEndpoint.objects.get().secret
    assert (made.status_code, made["Cache-Control"], secret in made.content.decode()) == (201, "no-store", True)
    assert len(secret) == 43
    assert secret not in client.get(f"{PAGE}{WebhookEndpoint.objects.get().pk}/").content.decode()


def test_new_secret_replaces_the_old_one(admin, signed_in, endpoint):
    answer = signed_in(admin).post(f"{PAGE}{endpoint.pk}/secret/")

    endpoint.refresh_from_db()
    assert endpoint.secret != "kept-to-itself"
    assert endpoint.secret in answer.content.decode()


def test_audit_names_the_change_without_address_and_secret(admin, signed_in, endpoint):
    client = signed_in(admin)
    client.post(f"{PAGE}{endpoint.pk}/", SAID | {"most_per_hour": "5", "base": sign_base(PLAIN)})
    client.post(f"{PAGE}{endpoint.pk}/secret/")

    rows = AuditEntry.objects.filter(subject_kind="exceptions.webhookendpoint").order_by("pk")
    assert list(rows.values_list("actor", "subjects", "detail")) == [
        (admin.pk, [endpoint.pk], {"verb": "change", "fields": ["most_per_hour"]}),
        (admin.pk, [endpoint.pk], {"verb": "renew secret", "fields": ["secret"]}),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "http://hooks.example/x"}, "Only https addresses are told."),
        ({"url": "https://ann:pass@hooks.example/x"}, "Leave name and password out"),
        ({"url": "ftp://hooks.example/x"}, "Only https addresses are told."),
        ({"most_per_hour": "0"}, "greater than or equal to 1"),
        ({"name": ""}, "This field is required."),
        ({"name": "Taken"}, "Another endpoint has this name."),
    ],
    ids=["not encrypted", "password", "another scheme", "told nothing", "no name", "name of another"],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(admin, signed_in, changes, told):
    WebhookEndpoint.objects.create(name="Taken", url="https://other.example", secret="s")

    answer = signed_in(admin).post(f"{PAGE}add/", SAID | changes)

    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert WebhookEndpoint.objects.count() == 1


def test_receiver_on_this_machine_needs_no_certificate(admin, signed_in):
    assert signed_in(admin).post(f"{PAGE}add/", SAID | {"url": "http://127.0.0.1:9000/"}).status_code == 201


def test_second_of_two_gets_both_versions_and_may_keep_both(admin, signed_in, endpoint):
    client = signed_in(admin)
    WebhookEndpoint.objects.update(most_per_hour=5)

    refused = client.post(f"{PAGE}{endpoint.pk}/", SAID | {"name": "Night desk", "base": sign_base(PLAIN)})

    text = refused.content.decode()
    assert refused.status_code == 409
    assert [word for word in ("Night desk", "Keep both", "Keep mine", "Keep theirs") if word in text] == [
        "Night desk", "Keep both", "Keep mine", "Keep theirs",
    ]  # fmt: skip
    assert WebhookEndpoint.objects.get().name == "On-call"

    both = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text.split("Keep both")[0]))
    assert client.post(f"{PAGE}{endpoint.pk}/", both).status_code == 302
    assert WebhookEndpoint.objects.values_list("name", "most_per_hour").get() == ("Night desk", 5)


def test_test_notice_goes_through_the_outbox(admin, signed_in, endpoint):
    answer = signed_in(admin).post(f"{PAGE}{endpoint.pk}/test/", follow=True)

    assert list(Notice.objects.values_list("endpoint", "state", "is_urgent", "send_after")) == [
        (endpoint.pk, NoticeState.WAITING, True, NOW)
    ]
    assert "A test notice from Recovery Desk." in answer.content.decode()


def test_endpoint_that_is_off_gets_no_test_notice(admin, signed_in, endpoint):
    WebhookEndpoint.objects.update(is_active=False)

    assert signed_in(admin).post(f"{PAGE}{endpoint.pk}/test/").status_code == 409
    assert Notice.objects.count() == 0


WRITING = [f"{PAGE}add/", f"{PAGE}{{0}}/", f"{PAGE}{{0}}/secret/", f"{PAGE}{{0}}/test/"]


@pytest.mark.parametrize("address", WRITING)
@pytest.mark.parametrize("role", Role)
def test_nobody_without_the_role_everywhere_changes_one(person, signed_in, source, endpoint, role, address):
    client = signed_in(person(role, source=source))

    assert client.post(address.format(endpoint.pk), SAID).status_code == 403
    assert WebhookEndpoint.objects.values_list("name", "secret").get() == ("On-call", "kept-to-itself")
    assert AuditEntry.objects.filter(action="denied").count() == 1


@pytest.mark.parametrize("role", Role)
def test_everybody_with_scope_reads_and_nobody_sees_secret_or_path(person, signed_in, source, endpoint, role):
    answer = signed_in(person(role, source=source)).get(f"{PAGE}{endpoint.pk}/")

    text = answer.content.decode()
    assert (answer.status_code, "hooks.example" in text) == (200, True)
    assert [word for word in ("kept-to-itself", "T0/B1") if word in text] == []


def test_person_without_any_grant_reads_nothing(person, signed_in, endpoint):
    assert signed_in(person()).get(PAGE).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(admin, signed_in, django_assert_num_queries, rows):
    made = [WebhookEndpoint.objects.create(name=f"E{n}", url="https://e.example", secret="s") for n in range(rows)]
    for one in made:
        for number in range(rows):
            Notice.objects.create(
                key=f"{one.pk}:{number}", kind="other", channel="webhook", endpoint=one, sentence="Test",
                created_at=NOW, send_after=NOW, deadline_at=NOW + timedelta(hours=1), state=NoticeState.SENT,
                settled_at=NOW,
            )  # fmt: skip
    client = signed_in(admin)
    client.get(PAGE)

    with django_assert_num_queries(7):
        client.get(f"{PAGE}{made[0].pk}/")
