"""``POST /intake/<feed>/`` as senders meet it."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.models import AuditEntry
from scheduling.models import Message
from scheduling.transports.rates import RateLimiter
from scheduling.views import intake
from scheduling.vocabulary import FeedFormat
from tests.scheduling.transport_cast import siu

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-token-of-this-test"
HASH = sha256(TOKEN.encode()).hexdigest()
PATIENT = {"resourceType": "Patient", "id": "p1"}
VISIT = {"resourceType": "Appointment", "id": "v1", "status": "booked"}


@pytest.fixture(autouse=True)
def committer(monkeypatch):
    """A committer and rate limits of this test's own; its connection ends with the test."""
    intake.intake_committer.cache_clear()
    monkeypatch.setattr(intake, "requests_of_feeds", RateLimiter(per_second=500, burst=2000))
    monkeypatch.setattr(intake, "denials_of_addresses", RateLimiter(per_second=0.2, burst=3))
    yield
    intake.intake_committer().stop()
    intake.intake_committer.cache_clear()


@pytest.fixture
def api(make_feed):
    return make_feed("api", FeedFormat.FHIR, token_hash=HASH, max_bytes=5_000)


def post(body, *, feed="api", token=TOKEN, content_type="application/fhir+json", **headers):
    headers = {"authorization": f"Bearer {token}"} | headers if token else headers
    body = json.dumps(body) if isinstance(body, dict | list) else body
    return Client().post(f"/intake/{feed}/", body, content_type=content_type, headers=headers)


def test_resource_is_stored_before_the_answer(api):
    response = post(VISIT)

    message = Message.objects.get()
    assert (response.status_code, response.json()) == (202, {"received": 1, "message_ids": [message.pk]})
    assert (bytes(message.body), message.transport) == (json.dumps(VISIT).encode(), "http")
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("format", "content_type", "body", "received"),
    [
        (FeedFormat.FHIR, "application/fhir+json", {"resourceType": "Bundle", "type": "batch",
         "entry": [{"resource": PATIENT}, {"resource": VISIT}]}, 2),
        (FeedFormat.FHIR, "application/fhir+ndjson", f"{json.dumps(PATIENT)}\n{json.dumps(VISIT)}\n", 2),
        (FeedFormat.FHIR, "application/json; charset=utf-8", VISIT, 1),
        (FeedFormat.HL7V2, "x-application/hl7-v2+er7", siu("M1") + siu("M2"), 2),
        (FeedFormat.CSV, "text/csv", "appointment_id,patient_id\nV1,P1\nV2,P2\n", 2),
    ],
    ids=["Bundle", "ndjson", "type with charset", "ER7", "CSV"],
)  # fmt: skip
def test_each_kind_of_body_is_counted_by_its_messages(make_feed, format, content_type, body, received):  # noqa: A002
    make_feed("any", format, token_hash=HASH)

    response = post(body, feed="any", content_type=content_type)

    assert (response.status_code, response.json()["received"]) == (202, received)
    assert sorted(response.json()["message_ids"]) == sorted(Message.objects.values_list("pk", flat=True))


def test_gzipped_body_is_unpacked(api):
    response = post(gzip.compress(json.dumps(VISIT).encode()), **{"content-encoding": "gzip"})

    assert response.status_code == 202
    assert bytes(Message.objects.get().body) == json.dumps(VISIT).encode()


@pytest.mark.parametrize(
    ("body", "options", "status", "sentence"),
    [
        (VISIT, {"feed": "none"}, 404, "There is no such feed."),
        (VISIT, {"token": ""}, 401, "This feed's bearer token is needed."),
        (VISIT, {"token": "wrong"}, 401, "This feed's bearer token is needed."),
        (VISIT, {"content_type": "text/html"}, 415, None),
        (VISIT, {"content-encoding": "br"}, 415, "A body may be sent as it is or with gzip."),
        (b" \n", {}, 400, "The body is empty."),
        (b"x" * 5_001, {}, 413, "This feed takes bodies of at most 5,000 bytes."),
        (gzip.compress(b" " * 9_000_000), {"content-encoding": "gzip"}, 413, None),
        (b"no gzip", {"content-encoding": "gzip"}, 400, "The body is not what gzip makes."),
        (gzip.compress(b"{}")[:-6], {"content-encoding": "gzip"}, 400, None),
    ],
    ids=[
        "stranger feed", "no token", "wrong token", "type", "encoding", "empty", "large", "bomb", "no gzip", "cut gzip",
    ],
)  # fmt: skip
def test_refused_request_stores_nothing(api, body, options, status, sentence):
    response = post(body, **options)

    assert response.status_code == status
    assert sentence in {None, response.json()["error"]}
    assert Message.objects.count() == 0


def test_get_is_not_allowed(api):
    assert Client().get("/intake/api/").status_code == 405


def test_body_that_cannot_be_read_is_kept_and_refused(api):
    response = post(b'{"resourceType": "Appoint')

    message = Message.objects.get()
    assert response.status_code == 400
    assert response.json() == {
        "error": "It is no JSON: line 1, column 26.", "received": 1, "message_ids": [message.pk]
    }  # fmt: skip


def test_feed_without_a_token_takes_no_empty_one(make_feed):
    make_feed("api", FeedFormat.FHIR)

    assert post(VISIT, token="").status_code == 401


def test_feed_that_is_switched_off_is_not_there(api):
    api.is_active = False
    api.save()

    assert post(VISIT).status_code == 404


def test_wrong_tokens_are_recorded_and_then_slowed_down(api):
    statuses = [post(VISIT, token="guess").status_code for _ in range(5)]

    assert statuses == [401, 401, 401, 429, 429]
    assert AuditEntry.objects.filter(action="denied", subject_kind="scheduling.feed").count() == 3
    assert post(VISIT).status_code == 202


def test_feed_over_its_rate_is_told_when_to_come_back(api, monkeypatch):
    monkeypatch.setattr(intake, "requests_of_feeds", RateLimiter(per_second=0.5, burst=1))

    assert post(VISIT).status_code == 202
    late = post(VISIT)
    assert (late.status_code, late["Retry-After"]) == (429, "2")


def test_no_acceptance_when_storing_fails(api):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_message ADD CONSTRAINT none_at_all CHECK (false) NOT VALID")
    try:
        response = post(VISIT)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE scheduling_message DROP CONSTRAINT none_at_all")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert Message.objects.count() == 0
    assert post(VISIT).status_code == 202


def test_posts_of_many_threads_are_all_stored(api):
    def send(number):
        try:
            return post({**VISIT, "id": f"v{number}"}).json()["message_ids"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        ids = [one for found in pool.map(send, range(100)) for one in found]

    assert sorted(ids) == sorted(Message.objects.values_list("pk", flat=True))
    assert len(set(ids)) == 100
