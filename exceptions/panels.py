"""What judgement adds to the appointment page: the exceptions that are live for the visit, and who owns each hold."""

from dataclasses import dataclass

from django.db.models import Min
from django.http import HttpRequest

from exceptions.models import IntegrationException
from exceptions.selectors.blocks import appointment_exceptions
from exceptions.vocabulary import Severity, State
from exceptions.words import TONES, blocks_words, decision_words
from scheduling.models import Appointment
from scheduling.panels import HoldOwner, Panel, register_panel
from scheduling.vocabulary import TroubleKind

MOST = 20
_WORDS = {State.OPEN: "not taken yet", State.REOPENED: "opened again", State.CLEARED_UNSEEN: "needs a look"}


@dataclass(frozen=True, slots=True)
class Line:
    """One exception as the panel prints it."""

    exception: IntegrationException

    @property
    def title(self) -> str:
        """What is wrong."""
        return self.exception.kind.title

    @property
    def tone(self) -> str:
        """How bad it is, as a mark."""
        return TONES[Severity(self.exception.severity)]

    @property
    def severity(self) -> str:
        """How bad it is, as a word."""
        return str(Severity(self.exception.severity).label)

    @property
    def state(self) -> str:
        """Where it stands."""
        state = State(self.exception.state)
        return _WORDS.get(state, str(state.label).lower())

    @property
    def owner(self) -> str:
        """Who answers for it: a person, else a team."""
        return str(self.exception.owner or self.exception.owner_team or "Nobody")

    @property
    def blocks(self) -> str:
        """What cannot be decided meanwhile."""
        return decision_words(self.exception.blocks) or f"{blocks_words(())}."


def exceptions_panel(request: HttpRequest, appointment: Appointment) -> Panel | None:
    """The exceptions with a live finding about the visit, worst first, as far as the person may see them; one query."""
    live = appointment_exceptions(appointment.pk, request.user).with_places().annotate(since=Min("memberships__since"))
    lines = [Line(exception) for exception in live.order_by("severity", "pk")[:MOST]]
    if not lines:
        return None
    owners: dict[str, HoldOwner] = {}
    for line in lines:
        if line.exception.check_id in TroubleKind and (line.exception.owner or line.exception.owner_team):
            owners.setdefault(
                line.exception.check_id, HoldOwner(line.owner, line.exception.get_absolute_url(), line.state)
            )
    return Panel("Open exceptions", "exceptions/_appointment_panel.html", {"lines": lines}, owners)


def register_panels() -> None:
    """Add the panel; called once when Django is ready."""
    register_panel("exceptions", exceptions_panel, order=10)
