"""What the pages of wordings, policies and staff languages print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Clinic, Grant, User
from accounts.scope import clinic_scope_q, grants_of
from accounts.vocabulary import Role
from recovery.contacting.scripts import EXAMPLES, GAPS, WAY_NAMES, Script, ScriptError, Wording, render
from recovery.models import ContactPolicy, MessageTemplate
from recovery.vocabulary import OutreachChannel
from scheduling.selectors.codes import language_words

SETTERS = (Role.ADMIN, Role.SUPERVISOR)
CALLERS = (Role.ACCESS, Role.SUPERVISOR)
MOST_SHOWN = 300
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class WordingRow:
    """One version; ``example`` is how it reads with example values."""

    template: MessageTemplate
    channel: str
    language: str
    tone: str
    state: str
    example: Script
    is_mine: bool

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to approve it."""
        return self.template.approved_at is None and self.template.retired_at is None

    @property
    def is_over(self) -> bool:
        """Whether it is out of use."""
        return self.template.retired_at is not None


def wording_rows(user: User) -> list[WordingRow]:
    """Every version, those of one topic, channel and language beside each other, the newest first; one query."""
    rows = MessageTemplate.objects.select_related("written_by", "approved_by")
    return [_row(row, user) for row in rows[:MOST_SHOWN]]


def _row(row: MessageTemplate, user: User) -> WordingRow:
    channel = OutreachChannel(row.channel)
    if row.retired_at is not None:
        tone, state = "idle", "Out of use"
    elif row.approved_at is not None:
        tone, state = "fresh", "In use"
    else:
        tone, state = "warn", "To be approved"
    return WordingRow(
        template=row,
        channel=WAY_NAMES[channel],
        language=language_words(row.language),
        tone=tone,
        state=state,
        example=example_of(Wording(channel, row.body, row.subject)),
        is_mine=row.written_by_id == user.pk,
    )


def example_of(wording: Wording) -> Script:
    """The words with example values; why not, where they cannot be filled in."""
    try:
        return render(wording, EXAMPLES)
    except ScriptError as error:
        return Script(str(error))


def gap_words() -> list[tuple[str, str]]:
    """By channel the gaps that it may have."""
    return [(name, ", ".join(f"{{{gap}}}" for gap in EXAMPLES if gap in GAPS[one])) for one, name in WAY_NAMES.items()]


def may_set_everywhere(user: Any) -> bool:
    """Whether a person may change what holds for the whole desk."""
    return any(grant.is_everywhere and grant.role in SETTERS for grant in grants_of(user))


def clinics_of(user: Any) -> QuerySet[Clinic]:
    """The clinics whose policy a person may read."""
    return Clinic.objects.filter(clinic_scope_q(user, "pk", "source")).select_related("source")


def policies_of(clinics: QuerySet[Clinic], now: datetime) -> list[tuple[Clinic, ContactPolicy | None]]:
    """Each clinic with its version in force, None where nothing was decided; two queries."""
    rows = ContactPolicy.objects.filter(clinic__in=clinics.order_by().values("pk"), valid_from__lte=now)
    newest = rows.order_by("clinic_id", "-valid_from", "-pk").distinct("clinic_id").select_related("recorded_by")
    by_clinic = {row.clinic_id: row for row in newest}
    return [(clinic, by_clinic.get(clinic.pk)) for clinic in clinics.order_by("name", "pk")]


def versions_of(clinic: Clinic) -> list[ContactPolicy]:
    """What was decided for a clinic, the newest first."""
    rows = ContactPolicy.objects.filter(clinic=clinic).select_related("recorded_by")
    return list(rows.order_by("-valid_from", "-pk")[:MOST_VERSIONS])


def callers(user: Any, *roles: Role) -> QuerySet[User]:
    """Who calls patients in a person's places, or where the person has one of ``roles``; two queries."""
    placed = clinic_scope_q(user, "clinic", "source", roles=roles)
    placed |= clinic_scope_q(user, "clinic", "clinic__source", roles=roles)
    grants = Grant.objects.filter(placed, role__in=CALLERS)
    people = User.objects.filter(is_active=True, pk__in=grants.order_by().values("user"))
    return people.prefetch_related("staff_languages").order_by("last_name", "first_name", "pk")
