"""A revision's way into force through its page: who may do what, wrong states, from when, and taking back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models import MappingPreview, MappingPublication, MappingRevision
from scheduling.services.mapping import add_rule, approve, publish, start_draft, submit
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

R2 = "/mappings/desk/r2/"
NOW_ON = {"effective": "now", "reason": "The vendor confirmed it."}
SENT = {
    "submit": {"version": "2"}, "return": {"reason": "ZZ9 is a bump."}, "approve": {}, "publish": NOW_ON,
}  # fmt: skip
STATE_FOR = {"submit": "draft", "return": "submitted", "approve": "submitted", "publish": "approved"}
STATE_AFTER = {"submit": "submitted", "return": "draft", "approve": "approved", "publish": "approved"}
# Who may do it; whether a maker may is told below.
MAY = {
    "submit": {Role.MAPPING, Role.INTEGRATION}, "return": {Role.MAPPING}, "approve": {Role.MAPPING},
    "publish": {Role.MAPPING},
}  # fmt: skip


@pytest.fixture
def revision(desk):
    """Make revision 2, which gives ZZ9 a meaning, and bring it into a state."""

    def make(state="draft", status=Status.CANCELLED):
        author, approver = desk.people
        draft = start_draft(desk.source, title="ZZ9", actor=author, now=NOW, based_on=desk.published[0])
        add_rule(draft, Rule(0, filler_status="ZZ9", status=status, initiator=Initiator.PATIENT), actor=author, now=NOW)
        if state != "draft":
            submit(draft, actor=author, now=NOW)
        if state == "approved":
            approve(draft, actor=approver, now=NOW)
        return draft

    return make


@pytest.fixture
def mia(desk, person, signed_in):
    return signed_in(person(Role.MAPPING, source=desk.source, first_name="Mia"))


def state():
    return MappingRevision.objects.get(number=2).state


@pytest.mark.parametrize("verb", SENT)
@pytest.mark.parametrize("role", Role)
def test_every_verb_is_for_its_roles_alone(desk, revision, person, signed_in, role, verb):
    revision(STATE_FOR[verb])
    published = MappingPublication.objects.count()

    answer = signed_in(person(role, source=desk.source)).post(f"{R2}{verb}/", SENT[verb])

    allowed = role in MAY[verb]
    assert (answer.status_code, state()) == ((302, STATE_AFTER[verb]) if allowed else (403, STATE_FOR[verb]))
    assert MappingPublication.objects.count() - published == (allowed and verb == "publish")
    actions = list(AuditEntry.objects.values_list("action", "detail__verb"))
    assert actions == [("changed" if allowed else "denied", verb)]


@pytest.mark.parametrize("verb", SENT)
def test_strangers_get_404_and_a_clinics_admin_403(desk, revision, person, signed_in, other_clinic, verb):
    revision(STATE_FOR[verb])
    stranger = signed_in(person(Role.MAPPING, source=other_clinic.source))
    of_one_clinic = signed_in(person(Role.MAPPING, clinic=desk.clinics["CARD"]))

    answers = [client.post(f"{R2}{verb}/", SENT[verb]).status_code for client in (stranger, of_one_clinic)]

    assert (answers, state()) == ([404, 403], STATE_FOR[verb])


@pytest.mark.parametrize("verb", SENT)
def test_no_verb_without_a_token_and_none_by_get(desk, revision, person, verb):
    revision(STATE_FOR[verb])
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(Role.MAPPING, source=desk.source))

    assert client.post(f"{R2}{verb}/", SENT[verb]).status_code == 403
    assert client.get(f"{R2}{verb}/").status_code == 405
    assert state() == STATE_FOR[verb]


@pytest.mark.parametrize(
    ("verb", "wrong"),
    [("submit", "submitted"), ("return", "draft"), ("approve", "approved"), ("publish", "submitted")],
)
def test_a_verb_in_the_wrong_state_is_a_409_with_a_sentence(revision, mia, verb, wrong):
    revision(wrong)

    answer = mia.post(f"{R2}{verb}/", SENT[verb])

    assert (answer.status_code, state()) == (409, wrong)
    assert answer.context["error"]


def test_a_draft_that_was_changed_meanwhile_is_not_sent(revision, mia):
    revision()

    answer = mia.post(f"{R2}submit/", {"version": "1"})

    assert (answer.status_code, state()) == (409, "draft")


def test_whoever_worked_on_it_is_told_so_and_cannot_approve(desk, revision, signed_in, person):
    draft = revision("submitted")
    author = desk.people[0]
    author.grants.create(role=Role.MAPPING, source=desk.source)
    person(Role.MAPPING, source=desk.source, first_name="Ned")
    client = signed_in(author)

    page = client.get(R2)
    answer = client.post(f"{R2}approve/")

    assert "You worked on this revision; somebody else must approve it." in page.content.decode()
    assert "Ned can approve it." in page.content.decode()
    assert "approve" not in page.context["forms"]
    assert (answer.status_code, state()) == (403, RevisionState.SUBMITTED)
    assert draft.history.filter(verb="approve").count() == 0


def test_who_sent_it_cannot_approve_it_either(revision, mia):
    revision()
    mia.post(f"{R2}submit/", {"version": "2"})

    assert mia.post(f"{R2}approve/").status_code == 403


@pytest.mark.parametrize("verb", ["return", "publish"])
def test_a_reason_is_asked_for(revision, mia, verb):
    revision(STATE_FOR[verb])

    answer = mia.post(f"{R2}{verb}/", {"effective": "now", "reason": " "})

    assert (answer.status_code, "reason" in answer.context["forms"][verb].errors) == (422, True)
    assert state() == STATE_FOR[verb]


@pytest.mark.parametrize(
    ("moment", "effective_from"),
    [
        ("2026-11-20T08:00", datetime(2026, 11, 20, 14, 0, tzinfo=UTC)),
        ("2026-07-01T08:00", datetime(2026, 7, 1, 13, 0, tzinfo=UTC)),
        ("2026-11-24T09:41", NOW),
        ("2026-11-24T09:42", None),
        ("9999-12-31T23:59", None),
        ("0001-01-01T00:00", None),
        ("2026-11-01T01:30", None),
        ("2026-03-08T02:30", None),
        ("", None),
        ("yesterday", None),
    ],
    ids=[
        "winter",
        "summer",
        "this very minute",
        "ahead",
        "far ahead",
        "far past",
        "happens twice",
        "never happens",
        "missing",
        "no time",
    ],
)
def test_the_past_moment_is_the_sources_local_time(revision, mia, moment, effective_from):
    draft = revision("approved")

    answer = mia.post(f"{R2}publish/", {"effective": "moment", "moment": moment, "reason": "From then on."})

    found = [one.effective_from for one in draft.publications.all()]
    assert (answer.status_code, found) == ((302, [effective_from]) if effective_from else (422, []))


def test_publishing_twice_from_one_page_publishes_once(revision, mia):
    draft = revision("approved")
    seen = {"after": str(mia.get(R2).context["forms"]["publish"].initial["after"])}

    answers = [mia.post(f"{R2}publish/", NOW_ON | seen) for _ in range(2)]

    assert ([answer.status_code for answer in answers], draft.publications.count()) == ([302, 409], 1)
    assert "Look at what is in force first." in answers[1].content.decode()


def test_now_is_the_moment_of_publishing(revision, mia):
    draft = revision("approved")

    mia.post(f"{R2}publish/", NOW_ON)

    publication = draft.publications.get()
    assert (publication.effective_from, publication.reason) == (NOW, "The vendor confirmed it.")


def test_publishing_releases_and_publishing_the_previous_takes_back(desk, revision, mia):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    desk.take(siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9", reason="ILL"))
    revision("approved")
    back = {"effective": "moment", "moment": "2026-11-01T08:00", "reason": "Try"}

    mia.post(f"{R2}publish/", back)
    desk.digest()
    assert (desk.visit("V1").status, desk.live()) == ("cancelled", [])
    assert mia.get(R2).context["page"].is_in_force
    page = mia.get("/mappings/desk/r1/")
    assert page.context["page"].takes_back

    mia.post("/mappings/desk/r1/publish/", back)
    desk.digest()

    assert (desk.visit("V1").status, [check for check, *_ in desk.live()]) == ("booked", ["unmapped_status"])
    assert mia.get("/mappings/desk/r1/").context["page"].is_in_force


def proposed(client, address=R2):
    initial = client.get(address).context["forms"]["publish"].initial
    return {name: initial[name] for name in ("effective", "moment") if name in initial}


def test_the_form_proposes_the_moment_that_was_previewed(desk, revision, mia):
    draft = revision("approved")
    assert proposed(mia) == {"effective": "now"}
    told = {"revision": draft, "since": NOW, "requested_by": desk.people[0], "requested_at": NOW}
    ended = {"started_at": NOW, "finished_at": NOW, "result": {}}

    for days, version, state in [(9, 1, "done"), (3, draft.version, "done"), (5, draft.version, "failed")]:
        MappingPreview.objects.create(effective_from=NOW - days * DAY, version=version, state=state, **told, **ended)

    local = (NOW - 3 * DAY).astimezone(desk.source.zone)
    assert proposed(mia) == {"effective": "moment", "moment": local.replace(second=0, microsecond=0, tzinfo=None)}


def test_the_form_proposes_to_take_back_all_of_it(desk, revision, mia):
    revision("approved")
    mia.post(f"{R2}publish/", {"effective": "moment", "moment": "2026-11-01T08:00", "reason": "Try"})

    assert proposed(mia, "/mappings/desk/r1/") == {"effective": "moment", "moment": datetime(2026, 11, 1, 8)}  # noqa: DTZ001 - local time of the source


def test_the_page_says_what_changes_against_what_is_in_force(revision, clients):
    revision()

    page = clients.whole.get(R2).context["page"]

    assert [(heading, [row.state for row in rows]) for heading, rows in page.compare.sections] == [("Rules", ["added"])]
    assert [(step.label, step.is_done, step.is_now) for step in page.steps] == [
        ("Draft", True, True), ("Waiting for approval", False, False), ("Approved", False, False),
        ("In force", False, False),
    ]  # fmt: skip


def test_a_revision_that_undoes_another_is_warned_of(desk, revision, mia):
    revision("approved")
    author, approver = desk.people
    other = start_draft(desk.source, title="Other", actor=author, now=NOW, based_on=desk.published[0])
    submit(other, actor=author, now=NOW)
    approve(other, actor=approver, now=NOW)
    publish(other, effective_from=NOW - timedelta(days=1), actor=approver, now=NOW)

    assert "It was not made from revision 3, which is in force" in mia.get(R2).content.decode()


def test_readers_see_no_verb(revision, clients):
    revision("submitted")

    page = clients.card.get(R2)

    assert (page.status_code, page.context["forms"]) == (200, {})


def test_a_revision_of_another_source_is_a_404_and_denied(clients, desk, trail):
    assert clients.stranger.get("/mappings/desk/r1/").status_code == 404
    assert trail() == [("denied", "accounts.source", [desk.source.pk], [])]


def test_the_page_of_a_published_revision_shows_rules_and_history(clients, desk):
    response = clients.card.get("/mappings/desk/r1/")

    assert response.context["page"].history[0].get_verb_display() == "Published"
    assert len(response.context["rules"]) == desk.published[0].rules.count()
