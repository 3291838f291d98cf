"""The verbs of mapping revisions: allowed, refused, stale; and what the database itself refuses."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from scheduling.mapping.errors import (
    InvalidMappingError,
    MappingError,
    NotAllowedError,
    StaleRevisionError,
    UnknownPackError,
)
from scheduling.mapping.packs import read_pack, rule_of
from scheduling.mapping.rules import Reason, Rule
from scheduling.mapping.vocabulary import Leads, MappingVerb, RevisionState
from scheduling.models.mapping import MappingHistory, MappingPublication, MappingRevision, MappingRule
from scheduling.services.mapping import (
    add_rule,
    adopt_pack,
    approve,
    change_rule,
    publish,
    remove_rule,
    return_to_draft,
    set_precedence,
    set_reason,
    start_draft,
    submit,
)
from scheduling.vocabulary import EventKind, Initiator, Status
from tests.scheduling.mapping_cast import (
    BOOKED,
    HOUR,
    NOON,
    make_approved,
    make_clinic,
    make_draft,
    make_source,
    person,
    put_in_force,
)

pytestmark = pytest.mark.django_db

MISSED = Rule(0, filler_status="Noshow", status=Status.MISSED)


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def draft(source):
    return make_draft(source)


def verbs(revision):
    return [MappingVerb(verb) for verb in revision.history.values_list("verb", flat=True)]


def test_life_of_a_revision_is_written_down(source):
    revision = make_approved(source, BOOKED)
    publication = publish(revision, effective_from=NOON - HOUR, actor=person("ben"), now=NOON, reason="Go live")

    assert (revision.number, revision.state, revision.approved_by) == (1, RevisionState.APPROVED, person("ben"))
    assert (publication.number, publication.effective_from, publication.reason) == (1, NOON - HOUR, "Go live")
    assert verbs(revision) == [
        MappingVerb.START,
        MappingVerb.ADD_RULE,
        MappingVerb.SUBMIT,
        MappingVerb.APPROVE,
        MappingVerb.PUBLISH,
    ]
    assert list(revision.history.values_list("actor__username", flat=True)) == [
        "ada@example.org",
        "ada@example.org",
        "ada@example.org",
        "ben@example.org",
        "ben@example.org",
    ]


def test_revisions_are_numbered_per_source(source):
    other = make_source("south")

    assert [make_draft(each).number for each in (source, source, other)] == [1, 2, 1]


def test_draft_based_on_a_revision_copies_all_it_says(source):
    old = make_draft(source, BOOKED)
    set_reason(old, Reason("DR", Initiator.CLINIC), text="Doctor", actor=person("ada"), now=NOON)
    set_precedence(old, Leads.TRIGGER, trigger="S15", actor=person("ada"), now=NOON)

    new = start_draft(source, title="Next", based_on=old, actor=person("cleo"), now=NOON + HOUR)

    assert [str(row) for row in new.rules.all()] == ["visit status Booked: booked"]
    assert [row.confirmed_by for row in new.rules.all()] == [person("ada")]
    assert [(row.code, row.text) for row in new.reasons.all()] == [("DR", "Doctor")]
    assert [(row.trigger, row.leads) for row in new.precedence.all()] == [("S15", Leads.TRIGGER)]
    assert old.rules.count() == 1


def test_draft_is_never_based_on_another_source(source, draft):
    with pytest.raises(MappingError, match="same source"):
        start_draft(make_source("south"), title="No", based_on=draft, actor=person("ada"), now=NOON)


@pytest.mark.parametrize("who", ["ada", "cleo"], ids=["author", "hand in it"])
def test_nobody_approves_their_own_work(draft, who):
    add_rule(draft, BOOKED, actor=person("cleo"), now=NOON)
    submit(draft, actor=person("ada"), now=NOON)

    with pytest.raises(NotAllowedError, match="somebody else"):
        approve(draft, actor=person(who), now=NOON)

    assert MappingRevision.objects.get().state == RevisionState.SUBMITTED


def test_database_refuses_an_author_as_approver(draft):
    with pytest.raises(IntegrityError, match="mapping_approver_is_not_author"), transaction.atomic():
        MappingRevision.objects.update(state=RevisionState.APPROVED, approved_by=draft.author, approved_at=NOON)


@pytest.mark.parametrize("state", [RevisionState.DRAFT, RevisionState.APPROVED])
def test_approve_takes_only_what_was_submitted(source, draft, state):
    revision = draft if state is RevisionState.DRAFT else make_approved(source, BOOKED)

    with pytest.raises(StaleRevisionError):
        approve(revision, actor=person("dora"), now=NOON)


def test_submitted_revision_is_frozen(draft):
    submit(draft, actor=person("ada"), now=NOON)

    with pytest.raises(StaleRevisionError):
        add_rule(draft, BOOKED, actor=person("ada"), now=NOON)
    with pytest.raises(StaleRevisionError):
        submit(draft, actor=person("ada"), now=NOON)


def test_sent_back_revision_can_be_edited_again(draft):
    submit(draft, actor=person("ada"), now=NOON)
    return_to_draft(draft, actor=person("ben"), reason="Noshow is missing", now=NOON)

    add_rule(draft, MISSED, actor=person("ada"), now=NOON)

    assert draft.history.get(verb=MappingVerb.RETURN).reason == "Noshow is missing"
    with pytest.raises(StaleRevisionError):
        return_to_draft(draft, actor=person("ben"), reason="again", now=NOON)


def test_second_to_save_learns_that_the_draft_moved_on(draft):
    mine, theirs = MappingRevision.objects.get(), MappingRevision.objects.get()
    add_rule(mine, BOOKED, actor=person("ada"), now=NOON)

    with pytest.raises(StaleRevisionError, match="Reload"):
        add_rule(theirs, MISSED, actor=person("cleo"), now=NOON)
    with pytest.raises(StaleRevisionError, match="Reload"):
        submit(theirs, actor=person("cleo"), now=NOON)

    add_rule(mine, MISSED, actor=person("ada"), now=NOON)
    assert draft.rules.count() == 2


def test_add_rule_refuses_the_same_signals_twice_and_stays_usable(draft):
    add_rule(draft, Rule(0, "S12", "", status=Status.BOOKED), actor=person("ada"), now=NOON)

    with pytest.raises(InvalidMappingError, match="exactly these signals"):
        add_rule(draft, Rule(0, "S12", "", status=Status.MISSED), actor=person("ada"), now=NOON)

    draft.refresh_from_db()
    add_rule(draft, Rule(0, "S12", status=Status.BOOKED), actor=person("ada"), now=NOON)
    assert MappingRule.objects.count() == 2


def test_add_rule_stores_a_cancellation_by_the_clinic_as_bumped(draft):
    stated = Rule(0, "S15", " C ", kind=EventKind.CANCELLED, status=Status.CANCELLED, initiator=Initiator.CLINIC)

    row = add_rule(draft, stated, actor=person("ada"), now=NOON)

    assert (row.filler_status, row.kind, row.status, row.initiator) == ("C", "bumped", "bumped", "clinic")


def test_database_refuses_a_cancellation_by_the_clinic(draft):
    row = add_rule(draft, BOOKED, actor=person("ada"), now=NOON)

    with pytest.raises(IntegrityError, match="clinic_cancellation_is_bumped"), transaction.atomic():
        MappingRule.objects.filter(pk=row.pk).update(status=Status.CANCELLED, initiator=Initiator.CLINIC)


def test_database_refuses_a_rule_that_states_nothing(draft):
    row = add_rule(draft, BOOKED, actor=person("ada"), now=NOON)

    with pytest.raises(IntegrityError, match="mapping_rule_states_a_signal"), transaction.atomic():
        MappingRule.objects.filter(pk=row.pk).update(filler_status=None)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(0, filler_status="x" * 201, status=Status.BOOKED),
        Rule(0, note="x" * 101, status=Status.BOOKED),
        Rule(0, note="*" * 9, status=Status.BOOKED),
        Rule(0, filler_status="x", kind=EventKind.CANCELLED),
        Rule(0, filler_status="x", kind=EventKind.SLOT_OPENED, status=Status.BOOKED),
    ],
    ids=["long code", "long pattern", "too many stars", "event without status", "slot with status"],
)
def test_add_rule_refuses_nonsense(draft, rule):
    with pytest.raises(InvalidMappingError):
        add_rule(draft, rule, actor=person("ada"), now=NOON)

    assert MappingRevision.objects.get().version == draft.version == 1


def test_add_rule_refuses_a_clinic_of_another_source(source, draft):
    own, foreign = make_clinic(source), make_clinic(make_source("south"))
    add_rule(draft, Rule(0, "S12", clinic_id=own.pk, status=Status.BOOKED), actor=person("ada"), now=NOON)

    with pytest.raises(InvalidMappingError, match="does not belong"):
        add_rule(draft, Rule(0, "S12", clinic_id=foreign.pk, status=Status.BOOKED), actor=person("ada"), now=NOON)


def test_changed_and_removed_rules_stay_in_the_history(draft):
    row = add_rule(draft, BOOKED, actor=person("ada"), now=NOON)
    row.revision = draft

    change_rule(row, MISSED, actor=person("ada"), now=NOON)
    remove_rule(row, actor=person("ada"), now=NOON)

    told = MappingHistory.objects.filter(verb__in=[MappingVerb.CHANGE_RULE, MappingVerb.REMOVE_RULE])
    assert [entry.details["said"] for entry in told] == [
        "visit status Booked: booked",
        "visit status Noshow: missed",
    ]
    assert draft.rules.count() == 0


def test_change_rule_refuses_the_signals_of_another_rule(draft):
    add_rule(draft, BOOKED, actor=person("ada"), now=NOON)
    row = add_rule(draft, MISSED, actor=person("ada"), now=NOON)

    with pytest.raises(InvalidMappingError):
        change_rule(row, BOOKED, actor=person("ada"), now=NOON)


def test_set_reason_replaces_what_was_said_of_a_code(draft):
    set_reason(draft, Reason(" DR ", Initiator.PATIENT), actor=person("ada"), now=NOON)
    set_reason(draft, Reason("DR", Initiator.CLINIC, suppresses=True), actor=person("ada"), now=NOON)

    assert [(row.code, row.initiator, row.suppresses) for row in draft.reasons.all()] == [("DR", "clinic", True)]
    with pytest.raises(InvalidMappingError):
        set_reason(draft, Reason(" "), actor=person("ada"), now=NOON)


def test_set_precedence_replaces_what_was_said_of_a_trigger(source, draft):
    clinic = make_clinic(source)
    for leads, where in ((Leads.STATUS, None), (Leads.TRIGGER, None), (Leads.STATUS, clinic)):
        set_precedence(draft, leads, trigger="S15", clinic=where, actor=person("ada"), now=NOON)

    said = draft.precedence.order_by("pk").values_list("clinic", "trigger", "leads")
    assert list(said) == [(None, "S15", "trigger"), (clinic.pk, "S15", "status")]
    foreign = make_clinic(make_source("south"))
    with pytest.raises(InvalidMappingError):
        set_precedence(draft, Leads.STATUS, clinic=foreign, actor=person("ada"), now=NOON)


def test_adopt_pack_takes_confirmed_rows_with_their_sources(draft):
    pack = read_pack("athenahealth")

    adopted = adopt_pack(draft, pack, rows=[2, 7, 8], actor=person("ada"), now=NOON)

    assert adopted == 3
    assert [(row.pack, row.pack_row, str(row)) for row in draft.rules.order_by("pk")] == [
        ("athenahealth", 2, "visit status f: booked"),
        ("athenahealth", 7, "S15, visit status NOSHOW: missed"),
    ]
    assert [(row.code, row.initiator, row.text) for row in draft.reasons.all()] == [
        ("22", "patient", "SIU SCH-6 cancel reason")
    ]
    assert set(draft.rules.values_list("citation", flat=True)) == {pack.row(2).citation, pack.row(7).citation}
    assert draft.history.get(verb=MappingVerb.ADOPT).details == {
        "pack": "athenahealth", "rows": [2, 7, 8], "clinic": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "error"),
    [
        ("barts-tie", [1], InvalidMappingError),
        ("barts-tie", [4], UnknownPackError),
        ("vista-reasons", [2, 15], InvalidMappingError),
    ],
    ids=["needs a person", "no such row", "one of two needs a person"],
)
def test_adopt_pack_takes_all_or_nothing(draft, name, rows, error):
    with pytest.raises(error):
        adopt_pack(draft, read_pack(name), rows=rows, actor=person("ada"), now=NOON)

    assert (draft.rules.count(), draft.reasons.count(), MappingRevision.objects.get().version) == (0, 0, 1)


def test_adopt_pack_names_the_row_that_is_there_already(draft):
    pack = read_pack("redox")
    adopt_pack(draft, pack, rows=[1], actor=person("ada"), now=NOON)

    with pytest.raises(InvalidMappingError, match=r"Row 1 of redox \(New\)"):
        adopt_pack(draft, pack, rows=[1, 3], actor=person("ada"), now=NOON)


@pytest.mark.parametrize("name", ["demo-northside", "demo-harbor", "demo-elm", "hl7-0278", "fhir-cancellation-reasons"])
def test_adopt_pack_takes_every_ready_row(draft, name):
    pack = read_pack(name)

    assert adopt_pack(draft, pack, rows=pack.ready, actor=person("ada"), now=NOON) == len(pack.ready)


def test_row_that_needs_a_person_is_stated_by_one_with_its_source(draft):
    asked = read_pack("barts-tie").row(1)
    stated = replace(rule_of(asked), status=Status.CANCELLED)

    row = add_rule(draft, stated, actor=person("ada"), now=NOON, origin=asked)

    assert stated.parts == ("S26", "Cancelled", None, None, None, None, None)
    assert (row.pack, row.pack_row, row.citation) == ("barts-tie", 1, asked.citation)


@pytest.mark.parametrize("state", [RevisionState.DRAFT, RevisionState.SUBMITTED])
def test_publish_takes_only_what_was_approved(draft, state):
    if state is RevisionState.SUBMITTED:
        submit(draft, actor=person("ada"), now=NOON)

    with pytest.raises(StaleRevisionError, match="approved"):
        publish(draft, effective_from=NOON, actor=person("ada"), now=NOON)

    assert MappingPublication.objects.count() == 0


def test_publishing_an_older_revision_again_adds_a_publication(source):
    first, second = make_approved(source, BOOKED), make_approved(source, MISSED)

    numbers = [put_in_force(each).number for each in (first, second, first)]

    assert numbers == [1, 2, 3]
