"""A revision out of a file: all of it in a new draft of the importer's, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from scheduling.mapping.comparing import compare_rows
from scheduling.mapping.errors import ImportRefusedError, InvalidMappingError, MappingError, NotAllowedError
from scheduling.mapping.exchange import write_revision
from scheduling.mapping.packs import read_pack
from scheduling.mapping.rules import Reason, Rule
from scheduling.mapping.vocabulary import Leads
from scheduling.models.mapping import MappingHistory, MappingRevision
from scheduling.selectors.revision_rows import read_rows
from scheduling.services.mapping import (
    add_rule,
    adopt_pack,
    approve,
    import_revision,
    set_precedence,
    set_reason,
    submit,
)
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status
from tests.scheduling.mapping_cast import BOOKED, HOUR, NOON, make_clinic, make_draft, make_source, person
from tests.support.revisions import CLINICS, revisions

LATER = NOON + HOUR


def take(source, text, **changes):
    return import_revision(source, text, **{"title": "From a file", "actor": person("ben"), "now": LATER, **changes})


class TestRandomRevisions(TestCase):
    """What the verbs could have stored comes back from the database as it was."""

    @settings(max_examples=60)
    @given(revisions())
    def test_a_file_imported_and_exported_is_the_same_file(self, rows):
        source = make_source()
        for key in CLINICS:
            make_clinic(source, key)
        text = write_revision(rows)

        draft = take(source, text)

        assert write_revision(read_rows(draft)) == text


@pytest.fixture
def full(db):
    """A draft in which everything is used that a revision can say."""
    source, ada = make_source(), person("ada")
    heart = make_clinic(source)
    draft = make_draft(source, BOOKED, Rule(0, filler_status="Booked", event_reason="", status=Status.PENDING))
    adopt_pack(draft, read_pack("redox"), rows=[1, 3], actor=ada, now=NOON, clinic_id=heart.pk)
    cancelled = Rule(
        0, trigger="S15", note="*no show*", clinic_id=heart.pk, kind=EventKind.CANCELLED, status=Status.CANCELLED,
        initiator_by_reason=True, set_by=SetBy.TIMER, reopens=False, suppresses=True, counts_as_missed=True,
    )  # fmt: skip
    add_rule(draft, cancelled, actor=ada, now=NOON, remark="=see, “ticket”\n7")
    add_rule(draft, Rule(0, filler_status="BUMP", status=Status.BUMPED), actor=ada, now=NOON)
    set_reason(draft, Reason("007", Initiator.CLINIC, suppresses=True), actor=ada, now=NOON, text="+bond")
    set_precedence(draft, Leads.STATUS, actor=ada, now=NOON)
    set_precedence(draft, Leads.TRIGGER, actor=ada, now=NOON, trigger="S15", clinic=heart)
    return draft


def test_an_exported_revision_imports_as_the_same(full):
    draft = take(full.source, write_revision(read_rows(full)), based_on=full)

    compared = compare_rows(read_rows(full), read_rows(draft))
    assert (compared.is_same, compared.unchanged) == (True, 9)
    assert (draft.number, draft.state, draft.author, draft.based_on) == (2, "draft", person("ben"), full)


def test_the_importer_has_confirmed_every_row(full):
    draft = take(full.source, write_revision(read_rows(full)))

    rows = [row for table in (draft.rules, draft.reasons, draft.precedence) for row in table.all()]
    assert {(row.confirmed_by, row.confirmed_at) for row in rows} == {(person("ben"), LATER)}


def test_the_history_says_that_a_file_was_imported(full):
    draft = take(full.source, write_revision(read_rows(full)), based_on=full)

    steps = [(step.verb, step.actor, step.details) for step in draft.history.all()]
    assert steps[1:] == [("import", person("ben"), {"rules": 6, "reasons": 1, "precedence": 2, "based_on": 1})]
    assert steps[0][:2] == ("start", person("ben"))


def test_an_imported_draft_is_edited_submitted_and_approved_like_any_other_by_somebody_else(full):
    draft = take(full.source, write_revision(read_rows(full)))
    add_rule(draft, Rule(0, filler_status="New", status=Status.BOOKED), actor=person("ben"), now=LATER)
    submit(draft, actor=person("ben"), now=LATER)

    with pytest.raises(NotAllowedError):
        approve(draft, actor=person("ben"), now=LATER)
    approve(draft, actor=person("ada"), now=LATER)

    assert draft.state == "approved"


def test_one_bad_line_imports_nothing(full):
    before = MappingHistory.objects.count()
    text = write_revision(read_rows(full)).replace(",pending,", ",undecided,")

    with pytest.raises(ImportRefusedError) as refused:
        take(full.source, text)

    assert [problem.column for problem in refused.value.problems] == ["status"]
    assert (MappingRevision.objects.count(), MappingHistory.objects.count()) == (1, before)


def test_a_clinic_of_another_source_is_not_known(full):
    other = make_source("south")
    make_clinic(other, "skin")

    with pytest.raises(ImportRefusedError) as refused:
        take(other, write_revision(read_rows(full)))

    assert {problem.text for problem in refused.value.problems} == {"This source has no clinic “heart”."}
    assert other.mapping_revisions.count() == 0


@pytest.mark.parametrize("title", ["", " ", "x" * 201], ids=["empty", "blank", "too long"])
def test_a_draft_needs_a_title(full, title):
    with pytest.raises(InvalidMappingError):
        take(full.source, write_revision([]), title=title)


def test_a_draft_cannot_be_based_on_another_sources_revision(full):
    with pytest.raises(MappingError, match="same source"):
        take(make_source("south"), write_revision([]), based_on=full)


def test_reading_a_revision_costs_three_queries_however_much_it_says(full, django_assert_num_queries):
    with django_assert_num_queries(3):
        rows = read_rows(full)

    assert len(rows) == 9
