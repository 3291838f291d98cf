"""Two revisions side by side: counts, fields, who may look."""

import pytest

from scheduling.mapping.packs import read_pack
from scheduling.mapping.rules import Reason, Rule
from scheduling.mapping.vocabulary import Leads
from scheduling.services.mapping import (
    add_rule,
    adopt_pack,
    change_rule,
    remove_rule,
    set_precedence,
    set_reason,
    start_draft,
)
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import NOW, RULES

URL = "/mappings/desk/compare/"


@pytest.fixture
def second(desk):
    """A draft made from the published revision: one rule added, one removed, one changed, a reason, a setting."""
    ada, base = desk.people[0], desk.published[0]
    draft = start_draft(desk.source, title="Second", actor=ada, now=NOW, based_on=base)
    add_rule(draft, Rule(0, filler_status="Gone", note="*late*", clinic_id=desk.clinics["CARD"].pk,
                         status=Status.CANCELLED, initiator=Initiator.PATIENT), actor=ada, now=NOW)  # fmt: skip
    by_status = {rule.filler_status: rule for rule in draft.rules.all()}
    noshow, bumped = by_status["Noshow"], by_status["Bumped"]
    noshow.revision = bumped.revision = draft
    change_rule(noshow, Rule(0, filler_status="Noshow", status=Status.LEFT_UNSEEN), actor=ada, now=NOW)
    remove_rule(bumped, actor=ada, now=NOW)
    set_reason(draft, Reason("W", Initiator.CLINIC), actor=ada, now=NOW, text="Weather")
    set_precedence(draft, Leads.STATUS, actor=ada, now=NOW, trigger="S15")
    return draft


def test_the_newest_revision_is_compared_with_what_it_was_made_from(clients, desk, second):
    page = clients.whole.get(URL).context["page"]

    assert (page.old, page.new) == (desk.published[0], second)
    compared = page.comparison
    assert (len(compared.added), len(compared.removed), len(compared.changed)) == (3, 1, 1)
    assert compared.unchanged == len(RULES) - 2


def test_every_difference_is_told_in_words(clients, second):
    page = clients.whole.get(URL).context["page"]

    told = [
        (heading, row.state, row.place, row.clinic, [tuple(line) for line in row.lines])
        for heading, rows in page.sections
        for row in rows
    ]
    assert told == [
        ("Rules", "changed", [("visit status", "Noshow")], "",
         [("Status becomes", "Missed", "Left without being seen"), ("Counts as missed", "Yes", "No")]),
        ("Rules", "added", [("visit status", "Gone"), ("note has", "*late*")], "Card",
         [("Status becomes", None, "Cancelled"), ("By whom", None, "Patient")]),
        ("Rules", "removed", [("visit status", "Bumped")], "",
         [("Status becomes", "Bumped by clinic", None), ("By whom", "Clinic", None)]),
        ("Reasons", "added", [("code", "W")], "", [("Text", None, "Weather"), ("By whom", None, "Clinic")]),
        ("What leads on contradiction", "added", [("event", "S15")], "", [("On contradiction", None, "The status")]),
    ]  # fmt: skip


def test_the_other_way_round_added_is_removed(clients, desk, second):
    page = clients.whole.get(f"{URL}?a=2&b=1").context["page"]

    assert (page.old, page.new) == (second, desk.published[0])
    assert (len(page.comparison.added), len(page.comparison.removed)) == (1, 3)


def test_a_copy_is_the_same(clients, desk):
    start_draft(desk.source, title="Copy", actor=desk.people[0], now=NOW, based_on=desk.published[0])

    response = clients.whole.get(f"{URL}?a=1&b=2")

    assert response.context["page"].comparison.is_same
    assert "Both revisions say exactly the same" in response.content.decode()


def test_one_revision_alone_has_nothing_to_be_compared_with(clients, desk):
    response = clients.whole.get(URL)

    assert response.context["page"] is None
    assert "nothing to compare" in response.content.decode()


def test_a_revision_is_the_same_as_itself(clients, desk):
    assert "one and the same revision" in clients.whole.get(f"{URL}?a=1&b=1").content.decode()


@pytest.mark.parametrize("query", ["a=9&b=1", "a=1&b=9", "a=x", "b=-1", "b=99999999999999999999"])
def test_a_revision_that_does_not_exist_is_a_404(clients, desk, query):
    assert clients.whole.get(f"{URL}?{query}").status_code == 404


def test_a_stranger_gets_a_404_and_leaves_a_denied_row(clients, desk, trail):
    assert clients.stranger.get(URL).status_code == 404
    assert trail() == [("denied", "accounts.source", [desk.source.pk], [])]


def test_the_page_costs_the_same_queries_however_much_differs(clients, desk, second, django_assert_max_num_queries):
    clients.whole.get(URL)
    with django_assert_max_num_queries(20) as few:
        clients.whole.get(f"{URL}?a=1&b=2")
    for number in range(5):
        add_rule(second, Rule(0, filler_status=f"N{number}", status=Status.BOOKED), actor=desk.people[0], now=NOW)

    with django_assert_max_num_queries(20) as many:
        clients.whole.get(f"{URL}?a=1&b=2")

    assert len(few) == len(many)


def test_the_revision_page_links_to_compare_export_and_import(clients, second):
    html = clients.whole.get("/mappings/desk/r2/").content.decode()

    for address in (f"{URL}?b=2", "/mappings/desk/r2/export.csv", "/mappings/desk/import/"):
        assert f'href="{address}"' in html


def test_who_may_not_import_is_offered_no_import(clients, desk):
    html = clients.card.get("/mappings/desk/r1/").content.decode()

    assert "/mappings/desk/import/" not in html
    assert "/mappings/desk/r1/export.csv" in html


def test_a_pack_and_its_row_are_told_as_one(clients, desk):
    ada = desk.people[0]
    draft = start_draft(desk.source, title="Pack", actor=ada, now=NOW, based_on=desk.published[0])
    adopt_pack(draft, read_pack("redox"), rows=[1], actor=ada, now=NOW)

    ((_, (row,)),) = clients.whole.get(URL).context["page"].sections

    assert [label for label, _, _ in row.lines] == ["Event means", "Status becomes", "Starter pack", "Citation"]
    assert row.lines[2] == ("Starter pack", None, "redox, row 1")
