"""How old a clinic's data may be for each decision, as the page of settings prints it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Clinic, ClinicLimit
from recovery.verdict import needed
from scheduling.decisions import DEFAULT_LIMITS, NEEDED_EVENTS, Limits
from scheduling.vocabulary import Decision, EventKind


@dataclass(frozen=True)
class LimitRow:
    """One decision at one clinic; ``version`` None is the default."""

    clinic: Clinic
    decision: Decision
    version: ClinicLimit | None

    @property
    def default(self) -> Limits:
        """What holds where nobody decided otherwise."""
        return DEFAULT_LIMITS[self.decision]

    @property
    def limits(self) -> Limits:
        """What holds."""
        if self.version is None:
            return self.default
        return Limits(timedelta(seconds=self.version.warn_after), timedelta(seconds=self.version.held_after))

    @property
    def warn(self) -> str:
        """From which age on people are warned."""
        return needed(self.limits.warn_after)

    @property
    def held(self) -> str:
        """From which age on nothing is done."""
        return needed(self.limits.held_after)

    @property
    def beside_default(self) -> str:
        """How the clinic's own limit stands to the default; empty where it is that."""
        own, usual = self.limits.held_after, self.default.held_after
        if self.limits == self.default:
            return ""
        told = f"{needed(self.default.warn_after)} and {needed(usual)}"
        if own == usual:
            return f"Default {told}"
        return f"{'Looser' if own > usual else 'Stricter'} than the default, {told}"

    @property
    def is_looser(self) -> bool:
        """Whether acts go on with data that the default would call too old."""
        return self.limits.held_after > self.default.held_after

    @property
    def needs(self) -> str:
        """The events that the decision cannot do without."""
        needed = NEEDED_EVENTS[self.decision]
        if needed == frozenset(EventKind):
            return "All events"
        return ", ".join(kind.label for kind in EventKind if kind in needed)


def limit_rows(clinic: Clinic, now: datetime) -> list[LimitRow]:
    """What is in force at a clinic for each decision; one query."""
    rows = ClinicLimit.objects.filter(clinic=clinic, valid_from__lte=now, recorded_at__lte=now)
    newest = rows.order_by("decision", "-valid_from", "-pk").distinct("decision").select_related("recorded_by")
    found = {row.decision: row for row in newest}
    return [LimitRow(clinic, decision, found.get(decision)) for decision in Decision]
