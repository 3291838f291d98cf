"""The page of a preview: who starts one, what it says, and whose rows a person sees there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from launch.services.previews import AT_ONCE, compute_preview, request_preview
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import PreviewState
from scheduling.models import MappingPreview, Patient
from scheduling.services.mapping import add_rule
from scheduling.vocabulary import Status
from tests.launch.conftest import BACK
from tests.support.desk import NOW

START = {"starts": "back", "moment": "", "days": ""}


def url(draft, rest=""):
    return f"/mappings/{draft.source.key}/r{draft.number}/preview/{rest}"


def told(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def asked(draft):
    return request_preview(draft, effective_from=BACK, since=None, actor=draft.author, now=NOW)


@pytest.fixture
def done(asked):
    compute_preview(asked.pk, now=NOW)
    asked.refresh_from_db()
    return asked


def test_small_preview_is_there_at_once(draft, clients):
    started = clients.mapper.post(url(draft), START)
    page = clients.mapper.get(started["Location"])

    assert (started.status_code, started["Location"]) == (302, url(draft))
    assert "Releases 2 held events, changes 2 statuses, opens 2 and closes 0 chances." in told(page)
    assert "Clears 2 exceptions and raises 0." in told(page)
    assert "data-live" not in told(page)


def test_long_preview_waits_for_a_worker_and_polls(draft, clients, redis, monkeypatch):
    monkeypatch.setattr("launch.views.previews.AT_ONCE", 3)
    assert AT_ONCE > 3

    clients.integrator.post(url(draft), START)

    preview = MappingPreview.objects.get()
    page = told(clients.reader.get(url(draft)))
    assert preview.state == PreviewState.WAITING
    assert "Waiting for a worker." in page
    assert f'data-live="/live{url(draft, f"{preview.pk}/")}"' in page
    assert "Stop this preview" not in page
    assert "Stop this preview" in told(clients.mapper.get(url(draft)))


def test_poll_answers_304_until_it_is_done_and_then_ends(draft, asked, clients):
    live = f"/live{url(draft, f'{asked.pk}/')}"
    first = clients.mapper.get(live)
    again = clients.mapper.get(live, headers={"If-None-Match": first["ETag"]})
    compute_preview(asked.pk, now=NOW)
    last = clients.mapper.get(live, headers={"If-None-Match": first["ETag"]})

    assert [first.status_code, again.status_code, last.status_code] == [200, 304, 286]
    assert "Releases 2 held events" in told(last)


def test_counts_and_lists_end_at_the_edge_of_what_a_person_may_see(draft, done, clients, held):
    pages = {name: getattr(clients, name).get(url(draft)) for name in ("reader", "card", "stranger")}

    assert pages["stranger"].status_code == 404
    seen = {
        name: (
            page.counts["released"], page.counts["opened"], page.counts["cleared"], [name for name, _ in page.clinics],
            [line.pk for line in page.visits], len(page.items), len(page.exceptions),
        )
        for name, page in ((name, pages[name].context["page"]) for name in ("reader", "card"))
    }  # fmt: skip
    v1, v2 = held.visit("V1").pk, held.visit("V2").pk
    assert seen == {
        "reader": (2, 2, 2, ["Card", "Derm"], [v1, v2], 2, 2),
        "card": (1, 1, 1, ["Card"], [v1], 1, 1),
    }


def test_listed_visits_are_audited_and_restricted_people_masked(draft, done, clients, held):
    Patient.objects.filter(pk=held.visit("V1").patient_id).update(vip="Y", family="Secretive")
    Patient.objects.filter(pk=held.visit("V1").patient_id).update(protection="Y")

    page = told(clients.reader.get(url(draft)))

    assert "Secretive" not in page
    assert "Restricted" in page
    entry = AuditEntry.objects.get(action="listed", subject_kind="scheduling.appointment")
    assert entry.subjects == [held.visit("V1").pk, held.visit("V2").pk]
    assert len(entry.patients) == 2


@pytest.mark.parametrize("who", ["reader", "card"])
def test_others_may_read_but_not_start_or_stop(draft, asked, clients, who):
    client = getattr(clients, who)

    started, stopped = client.post(url(draft), START), client.post(url(draft, f"{asked.pk}/cancel/"))

    assert (started.status_code, stopped.status_code) == (403, 403)
    assert MappingPreview.objects.get().state == PreviewState.WAITING
    assert AuditEntry.objects.filter(action="denied", subject_kind="scheduling.mappingpreview").count() == 2


def test_stranger_gets_404_everywhere(draft, asked, clients):
    assert clients.stranger.post(url(draft), START).status_code == 404
    assert clients.stranger.post(url(draft, f"{asked.pk}/cancel/")).status_code == 404
    assert clients.stranger.get(f"/live{url(draft, f'{asked.pk}/')}").status_code == 404


def test_stopping_a_preview_and_stopping_it_again(draft, asked, clients):
    stopped = clients.mapper.post(url(draft, f"{asked.pk}/cancel/"))
    again = clients.mapper.post(url(draft, f"{asked.pk}/cancel/"))

    assert (stopped.status_code, again.status_code) == (302, 409)
    assert "This preview is not running any more." in told(again)
    assert "This preview was stopped." in told(clients.mapper.get(url(draft)))


def test_edit_after_a_preview_makes_it_stale(draft, done, clients):
    assert "Older edit" not in told(clients.mapper.get(url(draft)))

    add_rule(draft, Rule(0, filler_status="YY1", status=Status.BOOKED), actor=draft.author, now=NOW)

    assert "The revision was edited after this preview." in told(clients.mapper.get(url(draft)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"starts": "moment"}, "Say from which moment on."),
        ({"starts": "moment", "moment": "2026-11-25T00:00"}, "This lies ahead. Choose a past moment, or now."),
        ({"starts": "moment", "moment": "9999-12-31T23:59"}, "This lies ahead. Choose a past moment, or now."),
        ({"starts": "moment", "moment": "0001-01-01T00:00"}, "Choose a moment in or after 1990"),
        ({"starts": "moment", "moment": "2026-11-01T01:30"}, "The clocks change at this time"),
        ({"days": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
    ids=["no moment", "the future", "the far future", "the far past", "happens twice", "no days"],
)
def test_question_without_sense_is_refused(draft, clients, said, sentence):
    response = clients.mapper.post(url(draft), START | said)

    assert (response.status_code, MappingPreview.objects.count()) == (422, 0)
    assert sentence in told(response)


def test_moment_is_meant_in_the_source_s_zone_and_narrowing_is_said(draft, clients):
    clients.mapper.post(url(draft), {"starts": "moment", "moment": "2026-11-01T00:00", "days": "7"})

    preview = MappingPreview.objects.get()
    assert preview.effective_from.isoformat() == "2026-11-01T05:00:00+00:00"
    assert "Publishing changes older ones too." in told(clients.mapper.get(url(draft)))


def test_page_takes_a_fixed_number_of_queries(draft, done, clients):
    clients.reader.get(url(draft))
    with CaptureQueriesContext(connection) as queries:
        clients.reader.get(url(draft))

    assert len(queries) <= 14
