"""Every check of every survey comes about by what arrives, or does not, and goes away the same way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from accounts.models import Clinic
from exceptions.models import IntegrationException, Notice
from exceptions.surveys import closure
from exceptions.surveys.registry import FAILED, LIMITED, SURVEYS
from exceptions.vocabulary import Channel, NoticeKind, NoticeState
from scheduling.mapping.rules import Rule
from scheduling.models import Consent, Feed, FeedSettings, Patient, Receipt
from scheduling.services.extracts import finish_extracts
from scheduling.vocabulary import FeedFormat, MessageKind, Outcome, Status, Transport
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW, Desk
from tests.support.messages import adt, merge, siu, slot
from tests.support.rows import row
from tests.support.wordings import approve_text

SOON, MINUTE = NOW + 2 * DAY, timedelta(minutes=1)


class Scene(NamedTuple):
    """What a check is tried on; messages arrive at the desk's now."""

    desk: Desk
    table: Feed

    def tell(self, visit: str = "V1", *, after: int = 0, starts: datetime = SOON, **changed: str) -> None:
        """A row of the table says, ``after`` hours after the first one, what there is about a visit."""
        at = NOW - 9 * HOUR + after * HOUR
        self.desk.take(row(visit, at=at, starts=starts, **changed), feed=self.table)

    def book(self, visit: str, at: datetime, starts_at: datetime, patient: str = "N-1") -> None:
        """An HL7 booking arrives."""
        self.desk.take(siu("S12", visit=visit, at=at, starts_at=starts_at, patient=patient))

    def another_feed(self, key: str, format: FeedFormat, transport: Transport, profile: dict[str, object]) -> Feed:  # noqa: A002
        """Another feed of the source, set up four days ago."""
        feed = Feed.objects.create(
            source=self.desk.source, key=key, name=key.title(), format=format, transport=transport
        )
        FeedSettings.objects.create(feed=feed, profile=profile, valid_from=LONG_AGO, recorded_at=NOW - 4 * DAY)
        return feed


Act = Callable[[Scene], object]


class Case(NamedTuple):
    """A survey, what brings a finding of it about, what clears it, and when after NOW each of the two is looked at."""

    survey: str
    begin: Act
    end: Act
    looked: tuple[timedelta, timedelta] = (timedelta(), timedelta())


def wrong(**changed: str) -> tuple[Act, Act]:
    """A row that says something odd about a patient, and a newer one that does not."""
    return lambda scene: scene.tell(**changed), lambda scene: scene.tell(after=1)


def three_names_on_a_number(scene: Scene) -> None:
    for number, family in enumerate(("Quill", "Okafor", "Marsh")):
        scene.tell(f"V{number}", patient_id=f"P-{number}", family=family, starts=SOON + number * HOUR)


def speak_somali(scene: Scene) -> None:
    """At a desk whose only text is English."""
    approve_text("en")
    scene.tell(language="so")


def refuse_everything(scene: Scene) -> None:
    """As the patient tells somebody at the desk."""
    note_consent("all", is_allowed=False, at=NOW - 2 * HOUR)


def note_consent(channel: str, *, is_allowed: bool, at: datetime) -> None:
    patient = Patient.objects.get(mrn="P-1")
    Consent.objects.create(patient=patient, channel=channel, is_allowed=is_allowed, valid_from=at, recorded_at=at)


def contradict(scene: Scene) -> None:
    scene.tell()
    refuse_everything(scene)
    note_consent("text", is_allowed=True, at=NOW - HOUR)


def miss_and_refuse(scene: Scene) -> None:
    scene.tell(status="Noshow", starts=NOW - DAY)
    refuse_everything(scene)


def book_on_retired(scene: Scene) -> None:
    scene.book("A1", NOW - 9 * HOUR, SOON, patient="N-2")
    scene.desk.take(merge(at=NOW - 8 * HOUR, survivor="N-1", retired="N-2"))
    scene.book("A2", NOW - 7 * HOUR, SOON + HOUR, patient="N-2")


def name_by_id_alone(scene: Scene) -> None:
    scene.tell(family="", given="", born="", mobile="", email="")


def cancel(visit: str) -> Act:
    return lambda scene: scene.desk.take(siu("S15", visit=visit, at=NOW, status="Cancelled"))


def collide(scene: Scene) -> None:
    scene.book("A1", NOW - 2 * HOUR, SOON)
    scene.book("A2", NOW - HOUR, SOON + 15 * MINUTE, patient="N-2")


def block(scene: Scene) -> None:
    scene.book("A1", NOW - 2 * HOUR, SOON)
    scene.desk.take(slot("S23", at=NOW - HOUR, starts_at=SOON))


def start(scene: Scene) -> None:
    scene.desk.publish(Rule(0, filler_status="Started", status=Status.IN_PROGRESS))
    scene.desk.take(siu("S14", visit="A1", at=NOW - 4 * DAY, starts_at=NOW - 4 * DAY, status="Started"))


def complete(scene: Scene) -> None:
    scene.desk.take(siu("S14", visit="A1", at=NOW - HOUR, starts_at=NOW - 4 * DAY, status="Complete"))


def speak_again(scene: Scene) -> None:
    scene.desk.take(siu("S12", visit="A9", at=NOW, starts_at=SOON), now=NOW + 2 * DAY)


def set_a_feed_up(scene: Scene) -> None:
    scene.another_feed("spare", FeedFormat.HL7V2, Transport.MLLP, {})


def first_words(scene: Scene) -> None:
    scene.desk.take(siu("S12", visit="A2", at=NOW, starts_at=SOON), feed=Feed.objects.get(key="spare"))


FULL: dict[str, object] = {
    "patient_authority": "ELM",
    "csv": {"extract": "full", "header_record": r"^#TAKEN (?P<taken_at>\S+) ROWS (?P<rows>\d+)$"},
}


def first_extract(scene: Scene) -> None:
    scene.another_feed("nightly", FeedFormat.CSV, Transport.FILE, FULL)
    extract(scene, NOW - DAY)


def extract(scene: Scene, taken_at: datetime) -> None:
    body = f"#TAKEN {taken_at:%Y-%m-%dT%H:%M:%SZ} ROWS 1\n".encode() + row("E1", at=taken_at, starts=SOON)
    arrived = taken_at + 10 * MINUTE
    scene.desk.take(body, feed=Feed.objects.get(key="nightly"), now=arrived)
    finish_extracts(now=arrived)


def lose_a_receipt(scene: Scene) -> None:
    scene.desk.take(b"no HL7 at all")
    Receipt.objects.filter(outcome=Outcome.REJECTED).delete()


def restore_a_receipt(scene: Scene) -> None:
    (lost,) = scene.desk.take(b"no HL7 either")
    known = Receipt.objects.get(message=lost)
    Receipt.objects.create(
        message_id=lost + 1_000_000, feed=known.feed, received_at=NOW, outcome=Outcome.REJECTED,
        kind=MessageKind.NOTHING,
    )  # fmt: skip


def forget_the_zone(scene: Scene) -> None:
    Clinic.objects.filter(key="derm").update(timezone="Mars/Base")


def correct_the_zone(scene: Scene) -> None:
    Clinic.objects.filter(key="derm").update(timezone="America/Chicago")


def give_a_notice_up(scene: Scene) -> None:
    """About an unmapped status, which a message brought."""
    scene.desk.take(siu("S12", visit="A1", at=NOW, starts_at=SOON, status="Nobody knows"))
    Notice.objects.create(
        key="one", kind=NoticeKind.STEP, channel=Channel.EMAIL, person=scene.desk.people[0], created_at=NOW,
        exception=IntegrationException.objects.get(check_id="unmapped_status"), sentence="Unmapped status.",
        send_after=NOW, deadline_at=NOW, state=NoticeState.FAILED, settled_at=NOW,
    )  # fmt: skip


def wait(scene: Scene) -> None:
    """Time alone clears it."""


def book_two_in_the_past(scene: Scene) -> None:
    scene.book("A1", NOW - 9 * DAY, NOW - 4 * DAY)
    scene.book("A2", NOW - 9 * DAY, NOW - 4 * DAY + HOUR)


CASES = {
    "unreachable_patient": Case("contact", *wrong(mobile="", email="")),
    "missing_mobile": Case("contact", *wrong(mobile="")),
    "shared_number": Case(
        "contact", three_names_on_a_number, lambda scene: scene.tell("V2", after=1, patient_id="P-2", mobile="")
    ),
    "language_without_template": Case("contact", speak_somali, lambda scene: scene.tell(after=1)),
    "inactive_portal": Case("contact", *wrong(portal="inactive", mobile="", email="", home_phone="3125550144")),
    "opt_out_conflict": Case("contact", contradict, lambda scene: note_consent("text", is_allowed=False, at=NOW)),
    "refused_contact": Case("contact", miss_and_refuse, lambda scene: scene.tell("V2")),
    "restricted_patient": Case(
        "contact",
        lambda scene: scene.tell(status="Noshow", starts=NOW - DAY, restricted="Y"),
        lambda scene: scene.tell("V2", restricted="Y"),
    ),
    "minor_without_guardian": Case("contact", *wrong(born="2015-05-05")),
    "deceased_with_visit": Case(
        "contact", lambda scene: scene.tell(deceased="Y"), lambda scene: scene.tell(after=1, status="Cancelled")
    ),
    "unknown_patient_zone": Case(
        "contact",
        lambda scene: scene.tell(zone="Central"),
        lambda scene: scene.tell(after=1, zone="America/Chicago"),
    ),
    "duplicate_patients": Case(
        "contact",
        lambda scene: (scene.tell(), scene.tell("V2", patient_id="P-2", starts=SOON + HOUR)),
        lambda scene: scene.tell("V2", after=1, patient_id="P-2", starts=SOON + HOUR, born="1981-01-02"),
    ),
    "booked_on_retired_record": Case("contact", book_on_retired, cancel("A2")),
    "patient_only_an_id": Case("contact", name_by_id_alone, lambda scene: scene.tell(after=1)),
    "double_booked": Case("capacity", collide, cancel("A2")),
    "outside_template": Case(
        "capacity", block, lambda scene: scene.desk.take(slot("S24", at=NOW, starts_at=SOON))
    ),
    "never_closed": Case("closure", lambda scene: scene.book("A1", NOW - 9 * DAY, NOW - 4 * DAY), complete),
    "still_in_progress": Case("closure", start, complete),
    "silent_feed": Case("feeds", lambda scene: scene.book("A1", NOW, SOON), speak_again, (2 * DAY, 2 * DAY)),
    "never_heard": Case("feeds", set_a_feed_up, first_words),
    "extract_overdue": Case("feeds", first_extract, lambda scene: extract(scene, NOW), (3 * HOUR, 3 * HOUR)),
    "backlog": Case(
        "feeds",
        lambda scene: scene.desk.receive(siu("S12", visit="A1", at=NOW, starts_at=SOON)),
        lambda scene: scene.desk.digest(),
        (2 * MINUTE, 2 * MINUTE),
    ),
    "notices_failing": Case("notices", give_a_notice_up, wait, (MINUTE, 2 * HOUR)),
    "ledger_difference": Case("ledger", lose_a_receipt, restore_a_receipt),
    FAILED: Case("closure", forget_the_zone, correct_the_zone),
    LIMITED: Case("closure", book_two_in_the_past, lambda scene: scene.desk.take(
        siu("S14", visit="A1", at=NOW - HOUR, starts_at=NOW - 4 * DAY, status="Complete")
    )),
}  # fmt: skip


def test_no_check_of_a_survey_is_without_a_case():
    of_upper_floors = {"outreach", "bookings"}  # tests/recovery/outreach/test_survey.py, test_bookings.py
    own = [survey for survey in SURVEYS.values() if survey.name not in of_upper_floors]
    assert CASES.keys() == {check_id for survey in own for check_id in survey.check_ids} | {FAILED, LIMITED}


@pytest.mark.parametrize(("check_id", "case"), CASES.items(), ids=list(CASES))
def test_check_comes_about_and_clears(check_id, case, desk, table, survey, monkeypatch):
    monkeypatch.setattr(closure, "MOST", 1)
    scene = Scene(desk, table)
    begun, ended = (NOW + later for later in case.looked)
    desk.take(adt("A08", at=NOW - 10 * DAY))
    case.begin(scene)
    before = survey(case.survey, now=begun)

    case.end(scene)
    after = survey(case.survey, now=ended)

    assert before.get(check_id, 0) > 0
    assert after.get(check_id, 0) == 0


@pytest.mark.parametrize("name", [name for name in SURVEYS if name != "feeds"])
def test_ordinary_visit_is_no_finding(name, desk, table, survey):
    Scene(desk, table).tell()

    assert survey(name) == {}
