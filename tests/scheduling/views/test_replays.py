"""The page of a replay: who sees it, what it says while it runs and after, stop and resume."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models import Replay
from scheduling.selectors.replay_pages import unfinished_replays
from scheduling.services.replays import cancel_replay, finish_replays
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import HOUR, NOW

ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT)


@pytest.fixture
def replay(desk, book):
    """A replay of two visits that nothing has touched yet."""
    for name, starts_at in (("V1", NOW + 3 * HOUR), ("V2", NOW + 4 * HOUR)):
        book(name, starts_at)
        book(name, starts_at, trigger="S15", at=NOW - HOUR, status="ZZ9", reason="ILL")
    desk.publish(ZZ9)
    return Replay.objects.latest("pk")


@pytest.fixture
def mapper(desk, person, signed_in):
    return signed_in(person(Role.MAPPING, source=desk.source))


def state(replay):
    replay.refresh_from_db()
    return replay.state


def url(replay, verb=""):
    return f"/mappings/replays/{replay.pk}/{verb}"


def counted(response):
    """(closed, opened, listed) of each panel."""
    panels = [panel.data for panel in response.context["panels"]]
    return [(data["closed"], data["opened"], len(data["lines"])) for data in panels]


def told(response):
    return " ".join(response.content.decode().split())


def test_running_replay_says_how_far_it_is_and_polls(replay, clients):
    page = told(clients.whole.get(url(replay)))

    assert "0 of 2 visits are mapped anew." in page
    assert f'data-live="/live/mappings/replays/{replay.pk}/"' in page
    assert 'aria-label="0 of 2 visits, 0 percent"' in page
    assert "0 exceptions were closed with it as evidence" in page


def test_finished_replay_says_what_it_did_and_polls_no_more(replay, desk, clients):
    desk.digest()
    finish_replays(now=NOW)

    page = told(clients.whole.get(url(replay)))

    assert "Done: 2 visits were mapped anew." in page
    assert "2 visits show something else than before" in page
    assert "1 exception was closed with it as evidence; 0 were opened or came back." in page
    assert "2 items were opened, 0 closed, 0 changed." in page
    assert "data-live" not in page


def test_panels_count_and_list_only_what_the_person_may_see(replay, desk, book, clients):
    book("V3", NOW + 5 * HOUR, clinic="DERM")
    book("V3", NOW + 5 * HOUR, trigger="S15", at=NOW - HOUR, status="ZZ8", clinic="DERM", reason="ILL")
    desk.publish(Rule(0, filler_status="ZZ8", status=Status.CANCELLED, initiator=Initiator.PATIENT))
    desk.digest()
    replay = Replay.objects.latest("pk")  # it took over what the one before had left

    seen = {name: getattr(clients, name).get(url(replay)) for name in ("whole", "card", "stranger")}

    assert {name: counted(seen[name]) for name in ("whole", "card")} == {
        "whole": [(2, 0, 2), (0, 3, 3)],
        "card": [(1, 0, 1), (0, 2, 2)],
    }
    assert seen["stranger"].status_code == 404
    assert AuditEntry.objects.filter(action="denied", subject_kind="scheduling.replay", subjects=[replay.pk]).exists()


def test_poll_answers_304_until_something_changed_and_then_ends(replay, desk, clients):
    live = f"/live{url(replay)}"
    first = clients.whole.get(live)
    again = clients.whole.get(live, headers={"If-None-Match": first["ETag"]})
    desk.digest()
    finish_replays(now=NOW)
    last = clients.whole.get(live, headers={"If-None-Match": first["ETag"]})

    assert [first.status_code, again.status_code, last.status_code] == [200, 304, 286]
    assert "Done: 2 visits were mapped anew." in told(last)


def test_page_costs_the_same_for_two_visits_and_for_ten(replay, desk, book, clients):
    desk.digest()
    clients.whole.get(url(replay))  # the first request of a session costs more
    with CaptureQueriesContext(connection) as two:
        clients.whole.get(url(replay))
    for number in range(10):
        book(f"W{number}", NOW + (5 + number) * HOUR)
        book(f"W{number}", NOW + (5 + number) * HOUR, trigger="S15", at=NOW - HOUR, status=f"YY{number}", reason="ILL")
    desk.publish(
        *(
            Rule(0, filler_status=f"YY{number}", status=Status.CANCELLED, initiator=Initiator.PATIENT)
            for number in range(10)
        )
    )
    desk.digest()
    bigger = url(Replay.objects.latest("pk"))
    with CaptureQueriesContext(connection) as ten:
        page = clients.whole.get(bigger)

    assert counted(page) == [(10, 0, 10), (0, 10, 10)]
    assert len(ten) == len(two)
    assert len(two) <= 12


def test_mapping_admin_stops_and_resumes_with_a_reason(replay, mapper, desk):
    assert "Stop the replay" in told(mapper.get(url(replay)))

    stopped = mapper.post(url(replay, "cancel/"), {"reason": "Wrong code"})

    assert (stopped.status_code, stopped["Location"], state(replay)) == (302, url(replay), ReplayState.CANCELLED)
    page = told(mapper.get(url(replay)))
    assert "2 visits keep their old meaning." in page
    assert "Resume the replay" in page

    assert mapper.post(url(replay, "resume/"), {"reason": "It was right"}).status_code == 302
    assert state(replay) == ReplayState.RUNNING


@pytest.mark.parametrize("verb", ["cancel/", "resume/"])
def test_without_a_reason_nothing_happens(replay, mapper, verb):
    response = mapper.post(url(replay, verb), {"reason": " "})

    assert (response.status_code, state(replay)) == (422, ReplayState.RUNNING)
    assert "This field is required." in told(response)


def test_stale_move_gets_409_and_a_sentence(replay, mapper, desk):
    cancel_replay(replay, actor=desk.people[0], reason="Faster", now=NOW)

    response = mapper.post(url(replay, "cancel/"), {"reason": "Wrong code"})

    assert response.status_code == 409
    assert "This replay is not running any more. Reload to see how it ended." in told(response)


@pytest.mark.parametrize("verb", ["cancel/", "resume/"])
def test_others_read_only(replay, clients, verb):
    assert "Stop the replay" not in told(clients.whole.get(url(replay)))

    response = clients.whole.post(url(replay, verb), {"reason": "Wrong code"})

    assert (response.status_code, state(replay)) == (403, ReplayState.RUNNING)
    assert AuditEntry.objects.filter(action="denied", subject_kind="scheduling.replay", subjects=[replay.pk]).exists()


def test_stranger_gets_404_for_a_verb(replay, clients):
    assert clients.stranger.post(url(replay, "cancel/"), {"reason": "Wrong code"}).status_code == 404


def test_line_for_the_mapping_pages(replay, person, desk):
    replays = unfinished_replays(person(Role.MAPPING, source=desk.source))

    line = " ".join(render_to_string("scheduling/_replay_line.html", {"replays": replays}).split())

    assert "Replay of publication 2, Desk EHR: 0 of 2 visits." in line
    assert f'href="{url(replay)}"' in line
