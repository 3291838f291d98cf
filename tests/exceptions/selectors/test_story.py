"""The history in sentences, the other spells, and who is named in them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Team, User
from config.web.asking import answers
from exceptions.models import History, IntegrationException, Spell, WebhookEndpoint
from exceptions.selectors.story import (
    SENTENCES,
    SHOWN_HISTORY,
    Names,
    entries_of,
    history_question,
    ids_in,
    names_of,
    spell_questions,
    spells_of,
    told,
)
from exceptions.vocabulary import State, Verb

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")
NAMES = Names(
    {1: User(first_name="Ada", last_name="Berg"), 2: User(first_name="Ben", last_name="Cole")},
    {5: Team(name="Imaging")},
    {7: "Ward chat"},
)


def test_every_verb_has_a_sentence():
    assert set(SENTENCES) == set(Verb)


@pytest.mark.parametrize(
    ("verb", "actor", "detail", "sentence"),
    [
        (Verb.TAKE, 1, {}, "Ada Berg took it."),
        (Verb.ASSIGN, 1, {"owner": 2, "team": 5}, "Ada Berg gave it to Ben Cole."),
        (Verb.ASSIGN, 1, {"owner": None, "team": 5}, "Ada Berg gave it to Imaging."),
        (Verb.ASSIGN, 9, {"owner": 8}, "Somebody gave it to somebody."),
        (Verb.MUTE, 1, {"until": "2026-11-24T18:00:00+00:00"}, "Ada Berg muted it until 12:00 CST."),
        (Verb.WAIVE, 1, {"until": "2026-11-25T18:00:00+00:00"},
         "Ada Berg accepted it until Wed 12:00 CST; what it holds stays held."),
        (Verb.ESCALATE, 1, {"people": [2]}, "Ada Berg escalated it: Ben Cole told."),
        (Verb.TOLD, None, {"people": [1, 2], "step": 0}, "The plan told Ada Berg and Ben Cole."),
        (Verb.TOLD, None, {"people": [], "endpoint": 7}, "The plan told Ward chat."),
        (Verb.TOLD, None, {"people": []}, "The plan told nobody."),
        (Verb.UNDO, 1, {"undone": "resolve"}, "Ada Berg took it back: closed."),
        (Verb.TAKE_ENDED, None, {"owner": 2}, "Ben Cole had it for too long, so it is free again."),
        (Verb.REROUTE, 1, {"team": 5}, "Ada Berg routed it again, to Imaging."),
    ],
)  # fmt: skip
def test_moves_are_told_in_sentences(verb, actor, detail, sentence):
    row = {"verb": verb.value, "actor_id": actor, "detail": detail}

    assert told(row, NAMES, CHICAGO, NOON) == sentence


def test_ids_are_those_that_moves_name():
    rows: list[dict[str, Any]] = [
        {"actor_id": 1, "detail": {"owner": 2, "team": 5}},
        {"actor_id": None, "detail": {"people": [3, 4], "endpoint": 7}},
        {"actor_id": 1, "detail": {"owner": None, "team": "x"}},
    ]

    assert [set(ids) for ids in ids_in(rows)] == [{1, 2, 3, 4}, {5}, {7}]


@pytest.fixture
def exception(run, change, booked):
    run(change(1, booked(("unmapped_status", "S15 ZZ9"))))
    return IntegrationException.objects.get()


def move(exception, verb, at, **more):
    facts = {"from_state": State.OPEN, "to_state": State.OPEN, "version": 2}
    return History.objects.create(exception=exception, verb=verb, at=at, **facts | more)


def story(exception, now=NOON + 9 * HOUR):
    rows = answers({"history": history_question(exception)})["history"]
    return entries_of(rows, names_of(ids_in(rows)), CHICAGO, now)


def test_history_is_newest_first_with_reasons(exception, people):
    move(exception, Verb.COMMENT, NOON + HOUR, actor=people.milo, reason="Same as in March.")

    assert [(entry.at, entry.text, entry.note, entry.url) for entry in story(exception)] == [
        (NOON + HOUR, "Milo Anselm wrote:", "Same as in March.", ""),
        (NOON, "Opened by the first finding.", "", ""),
    ]


def test_names_of_systems_are_fetched_with_those_of_people(exception, people):
    chat = WebhookEndpoint.objects.create(name="Ward chat", url="https://chat.example/x", secret="s")
    move(exception, Verb.TOLD, NOON + HOUR, detail={"people": [people.imani.pk], "endpoint": chat.pk})

    assert story(exception)[0].text == "The plan told Imani Kessler and Ward chat."


def test_history_is_cut_after_the_newest_thirty_and_all_of_it_has_a_page(exception, people, signed_in):
    for number in range(SHOWN_HISTORY):
        move(exception, Verb.COMMENT, NOON + HOUR * (number + 1), actor=people.milo, reason=str(number))
    client = signed_in(people.milo)

    pane = client.get(f"/exceptions/{exception.pk}/").context["pane"]
    page = client.get(f"/exceptions/{exception.pk}/history/", headers={"HX-Request": "true"})
    stranger = signed_in(people.ruth).get(f"/exceptions/{exception.pk}/history/")

    assert (len(pane.history), pane.has_more_history) == (SHOWN_HISTORY, True)
    assert (len(page.context["entries"]), stranger.status_code) == (SHOWN_HISTORY + 1, 404)
    assert "<html" not in page.content.decode()


def test_other_spells_say_who_closed_them_and_why(exception, people):
    Spell.objects.filter(exception=exception).update(closed_at=NOON + 2 * HOUR)
    move(exception, Verb.RESOLVE, NOON + 2 * HOUR, actor=people.milo, reason="Mapped.", to_state=State.RESOLVED)
    Spell.objects.create(
        exception=exception, no=2, opened_at=NOON + 5 * HOUR, cleared_at=NOON + 6 * HOUR, closed_at=NOON + 8 * HOUR
    )
    move(exception, Verb.CURED, NOON + 8 * HOUR, reason="Publication 4 of revision 3")
    Spell.objects.create(exception=exception, no=3, opened_at=NOON + 9 * HOUR)
    exception.spell_no = 3

    found = answers(spell_questions(exception))
    names = names_of(ids_in([row | {"detail": {}} for row in found["closings"]]))

    told_spells = [
        (line.no, line.length, line.cleared_at, line.closed_by, line.reason) for line in spells_of(found, names)
    ]
    assert told_spells == [
        (2, "3 h", NOON + 6 * HOUR, "A published mapping", "Publication 4 of revision 3"),
        (1, "2 h", None, "Milo Anselm", "Mapped."),
    ]


def test_first_spell_asks_nothing_about_others(exception):
    assert [question.sql for question in spell_questions(exception).values()] == [None, None]
