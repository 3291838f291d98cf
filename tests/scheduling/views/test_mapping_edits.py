"""Edits through the pages: rules, reasons, what leads, packs; drafts begin by themselves; roles, CSRF, two editors."""

import pytest
from django.test import Client

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.mapping.vocabulary import MappingVerb
from scheduling.models import MappingRevision, MappingRule, SignalTally
from scheduling.selectors.drafts import last_seen
from scheduling.vocabulary import Status
from tests.scheduling.views.test_mappings import rule_data
from tests.support.desk import HOUR, NOW

KEEP, TRY, REASONS, LEADS, PACKS = (
    f"/mappings/desk/{name}/" for name in ("rules/keep", "rules/try", "reasons", "precedence", "packs")
)
GONE = {
    "reasons": (MappingVerb.REMOVE_REASON, "08: patient"),
    "precedence": (MappingVerb.REMOVE_PRECEDENCE, "S15: the event"),
}
EDITS = {
    "keep a rule": (KEEP, lambda: rule_data(filler_status="ZZ9", status="booked")),
    "keep a reason": (REASONS, lambda: {"code": "08", "initiator": "patient", "set_by": "person"}),
    "keep what leads": (LEADS, lambda: {"trigger": "S15", "leads": "status"}),
    "take a row of a pack": (PACKS, lambda: {"pack": "hl7-0278", "row": ["1"]}),
}


@pytest.fixture
def mia(person, desk):
    return person(Role.MAPPING, source=desk.source, first_name="Mia")


@pytest.fixture
def ned(person, desk):
    return person(Role.MAPPING, source=desk.source, first_name="Ned")


def drafts():
    return list(MappingRevision.objects.filter(state="draft").values_list("number", "based_on__number", "version"))


def of_draft(draft):
    """What a form made against a draft remembers of it."""
    return {"draft": draft.number, "version": draft.version, "seen": last_seen(draft)}


def begun(client):
    """A draft with one rule of its own."""
    client.post(KEEP, rule_data(filler_status="ZZ9", status="booked"))
    return MappingRevision.objects.get(state="draft")


def test_the_first_change_begins_a_draft_from_what_is_in_force(desk, mia, signed_in, trail):
    response = signed_in(mia).post(KEEP, rule_data(filler_status="ZZ9", status="cancelled", initiator="clinic"))

    draft = MappingRevision.objects.get(number=2)
    rule = draft.rules.get(filler_status="ZZ9")
    assert (response.status_code, response.headers["Location"]) == (302, "/mappings/?source=desk")
    assert (draft.based_on, draft.author, draft.state) == (desk.published[0], mia, "draft")
    assert (rule.status, rule.initiator, rule.trigger, rule.confirmed_by) == (Status.BUMPED, "clinic", None, mia)
    assert list(draft.history.values_list("verb", flat=True)) == [MappingVerb.START, MappingVerb.ADD_RULE]
    assert ("changed", "scheduling.mappingrevision", [draft.pk], []) in trail()


def test_further_changes_go_into_the_same_draft(desk, mia, signed_in):
    client = signed_in(mia)
    draft = begun(client)

    client.post(KEEP, rule_data(filler_status="ZZ8", status="missed") | of_draft(draft))

    assert drafts() == [(2, 1, 3)]


def test_a_rule_for_the_same_signals_is_changed_and_not_doubled(desk, mia, signed_in):
    client = signed_in(mia)
    draft = begun(client)

    client.post(KEEP, rule_data(filler_status="ZZ9", status="missed", remark="As the vendor says") | of_draft(draft))

    rule = draft.rules.get(filler_status="ZZ9")
    assert (rule.status, rule.remark) == ("missed", "As the vendor says")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rule_data(status="booked"), "must state at least one signal"),
        (rule_data(filler_status="ZZ9", kind="missed"), "must also say the status"),
        (rule_data(filler_status="ZZ9", status="nonsense"), "Select a valid choice"),
        (rule_data(filler_status="ZZ9", status="booked", clinic="999999"), "Select a valid choice"),
        (rule_data(status="booked") | {"note_mode": "is"}, "Say which note"),
        (rule_data(filler_status="Z" * 201, status="booked"), "at most 200 characters"),
    ],
    ids=["no signal", "kind without status", "unknown status", "unknown clinic", "no value", "too long"],
)
def test_a_rule_without_sense_is_refused_with_the_form(desk, mia, signed_in, data, words):
    response = signed_in(mia).post(KEEP, data)

    assert (response.status_code, drafts()) == (422, [])
    assert words in response.content.decode()


def test_a_refused_rule_comes_back_beside_its_combination(desk, book, mia, signed_in):
    book("V1", status="ZZ9")
    address = f"{KEEP}?view=needs&signal={SignalTally.objects.get().pk}&edit=1"

    response = signed_in(mia).post(address, rule_data(status="booked", remark="Typed by me"))

    assert response.status_code == 422
    assert response.context["pane"].title == "S12 ZZ9"
    assert 'value="Typed by me"' in response.content.decode()


def test_the_sentence_says_what_a_rule_would_match(desk, book, mia, signed_in):
    for name, status in (("V1", "ZZ9"), ("V2", "ZZ8"), ("V3", "Booked")):
        book(name, status=status)
    tally = SignalTally.objects.get(filler_status="ZZ9")
    client = signed_in(mia)

    def sentence(**said):
        data = rule_data(**{"status": "missed", **said})
        return " ".join(
            client.post(f"{TRY}?signal={tally.pk}", data, headers={"HX-Request": "true"}).content.decode().split()
        )

    assert "<b>1 of the 3</b> combinations seen (1 event)" in sentence(filler_status="ZZ9")
    assert "This combination would mean: <b>Missed</b>." in sentence(trigger="S12", filler_status="ZZ9")
    assert "<b>3 of the 3</b> combinations seen (3 events); 1 of them goes to other rules" in sentence(
        trigger="S12", resource_status=""
    )
    assert "This combination would stay held: status against event." in sentence(filler_status="ZZ9")
    assert drafts() == []


def test_without_scripts_the_sentence_comes_with_the_whole_page(desk, book, mia, signed_in):
    book("V1", status="ZZ9")

    response = signed_in(mia).post(
        f"{TRY}?signal={SignalTally.objects.get().pk}", rule_data(filler_status="ZZ9", status="booked", remark="Mine")
    )

    page = response.content.decode()
    assert (response.status_code, "1 of the 1" in page, 'value="Mine"' in page) == (200, True, True)


@pytest.mark.parametrize("name", ["bumped", "missed", "nothing"])
def test_a_common_meaning_opens_the_form_filled(desk, book, mia, signed_in, name):
    book("V1", status="ZZ9")

    form = signed_in(mia).get(f"/mappings/?signal={SignalTally.objects.get().pk}&edit={name}").context["form"]

    expected = {"bumped": ("bumped", "clinic", ""), "missed": ("missed", "", ""), "nothing": ("", "", "changed")}[name]
    assert tuple(form[field].value() for field in ("status", "initiator", "kind")) == expected
    stated = [form[f"{field}_mode"].value() for field in ("trigger", "filler_status", "event_reason", "note")]
    assert stated == ["is", "is", "any", "any"]


def test_edit_opens_the_rule_that_decides(desk, book, mia, signed_in):
    book("V1", status="Confirmed")

    form = signed_in(mia).get(f"/mappings/?signal={SignalTally.objects.get().pk}&edit=1").context["form"]

    modes = [form[f"{field}_mode"].value() for field in ("trigger", "filler_status")]
    assert (form["status"].value(), modes) == ("confirmed", ["any", "is"])


def test_a_rule_is_taken_out_in_a_draft_and_stays_in_force(desk, mia, signed_in):
    rule = desk.published[0].rules.get(filler_status="Booked")

    response = signed_in(mia).post(f"/mappings/desk/rules/{rule.pk}/drop/")

    draft = MappingRevision.objects.get(number=2)
    assert response.status_code == 302
    assert not draft.rules.filter(filler_status="Booked").exists()
    assert MappingRule.objects.filter(pk=rule.pk).exists()


def test_a_reason_is_stated_and_stated_anew(desk, book, mia, signed_in):
    book("V1", trigger="S15", status="Cancelled", reason="08")
    client = signed_in(mia)
    assert [(row.code, row.events, row.reason) for row, *_ in client.get(REASONS).context["rows"]] == [("08", 1, None)]

    client.post(REASONS, {"code": "08", "text": "Weather", "initiator": "clinic", "set_by": "timer", "reopens": "on"})

    draft = MappingRevision.objects.get(state="draft")
    reason = draft.reasons.get()
    assert (reason.code, reason.text, reason.initiator, reason.set_by, reason.reopens) == (
        "08", "Weather", "clinic", "timer", True,
    )  # fmt: skip
    row, _, is_current = client.get(f"{REASONS}?reason={reason.pk}").context["rows"][0]
    assert (row.reason, is_current) == (reason, True)


def test_precedence_shows_real_messages_under_each_choice(desk, book, mia, signed_in):
    book("V1", trigger="S15", status="Arrived")
    book("V2", trigger="S15", status="Arrived")
    client = signed_in(mia)

    one, form, said = client.get(LEADS).context["found"][0]

    assert (one.trigger, one.leads, one.combinations, one.events) == ("S15", "neither", 1, 2)
    assert [(example.by_status, example.by_trigger) for example in one.examples] == [("Checked in", "Cancelled")]
    assert (form["leads"].value(), said) == ("neither", None)


def test_combinations_that_are_not_among_the_examples_are_counted(desk, book, mia, signed_in):
    for number in range(7):
        book(f"V{number}", trigger="S15", status="Arrived", reason=f"R{number}")
    for clinic in ("CARD", "DERM"):
        book(f"W{clinic}", trigger="S15", status="Arrived", clinic=clinic)

    response = signed_in(mia).get(LEADS)

    one, *_ = response.context["found"][0]
    assert (one.combinations, one.events, len(one.examples), one.more) == (8, 9, 5, 3)
    assert one.examples[0].events == 2
    assert "3 more stand in" in response.content.decode()


def test_what_was_said_of_an_event_is_listed_though_nothing_contradicts_it(desk, mia, signed_in):
    client = signed_in(mia)
    client.post(LEADS, {"trigger": "S15", "leads": "trigger"})

    assert [str(one) for one in client.get(LEADS).context["rest"]] == ["S15: the event"]


@pytest.mark.parametrize("table", ["reasons", "precedence"])
def test_reasons_and_what_leads_are_taken_out_in_a_draft(desk, mia, ned, signed_in, table):
    client = signed_in(mia)
    client.post(REASONS, {"code": "08", "initiator": "patient", "set_by": "person"})
    draft = MappingRevision.objects.get(state="draft")
    client.post(LEADS, {"trigger": "S15", "leads": "trigger"} | of_draft(draft))
    draft.refresh_from_db()
    rows = getattr(draft, table)
    address = f"/mappings/desk/{table}/{rows.get().pk}/drop/"
    loaded = of_draft(draft)

    assert client.post(address, loaded).status_code == 302
    assert (rows.count(), client.post(address, loaded).status_code) == (0, 404)
    last = draft.history.latest("pk")
    assert (last.actor, last.verb, last.details["said"]) == (mia, *GONE[table])


def test_a_row_is_not_taken_out_of_a_draft_that_moved_on(desk, mia, ned, signed_in):
    client = signed_in(mia)
    client.post(REASONS, {"code": "08", "initiator": "patient", "set_by": "person"})
    draft = MappingRevision.objects.get(state="draft")
    loaded = of_draft(draft)
    signed_in(ned).post(LEADS, {"trigger": "S15", "leads": "trigger"} | loaded)

    refused = client.post(f"/mappings/desk/reasons/{draft.reasons.get().pk}/drop/", loaded)

    assert (refused.status_code, draft.reasons.count()) == (409, 1)


def test_precedence_is_kept_per_event(desk, mia, signed_in):
    signed_in(mia).post(LEADS, {"trigger": "S15", "leads": "trigger"})

    draft = MappingRevision.objects.get(state="draft")
    row = draft.precedence.get()
    assert (row.trigger, row.clinic, row.leads) == ("S15", None, "trigger")


def test_a_packs_rows_are_held_against_what_was_seen_and_taken(desk, book, mia, signed_in):
    book("V1", status="Pending")
    client = signed_in(mia)
    lines = client.get(f"{PACKS}?pack=hl7-0278").context["rows"]
    first = lines[0]
    assert (first.events, first.row.code, first.may_be_ticked) == (1, "Pending", True)

    client.post(PACKS, {"pack": "hl7-0278", "row": [str(first.row.row)]})

    draft = MappingRevision.objects.get(state="draft")
    rule = draft.rules.get(pack="hl7-0278")
    assert (rule.pack_row, rule.confirmed_by) == (first.row.row, mia)
    taken = {line.row.row: line.is_taken for line in client.get(f"{PACKS}?pack=hl7-0278").context["rows"]}
    assert taken[first.row.row]


@pytest.mark.parametrize(
    ("rows", "words"),
    [([], "Tick the rows"), (["999"], "has no row 999"), (["1", "1x"], "")],
    ids=["none", "unknown", "junk beside a row"],
)
def test_only_rows_that_were_ticked_are_taken(desk, mia, signed_in, rows, words):
    response = signed_in(mia).post(PACKS, {"pack": "hl7-0278", "row": rows})

    assert response.status_code == (422 if words else 302)
    assert words in response.content.decode()


def test_a_row_that_needs_a_person_opens_the_form(desk, mia, signed_in):
    client = signed_in(mia)
    lines = client.get(f"{PACKS}?pack=fhir-slot").context["rows"]
    asking = next(line for line in lines if line.row.needs_person)

    form = client.get(f"/mappings/desk/rules/?pack=fhir-slot&row={asking.row.row}").context["form"]

    assert (form["pack"].value(), form["pack_row"].value()) == ("fhir-slot", asking.row.row)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("role", Role)
def test_only_mapping_admins_and_integration_owners_edit(desk, person, signed_in, role, edit):
    address, data = EDITS[edit]

    status = signed_in(person(role, source=desk.source)).post(address, data()).status_code

    allowed = role in {Role.MAPPING, Role.INTEGRATION}
    assert (status, len(drafts())) == ((302, 1) if allowed else (403, 0))
    assert AuditEntry.objects.filter(action="denied").count() == (0 if allowed else 1)


@pytest.mark.parametrize("edit", EDITS)
def test_a_stranger_gets_404_and_a_clinics_admin_403(desk, person, signed_in, other_clinic, edit):
    address, data = EDITS[edit]
    stranger = signed_in(person(Role.MAPPING, source=other_clinic.source))
    of_one_clinic = signed_in(person(Role.MAPPING, clinic=desk.clinics["CARD"]))

    assert (stranger.post(address, data()).status_code, of_one_clinic.post(address, data()).status_code) == (404, 403)
    assert drafts() == []


@pytest.mark.parametrize("edit", EDITS)
def test_no_edit_without_a_token(desk, mia, edit):
    address, data = EDITS[edit]
    client = Client(enforce_csrf_checks=True)
    client.force_login(mia)

    assert client.post(address, data()).status_code == 403
    assert drafts() == []


def test_a_rule_of_another_source_is_a_404(desk, mia, signed_in, other_source):
    rule = desk.published[0].rules.first()

    assert signed_in(mia).post(f"/mappings/{other_source.key}/rules/{rule.pk}/drop/").status_code == 404
    assert signed_in(mia).get(f"/mappings/desk/rules/?rule={rule.pk + 10_000}").status_code == 404


def test_an_edit_during_the_day_carries_the_day_in_its_title(desk, mia, signed_in):
    assert begun(signed_in(mia)).title == "Changes of 24 Nov 2026"
    assert MappingRevision.objects.get(number=2).created_at > NOW - HOUR
