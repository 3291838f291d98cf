"""What to do, in place: through the whole pipeline, from the message that brought it about to its release."""

from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from config.digesting import Digester
from exceptions.models import History, IntegrationException
from exceptions.vocabulary import State, Verb
from scheduling.models import SignalTally
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu
from tests.support.sessions import on_insert


@pytest.fixture
def owner(desk, person):
    return person(Role.INTEGRATION, Role.MAPPING, source=desk.source)


@pytest.fixture
def client_of(signed_in, owner):
    return signed_in(owner)


def said(visit, clinic="CARD", **more):
    return siu("S12", visit=visit, patient=f"N-{visit}", at=NOW - DAY, starts_at=NOW + DAY, clinic=clinic, **more)


def pane(client, exception):
    return client.get(f"/exceptions/{exception.pk}/").context["pane"]


def test_unmapped_status_opens_the_workbench_at_the_very_signal(desk, client_of):
    desk.take(said("V1"))
    desk.take(siu("S15", visit="V1", patient="N-V1", at=NOW - 2 * HOUR, starts_at=NOW + DAY, status="AA1"))
    desk.take(siu("S15", visit="V1", patient="N-V1", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9"))
    exception = IntegrationException.objects.get(raw="S15 ZZ9")

    link = pane(client_of, exception).fix.links[0]
    answer = client_of.get(link.url)

    query = parse_qs(urlsplit(link.url).query)
    tally = SignalTally.objects.get(filler_status="ZZ9")
    assert (link.label, query) == (
        "Give it a meaning", {"source": ["desk"], "signal": [str(tally.pk)], "edit": ["1"]}
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.context["form"]["filler_status"].value() == "ZZ9"


def test_code_of_no_clinic_is_given_to_one_and_its_visits_are_released(desk, client_of, owner):
    desk.take(said("V1", "NEW"), said("V2", "NEW"))
    exception = IntegrationException.objects.get(check_id="unknown_clinic")
    derm = desk.clinics["DERM"]
    assert pane(client_of, exception).fix.asks_clinic

    answer = client_of.post(f"/exceptions/{exception.pk}/clinic-of-code/", {"clinic": derm.pk})
    desk.digest()

    assert (answer.status_code, answer.url) == (302, f"/exceptions/{exception.pk}/")
    exception.refresh_from_db()
    assert (exception.state, exception.live_count) == (State.CLEARED_UNSEEN, 0)
    assert [desk.visit(visit).clinic for visit in ("V1", "V2")] == [derm, derm]
    told = History.objects.filter(exception=exception).order_by("pk").values_list("verb", "actor", "reason")
    assert list(told) == [
        (Verb.OPENED, None, ""),
        (Verb.COMMENT, owner.pk, "The code is Derm. 2 visits are looked at again."),
        (Verb.CLEARED, None, ""),
    ]


def test_code_that_somebody_gave_meanwhile_is_a_conflict(desk, client_of):
    desk.take(said("V1", "NEW"))
    path = f"/exceptions/{IntegrationException.objects.get().pk}/clinic-of-code/"
    client_of.post(path, {"clinic": desk.clinics["DERM"].pk})

    answer = client_of.post(path, {"clinic": desk.clinics["CARD"].pk})

    assert answer.status_code == 409
    assert "The code belongs to Derm already." in answer.content.decode()


@pytest.mark.parametrize("clinic", ["", "0", "x"])
def test_clinic_that_is_none_of_the_source_is_invalid(desk, client_of, clinic):
    desk.take(said("V1", "NEW"))

    answer = client_of.post(f"/exceptions/{IntegrationException.objects.get().pk}/clinic-of-code/", {"clinic": clinic})

    assert answer.status_code == 422


def test_who_may_not_mend_is_refused_and_it_is_recorded(desk, signed_in, person):
    desk.take(said("V1", "NEW"))
    exception = IntegrationException.objects.get()
    mapper, stranger = person(Role.MAPPING, source=desk.source), person(Role.ADMIN)
    Grant.objects.filter(user=stranger).delete()
    path = f"/exceptions/{exception.pk}/clinic-of-code/"

    refused = signed_in(mapper).post(path, {"clinic": desk.clinics["CARD"].pk})
    missing = signed_in(stranger).post(path, {"clinic": desk.clinics["CARD"].pk})

    assert (refused.status_code, missing.status_code) == (403, 404)
    denied = AuditEntry.objects.filter(action=AuditAction.DENIED).order_by("pk")
    assert list(denied.values_list("actor", "subjects")) == [(mapper.pk, [exception.pk]), (stranger.pk, [exception.pk])]
    assert "An integration owner of Desk EHR" in signed_in(mapper).get(f"/exceptions/{exception.pk}/").content.decode()


def test_form_of_another_kind_of_problem_is_missing(desk, client_of):
    desk.take(said("V1", "NEW"))

    assert client_of.post(f"/exceptions/{IntegrationException.objects.get().pk}/process-again/").status_code == 404


@pytest.fixture
def failed(desk):
    on_insert("scheduling_appointment", "IF NEW.external_id LIKE 'V%' THEN RAISE EXCEPTION 'No row.'; END IF;")
    desk.receive(said("V1"), said("V2"))
    Digester().drain()
    return IntegrationException.objects.get(check_id="processing_failed")


def test_failed_messages_are_processed_again_once(desk, client_of, failed, owner):
    on_insert("scheduling_appointment", "")
    path = f"/exceptions/{failed.pk}/process-again/"
    assert pane(client_of, failed).fix.failed == 2

    first, second = client_of.post(path), client_of.post(path)

    assert (first.status_code, second.status_code) == (302, 409)
    assert "None of its messages is failed any more." in second.content.decode()
    assert desk.ledger() == {"received": 2, "waiting": 2}
    Digester().drain()
    assert desk.ledger() == {"received": 2, "applied": 2}
    comments = History.objects.filter(verb=Verb.COMMENT).values_list("actor", "reason")
    assert list(comments) == [(owner.pk, "2 messages are processed again.")]
    assert pane(client_of, failed).fix.failed == 0


def test_messages_of_a_feed_are_tried_in_the_lab(desk, client_of):
    desk.take(b"MSH|^~\\&|A|B|C|D|1||SIU^S12|8|P|2.4\rSCH|\r")
    exception = IntegrationException.objects.get(check_id="unreadable_message")

    fix = pane(client_of, exception).fix

    assert [link.label for link in fix.links] == ["Open the feed Desk HL7", "Try a message in the lab"]
    assert [client_of.get(link.url).status_code for link in fix.links] == [200, 200]
