"""Feeds: two clocks, a ledger that adds up or says so, and the messages behind each number."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.models import Extract, FeedProof, MappedEvent
from scheduling.panels import FeedCell, FeedColumn, _columns, register_feed_column
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

FEED = "/feeds/desk-hl7/"


def test_the_feeds_page_shows_both_clocks_and_todays_ledger(clients, book, desk):
    book("V1", at=NOW - HOUR)
    desk.receive(siu("S12", visit="V2", at=NOW, starts_at=NOW + DAY))

    response = clients.card.get("/feeds/")

    [row] = response.context["rows"]
    assert (row.clocks.proved_at, row.clocks.content_at, row.waiting) == (NOW, NOW - HOUR, 1)
    assert (row.clocks.word, row.today.received, row.today.difference) == ("Current", 2, 0)
    assert response.context["ledger"].sentence == "adds up: 2 received, 2 placed"


def test_a_silent_feed_stands_in_a_banner_and_in_the_rail(clients, book, desk):
    book("V1")
    FeedProof.objects.filter(feed=desk.feed).update(digested_to=NOW - 13 * HOUR)

    text = clients.card.get("/feeds/").content.decode()

    assert "Desk HL7 is silent" in text
    assert "1 silent" in text


def test_a_lost_row_shows_as_a_sum_that_does_not_add_up(clients, book):
    book("V1")
    MappedEvent.objects.all().delete()

    page = clients.card.get(FEED).context["page"]

    assert page.week.sentence == "does not add up: 1 are nowhere"
    assert [day.line.difference for day in page.days] == [1]


@pytest.mark.parametrize(
    ("query", "visits"),
    [
        ("", 4), ("?outcome=applied", 1), ("?outcome=held", 1), ("?outcome=rejected", 1), ("?outcome=waiting", 1),
        ("?outcome=failed", 0), ("?outcome=applied&on=2026-11-24", 1), ("?outcome=applied&on=2026-11-23", 0),
        ("?on=2026-11-24", 4), ("?on=nonsense", 4), ("?outcome=nonsense", 4),
    ],
)  # fmt: skip
def test_a_number_opens_its_messages(clients, book, desk, query, visits):
    book("V1")
    book("V2", status="ZZ9")
    desk.take(b"no message at all")
    desk.receive(siu("S12", visit="V4", at=NOW, starts_at=NOW + DAY))

    rows = clients.whole.get(f"{FEED}messages/{query}").context["rows"]

    assert len(rows) == visits
    if query.startswith("?outcome=") and "nonsense" not in query:
        assert {row.outcome for row in rows} <= {query.removeprefix("?outcome=").partition("&")[0]}


def test_a_list_of_messages_leaves_out_those_of_other_clinics(clients, book, desk, trail):
    book("V1")
    book("V2", clinic="DERM", patient="N-2")
    desk.take(b"no message at all")
    mine, other = desk.take(adt("A08", at=NOW, family="Quell"), adt("A28", at=NOW, patient="N-9", family="Moreau"))

    response = clients.card.get(f"{FEED}messages/")

    assert [row.about for row in response.context["rows"]] == ["Patient", "Appointment V1"]
    assert response.context["rows"][0].message.pk == mine
    assert clients.whole.get(f"{FEED}messages/").context["rows"][0].message.pk == other
    assert "Appointment V2" not in response.content.decode()


def test_a_list_of_messages_shows_no_body(clients, book):
    book("V1")

    text = clients.card.get(f"{FEED}messages/").content.decode()

    assert "Quill" not in text
    assert "Appointment V1" in text


@pytest.mark.parametrize("path", [FEED, f"{FEED}messages/"])
def test_another_sources_feed_is_a_404_and_a_denied_audit_row(clients, desk, trail, path):
    assert clients.stranger.get(path).status_code == 404
    assert trail() == [("denied", "scheduling.feed", [desk.feed.pk], [])]


def test_the_feeds_page_costs_the_same_queries_for_one_feed_and_for_three(clients, desk):
    def cost():
        clients.card.get("/feeds/")
        with CaptureQueriesContext(connection) as captured:
            clients.card.get("/feeds/")
        return len(captured)

    for_one = cost()
    desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})
    desk.feed_of(FeedFormat.CSV, Transport.FILE, {})

    assert cost() == for_one
    assert for_one <= 10


def test_a_feed_page_lists_what_could_not_be_read_and_its_settings(clients, desk):
    [pk] = desk.take(b"no message at all")

    page = clients.whole.get(FEED).context["page"]

    assert clients.card.get(FEED).context["page"].troubles == []
    assert [trouble.receipt.pk for trouble in page.troubles] == [pk]
    assert page.profile == "{}"


def test_a_full_extract_is_listed_with_what_was_concluded(clients, desk):
    feed = desk.feed_of(FeedFormat.CSV, Transport.FILE, {"csv": {"extract": "full"}})
    said = {"taken_at": NOW - DAY, "received_at": NOW, "finished_at": NOW, "rows": 99, "vanished": 41}
    Extract.objects.create(feed=feed, key="a", guarded=True, **said)

    text = clients.card.get(f"/feeds/{feed.key}/").content.decode()

    assert [words in text for words in ("99", "41", "Nothing: too much is missing at once")] == [True] * 3


def test_upper_floors_add_columns(clients, desk):
    cell = FeedCell("warn", "Ageing", "12, limit 15 min")
    kept = dict(_columns)
    register_feed_column("test", FeedColumn("Refill", lambda request, feeds, now: {feed.pk: cell for feed in feeds}))

    response = clients.card.get("/feeds/")

    _columns.clear()
    _columns.update(kept)
    assert cell in response.context["rows"][0].cells
    assert "Ageing" in response.content.decode()
