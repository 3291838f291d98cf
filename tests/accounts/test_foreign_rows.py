"""Nobody reaches a row outside their scope by its number: every address that takes an id, every role, by GET and POST.

The rows belong to the clinic Card of one source. The strangers hold their role in the other clinic of that source, or
in another source. A new address that takes an id fails here until it is named in ``ROWS``.
"""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import AuditEntry, ClinicLaunchMode, Team, User
from accounts.vocabulary import Role
from exceptions.models import (
    Act,
    EscalationPolicy,
    IntegrationException,
    MaintenanceWindow,
    RoutingRule,
    SavedView,
    WebhookEndpoint,
)
from exceptions.vocabulary import Came, Severity, Verb
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import Attempt, Offer, Outbound, QueueItem, Reply, WaitlistEntry
from scheduling.models import MappingPreview, Message, Replay, SignalTally
from scheduling.views.replays import STOP_POLLING
from scheduling.vocabulary import LaunchMode
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu
from tests.support.wordings import approve_text

# What a row tells: the patient's name, number and phone, the visit's number, the code that holds it.
TOLD = ("Quill", "Ada", "N-1", "3125550142", "V-ONE", "V-TWO", "ZZ9")
# Reached by machines with a token or signature of their own.
TOKENS = {
    "intake/<slug:key>/",
    "outreach/status/<slug:gateway>/",
    "outreach/replies/<slug:gateway>/",
    "scores/<slug:key>/",
}
# Address by route, filled from the rows; and whose it is: a clinic's, its source's, one person's, the whole desk's.
ROWS = {
    "appointments/<int:pk>/": ("/appointments/{visit}/", "clinic"),
    "patients/<int:pk>/": ("/patients/{patient}/", "clinic"),
    "messages/<int:pk>/": ("/messages/{message}/", "clinic"),
    "messages/<int:pk>/values/": ("/messages/{message}/values/", "clinic"),
    "exceptions/<int:pk>/": ("/exceptions/{exception}/", "clinic"),
    "exceptions/<int:pk>/visits/": ("/exceptions/{exception}/visits/", "clinic"),
    "exceptions/<int:pk>/history/": ("/exceptions/{exception}/history/", "clinic"),
    "exceptions/<int:pk>/messages/<int:message_pk>/": ("/exceptions/{exception}/messages/{sample}/", "clinic"),
    "exceptions/<int:pk>/<verb:verb>/": ("/exceptions/{exception}/take/", "clinic"),
    # Takes ids in what is posted: a row of another clinic among them refuses the whole act.
    "exceptions/many/<verb:verb>/": ("/exceptions/many/take/?row={exception}.1", "clinic"),
    # Without a clinic: people of the source as a whole.
    "exceptions/<int:pk>/clinic-of-code/": ("/exceptions/{unknown_clinic}/clinic-of-code/", "no clinic"),
    "exceptions/<int:pk>/process-again/": ("/exceptions/{failed}/process-again/", "no clinic"),
    "exceptions/acts/<int:pk>/": ("/exceptions/acts/{act}/", "person"),
    "exceptions/acts/<int:pk>/undo/": ("/exceptions/acts/{act}/undo/", "person"),
    "exceptions/views/<int:pk>/rename/": ("/exceptions/views/{view}/rename/", "person"),
    "exceptions/views/<int:pk>/begin/": ("/exceptions/views/{view}/begin/", "person"),
    "exceptions/views/<int:pk>/delete/": ("/exceptions/views/{view}/delete/", "person"),
    "exceptions/routing/<int:pk>/": ("/exceptions/routing/{routing_rule}/", "clinic"),
    "exceptions/routing/<int:pk>/change/": ("/exceptions/routing/{routing_rule}/change/", "clinic"),
    "exceptions/routing/<int:pk>/move/": ("/exceptions/routing/{routing_rule}/move/", "clinic"),
    "exceptions/routing/<int:pk>/switch/": ("/exceptions/routing/{routing_rule}/switch/", "clinic"),
    "exceptions/maintenance/<int:pk>/end/": ("/exceptions/maintenance/{window}/end/", "clinic"),
    # Settings of the whole desk: everybody with a role reads them.
    "exceptions/policies/<int:pk>/": ("/exceptions/policies/{policy}/", "desk"),
    "exceptions/policies/<int:pk>/renew/": ("/exceptions/policies/{policy}/renew/", "desk"),
    "exceptions/duties/<int:pk>/": ("/exceptions/duties/{team}/", "desk"),
    "exceptions/endpoints/<int:pk>/": ("/exceptions/endpoints/{endpoint}/", "desk"),
    "exceptions/endpoints/<int:pk>/secret/": ("/exceptions/endpoints/{endpoint}/secret/", "desk"),
    "exceptions/endpoints/<int:pk>/test/": ("/exceptions/endpoints/{endpoint}/test/", "desk"),
    "recovery/<int:pk>/": ("/recovery/{item}/", "clinic"),
    "recovery/<int:pk>/take/": ("/recovery/{item}/take/", "clinic"),
    "recovery/<int:pk>/let-go/": ("/recovery/{item}/let-go/", "clinic"),
    "recovery/<int:pk>/free/": ("/recovery/{item}/free/", "clinic"),
    "recovery/<int:pk>/hand-over/": ("/recovery/{item}/hand-over/", "clinic"),
    "recovery/<int:pk>/stay/": ("/recovery/{item}/stay/", "clinic"),
    "recovery/<int:pk>/pin/": ("/recovery/{item}/pin/", "clinic"),
    "recovery/<int:pk>/unpin/": ("/recovery/{item}/unpin/", "clinic"),
    "recovery/<int:pk>/call/": ("/recovery/{item}/call/", "clinic"),
    "recovery/<int:pk>/calls/<int:attempt_pk>/outcome/": ("/recovery/{item}/calls/{attempt}/outcome/", "clinic"),
    "live/recovery/<int:pk>/": ("/live/recovery/{item}/", "clinic"),
    "recovery/<int:pk>/contact/": ("/recovery/{item}/contact/", "clinic"),
    "recovery/<int:pk>/contact/mark/": ("/recovery/{item}/contact/mark/", "clinic"),
    "recovery/<int:pk>/contact/consent/": ("/recovery/{item}/contact/consent/", "clinic"),
    "recovery/<int:pk>/reveal/": ("/recovery/{item}/reveal/", "clinic"),
    "recovery/settings/contact/<int:pk>/": ("/recovery/settings/contact/{clinic}/", "clinic"),
    "recovery/settings/languages/<int:pk>/": ("/recovery/settings/languages/{colleague}/", "clinic"),
    "recovery/templates/<int:pk>/approve/": ("/recovery/templates/{wording}/approve/", "desk"),
    "recovery/templates/<int:pk>/retire/": ("/recovery/templates/{wording}/retire/", "desk"),
    "recovery/<int:pk>/close/": ("/recovery/{item}/close/", "clinic"),
    "recovery/<int:pk>/reopen/": ("/recovery/{item}/reopen/", "clinic"),
    "recovery/<int:pk>/candidates/": ("/recovery/{item}/candidates/", "clinic"),
    "recovery/<int:pk>/text/": ("/recovery/{item}/text/", "clinic"),
    "recovery/<int:pk>/email/": ("/recovery/{item}/email/", "clinic"),
    "recovery/<int:pk>/offer/": ("/recovery/{item}/offer/", "clinic"),
    "recovery/<int:pk>/offers/<int:offer_pk>/answer/": ("/recovery/{item}/offers/{offer}/answer/", "clinic"),
    "recovery/messages/<int:pk>/reply/": ("/recovery/messages/{outbound}/reply/", "clinic"),
    "recovery/replies/<int:pk>/answer/": ("/recovery/replies/{reply}/answer/", "clinic"),
    "recovery/waitlist/<int:pk>/remove/": ("/recovery/waitlist/{waiting}/remove/", "clinic"),
    "people/<int:pk>/sessions/end/": ("/people/{colleague}/sessions/end/", "clinic"),
    "feeds/<slug:key>/": ("/feeds/{feed}/", "source"),
    "feeds/<slug:key>/messages/": ("/feeds/{feed}/messages/", "source"),
    "mappings/<slug:key>/path/": ("/mappings/{source}/path/?from=booked&to=cancelled", "source"),
    "mappings/<slug:key>/compare/": ("/mappings/{source}/compare/", "source"),
    "mappings/<slug:key>/import/": ("/mappings/{source}/import/", "source"),
    "mappings/<slug:key>/packs/": ("/mappings/{source}/packs/?pack=hl7-0278", "source"),
    "mappings/<slug:key>/precedence/": ("/mappings/{source}/precedence/", "source"),
    "mappings/<slug:key>/reasons/": ("/mappings/{source}/reasons/", "source"),
    "mappings/<slug:key>/rules/": ("/mappings/{source}/rules/?rule={rule}", "source"),
    "mappings/<slug:key>/rules/keep/": ("/mappings/{source}/rules/keep/", "source"),
    "mappings/<slug:key>/rules/try/": ("/mappings/{source}/rules/try/", "source"),
    "mappings/<slug:key>/rules/<int:pk>/drop/": ("/mappings/{source}/rules/{rule}/drop/", "source"),
    "mappings/<slug:key>/reasons/<int:pk>/drop/": ("/mappings/{source}/reasons/{reason}/drop/", "source"),
    "mappings/<slug:key>/precedence/<int:pk>/drop/": ("/mappings/{source}/precedence/{leads}/drop/", "source"),
    "mappings/<slug:key>/r<int:number>/": ("/mappings/{source}/r1/", "source"),
    "mappings/<slug:key>/r<int:number>/export.csv": ("/mappings/{source}/r1/export.csv", "source"),
    "mappings/<slug:key>/r<int:number>/submit/": ("/mappings/{source}/r1/submit/", "source"),
    "mappings/<slug:key>/r<int:number>/return/": ("/mappings/{source}/r1/return/", "source"),
    "mappings/<slug:key>/r<int:number>/approve/": ("/mappings/{source}/r1/approve/", "source"),
    "mappings/<slug:key>/r<int:number>/publish/": ("/mappings/{source}/r1/publish/", "source"),
    "mappings/<slug:key>/r<int:number>/preview/": ("/mappings/{source}/r1/preview/", "source"),
    "mappings/<slug:key>/r<int:number>/preview/<int:pk>/cancel/": (
        "/mappings/{source}/r1/preview/{preview}/cancel/",
        "source",
    ),
    "live/mappings/<slug:key>/r<int:number>/preview/<int:pk>/": (
        "/live/mappings/{source}/r1/preview/{preview}/",
        "source",
    ),
    "mappings/replays/<int:pk>/": ("/mappings/replays/{replay}/", "source"),
    "mappings/replays/<int:pk>/cancel/": ("/mappings/replays/{replay}/cancel/", "source"),
    "mappings/replays/<int:pk>/resume/": ("/mappings/replays/{replay}/resume/", "source"),
    "live/mappings/replays/<int:pk>/": ("/live/mappings/replays/{replay}/", "source"),
}
SETTINGS = tuple(
    f"/exceptions/{name}/" for name in ("routing", "routing/again", "policies", "duties", "maintenance", "endpoints")
)
LISTS = (
    *SETTINGS, "/", "/appointments/", "/exceptions/", "/notices/", "/notices/outbox/", "/recovery/", "/feeds/",
    "/mappings/", "/audit/?entry={entry}", "/recovery/waitlist/",
    "/recovery/metrics/?figure=slots_lost", "/recovery/settings/tries/",
    "/recovery/settings/visits/", "/recovery/settings/offers/", "/recovery/settings/limits/",
    "/recovery/messages/", "/recovery/messages/?split=sent", "/recovery/replies/",
    "/recovery/reveals/", "/recovery/templates/", "/recovery/settings/contact/",
    "/recovery/settings/languages/",
)  # fmt: skip
# Roles add up, so whoever holds them all is let in wherever one of them is; each alone is tried in the soak.
ROLES = [
    pytest.param(tuple(Role), id="all roles"),
    *(pytest.param((role,), id=role.value, marks=pytest.mark.soak) for role in Role),
]
# Lists that open a row beside them.
BESIDE = (
    "/appointments/?item={visit}",
    "/recovery/?item={item}",
    "/mappings/lab/?message={message}",
    "/people/?person={colleague}",
    "/mappings/?signal={tally}",
)


def routes_with_ids(patterns, prefix=""):
    """Every route that takes an id, the admin's apart."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes_with_ids(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and pattern.pattern.converters and not route.startswith("admin/"):
            yield route


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rows(desk, person, settings):
    """Numbers of one row of each kind, all of the clinic Card: a freed slot, and a visit that is held.

    Two problems have no clinic; an act and a view are those of the colleague.
    """
    card = desk.clinics["CARD"]
    settings.OUTREACH_TEXT = "local"  # so that somebody may answer in a patient's place
    for decision in QUEUE_DECISIONS:
        ClinicLaunchMode.objects.create(
            clinic=card, decision=decision, mode=LaunchMode.LIVE, valid_from=NOW - DAY, recorded_at=NOW
        )
    desk.take(
        siu("S12", visit="V-ONE", at=NOW - DAY, starts_at=NOW + DAY),
        siu("S15", visit="V-ONE", at=NOW - HOUR, starts_at=NOW + DAY, status="Cancelled"),
        siu("S12", visit="V-TWO", at=NOW - DAY, starts_at=NOW + 2 * DAY, status="ZZ9"),
        siu("S12", visit="V-THREE", at=NOW - DAY, starts_at=NOW + 3 * DAY, clinic="NOWHERE"),
    )
    visit = desk.visit("V-ONE")
    colleague = person(Role.ACCESS, clinic=card)
    team = Team.objects.create(key="heart", name="Heart")
    sent = Outbound.objects.create(
        attempt=Attempt.objects.create(
            item=QueueItem.objects.get(), patient_id=visit.patient_id, clinic=card, decision="refill_24_72",
            channel="text", value="3125550142", person_owner=1, number_owner=1, at=NOW, outcome="sent", outcome_at=NOW,
            next_step="other_channel",
        ),
        key="one", template=approve_text("es"), body="Ada Quill", send_after=NOW, deadline_at=NOW + DAY, state="sent",
        settled_at=NOW,
    )  # fmt: skip
    waiting = WaitlistEntry.objects.create(
        source=desk.source, patient_id=visit.patient_id, clinic=card, visit_type="ECHO", origin="staff",
        since=NOW - DAY, added_at=NOW,
    )  # fmt: skip
    entry = AuditEntry.objects.create(
        at=NOW, actor=colleague, action="read", subject_kind="scheduling.appointment", subjects=[visit.pk],
        patients=[visit.patient_id], clinic=card,
    )  # fmt: skip
    held = IntegrationException.objects.get(clinic=card, check_id="unmapped_status")
    return {
        "visit": visit.pk,
        "patient": visit.patient_id,
        "message": Message.objects.order_by("pk").values_list("pk", flat=True)[0],
        "exception": held.pk,
        "sample": held.first_samples[0],
        "unknown_clinic": IntegrationException.objects.get(check_id="unknown_clinic").pk,
        "failed": IntegrationException.objects.create(
            fingerprint=b"f" * 16, check_id="processing_failed", source=desk.source, feed=desk.feed, opened_at=NOW,
            severity=Severity.DEGRADED, occurred_first=NOW, occurred_last=NOW,
        ).pk,
        "act": Act.objects.create(
            actor=colleague, verb=Verb.TAKE, at=NOW, asked=1, done=1, undo_until=NOW + HOUR,
            outcomes=[[held.pk, Came.DONE, "", held.version + 1, {}]],
        ).pk,
        "view": SavedView.objects.create(person=colleague, name="V-ONE", query="split=mine", saved_at=NOW).pk,
        "item": QueueItem.objects.get().pk,
        "waiting": waiting.pk,
        "attempt": sent.attempt_id,
        "offer": Offer.objects.create(
            item=QueueItem.objects.get(), patient_id=visit.patient_id, entry=waiting, made_at=NOW, expires_at=NOW + HOUR
        ).pk,
        "colleague": colleague.pk,
        "entry": entry.pk,
        "clinic": card.pk,
        "wording": approve_text("en").pk,
        "outbound": sent.pk,
        "reply": Reply.objects.create(
            outbound=sent, key="x:1", value="3125550142", body="Ada Quill here", received_at=NOW, meaning="ask",
            effect="Read it and call them back.",
        ).pk,
        "feed": desk.feed.key,
        "source": desk.source.key,
        "reason": desk.published[0].reasons.create(code="ILL", confirmed_by=colleague, confirmed_at=NOW).pk,
        "leads": desk.published[0].precedence.create(trigger="S14", confirmed_by=colleague, confirmed_at=NOW).pk,
        "rule": desk.published[0].rules.earliest("pk").pk,
        "replay": Replay.objects.earliest("pk").pk,
        "preview": MappingPreview.objects.create(
            revision=desk.published[0], version=1, effective_from=NOW, since=NOW - DAY, requested_by=colleague,
            requested_at=NOW,
        ).pk,
        "routing_rule": RoutingRule.objects.create(
            position=1, name="Cardiology", source=desk.source, clinic=card, team=team, raw_pattern="^ZZ9$"
        ).pk,
        "window": MaintenanceWindow.objects.create(
            name="V-ONE", source=desk.source, clinic=card, starts_at=NOW, ends_at=NOW + HOUR, made_at=NOW
        ).pk,
        "policy": EscalationPolicy.objects.create(name="Office hours").pk,
        "team": team.pk,
        "endpoint": WebhookEndpoint.objects.create(name="Pager", url="https://pager.example", secret="s").pk,
        "tally": SignalTally.objects.get(filler_status="ZZ9").pk,
    }  # fmt: skip


def answers(client, address):
    """Status and text by GET and by POST; what asks for the other method does not count."""
    asked = dict(parse_qsl(urlsplit(address).query))
    got = [client.get(address), client.post(address, asked | {"reason": "I want to see it"})]
    return [(one.status_code, one.content.decode()) for one in got if one.status_code != 405]


def told(text):
    return [word for word in TOLD if re.search(rf"(?<![\w-]){word}(?![\w-])", text)]


def let_through(client, addresses, allowed):
    """Each address that answered otherwise than ``allowed`` or told something, with what it answered and told."""
    found = {}
    for address in addresses:
        got = [(status, told(text)) for status, text in answers(client, address)]
        if not got or {status for status, _ in got} - allowed or any(words for _, words in got):
            found[address] = got
    return found


def of(rows, *places):
    return [address.format(**rows) for address, place in ROWS.values() if place in places]


def test_every_address_that_takes_an_id_is_tried_here():
    assert set(routes_with_ids(get_resolver().url_patterns)) - TOKENS == set(ROWS)


@pytest.mark.parametrize("roles", ROLES)
def test_another_sources_rows_are_missing_or_refused(rows, person, signed_in, other_clinic, roles):
    client = signed_in(person(*roles, clinic=other_clinic))

    assert let_through(client, of(rows, "clinic", "no clinic", "source", "person"), {403, 404}) == {}


@pytest.mark.parametrize("roles", ROLES)
def test_another_clinics_rows_are_missing_or_refused(rows, desk, person, signed_in, roles):
    client = signed_in(person(*roles, clinic=desk.clinics["DERM"]))

    assert let_through(client, of(rows, "clinic", "no clinic", "person"), {403, 404}) == {}


@pytest.mark.parametrize("roles", ROLES)
def test_what_a_source_shares_and_every_list_tell_nothing_of_another_clinics_rows(rows, desk, person, signed_in, roles):
    client = signed_in(person(*roles, clinic=desk.clinics["DERM"]))

    addresses = [*of(rows, "source", "desk"), *(address.format(**rows) for address in LISTS)]
    # A form that is sent empty is refused with its page; people may add to what is theirs.
    assert let_through(client, addresses, {200, STOP_POLLING, 302, 403, 422}) == {}


@pytest.mark.parametrize("roles", ROLES)
def test_settings_of_the_desk_tell_another_source_nothing(rows, person, signed_in, other_clinic, roles):
    client = signed_in(person(*roles, clinic=other_clinic))

    assert let_through(client, [*of(rows, "desk"), *SETTINGS], {200, 302, 403}) == {}


@pytest.mark.parametrize("where", ["another clinic", "another source"])
@pytest.mark.parametrize("roles", ROLES)
def test_row_opened_beside_a_list_tells_nothing(rows, desk, person, signed_in, other_clinic, roles, where):
    client = signed_in(person(*roles, clinic=other_clinic if where == "another source" else desk.clinics["DERM"]))

    assert let_through(client, [address.format(**rows) for address in BESIDE], {403, 404}) == {}


def test_the_right_person_gets_each_of_them(rows, desk, person, signed_in):
    right = person(
        Role.ADMIN, Role.ACCESS, Role.SUPERVISOR, Role.AUDITOR, Role.INTEGRATION, clinic=desk.clinics["CARD"]
    )
    right.grants.create(role=Role.MAPPING, source=desk.source)
    right.grants.create(role=Role.INTEGRATION, source=desk.source)
    client = signed_in(right)
    addresses = [*of(rows, "clinic", "no clinic", "source"), *(address.format(**rows) for address in (*BESIDE, *LISTS))]

    found = {address: {status for status, _ in answers(client, address)} for address in addresses}

    # A verb that does not fit its row, or not any more, is refused with the row on the page.
    assert {address: got for address, got in found.items() if not got or got - {200, STOP_POLLING, 302, 409, 422}} == {}


def test_what_a_person_keeps_is_missing_for_every_colleague_and_theirs_to_use(rows, desk, person, signed_in):
    colleague = person(*Role, clinic=desk.clinics["CARD"])
    owner = User.objects.get(pk=rows["colleague"])

    assert let_through(signed_in(colleague), of(rows, "person"), {404}) == {}
    # The exception moved since, so nothing is left to take back; and a view needs a name.
    found = {address: {status for status, _ in answers(signed_in(owner), address)} for address in of(rows, "person")}
    assert list(found.values()) == [{200}, {409}, {422}, {302}, {302}]
