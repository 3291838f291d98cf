"""The list, the pane and the verbs as people get them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from exceptions.models import IntegrationException
from exceptions.vocabulary import State
from scheduling.models import Appointment

HOUR = timedelta(hours=1)
ZZ9 = ("unmapped_status", "S15 ZZ9")


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def held(run, change, booked, people, now):
    run(change(1, booked((*ZZ9, now))), now=now)
    return IntegrationException.objects.get()


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


def rows(response):
    return [(row.kind.id, row.place) for row in response.context["rows"]]


def counts(response):
    return {split.label: split.count.value for split in response.context["splits"] if split.count is not None}


def post(client, exception, verb, **data):
    return client.post(f"/exceptions/{exception.pk}/{verb}/", {"version": exception.version, **data})


def test_stranger_is_sent_to_sign_in(client, held):
    response = client.get("/exceptions/")

    assert (response.status_code, response.url) == (302, "/login/?next=/exceptions/")


def test_list_shows_what_is_in_scope_worst_first(mine, held, run, change, booked, arrival, place):
    run(change(2, booked(("late", ""), status="cancelled", resource=None, troubles=())))
    run(change(3, booked(ZZ9, clinic_id=place.cardiology.pk)), arrival("batch_count"))

    response = mine.get("/exceptions/")

    assert rows(response) == [
        ("unmapped_status", "Cardiology · Lakeview"),
        ("unmapped_status", "Imaging · Lakeview"),
        ("missing_resource", "Imaging · Lakeview"),
    ]


def test_grant_in_one_clinic_shows_that_clinic_only(signed_in, people, held, run, change, booked, arrival, place):  # noqa: PLR0917 - fixtures
    run(change(3, booked(ZZ9, clinic_id=place.cardiology.pk)), arrival("batch_count"))
    run(arrival("batch_count", source_id=place.lakeview.pk, feed_id=place.lakeview_feed.pk))

    response = signed_in(people.imani).get("/exceptions/")

    assert rows(response) == [("unmapped_status", "Imaging · Lakeview")]


def test_without_a_grant_there_is_nothing(signed_in, people, held):
    assert rows(signed_in(people.noor).get("/exceptions/")) == []


def test_every_split_counts_exactly_what_it_lists(mine, held, run, change, booked, people, place, now):  # noqa: PLR0917 - fixtures
    kinds = ["ahead_of_receipt", "conflicting_status", "ambiguous_status", "unknown_clinic", "reused_appointment_id"]
    run(*(change(number, booked((kind, "", now))) for number, kind in enumerate(kinds, 2)), now=now)
    everything = {one.check_id: one for one in IntegrationException.objects.all()}
    post(mine, everything["ahead_of_receipt"], "take")
    post(mine, everything["conflicting_status"], "mute", hours="4", reason="Wait")
    run(change(4, booked(), before=booked(("ambiguous_status", "", now))), now=now)
    run(change(5, booked(), before=booked(("unknown_clinic", "", now))), now=now)
    everything["unknown_clinic"].refresh_from_db()
    post(mine, everything["unknown_clinic"], "resolve", reason="Seen")

    response = mine.get("/exceptions/")

    assert counts(response) == {
        "Blocking now": 4,
        "Mine": 1,
        "My team": 3,
        "Nobody's": 4,
        "Due in 1 h": 0,
        "Cleared unseen": 1,
        "Muted but firing": 1,
        "All": 5,
    }
    listed = {
        split.label: len(mine.get(f"/exceptions/{split.url}").context["rows"]) for split in response.context["splits"]
    }
    assert listed == counts(response) | {"Closed": 1}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=zz9", ["unmapped_status"]),
        ("q=no+such+thing", []),
        ("q=event+from", ["ahead_of_receipt"]),
        ("q=lakeview", ["ahead_of_receipt", "unmapped_status", "late_event"]),
        ("kind=unmapped_status", ["unmapped_status"]),
        ("blocks=confirm", ["ahead_of_receipt", "unmapped_status"]),
        ("blocks=weekly_report", []),
        ("sort=oldest&kind=late_event", ["late_event"]),
        ("split=blocking&q=zz9", ["unmapped_status"]),
        ("clinic=oops", ["ahead_of_receipt", "unmapped_status", "late_event"]),
        ("after=garbage&split=nonsense", ["ahead_of_receipt", "unmapped_status", "late_event"]),
    ],
)
def test_filters(mine, held, run, change, booked, arrival, place, query, found):  # noqa: PLR0917 - fixtures
    run(change(2, booked(("ahead_of_receipt", ""))), change(3, booked(("ahead_of_receipt", ""))))
    run(arrival("late_event", source_id=place.lakeview.pk, feed_id=place.lakeview_feed.pk))

    response = mine.get(f"/exceptions/?{query}")

    assert (response.status_code, [kind for kind, _ in rows(response)]) == (200, found)


def test_pages_follow_each_other_without_gap(mine, people, run, change, booked):
    run(*(change(number, booked(("unmapped_status", f"S15 {number:03}"))) for number in range(1, 121)))
    seen, after = [], ""
    for _ in range(3):
        page = mine.get("/exceptions/", {"after": after}).context["page"]
        seen += [row.pk for row in page.rows]
        after = page.next_cursor

    assert (len(seen), len(set(seen)), after) == (120, 120, "")


@pytest.mark.parametrize("path", ["/exceptions/", "/exceptions/{pk}/"])
def test_queries_do_not_grow_with_the_rows(mine, held, run, change, booked, path, now):
    path = path.format(pk=held.pk)
    mine.get(path)  # the counts of the rail are kept for some seconds
    with CaptureQueriesContext(
        connection,
    ) as one:
        mine.get(path)
    run(*(change(n, booked((kind, str(n), now))) for n, kind in enumerate(["ahead_of_receipt"] * 3, 2)), now=now)
    with CaptureQueriesContext(connection) as four:
        mine.get(path)

    assert len(one) == len(four)
    if path == "/exceptions/":
        assert len(four) <= 10, [query["sql"] for query in four.captured_queries]


def test_slots_at_risk_are_held_visits_of_the_next_48_hours(mine, run, change, booked, people, place, now):
    starts = {1: -HOUR, 2: HOUR, 3: 47 * HOUR, 4: 49 * HOUR}
    for pk, start in starts.items():
        visit(pk, place, now + start)
    run(*(change(pk, booked((*ZZ9, now))) for pk in starts), now=now)

    (row,) = mine.get("/exceptions/").context["rows"]
    pane = mine.get(row.url).context["pane"]

    assert (row.exception.live_count, row.slots, pane.impact.held, pane.impact.slots) == (4, 2, 4, 2)
    assert sum(bar.count for bar in pane.bars) == 1


@pytest.mark.parametrize(
    ("facts", "slots"),
    [({}, 1), ({"status": None}, 1), ({"status": "entered_in_error"}, 0)],
    ids=["standing", "status not known", "taken back"],
)
@pytest.mark.parametrize(
    ("stated", "troubles"),
    [(((), {"patient_id": None}), None), (((ZZ9,), {}), [[*ZZ9, 0]])],
    ids=["a field is missing", "the fold has a trouble"],
)
def test_a_slot_is_at_risk_whatever_holds_the_visit(  # noqa: PLR0917 - fixtures
    mine, run, change, booked, place, now, stated, troubles, facts, slots
):
    visit(1, place, now + HOUR)
    Appointment.objects.filter(pk=1).update(troubles=troubles, **facts)
    run(change(1, booked(*stated[0], **stated[1])), now=now)

    (row,) = mine.get("/exceptions/").context["rows"]
    pane = mine.get(row.url).context["pane"]

    assert (row.slots, pane.impact.slots) == (slots, slots)


def test_what_is_asked_follows_a_persons_grants(mine, held, people):
    seen = [counts(mine.get("/exceptions/"))["All"], len(mine.get("/exceptions/").context["menus"][1].options)]
    Grant.objects.filter(user=people.milo).update(source=None, clinic=None)
    everywhere = len(mine.get("/exceptions/").context["menus"][1].options)
    Grant.objects.filter(user=people.milo).delete()
    nothing = mine.get("/exceptions/")

    assert (seen, everywhere) == ([1, 3], 4)
    assert (counts(nothing)["All"], len(nothing.context["menus"][1].options)) == (0, 1)


def test_trend_holds_the_last_24_hours(mine, run, change, booked, people, now):
    ages = [0, 23, 24, 30]
    run(*(change(n, booked(("unmapped_status", "", now - age * HOUR))) for n, age in enumerate(ages)), now=now)

    (row,) = mine.get("/exceptions/").context["rows"]

    assert (row.happened, row.exception.occurrences) == (2, 4)


def visit(pk, place, starts_at):
    return Appointment.objects.create(
        pk=pk, source=place.lakeview, external_id=str(pk), status="booked", starts_at=starts_at, patient_id=70 + pk,
        clinic=place.imaging, said_at=starts_at, heard_at=starts_at, order_key=b"", events=1,
        troubles=[["unmapped_status", "ZZ9", 0]],
    )  # fmt: skip


def test_exception_out_of_scope_is_missing_and_the_look_is_recorded(signed_in, people, held):
    response = signed_in(people.ruth).get(f"/exceptions/{held.pk}/")

    assert response.status_code == 404
    assert list(AuditEntry.objects.values_list("action", "actor", "subject_kind", "subjects")) == [
        (AuditAction.DENIED, people.ruth.pk, "exceptions.integrationexception", [held.pk])
    ]


def test_exception_that_never_was_is_missing_and_leaves_no_row(mine):
    assert mine.get("/exceptions/999/").status_code == 404
    assert AuditEntry.objects.count() == 0


def test_verb_redirects_back_to_the_pane_and_keeps_the_list(mine, held, people):
    response = mine.post(f"/exceptions/{held.pk}/take/?split=blocking", {"version": held.version})

    assert (response.status_code, response.url) == (302, f"/exceptions/{held.pk}/?split=blocking")
    held.refresh_from_db()
    assert (held.state, held.owner) == (State.TAKEN, people.milo)


def test_verb_by_htmx_swaps_pane_row_and_counts(mine, held):
    response = mine.post(f"/exceptions/{held.pk}/take/", {"version": 1}, headers={"HX-Request": "true"})

    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert f'id="exception-{held.pk}"' in text
    assert 'id="splits" hx-swap-oob="innerHTML"' in text
    assert "Yours" in text


def test_stale_verb_is_a_conflict_with_a_sentence(mine, held, signed_in, people):
    post(signed_in(people.imani), held, "take")

    response = post(mine, held, "take")

    assert response.status_code == 409
    assert "Someone or something moved this exception meanwhile." in response.content.decode()
    held.refresh_from_db()
    assert held.owner == people.imani


def test_closing_a_live_hold_is_a_conflict_with_the_number(mine, held):
    response = post(mine, held, "resolve", reason="Done")

    assert response.status_code == 409
    assert "1 visit is still held." in response.content.decode()


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("resolve", {}),
        ("resolve", {"reason": " "}),
        ("comment", {"reason": "x" * 501}),
        ("mute", {"reason": "Wait", "hours": "99999"}),
        ("assign", {}),
        ("assign", {"to": "person-0"}),
        ("take", {"version": "new"}),
    ],
    ids=["no reason", "blank reason", "too long", "too long a mute", "nobody", "nobody known", "no version"],
)
def test_verb_that_lacks_something_is_invalid(mine, held, verb, data):
    response = post(mine, held, verb, **data)

    assert response.status_code == 422
    assert response.context["form"].errors
    held.refresh_from_db()
    assert held.version == 1


def test_hand_over_reaches_only_people_who_see_the_exception(mine, held, people):
    choices = dict(mine.get(f"/exceptions/{held.pk}/?verb=assign").context["form"].fields["to"].choices)

    assert [name for _, name in choices["People"]] == ["Imani Kessler", "Milo Anselm"]
    assert post(mine, held, "assign", to=f"person-{people.ruth.pk}").status_code == 422
    assert post(mine, held, "assign", to=f"person-{people.imani.pk}").status_code == 302
    held.refresh_from_db()
    assert held.owner == people.imani


def test_verb_out_of_scope_is_missing(signed_in, people, held):
    assert post(signed_in(people.ruth), held, "take").status_code == 404
    assert AuditEntry.objects.get().action == AuditAction.DENIED


def test_auditor_looks_and_does_not_move(signed_in, people, held, place):
    Grant.objects.create(user=people.noor, role=Role.AUDITOR, source=place.lakeview)
    client = signed_in(people.noor)

    page, answer = client.get(f"/exceptions/{held.pk}/"), post(client, held, "take")

    assert (page.status_code, page.context["buttons"], answer.status_code) == (200, [], 403)
    assert AuditEntry.objects.filter(action=AuditAction.DENIED, subjects=[held.pk]).count() == 1


def test_verb_that_does_not_exist_is_missing(mine, held):
    assert post(mine, held, "opened").status_code == 404
    assert mine.get(f"/exceptions/{held.pk}/take/").status_code == 405


def test_next_takes_and_opens_then_says_that_nothing_is_left(mine, held, people):
    first, second = mine.post("/exceptions/next/"), mine.post("/exceptions/next/")

    assert (first.url, second.url) == (f"/exceptions/{held.pk}/", "/exceptions/")
    assert IntegrationException.objects.get().owner == people.milo


def test_next_never_takes_what_is_out_of_scope(signed_in, people, held):
    assert signed_in(people.ruth).post("/exceptions/next/").url == "/exceptions/"
    assert signed_in(people.noor).post("/exceptions/next/").status_code == 403
    held.refresh_from_db()
    assert held.owner is None


def test_live_says_how_many_are_new_and_nothing_while_nothing_changed(mine, held, run, change, booked, now):
    address = f"/live/exceptions/?since={now.timestamp():.6f}"
    first = mine.get(address)
    again = mine.get(address, headers={"If-None-Match": first["ETag"]})
    run(change(2, booked(("ahead_of_receipt", ""))), now=now + HOUR)
    later = mine.get(address, headers={"If-None-Match": first["ETag"]})

    assert ("new-bar" in first.content.decode(), again.status_code, later.status_code) == (False, 304, 200)
    assert "1 new exception." in later.content.decode()
    assert mine.get("/live/exceptions/?since=nan").status_code == 200


def test_today_shows_the_worst_and_the_rail_its_count(mine, held):
    response = mine.get("/")

    text = response.content.decode()
    assert "Unmapped status" in text
    assert f"/exceptions/{held.pk}/" in text
