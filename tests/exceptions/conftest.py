"""A small organisation, and builders of what a batch hands over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import transaction

from accounts.models import Clinic, Grant, Source, Team, User
from accounts.vocabulary import Role
from exceptions.models import IntegrationException
from exceptions.services.judge_batch import judge_batch
from scheduling.folding.change import AppointmentChange, ArrivalFact, BatchChanges
from scheduling.folding.state import AppointmentState, Trouble
from scheduling.models import Feed
from scheduling.sql.cursors import Cursor, server_cursor

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def place(db) -> SimpleNamespace:
    """Two sources with a feed each; the first has two clinics, and there are teams to own things."""
    lakeview = Source.objects.create(key="lakeview", name="Lakeview RIS", timezone="America/Chicago", created_at=NOON)
    harbor = Source.objects.create(key="harbor", name="Harbor PMS", timezone="America/New_York", created_at=NOON)
    teams = {
        key: Team.objects.create(key=key, name=key.capitalize()) for key in ("integration", "mapping", "access", "it")
    }
    imaging_team = Team.objects.create(key="imaging", name="Imaging interfaces")
    Team.objects.create(key="everything", name="Everything else", is_catch_all=True)
    return SimpleNamespace(
        lakeview=lakeview,
        harbor=harbor,
        imaging=Clinic.objects.create(source=lakeview, key="img", name="Imaging", timezone="America/Chicago"),
        cardiology=Clinic.objects.create(source=lakeview, key="card", name="Cardiology", timezone="America/Chicago"),
        orthopedics=Clinic.objects.create(source=harbor, key="orth", name="Orthopedics", timezone="America/New_York"),
        lakeview_feed=Feed.objects.create(
            source=lakeview, key="lkv", name="Lakeview", format="hl7v2", transport="mllp"
        ),
        harbor_feed=Feed.objects.create(
            source=harbor, key="hbr", name="Harbor", format="fhir", transport="http", owner_team=imaging_team
        ),
        teams=teams,
        imaging_team=imaging_team,
    )


@pytest.fixture
def people(place) -> SimpleNamespace:
    """Milo sees Lakeview whole and owns its feeds, Imani one clinic of it, Ruth only Harbor, Noor nothing."""
    made = SimpleNamespace(
        milo=User.objects.create_user("milo@example.org", first_name="Milo", last_name="Anselm"),
        imani=User.objects.create_user("imani@example.org", first_name="Imani", last_name="Kessler"),
        ruth=User.objects.create_user("ruth@example.org", first_name="Ruth", last_name="Okafor"),
        noor=User.objects.create_user("noor@example.org", first_name="Noor", last_name="Haddad"),
    )
    Grant.objects.create(user=made.milo, role=Role.INTEGRATION, source=place.lakeview)
    Grant.objects.create(user=made.imani, role=Role.MAPPING, clinic=place.imaging)
    Grant.objects.create(user=made.ruth, role=Role.INTEGRATION, source=place.harbor)
    place.teams["mapping"].members.add(made.milo, made.imani)
    return made


@pytest.fixture
def booked(place) -> Callable[..., AppointmentState]:
    """Build the state of a booked visit in Imaging that nothing is wrong with; keywords change it."""

    def build(*troubles: tuple[str, str] | tuple[str, str, datetime], **changed: Any) -> AppointmentState:
        facts: dict[str, Any] = {
            "status": "booked",
            "starts_at": NOON + timedelta(hours=20),
            "minutes": 30,
            "clinic_id": place.imaging.pk,
            "clinic_code": "IMG",
            "resource": "MR2",
            "visit_type": "MRKNEE",
            "patient_id": 7,
            "booked_at": NOON - timedelta(days=9),
            "said_at": NOON,
            "heard_at": NOON,
            "events": 1,
        }
        found = tuple(Trouble(trouble[0], trouble[1], trouble[2] if len(trouble) > 2 else NOON) for trouble in troubles)
        return AppointmentState(**facts | {"troubles": found} | changed)

    return build


@pytest.fixture
def change(place) -> Callable[..., AppointmentChange]:
    """Build the change of one Lakeview visit."""

    def build(
        appointment_id: int,
        after: AppointmentState,
        before: AppointmentState | None = None,
        *,
        messages: tuple[int, ...] = (1,),
        late: Any = None,
    ) -> AppointmentChange:
        return AppointmentChange(
            appointment_id, place.lakeview.pk, place.lakeview_feed.pk, before, after, messages, late
        )

    return build


@pytest.fixture
def arrival(place) -> Callable[..., ArrivalFact]:
    """Build something about a message of the Harbor feed."""

    def build(kind: str, raw: str = "", *, at: datetime = NOON, message: int = 1, **changed: Any) -> ArrivalFact:
        facts: dict[str, Any] = {
            "kind": kind,
            "source_id": place.harbor.pk,
            "feed_id": place.harbor_feed.pk,
            "clinic_id": None,
            "raw": raw,
            "message_id": message,
            "at": at,
        }
        return ArrivalFact(**facts | changed)

    return build


@pytest.fixture
def run() -> Callable[..., list[str]]:
    """Judge one batch in a transaction of its own, and return the statements it took."""

    def judge(*changes: AppointmentChange | ArrivalFact, now: datetime = NOON) -> list[str]:
        batch = BatchChanges(
            now,
            appointments=[one for one in changes if isinstance(one, AppointmentChange)],
            arrivals=[one for one in changes if isinstance(one, ArrivalFact)],
        )
        with transaction.atomic(), server_cursor() as cursor:
            counting = CountingCursor(cursor)
            judge_batch(cast("Cursor", counting), batch)
        return counting.statements

    return judge


class CountingCursor:
    """A psycopg cursor that remembers what it ran."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.statements: list[str] = []

    def execute(self, statement: str, values: Any = None, **options: Any) -> Any:
        self.statements.append(" ".join(statement.split())[:60])
        return self.cursor.execute(statement, values, **options)

    def fetchall(self) -> list[Any]:
        rows: list[Any] = self.cursor.fetchall()
        return rows


@pytest.fixture
def only() -> Callable[[], IntegrationException]:
    """Return the one exception there is."""
    return IntegrationException.objects.get
