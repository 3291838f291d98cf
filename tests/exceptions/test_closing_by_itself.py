"""Notes that hold nothing up close when their cause goes, and open again when it comes back."""

from exceptions.models import History, IntegrationException, Spell
from exceptions.vocabulary import State, Verb
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

SOON = NOW + 2 * DAY


def cancelled(visit, at):
    return siu("S15", visit=visit, at=at, starts_at=SOON, status="Cancelled")


def test_a_note_closes_with_its_last_finding_and_its_next_spell_opens_with_an_older_one(desk):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=SOON))
    desk.take(cancelled("V1", NOW - 3 * HOUR))
    desk.take(siu("S17", visit="V1", at=NOW - 2 * HOUR, starts_at=SOON, status=""))

    note = IntegrationException.objects.get(check_id="cancel_reason_missing")
    assert (note.state, note.live_count, note.resolved_at) == (State.RESOLVED, 0, NOW)

    desk.take(siu("S12", visit="V2", at=NOW - DAY, starts_at=SOON + HOUR, patient="N-2"), now=NOW + HOUR)
    desk.take(cancelled("V2", NOW - HOUR), now=NOW + HOUR)

    note.refresh_from_db()
    assert (note.state, note.live_count, note.spell_no) == (State.REOPENED, 1, 2)
    assert [row.verb for row in History.objects.filter(exception=note).order_by("pk")] == [
        Verb.OPENED, Verb.CLEARED, Verb.REGRESSED,
    ]  # fmt: skip
    spells = Spell.objects.filter(exception=note).order_by("no").values_list("no", "cleared_at", "closed_at")
    assert list(spells) == [(1, NOW, NOW), (2, None, None)]
