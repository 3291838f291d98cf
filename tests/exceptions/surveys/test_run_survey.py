"""One survey as a transaction: repeated, raced, failing, cut short, and beside people who close exceptions."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts.models import Clinic
from exceptions.models import History, HourlyCount, IntegrationException, Membership, Spell
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.run_survey import run_survey
from exceptions.surveys import closure as closure_survey
from exceptions.surveys.contact import look as look_at_contact
from exceptions.surveys.registry import SURVEYS
from exceptions.vocabulary import State, SubjectKind, Verb
from scheduling.sql.cursors import server_cursor
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import merge, siu
from tests.support.rows import row
from tests.support.wordings import approve_text

SOON = NOW + 2 * DAY


def everything() -> list[object]:
    """All that a survey writes, as values."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (IntegrationException, Membership, Spell, History, HourlyCount)
    ]


def without_mobile(desk, table, *visits, at=NOW - HOUR, **changed):
    for visit in visits:
        desk.take(row(visit, at=at, starts=SOON, patient_id=f"P-{visit}", mobile="", **changed), feed=table)


@pytest.mark.parametrize("name", SURVEYS)
def test_running_a_survey_twice_changes_nothing(name, desk, table):
    without_mobile(desk, table, "V1", "V2")
    desk.take(siu("S12", visit="A1", at=NOW - 9 * DAY, starts_at=NOW - 4 * DAY))
    run_survey(name, now=NOW + 2 * DAY)
    once = everything()

    run_survey(name, now=NOW + 2 * DAY)

    assert everything() == once


def test_finding_has_the_life_of_any_other(desk, table, survey):
    without_mobile(desk, table, "V1", "V2")
    survey("contact")

    found = IntegrationException.objects.get(check_id="missing_mobile")

    assert (found.state, found.live_count, found.occurrences, found.feed, found.raw) == (State.OPEN, 2, 2, None, "")
    assert (found.clinic, found.first_samples, found.occurred_last) == (desk.clinics["CARD"], [], NOW - HOUR)
    assert set(found.memberships.values_list("subject_kind", "decision")) == {(SubjectKind.PATIENT, "")}
    assert list(found.history.values_list("verb", flat=True)) == [Verb.OPENED]
    assert (found.spells.count(), sum(found.hours.values_list("count", flat=True))) == (1, 2)


def test_live_findings_equal_the_pure_checks(desk, table):
    approve_text("en")
    without_mobile(desk, table, "V1", language="so")
    desk.take(row("V2", at=NOW - HOUR, starts=SOON, born="2015-01-01"), feed=table)
    run_survey("contact", now=NOW)

    with transaction.atomic(), server_cursor() as cursor:
        found = {(one.check, one.clinic_id, one.subject_id) for one in look_at_contact(cursor, NOW).found}

    kept = Membership.objects.values_list("exception__check_id", "exception__clinic_id", "subject_id")
    assert set(kept) == found
    assert {check for check, *_ in found} == {"missing_mobile", "language_without_template", "minor_without_guardian"}


def test_survey_leaves_the_findings_of_others_alone(desk, table, survey):
    without_mobile(desk, table, "V1")
    desk.take(siu("S12", visit="A1", at=NOW - HOUR, starts_at=SOON, status="Nobody knows"))
    before = survey("contact")

    after = survey("closure")

    assert after == before
    assert {"missing_mobile", "unmapped_status"} <= before.keys()


def test_closed_exception_keeps_its_findings_and_opens_for_a_newer_one(desk, table, survey, person):
    without_mobile(desk, table, "V1", at=NOW - 2 * HOUR)
    survey("contact")
    found = IntegrationException.objects.get(check_id="missing_mobile")
    move_exception(found, Verb.RESOLVE, Order(reason="Called."), actor=person(), now=NOW)
    survey("contact", now=NOW + HOUR)
    found.refresh_from_db()
    assert (found.state, found.live_count) == (State.RESOLVED, 1)

    desk.take(row("V2", at=NOW + HOUR, starts=SOON, patient_id="P-2", mobile=""), feed=table, now=NOW + HOUR)
    survey("contact", now=NOW + 2 * HOUR)

    found.refresh_from_db()
    assert (found.state, found.live_count, found.spell_no) == (State.REOPENED, 2, 2)


def test_survey_that_raises_is_an_exception_and_the_others_go_on(desk, table, survey):
    desk.take(siu("S12", visit="A1", at=NOW - 9 * DAY, starts_at=NOW - 4 * DAY))
    kept = survey("closure")
    Clinic.objects.filter(key="derm").update(timezone="Mars/Base")

    failed = survey("closure")
    others = survey("capacity")

    assert failed == kept | {"survey_failed": 2}
    assert others == failed
    found = IntegrationException.objects.get(check_id="survey_failed")
    assert (found.raw, found.clinic, found.source, found.feed) == ("closure", None, desk.source, None)
    assert survey("closure") == failed


def test_failure_of_one_survey_is_cleared_by_that_one_alone(desk, table, survey):
    Clinic.objects.filter(key="derm").update(timezone="Mars/Base")
    survey("closure")
    Clinic.objects.filter(key="derm").update(timezone="America/Chicago")
    survey("contact")
    assert IntegrationException.objects.get(check_id="survey_failed").state == State.OPEN

    survey("closure")

    assert IntegrationException.objects.get(check_id="survey_failed").state == State.CLEARED_UNSEEN


def test_survey_that_was_cut_short_takes_nothing_away(desk, survey, monkeypatch):
    for number in range(3):
        start = NOW - 4 * DAY + number * HOUR
        desk.take(siu("S12", visit=f"A{number}", at=NOW - 9 * DAY, starts_at=start))
    assert survey("closure") == {"never_closed": 3}
    monkeypatch.setattr(closure_survey, "MOST", 2)
    assert survey("closure") == {"never_closed": 3, "survey_limited": 1}

    desk.take(siu("S15", visit="A2", at=NOW - HOUR, status="Cancelled", reason="PT^Patient request"))

    after = survey("closure")
    assert (after["never_closed"], after.get("survey_limited")) == (2, None)


@pytest.mark.parametrize("days", [14, 15], ids=["in the window", "past it"])
def test_window_ends_after_two_weeks(days, desk, table, survey):
    starts = NOW + days * DAY - timedelta(minutes=1)
    desk.take(row("V1", at=NOW - HOUR, starts=starts, mobile=""), feed=table)

    assert survey("contact") == ({"missing_mobile": 1} if days == 14 else {})


def test_people_are_seen_through_their_merges(desk, survey):
    mobile = "3125550142^PRN^CP"
    desk.take(siu("S12", visit="A1", at=NOW - 3 * HOUR, starts_at=SOON, patient="N-2"))
    desk.take(siu("S12", visit="A2", at=NOW - 3 * HOUR, starts_at=SOON + HOUR, patient="N-1", phone=mobile))
    assert survey("contact") == {"missing_mobile": 1, "duplicate_patients": 2}

    desk.take(merge(at=NOW - 2 * HOUR, survivor="N-1", retired="N-2"))

    assert survey("contact") == {}


@pytest.mark.django_db(transaction=True)
def test_second_process_leaves_a_running_survey_alone(desk, table):
    without_mobile(desk, table, "V1")
    locked, may_go = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(7403, hashtext('contact'))")
                locked.set()
                assert may_go.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(hold)
        assert locked.wait(20)
        assert (run_survey("contact", now=NOW), run_survey("capacity", now=NOW)) == (False, True)
        may_go.set()
        other.result(20)

    assert run_survey("contact", now=NOW)


RACER = """
import sys, django
from datetime import datetime
django.setup()
from exceptions.services.run_survey import run_survey
for _ in range(12):
    for name in ("contact", "closure"):
        run_survey(name, now=datetime.fromisoformat(sys.argv[1]))
"""


def own_database() -> dict[str, str]:
    """The environment of a process that works on this test's database, where it must find committed rows."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"}


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_neither_double_nor_fail(desk, table):
    without_mobile(desk, table, *[f"V{number}" for number in range(40)])
    for number in range(40):
        start = NOW - 4 * DAY + number * timedelta(minutes=10)
        desk.take(siu("S12", visit=f"A{number}", at=NOW - 9 * DAY, starts_at=start, patient=f"N-{number}"))
    environ = own_database()

    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, NOW.isoformat()], env=environ, cwd=Path(settings.BASE_DIR),
            stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    errors = [racer.communicate(timeout=120)[1] for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0], errors
    counts = dict(IntegrationException.objects.values_list("check_id", "live_count"))
    assert counts == {"missing_mobile": 40, "never_closed": 40}
    assert Membership.objects.count() == Spell.objects.count() * 40 == 80
    assert {one.occurrences for one in IntegrationException.objects.all()} == {40}
