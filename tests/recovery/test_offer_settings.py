"""Settings of offers: read by all, edited by supervisors and administrators, every change a new version."""

from datetime import timedelta

import pytest
import time_machine

from accounts.vocabulary import Role
from config.web.asking import answers
from recovery.models import AttemptPolicy, OfferPolicy, VisitTypeRule
from recovery.offering import DEFAULT_RULES
from recovery.selectors.tries import Limit, limits_from, limits_question
from recovery.services.read_policies import read_offer_rules
from tests.support.desk import NOW

VISITS, OFFERS, TRIES = (f"/recovery/settings/{name}/" for name in ("visits", "offers", "tries"))


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def card(desk):
    return desk.clinics["CARD"]


@pytest.fixture
def client(card, person, signed_in):
    return signed_in(person(Role.SUPERVISOR, clinic=card))


def rule(client, card, **said):
    data = {
        "clinic": card.pk, "visit_type": "ECHO", "movable": "free", "decider": "scheduler", "notice_hours": 4,
        "preparation_hours": 8, "fits": "TTE, ECHO,TEE", "base": "",
    }  # fmt: skip
    return client.post(VISITS, data | said)


def policy(client, card, **said):
    return client.post(OFFERS, {"clinic": card.pk, "steps": "24 60 1\n0 15 2", "channels": "call, text"} | said)


def test_rule_is_kept_and_said_in_words(client, card):
    assert rule(client, card).status_code == 302

    kept = VisitTypeRule.objects.get()
    assert (kept.fits, kept.notice, kept.preparation) == (["TEE", "TTE"], timedelta(hours=4), timedelta(hours=8))
    text = client.get(VISITS).content.decode()
    assert "A scheduler offers it alone." in text
    assert ("4 h of notice" in text, "8 h to prepare" in text) == (True, True)


def test_change_is_a_new_version_and_the_old_one_stays(client, card):
    rule(client, card)
    first = VisitTypeRule.objects.get()

    assert rule(client, card, base=first.pk, movable="never").status_code == 302

    assert list(VisitTypeRule.objects.order_by("pk").values_list("movable", flat=True)) == ["free", "never"]
    assert [row.alone for row, _ in client.get(VISITS).context["rows"]] == ["Never offered."]


def test_visit_type_that_is_confidential_for_minors_is_said_to_be_and_stays_so_in_the_form(client, card):
    rule(client, card, is_confidential="1")

    kept = VisitTypeRule.objects.get()
    listed, form = client.get(VISITS).content.decode(), client.get(f"{VISITS}?rule={kept.pk}").context["form"]
    assert (kept.is_confidential, form.initial["is_confidential"]) == (True, "1")
    assert "Confidential for minors" in listed


@pytest.mark.parametrize("page", ["rule", "policy"])
def test_whoever_saw_an_older_version_is_told(client, card, page):
    keep = {"rule": rule, "policy": policy}[page]
    keep(client, card)

    assert keep(client, card).status_code == 409


def test_policy_replaces_the_default(client, card):
    assert read_offer_rules(card.pk, NOW) == DEFAULT_RULES
    assert policy(client, card).status_code == 302

    steps = read_offer_rules(card.pk, NOW).steps
    assert [(step.window, step.at_once) for step in steps] == [(timedelta(hours=1), 1), (timedelta(minutes=15), 2)]
    assert "From 1 day before: 1 h to answer, 1 person at a time." in client.get(OFFERS).content.decode()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"steps": "24 60"}, "Write three whole numbers a line."),
        ({"steps": "24 60 1"}, "The last step begins 0 hours before the start."),
        ({"channels": "fax"}, "Name call, text and email, each at most once."),
    ],
    ids=["two numbers", "no last step", "unknown channel"],
)
def test_policy_that_makes_no_sense_is_a_422(client, card, said, sentence):
    response = policy(client, card, **said)

    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert OfferPolicy.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.SUPERVISOR)])
def test_others_read_and_may_not_change(card, person, signed_in, role):
    reader = signed_in(person(role, clinic=card))

    assert [reader.get(url).status_code for url in (VISITS, OFFERS, TRIES)] == [200, 200, 200]
    assert [keep(reader, card).status_code for keep in (rule, policy, tries)] == [403, 403, 403]


def test_another_clinics_rules_are_not_seen_and_not_changed(desk, client, card):
    rule(client, card)
    derm = desk.clinics["DERM"]

    assert rule(client, derm).status_code == 422
    assert [row.clinic.pk for row, _ in client.get(OFFERS).context["rows"]] == [card.pk]


def tries(client, card, **said):
    data = {"clinic": card.pk, "family": "rebook_missed", "most_tries": "2", "rest_minutes": "1440", "base": ""}
    return client.post(TRIES, data | said)


def tries_row(client, family="rebook_missed"):
    """What the page says of a family."""
    row = next(row for row, _ in client.get(TRIES).context["rows"] if row.family == family)
    return row.limit, row.rest, row.first


def test_tries_begin_with_the_defaults_of_each_kind(client):
    assert tries_row(client) == ("3 tries, then: send a letter", "20 h", "")
    assert tries_row(client, "rebook_bumped") == ("No limit", "4 h", "")
    assert tries_row(client, "confirm") == ("2 tries, then: nothing more", "1 h", "")


def test_tries_are_kept_as_a_new_version(client, card):
    assert tries(client, card).status_code == 302
    first = AttemptPolicy.objects.get()
    assert tries(client, card, base=first.pk, most_tries="", rest_minutes="90", first_hours="8").status_code == 302

    assert tries_row(client) == ("No limit", "90 min", "within 8 h")
    assert list(AttemptPolicy.objects.order_by("pk").values_list("most_tries", flat=True)) == [2, None]


def test_tries_of_one_kind_leave_the_others_alone(client, card):
    tries(client, card)

    assert tries(client, card, family="rebook_bumped").status_code == 302
    assert tries(client, card).status_code == 409


@pytest.mark.parametrize(
    "said",
    [{"most_tries": "0"}, {"rest_minutes": "1"}, {"family": "other"}, {"rest_minutes": ""}],
    ids=["no try", "no rest", "unknown kind", "rest missing"],
)
def test_tries_that_make_no_sense_are_a_422(client, card, said):
    assert tries(client, card, **said).status_code == 422
    assert AttemptPolicy.objects.count() == 0


def test_limits_in_force_count_for_the_rows(client, card):
    tries(client, card, first_hours="24")

    assert limits_from(answers({"limits": limits_question([card.pk], NOW)})["limits"]) == {
        (card.pk, "rebook_missed"): Limit(2, timedelta(hours=24))
    }
