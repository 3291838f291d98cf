"""What a kind of problem is, and what a check answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.folding.change import AppointmentChange, ArrivedEvent, DistantMessage
from scheduling.folding.state import AppointmentState
from scheduling.vocabulary import Decision


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of problem.

    ``happened`` says in one sentence what is wrong; ``{raw}`` stands for the raw value. ``advice`` says what to do.
    ``is_hold``: nothing about the subject may be decided, and the exception cannot be closed while one lives (I4).
    ``self_clearing``: the cause can go away by itself, which moves the exception to "cleared unseen"; kinds that are
    only counted (something about a message that arrived) stay until a person closes them.
    """

    id: str
    title: str
    family: Family
    severity: Severity
    happened: str
    advice: str
    owner: OwnerTeam = OwnerTeam.INTEGRATION
    blocks: frozenset[Decision] = frozenset()
    is_hold: bool = False
    self_clearing: bool = False

    @property
    def closes_itself(self) -> bool:
        """Whether it closes when its last finding goes: a note that held nothing up leaves nothing to look at."""
        return self.self_clearing and self.severity == Severity.NOTE and not self.blocks


class Hit(NamedTuple):
    """A check's answer about one subject: which check, the culprit value, and the source time it stands for."""

    check: str
    raw: str
    at: datetime


class Finder(Protocol):
    """Looks at one folded appointment."""

    def __call__(self, state: AppointmentState) -> Iterable[Hit]:
        """Give what is wrong; each (check, raw) at most once."""


class ArrivalHit(NamedTuple):
    """A check's answer about one event as it came in; it is counted, and stays true whatever comes later."""

    check: str
    raw: str
    arrived: ArrivedEvent


class ChangeFinder(Protocol):
    """Looks at the events that a batch added to one appointment."""

    def __call__(self, change: AppointmentChange) -> Iterable[ArrivalHit]:
        """Give what is wrong with how they came in."""


class MessageFinder(Protocol):
    """Looks at one message whose own time lies away from its receipt."""

    def __call__(self, message: DistantMessage) -> Iterable[Hit]:
        """Give what is wrong with its times."""
