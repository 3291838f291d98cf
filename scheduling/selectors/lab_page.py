"""What the lab's page prints beside its stages: the choices of feed and mapping, and the message itself, masked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.scope import source_scope_q
from accounts.vocabulary import Role
from config.web.masking import Part
from scheduling.lab.comparing import Was
from scheduling.lab.own_stages import own_stages, zone_of
from scheduling.lab.running import LabRun
from scheduling.lab.stages import LabStage, added_stages
from scheduling.models import Feed, MappingRevision
from scheduling.selectors.message_lines import Lines, csv_cells, message_lines
from scheduling.vocabulary import FeedFormat, MappingOutcome

# Who may bring a message of their own; everybody else opens stored ones, as far as they may see them.
LAB_ROLES = (Role.MAPPING, Role.INTEGRATION)
MOST_REVISIONS = 20  # of one source


@dataclass(frozen=True, slots=True)
class LabPage:
    """One run as the page prints it; ``cells`` are of a CSV row, else None.

    ``was`` has by title what came out otherwise in the run that it stands beside, and ``beside`` names that run: ""
    for a run that stands alone.
    """

    stages: list[LabStage]
    lines: Lines
    cells: list[tuple[str, Part]] | None
    number: int
    total: int
    zone: ZoneInfo
    beside: str = ""
    was: Mapping[str, Was] = field(default_factory=dict)

    @property
    def compared(self) -> list[tuple[LabStage, Was | None]]:
        """The stages, each with what it was where it is another now."""
        return [(stage, self.was.get(stage.title)) for stage in self.stages]


def lab_page(request: HttpRequest, run: LabRun) -> LabPage:
    """Put a run in words; asks the upper floors for theirs, within the lab's read-only transaction."""
    body, context = run.body, run.context
    culprits = frozenset(
        value
        for visit in run.visits
        if visit.resolution.outcome is not MappingOutcome.MAPPED
        for value in (visit.mapped.fact.signals.filler_status, visit.mapped.fact.signals.event_reason)
        if value
    )
    is_csv = context.format is FeedFormat.CSV
    return LabPage(
        [*own_stages(run), *added_stages(request, run)],
        message_lines(body.message, context.format, culprits=culprits, is_open=False),
        csv_cells(body.message, context.reader.profile, is_open=False) if is_csv and body.message else None,
        body.number,
        body.total,
        zone_of(run),
    )


def lab_feeds(user: Any) -> QuerySet[Feed]:
    """The feeds that a person may read messages of their own as."""
    return (
        Feed.objects.filter(source_scope_q(user, "source", roles=LAB_ROLES))
        .select_related("source")
        .order_by("source__name", "name")
    )


def lab_revisions(source_ids: Iterable[int]) -> list[MappingRevision]:
    """The newest revisions of some sources, drafts too, source by source."""
    rows = MappingRevision.objects.filter(source__in=list(source_ids)).select_related("source")
    kept: dict[int, list[MappingRevision]] = {}
    for row in rows.order_by("source__name", "-number"):
        kept.setdefault(row.source_id, []).append(row)
    return [row for of_source in kept.values() for row in of_source[:MOST_REVISIONS]]
