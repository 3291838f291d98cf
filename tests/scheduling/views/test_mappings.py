"""The workbench: what was seen, what it means and why, what it holds; views, scope, cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.vocabulary import Role
from scheduling.mapping.rules import Rule
from scheduling.models import MappingRule, SignalTally
from scheduling.vocabulary import EventKind, Status
from tests.support.desk import DAY, HOUR, NOW


def rows(client, query=""):
    """(state, event and status, visits held, slots in 48 h, events) of each row."""
    found = client.get(f"/mappings/{query}").context["listing"].rows
    return [
        (row.word, row.seen.signals[:2], row.seen.held.visits, row.seen.held.soon, row.seen.events) for row in found
    ]


def tally(**said):
    return SignalTally.objects.get(**said)


def pane_of(client, **said):
    return client.get(f"/mappings/?signal={tally(**said).pk}").context["pane"]


def counts(client, query=""):
    return client.get(f"/mappings/{query}").context["listing"].counts


def test_combinations_without_a_meaning_are_listed_by_what_they_hold(clients, book):
    book("V1", NOW + 2 * DAY, trigger="S12", status="ZZ8")
    book("V2", NOW + HOUR, status="ZZ9")
    book("V3", NOW + 5 * DAY, status="ZZ9")
    book("V4", NOW + DAY)

    response = clients.whole.get("/mappings/")

    assert rows(clients.whole) == [
        ("Unmapped", ("S12", "ZZ9"), 2, 1, 2),
        ("Unmapped", ("S12", "ZZ8"), 1, 0, 1),
    ]
    assert "2 combinations have no clear meaning. These hold 3 visits, 1 of them before noon today." in (
        response.content.decode()
    )


@pytest.mark.parametrize(
    ("starts_at", "soon", "before_noon"),
    [
        (NOW - HOUR, 0, 0),
        (NOW, 1, 1),
        (NOW.replace(hour=17, minute=59), 1, 1),
        (NOW.replace(hour=18, minute=0), 1, 0),
        (NOW + 2 * DAY, 0, 0),
    ],
    ids=["past", "now", "a minute to noon in Chicago", "noon", "after 48 h"],
)
def test_slots_at_risk_are_those_of_held_visits_ahead(clients, book, starts_at, soon, before_noon):
    book("V1", starts_at, status="ZZ9")

    held = clients.whole.get("/mappings/").context["listing"].rows[0].seen.held

    assert (held.visits, held.soon, held.before_noon) == (1, soon, before_noon)


def test_the_visits_behind_a_number_can_be_opened(clients, book):
    visits = [book(name, status="ZZ9").pk for name in ("V1", "V2")]
    book("V3")

    listed = clients.whole.get(pane_of(clients.whole, filler_status="ZZ9").visits_url).context["rows"]

    assert [visit.pk for visit in listed] == visits


def test_a_wildcard_gives_way_to_a_specific_rule_and_the_page_says_so(clients, book, desk):
    desk.publish(
        Rule(0, filler_status="ZZ9", status=Status.CONFIRMED),
        Rule(0, trigger="S12", filler_status="ZZ9", status=Status.COMPLETED),
    )
    book("V1", status="ZZ9")

    pane = pane_of(clients.whole, filler_status="ZZ9")

    assert (pane.word, pane.means.word) == ("Mapped", "Completed")
    assert [(one.words, one.tried.why.partition(" rule")[0]) for one in pane.tried[:2]] == [
        ("S12, visit status ZZ9", "Decided."),
        ("visit status ZZ9", "Less specific than"),
    ]


def test_two_equal_rules_are_ambiguous_and_the_page_names_both(clients, book, desk):
    desk.publish(
        Rule(0, trigger="S12", filler_status="ZZ9", status=Status.CONFIRMED),
        Rule(0, filler_status="ZZ9", event_reason="08", status=Status.PENDING),
    )
    book("V1", status="ZZ9", reason="08")

    pane = pane_of(clients.whole, filler_status="ZZ9")

    assert counts(clients.whole) == {
        "needs": 0, "conflicts": 0, "ambiguous": 1, "older": 0, "mapped": 0, "never": 13,
    }  # fmt: skip
    assert (pane.word, str(pane.means)) == ("Ambiguous", "Confirmed? Pending?")
    assert [(one.words, one.tried.why) for one in pane.tried if one.tried.won] == [
        ("S12, visit status ZZ9", "As specific as a rival."),
        ("visit status ZZ9, event reason 08", "As specific as a rival."),
    ]
    assert "As specific as a rival." in (
        clients.whole.get(f"/mappings/?view=ambiguous&signal={tally().pk}").content.decode()
    )


def test_a_view_that_does_not_exist_is_the_first(clients, book):
    book("V1", status="ZZ9")

    assert rows(clients.whole, "?view=conflict") == rows(clients.whole, "")
    assert clients.whole.get("/mappings/?view=conflict").context["listing"].view == "needs"


def test_a_rule_against_its_trigger_is_a_conflict_and_the_page_says_so(clients, book):
    book("V1", trigger="S15", status="Arrived")

    pane = pane_of(clients.whole, trigger="S15")

    assert rows(clients.whole, "?view=conflicts") == [("Conflict", ("S15", "Arrived"), 1, 1, 1)]
    assert [(one.words, one.tried.why) for one in pane.tried if one.tried.won] == [
        ("S15, no visit status, no resource status", "Contradicts its rivals."),
        ("visit status Arrived", "Contradicts its rivals."),
    ]
    assert str(pane.means) == "Cancelled? Checked in?"


def test_what_was_published_but_not_read_again_is_listed_as_not_replayed(clients, book, desk):
    book("V1", status="ZZ9")
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))

    assert (rows(clients.whole), rows(clients.whole, "?view=older")) == (
        [], [("Not replayed", ("S12", "ZZ9"), 1, 1, 1)],
    )  # fmt: skip
    assert "1 event waits to be read again" in clients.whole.get(f"/mappings/?signal={tally().pk}").content.decode()

    desk.digest()
    assert (rows(clients.whole, "?view=older"), counts(clients.whole)["mapped"]) == ([], 1)


@pytest.mark.parametrize(
    ("effective_from", "state", "older"),
    [(NOW - DAY + HOUR, "Older held", 1), (NOW - DAY, "Not replayed", 0)],
    ids=["from after the event", "from the very moment of the event"],
)
def test_older_events_stay_held_beside_a_meaning_from_a_later_moment_on(
    clients, book, desk, effective_from, state, older
):
    book("V1", status="ZZ9", at=NOW - DAY)
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED), effective_from=effective_from)

    (row,) = clients.whole.get("/mappings/?view=older").context["listing"].rows

    assert (row.word, row.means.word, row.seen.held.older, row.seen.held.oldest) == (
        state, "Confirmed", older, NOW - DAY,
    )  # fmt: skip
    assert counts(clients.whole) | {"never": 0} == {
        "needs": 0, "conflicts": 0, "ambiguous": 0, "older": 1, "mapped": 0, "never": 0,
    }  # fmt: skip


def test_the_pane_says_from_when_it_has_a_meaning_and_what_releases_what_is_older(clients, book, desk):
    book("V1", status="ZZ9", at=NOW - DAY)
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED), effective_from=NOW)
    desk.digest()

    page = clients.whole.get(f"/mappings/?view=older&signal={tally().pk}").content.decode()

    assert "Older events hold 1 visit" in page
    assert "1 event from before that is still held" in page
    assert '<a href="/mappings/desk/r2/#publish">Publish revision 2 from a past moment</a>' in page
    assert "Every signal that was heard has a meaning. Older events of 1 hold 1 visit." in page


def test_a_rule_that_nothing_matched_opens_beside_the_list(clients, book, desk, person, signed_in):
    book("V1")
    rule = MappingRule.objects.get(filler_status="Noshow")
    address = f"/mappings/?source=desk&view=never&rule={rule.pk}"

    response = clients.whole.get(address)
    mine, theirs = response.content.decode(), clients.card.get(address).content.decode()

    pane = response.context["rule_pane"]
    assert (pane.stated, pane.means) == ([("Visit status", "Noshow")], "Missed")
    drop = f"/mappings/desk/rules/{rule.pk}/drop/?source=desk&amp;view=never"
    assert (drop in mine, drop in theirs) == (True, False)


def test_a_rule_out_of_sight_is_a_404(clients, desk):
    rule = MappingRule.objects.earliest("pk")

    assert clients.stranger.get(f"/mappings/?rule={rule.pk}").status_code == 404


def test_never_seen_rules_are_searched_before_they_are_counted(clients, book):
    book("V1")

    listing = clients.whole.get("/mappings/?view=never&q=noshow").context["listing"]

    assert ([row.rule.filler_status for row in listing.never], listing.total) == (["Noshow"], 1)


def test_rules_that_no_message_matched_are_listed_apart(clients, book, desk):
    book("V1")
    book("V2", status="Confirmed")

    never = clients.whole.get("/mappings/?source=desk&view=never").context["listing"].never

    kept = {row.rule.filler_status for row in never}
    assert {"Arrived", "Complete", "Noshow"} <= kept
    assert not {"Booked", "Confirmed"} & kept


def test_clinics_that_mean_the_same_share_a_row_and_a_clinics_rule_parts_them(clients, book, desk):
    book("V1", status="ZZ9")
    book("V2", status="ZZ9", clinic="DERM")
    assert [(row.seen.codes, row.seen.events) for row in clients.whole.get("/mappings/").context["listing"].rows] == [
        (["CARD", "DERM"], 2)
    ]

    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED, clinic_id=desk.clinics["DERM"].pk))
    desk.digest()

    assert [row.seen.codes for row in clients.whole.get("/mappings/").context["listing"].rows] == [["CARD"]]
    derm = clients.whole.get(f"/mappings/?view=mapped&clinic={desk.clinics['DERM'].pk}").context["listing"].rows
    assert [(row.seen.codes, row.means.word) for row in derm] == [(["DERM"], "Confirmed")]


def test_a_search_looks_at_codes_and_meanings(clients, book):
    book("V1", status="ZZ9")
    book("V2", status="ZZ8")
    book("V3")

    assert [row[1][1] for row in rows(clients.whole, "?q=zz9")] == ["ZZ9"]
    assert [row[1][1] for row in rows(clients.whole, "?view=mapped&q=booked")] == ["Booked"]


def test_next_opens_what_the_draft_leaves_unclear(clients, book, desk, person, signed_in):
    book("V1", status="ZZ9")
    book("V2", status="ZZ9")
    book("V3", status="ZZ8")
    first, second = tally(filler_status="ZZ9"), tally(filler_status="ZZ8")

    here = clients.whole.get(f"/mappings/?signal={first.pk}").context["next_url"]

    assert here == f"?signal={second.pk}"


def test_another_clinics_combination_is_a_404_and_a_denied_audit_row(clients, book, trail):
    book("V1", status="ZZ9", clinic="DERM")
    theirs = tally()

    assert clients.card.get(f"/mappings/?signal={theirs.pk}").status_code == 404
    assert rows(clients.card) == []
    assert ("denied", "scheduling.signaltally", [theirs.pk], []) in trail()


def test_another_sources_workbench_is_a_404(clients, desk, trail):
    assert clients.stranger.get("/mappings/?source=desk").status_code == 404
    assert trail() == [("denied", "accounts.source", [desk.source.pk], [])]


def test_what_one_clinic_holds_is_neither_counted_nor_shown_to_another(clients, book):
    book("V1", status="ZZ9")
    book("V2", status="ZZ9", clinic="DERM")

    assert rows(clients.card) == [("Unmapped", ("S12", "ZZ9"), 1, 1, 1)]
    assert pane_of(clients.card, clinic_code="CARD").places == ["CARD"]


@pytest.mark.parametrize("path", ["/mappings/?signal=999999", "/mappings/?source=nowhere", "/mappings/desk/r9/"])
def test_what_does_not_exist_is_a_404(clients, desk, path):
    assert clients.whole.get(path).status_code == 404


def test_examples_are_the_newest_messages(clients, book):
    book("V1", status="ZZ9", at=NOW - 2 * HOUR)
    book("V2", status="ZZ9", at=NOW - HOUR)

    examples = pane_of(clients.whole, filler_status="ZZ9").examples

    assert sorted(event.source_at for event in examples) == [NOW - 2 * HOUR, NOW - HOUR]


def test_the_page_costs_the_same_queries_for_one_combination_and_for_many(clients, book, person, desk, signed_in):
    client = signed_in(person(Role.MAPPING, source=desk.source))

    def cost():
        client.get("/mappings/?source=desk")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/mappings/?source=desk&signal={SignalTally.objects.earliest('pk').pk}")
        return len(captured)

    book("V1", status="ZZ9")
    for_one = cost()
    for number in range(6):
        book(f"W{number}", status=f"ZZ{number}", clinic="DERM")

    assert cost() == for_one
    assert for_one < 40


def test_a_draft_stands_beside_what_is_in_force(clients, book, desk, person, signed_in):
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED, kind=EventKind.CONFIRMED))
    book("V1", status="ZZ9")
    mia = signed_in(person(Role.MAPPING, source=desk.source))
    mia.post(
        f"/mappings/desk/rules/keep/?signal={tally().pk}",
        rule_data(filler_status="ZZ9", status="bumped", trigger="S12"),
    )

    row = mia.get("/mappings/?view=mapped").context["listing"].rows[0]
    theirs = clients.whole.get("/mappings/?view=mapped").context["listing"].rows[0]

    assert (row.means.word, str(row.drafted)) == ("Confirmed", "Bumped by clinic")
    assert theirs.drafted is None


def rule_data(**said):
    """What the browser sends for a rule: signals by name, the rest as columns."""
    names = (
        "trigger", "filler_status", "event_reason", "appointment_reason", "appointment_type", "resource_status", "note",
    )  # fmt: skip
    data = {"set_by": "person", "reopens": "on", "kind": "", "initiator": "", "remark": "", "clinic": ""}
    for name in names:
        value = said.pop(name, None)
        data |= {f"{name}_mode": "any" if value is None else "is" if value else "none", name: value or ""}
    return data | said
