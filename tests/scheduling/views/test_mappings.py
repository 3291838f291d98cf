"""Mapping pages: what has no meaning yet, what is in force, who published it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.mapping.rules import Rule
from scheduling.models import MappedEvent
from scheduling.vocabulary import MappingOutcome, Status
from tests.support.desk import HOUR, NOW


def held():
    return MappedEvent.objects.exclude(mapping=MappingOutcome.MAPPED).order_by("-pk").first()


def test_signals_without_a_meaning_are_listed_by_the_visits_they_hold(clients, book):
    book("V1", status="ZZ9")
    book("V2", status="ZZ9")
    book("V2", trigger="S14", at=NOW - HOUR, status="ZZ8")

    response = clients.whole.get("/mappings/")

    rows = response.context["held"]
    assert [(row.word, row.signals[:2], row.visits, row.events) for row in rows] == [
        ("Unmapped", ["S12", "ZZ9"], 2, 2),
        ("Unmapped", ["S14", "ZZ8"], 1, 1),
    ]
    assert "2 open" in response.content.decode()


def test_the_visits_behind_a_held_signal_can_be_opened(clients, book):
    visits = [book(name, status="ZZ9").pk for name in ("V1", "V2")]
    book("V3")
    row = clients.whole.get("/mappings/").context["held"][0]

    listed = clients.whole.get(row.visits_url).context["rows"]

    assert [visit.pk for visit in listed] == visits


def test_the_pane_says_which_rules_came_close(clients, book):
    book("V1", status="ZZ9")

    pane = clients.whole.get(f"/mappings/?held={held().pk}").context["pane"]

    assert (pane.word, pane.visits, dict(pane.signals)["Filler status"]) == ("Unmapped", 1, "ZZ9")
    assert "Wants filler status “Booked”, the message says “ZZ9”." in [tried.why for tried in pane.tried]


def test_a_signal_that_got_its_meaning_leaves_list_and_pane(clients, book, desk):
    book("V1", status="ZZ9")
    event = held()
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))
    desk.digest()

    response = clients.whole.get(f"/mappings/?held={event.pk}")

    assert response.status_code == 200
    assert (response.context["held"], response.context["pane"]) == ([], None)


def test_one_sources_page_lists_the_rules_in_force_and_its_publications(clients, desk):
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))

    mapping = clients.whole.get("/mappings/?source=desk").context["mapping"]

    assert (mapping.in_force.revision.number, len(mapping.publications)) == (2, 2)
    assert ("ZZ9", "Confirmed") in [(row.signals[1], row.means) for row in mapping.rules]


def test_a_revision_page_shows_rules_and_history(clients, desk):
    response = clients.card.get("/mappings/desk/r1/")

    assert response.context["history"][0].get_verb_display() == "Published"
    assert len(response.context["rules"]) == desk.published[0].rules.count()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/mappings/?source=desk", "accounts.source"), ("/mappings/desk/r1/", "accounts.source")],
    ids=["overview", "revision"],
)
def test_another_sources_mapping_is_a_404_and_a_denied_audit_row(clients, desk, trail, path, kind):
    assert clients.stranger.get(path).status_code == 404
    assert trail() == [("denied", kind, [desk.source.pk], [])]


def test_another_sources_held_signal_is_a_404(clients, book):
    book("V1", status="ZZ9")

    assert clients.stranger.get(f"/mappings/?held={held().pk}").status_code == 404
    assert clients.stranger.get("/mappings/").context["held"] == []


@pytest.mark.parametrize("path", ["/mappings/desk/r9/", "/mappings/?held=999999", "/mappings/?source=nowhere"])
def test_what_does_not_exist_is_a_404(clients, desk, path):
    assert clients.whole.get(path).status_code == 404


def test_the_page_costs_the_same_queries_for_one_signal_and_for_three(clients, book):
    def cost():
        clients.whole.get("/mappings/")
        with CaptureQueriesContext(connection) as captured:
            clients.whole.get("/mappings/")
        return len(captured)

    book("V1", status="ZZ9")
    for_one = cost()
    book("V2", status="ZZ8")
    book("V3", status="ZZ7")

    assert cost() == for_one


def test_held_signals_of_another_clinic_are_neither_counted_nor_shown(clients, book, trail):
    book("V1", status="ZZ9")
    book("V2", status="ZZ9", clinic="DERM")
    book("V3", status="ZZ8", clinic="DERM")
    theirs = held()

    rows = clients.card.get("/mappings/").context["held"]
    mine = clients.card.get(f"/mappings/?held={MappedEvent.objects.earliest('pk').pk}").context["pane"]

    assert [(row.signals[:2], row.visits, row.events) for row in rows] == [(["S12", "ZZ9"], 1, 1)]
    assert (mine.visits, mine.events) == (1, 1)
    assert clients.card.get(f"/mappings/?held={theirs.pk}").status_code == 404
    assert ("denied", "scheduling.mappedevent", [theirs.pk], []) in trail()
    assert clients.card.get(f"/appointments/?like={theirs.pk}").context["rows"] == []
