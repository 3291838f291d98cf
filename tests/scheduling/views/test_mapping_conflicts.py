"""Two people edit one draft: the second to save sees what the first did, and nothing that was typed is lost."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from accounts.vocabulary import Role
from scheduling.models import MappingHistory, MappingRevision
from tests.scheduling.views.test_mapping_edits import KEEP, LEADS, PACKS, REASONS, begun, of_draft
from tests.scheduling.views.test_mappings import rule_data


@pytest.fixture
def two(person, desk, signed_in):
    """Two signed-in mapping admins."""
    return [signed_in(person(Role.MAPPING, source=desk.source, first_name=name)) for name in ("Mia", "Ned")]


def opened(client, draft, rule):
    """What the form of a rule says when it is opened: with what it remembers of the draft."""
    form = client.get(f"/mappings/desk/rules/?rule={rule.pk}&draft={draft.number}").context["form"]
    return {name: form[name].value() or "" for name in ("draft", "version", "seen", "base")}


def test_an_edit_of_another_row_can_be_kept_beside_theirs(desk, two):
    mia, ned = two
    draft = begun(mia)
    loaded = of_draft(draft)
    mia.post(KEEP, rule_data(filler_status="ZZ8", status="missed") | loaded)

    refused = ned.post(KEEP, rule_data(filler_status="ZZ7", status="booked", remark="Typed by Ned") | loaded)

    conflict = refused.context["conflict"]
    assert (refused.status_code, conflict.is_mine_alone, conflict.merged) == (409, True, None)
    assert [(str(step.actor), step.verb) for step in conflict.edits] == [("Mia", "add_rule")]
    assert not draft.rules.filter(filler_status="ZZ7").exists()
    assert 'value="Typed by Ned"' in refused.content.decode()

    kept = ned.post(KEEP, dict(refused.context["mine"]))

    assert kept.status_code == 302
    assert set(draft.rules.filter(filler_status__startswith="ZZ").values_list("filler_status", "remark")) == {
        ("ZZ9", ""), ("ZZ8", ""), ("ZZ7", "Typed by Ned"),
    }  # fmt: skip


def test_changes_of_one_row_in_different_fields_can_both_stand(desk, two):
    mia, ned = two
    draft = begun(mia)
    rule = draft.rules.get(filler_status="ZZ9")
    loaded = opened(ned, draft, rule)
    mia.post(KEEP, rule_data(filler_status="ZZ9", status="booked", suppresses="on") | of_draft(draft_now(draft)))

    refused = ned.post(KEEP, rule_data(filler_status="ZZ9", status="booked", remark="As told by phone") | loaded)

    lines = {line.label: line[1:] for line in refused.context["conflict"].lines}
    assert refused.status_code == 409
    assert lines == {
        "Stops contact": ("No", "Yes", "No", False),
        "Remark": ("Nothing", "Nothing", "As told by phone", False),
    }
    ned.post(KEEP, dict(refused.context["both"]))
    rule.refresh_from_db()
    assert (rule.suppresses, rule.remark) == (True, "As told by phone")


def test_two_meanings_of_one_row_are_shown_and_one_is_chosen(desk, two):
    mia, ned = two
    draft = begun(mia)
    rule = draft.rules.get(filler_status="ZZ9")
    loaded = opened(ned, draft, rule)
    mia.post(KEEP, rule_data(filler_status="ZZ9", status="missed") | of_draft(draft_now(draft)))

    refused = ned.post(KEEP, rule_data(filler_status="ZZ9", status="completed") | loaded)

    assert (refused.status_code, refused.context["both"]) == (409, None)
    assert [line[1:] for line in refused.context["conflict"].lines] == [("Booked", "Missed", "Completed", True)]
    rule.refresh_from_db()
    assert rule.status == "missed"
    ned.post(KEEP, dict(refused.context["mine"]))
    rule.refresh_from_db()
    assert rule.status == "completed"
    assert [step.details.get("said", "") for step in MappingHistory.objects.filter(verb="change_rule")] == [
        "visit status ZZ9: booked",
        "visit status ZZ9: missed",
    ]


def test_a_row_that_both_added_is_shown_with_both_meanings(desk, two):
    mia, ned = two
    draft = begun(mia)
    loaded = of_draft(draft)
    mia.post(KEEP, rule_data(filler_status="ZZ8", status="missed") | loaded)

    refused = ned.post(KEEP, rule_data(filler_status="ZZ8", status="booked") | loaded)

    lines = {line.label: line[1:] for line in refused.context["conflict"].lines}
    assert refused.status_code == 409
    assert lines["Status becomes"] == (None, "Missed", "Booked", True)


def test_a_row_that_they_took_out_is_offered_again(desk, two):
    mia, ned = two
    draft = begun(mia)
    rule = draft.rules.get(filler_status="ZZ9")
    loaded = opened(ned, draft, rule)
    mia.post(f"/mappings/desk/rules/{rule.pk}/drop/", of_draft(draft_now(draft)))

    refused = ned.post(KEEP, rule_data(filler_status="ZZ9", status="completed") | loaded)

    assert refused.status_code == 409
    assert {line.theirs for line in refused.context["conflict"].lines} == {None}
    ned.post(KEEP, dict(refused.context["mine"]))
    assert draft.rules.get(filler_status="ZZ9").status == "completed"


@pytest.mark.parametrize(
    ("address", "first", "second"),
    [
        (REASONS, {"code": "08", "initiator": "clinic", "set_by": "person"},
         {"code": "08", "initiator": "patient", "set_by": "person"}),
        (LEADS, {"trigger": "S15", "leads": "status"}, {"trigger": "S15", "leads": "trigger"}),
    ],
    ids=["reason", "what leads"],
)  # fmt: skip
def test_reasons_and_what_leads_are_guarded_the_same_way(desk, two, address, first, second):
    mia, ned = two
    loaded = of_draft(begun(mia))
    mia.post(address, first | loaded)

    refused = ned.post(address, second | loaded)

    assert refused.status_code == 409
    assert any(line.clashes for line in refused.context["conflict"].lines)
    assert ned.post(address, dict(refused.context["mine"])).status_code == 302


def test_ticks_of_a_pack_are_kept_for_whoever_was_second(desk, two):
    mia, ned = two
    loaded = of_draft(begun(mia))
    mia.post(PACKS, {"pack": "hl7-0278", "row": ["1"]} | loaded)

    refused = ned.post(PACKS, {"pack": "hl7-0278", "row": ["2", "3"]} | loaded)

    assert (refused.status_code, refused.context["ticked"]) == (409, {2, 3})
    assert "Mia: adopted rows of a pack" in refused.content.decode()


def test_a_draft_that_was_sent_meanwhile_leaves_what_was_typed(desk, two):
    mia, ned = two
    draft = begun(mia)
    loaded = of_draft(draft)
    mia.post("/mappings/desk/r2/submit/", {"version": draft.version})

    refused = ned.post(KEEP, rule_data(filler_status="ZZ8", status="booked", remark="Typed by Ned") | loaded)

    assert (refused.status_code, refused.context["conflict"]) == (409, None)
    assert "waiting for approval" in refused.content.decode()
    ned.post(KEEP, dict(refused.context["mine"]))
    assert MappingRevision.objects.get(number=3).rules.get(filler_status="ZZ8").remark == "Typed by Ned"


def test_a_second_tab_that_saw_no_draft_does_not_begin_another(desk, two):
    mia, _ = two
    begun(mia)

    refused = mia.post(KEEP, rule_data(filler_status="ZZ8", status="booked"))

    assert (refused.status_code, MappingRevision.objects.filter(state="draft").count()) == (409, 1)
    assert mia.post(KEEP, dict(refused.context["mine"])).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_lose_nothing(transactional_db, desk, two):
    draft = begun(two[0])
    loaded, start, answers = of_draft(draft), Barrier(2), {}

    def save(place):
        start.wait()
        answers[place] = two[place].post(KEEP, rule_data(filler_status=f"ZZ{place}", status="booked") | loaded)
        connections.close_all()

    threads = [Thread(target=save, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    second = next(place for place, answer in answers.items() if answer.status_code == 409)
    two[second].post(KEEP, dict(answers[second].context["mine"]))
    assert set(draft.rules.filter(filler_status__in=["ZZ0", "ZZ1"]).values_list("filler_status", flat=True)) == {
        "ZZ0", "ZZ1",
    }  # fmt: skip
    assert draft_now(draft).version == 4


def draft_now(draft):
    return MappingRevision.objects.get(pk=draft.pk)
