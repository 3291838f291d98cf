"""What every renderer needs to know about a source: its codes for an event, its clinics, providers and visit types."""

from scheduling.simulator.codes import Code, Dialect
from scheduling.simulator.organisation import ClinicPlan, Provider, SourcePlan, VisitType
from scheduling.simulator.truth import TruthEvent


class Lookup:
    """Finds the dialect's row for an event and the source's master data by code."""

    def __init__(self, source: SourcePlan, dialect: Dialect) -> None:
        self.source = source
        self.clinics: dict[str, ClinicPlan] = {clinic.code: clinic for clinic in source.clinics}
        self.providers: dict[str, Provider] = {
            provider.code: provider for clinic in source.clinics for provider in clinic.providers
        }
        self.types: dict[str, VisitType] = {kind.code: kind for clinic in source.clinics for kind in clinic.visit_types}
        self._rows = {(row.kind, row.reason, row.trait): row for row in dialect.codes}

    def code(self, event: TruthEvent) -> Code | None:
        """The most particular row for the event; None when the source has no way to say it."""
        trait = self.clinics[event.clinic].trait
        rows = self._rows
        if trait:
            found = rows.get((event.kind, event.reason, trait)) or (
                None if (event.kind, event.reason, "") in rows else rows.get((event.kind, "", trait))
            )
            if found:
                return found
        return rows.get((event.kind, event.reason, "")) or rows.get((event.kind, "", ""))
