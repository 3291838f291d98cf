"""Acts on many as people send them: what they ask, refuse and show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from exceptions.models import Act, History, IntegrationException
from exceptions.services.move_exception import move_exception
from exceptions.vocabulary import State, Verb

HTMX = {"HX-Request": "true"}


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def several(run, arrival, people, place, now):
    """Five exceptions of Lakeview that hold nothing."""
    where = {"source_id": place.lakeview.pk, "feed_id": place.lakeview_feed.pk}
    run(*(arrival("batch_count", str(n), at=now, **where) for n in range(5)), now=now)
    return list(IntegrationException.objects.order_by("raw"))


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


def rows(exceptions):
    return [f"{one.pk}.{one.version}" for one in exceptions]


def post(client, verb, exceptions, *, headers=None, query="", **data):
    sent = {"row": rows(exceptions), "shown": ",".join(str(one.pk) for one in exceptions), **data}
    return client.post(f"/exceptions/many/{verb}/{query}", sent, headers=headers or {})


def states():
    return set(IntegrationException.objects.values_list("state", flat=True))


def test_ticked_rows_are_taken_and_the_outcome_has_a_page(mine, several, people):
    response = post(mine, "take", several[:3], query="?split=nobody")

    done = Act.objects.get()
    assert (response.status_code, response.url) == (302, f"/exceptions/acts/{done.pk}/?split=nobody")
    assert (done.verb, done.asked, done.done) == (Verb.TAKE, 3, 3)
    assert IntegrationException.objects.filter(owner=people.milo).count() == 3
    page = mine.get(response.url)
    assert page.context["act_text"] == "Taken: 3."
    assert page.context["last_act"].text == "Taken: 3."


def test_by_htmx_the_rows_of_the_page_keep_their_ticks(mine, several):
    response = post(mine, "take", several[:2], headers=HTMX, shown=f"{several[0].pk},999")

    text = response.content.decode()
    assert (response.status_code, "<html" in text) == (200, False)
    assert f'id="exception-{several[0].pk}" hx-swap-oob="true"' in text
    assert f'id="exception-{several[1].pk}"' not in text
    assert " checked" in text
    assert "Undo" in text


@pytest.mark.parametrize("verb", ["assign", "mute", "waive", "resolve", "comment", "escalate"])
def test_a_verb_that_needs_more_asks_for_it_first(mine, several, verb):
    response = post(mine, verb, several[:2])

    assert response.status_code == 200
    assert response.context["chosen"].rows == rows(several[:2])
    assert (Act.objects.count(), states()) == (0, {State.OPEN})


@pytest.mark.parametrize(
    ("verb", "data", "state"),
    [
        ("mute", {"hours": "4", "reason": "Vendor"}, State.MUTED),
        ("resolve", {"reason": "Fixed"}, State.RESOLVED),
        ("comment", {"reason": "Asked"}, State.OPEN),
        ("waive", {"hours": "24", "reason": "Known"}, State.OPEN),
    ],
)
def test_a_verb_with_its_form_is_done_to_each(mine, several, verb, data, state):
    response = post(mine, verb, several, sent="1", **data)

    assert response.status_code == 302
    assert states() == {state}
    assert History.objects.filter(verb=verb, reason=data["reason"]).count() == 5


def test_hand_over_of_many_reaches_those_who_see_all_of_them(mine, several, people, run, change, booked):
    run(change(1, booked(("unmapped_status", "ZZ9"))))
    mixed = [several[0], IntegrationException.objects.get(check_id="unmapped_status")]

    one = post(mine, "assign", mixed[1:]).context["many_form"]
    both = post(mine, "assign", mixed).context["many_form"]

    assert [str(person) for person in one.people.values()] == ["Imani Kessler", "Milo Anselm"]
    assert [str(person) for person in both.people.values()] == ["Milo Anselm"]
    assert post(mine, "assign", mixed, sent="1", to=f"person-{people.imani.pk}").status_code == 422
    assert post(mine, "assign", mixed, sent="1", to=f"person-{people.milo.pk}").status_code == 302


@pytest.mark.parametrize(
    ("verb", "data"),
    [("resolve", {}), ("resolve", {"reason": " "}), ("mute", {"hours": "9999", "reason": "x"}), ("assign", {})],
)
def test_a_form_that_lacks_something_is_invalid(mine, several, verb, data):
    response = post(mine, verb, several, sent="1", **data)

    assert (response.status_code, Act.objects.count()) == (422, 0)
    assert response.context["many_form"].errors


@pytest.mark.parametrize("row", [[], ["x"], ["1"], ["1.x"]])
def test_nothing_ticked_or_garbage_is_invalid(mine, several, row):
    assert post(mine, "take", [], row=row).status_code == 422


@pytest.mark.parametrize("verb", ["release", "reopen", "unmute", "nonsense"])
def test_what_is_no_verb_for_many_is_missing(mine, several, verb):
    assert post(mine, verb, several).status_code == 404


def test_all_that_match_are_those_of_the_filter(mine, several, people, run, change, booked):
    run(change(1, booked(("unmapped_status", "ZZ9"))))

    response = post(mine, "take", [], query="?kind=batch_count", scope="all", expected="5")

    assert response.status_code == 302
    taken = IntegrationException.objects.filter(owner=people.milo)
    assert set(taken.values_list("check_id", flat=True)) == {"batch_count"}
    assert taken.count() == 5


def test_another_number_than_was_shown_is_a_conflict_and_nothing_is_done(mine, several, run, arrival, place):
    where = {"source_id": place.lakeview.pk, "feed_id": place.lakeview_feed.pk}
    run(arrival("batch_count", "new", **where))

    response = post(mine, "take", [], scope="all", expected="5")
    by_htmx = post(mine, "take", [], scope="all", expected="5", headers=HTMX)

    assert (response.status_code, by_htmx.status_code) == (409, 409)
    assert "5 matched when you looked, 6 match now. Nothing was done." in response.content.decode()
    assert "5 matched when you looked, 6 match now." in by_htmx.content.decode()
    assert (states(), Act.objects.count()) == ({State.OPEN}, 0)


def test_of_more_than_500_the_first_are_done(mine, several, monkeypatch):
    monkeypatch.setattr("exceptions.views.bulk.MOST_AT_ONCE", 3)

    post(mine, "take", [], scope="all", expected="5")

    assert Act.objects.get().done == 3


def test_more_than_500_ticked_are_refused(mine, several, monkeypatch):
    monkeypatch.setattr("exceptions.views.bulk.MOST_AT_ONCE", 3)

    assert post(mine, "take", several).status_code == 422


def test_a_stranger_finds_nothing_and_the_refusal_is_recorded(signed_in, people, several):
    response = post(signed_in(people.ruth), "take", several[:2])

    assert (response.status_code, states()) == (404, {State.OPEN})
    assert AuditEntry.objects.get(action=AuditAction.DENIED).subjects == sorted(one.pk for one in several[:2])


def test_whoever_only_looks_moves_nothing(signed_in, people, several, place):
    Grant.objects.create(user=people.noor, role=Role.AUDITOR, source=place.lakeview)

    assert post(signed_in(people.noor), "take", several).status_code == 403
    assert states() == {State.OPEN}


def test_rows_where_the_role_does_not_reach_are_refused_one_by_one(signed_in, people, several, run, arrival, now):
    """Milo works on Lakeview and only looks at Harbor."""
    run(arrival("unreadable_message", "no_msh"), now=now)
    theirs = IntegrationException.objects.get(check_id="unreadable_message")
    Grant.objects.create(user=people.milo, role=Role.AUDITOR, source_id=theirs.source_id)

    post(signed_in(people.milo), "take", [several[0], theirs])

    done = Act.objects.get()
    assert [(row[0], row[1], row[2]) for row in done.outcomes] == [
        (several[0].pk, "done", ""),
        (theirs.pk, "refused", "Your role at its place does not allow this."),
    ]
    assert (done.asked, done.done) == (2, 1)


def test_waiving_needs_a_role_of_its_own(signed_in, people, held_by_imani):
    """Mapping admins move exceptions, but do not accept that something stays wrong."""
    client = signed_in(people.imani)
    exception = held_by_imani

    one = client.post(f"/exceptions/{exception.pk}/waive/", {"version": 1, "hours": "8", "reason": "Known"})
    many = post(client, "waive", [exception], sent="1", hours="8", reason="Known")

    assert (one.status_code, many.status_code) == (403, 403)
    page = client.get(f"/exceptions/{exception.pk}/")
    assert Verb.WAIVE not in {button.verb for button in page.context["buttons"]}


@pytest.fixture
def held_by_imani(run, change, booked, people):
    run(change(1, booked(("unmapped_status", "ZZ9"))))
    return IntegrationException.objects.get()


def test_undo_from_the_toast_puts_all_back(mine, several):
    post(mine, "take", several)
    done = Act.objects.get()

    response = mine.post(f"/exceptions/acts/{done.pk}/undo/")

    assert response.status_code == 302
    assert (states(), IntegrationException.objects.filter(owner__isnull=False).count()) == ({State.OPEN}, 0)
    assert mine.get(response.url).context["act_text"] == "Taken back: 5."
    assert mine.get("/exceptions/").context["last_act"] is None
    assert mine.post(f"/exceptions/acts/{done.pk}/undo/").status_code == 409


def test_undo_of_one_goes_back_to_it(mine, several):
    mine.post(f"/exceptions/{several[0].pk}/take/", {"version": 1})

    response = mine.post(f"/exceptions/acts/{Act.objects.get().pk}/undo/?split=mine")

    assert (response.status_code, response.url) == (302, f"/exceptions/{several[0].pk}/?split=mine")
    assert states() == {State.OPEN}


def test_undo_of_one_that_somebody_moved_is_a_conflict(mine, several, people):
    mine.post(f"/exceptions/{several[0].pk}/take/", {"version": 1})
    theirs = IntegrationException.objects.get(pk=several[0].pk)
    move_exception(theirs, Verb.RELEASE, actor=people.imani, now=timezone.now())

    response = mine.post(f"/exceptions/acts/{Act.objects.get().pk}/undo/")

    assert response.status_code == 409
    assert "It moved on since" in response.content.decode()


def test_another_persons_act_is_missing(mine, several, signed_in, people):
    post(mine, "take", several)
    done = Act.objects.get()
    other = signed_in(people.imani)

    assert other.get(f"/exceptions/acts/{done.pk}/").status_code == 404
    assert other.post(f"/exceptions/acts/{done.pk}/undo/").status_code == 404


def test_the_toast_is_gone_after_a_minute(mine, several):
    post(mine, "take", several)
    before = mine.get("/exceptions/").context["last_act"]
    Act.objects.update(undo_until=timezone.now() - timedelta(seconds=1))

    assert before is not None
    assert mine.get("/exceptions/").context["last_act"] is None


def test_the_page_of_an_act_asks_as_much_for_1_as_for_5(mine, several):
    post(mine, "take", several[:1])
    post(mine, "take", several[1:])
    numbers = []
    for done in Act.objects.order_by("pk"):
        mine.get(f"/exceptions/acts/{done.pk}/")
        with CaptureQueriesContext(connection) as captured:
            mine.get(f"/exceptions/acts/{done.pk}/")
        numbers.append(len(captured))

    assert numbers[0] == numbers[1] <= 10
