"""The zones of a source and its clinics, in a form that can be part of a key."""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling.facts import ReaderContext
from scheduling.readers import keeping


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Compared by identity; `kept_zones` gives the same one for the same zones."""

    source: ZoneInfo
    clinics: dict[str, ZoneInfo]

    def of(self, clinic: str | None) -> ZoneInfo:
        """The zone of a clinic; the source's where the clinic is unknown or unsaid."""
        return self.clinics.get(clinic, self.source) if clinic else self.source


def kept_zones(context: ReaderContext) -> Zones:
    """The zones of a context."""
    return _kept_zones(context.zone, frozenset(context.clinic_zones.items()))


@lru_cache(maxsize=keeping.CONTEXTS)
def _kept_zones(source: ZoneInfo, clinics: frozenset[tuple[str, ZoneInfo]]) -> Zones:
    return Zones(source, dict(clinics))
