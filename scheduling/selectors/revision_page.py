"""One revision: where it stands, what it would change, who may move it on and who may not, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import Grant, User
from accounts.vocabulary import Role
from scheduling.mapping.vocabulary import PreviewState, RevisionState
from scheduling.models import MappingHistory, MappingPublication, MappingRevision
from scheduling.selectors.drafts import in_force
from scheduling.selectors.mapping_compare import ComparePage, compare_page
from scheduling.services.mapping.revisions import MAKING

MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a revision's way; ``is_done`` it has been there, ``is_now`` it stands there."""

    label: str
    who: str
    at: datetime | None
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class RevisionPage:
    """What the page of a revision prints beside its rows."""

    steps: list[Step]
    published: MappingPublication | None  # what is in force at the source
    is_in_force: bool
    compare: ComparePage | None
    has_worked: bool
    approvers: list[User]
    publications: list[MappingPublication]
    history: list[MappingHistory]

    @property
    def takes_back(self) -> bool:
        """Whether publishing it would bring back a revision that was in force before."""
        return bool(self.publications) and not self.is_in_force


def revision_page(revision: MappingRevision, *, user: Any, now: datetime) -> RevisionPage:
    """Fill the page; about a dozen queries, whatever the revision holds."""
    published = in_force(revision.source, now=now)
    is_in_force = published is not None and published.revision_id == revision.pk
    history = list(revision.history.select_related("actor").order_by("-at", "-pk"))
    publications = list(revision.publications.select_related("published_by", "replay").order_by("-number"))
    against = published.revision if published and not is_in_force else None
    makers = {step.actor_id for step in history if step.verb in MAKING} | {revision.author_id}
    is_waiting = revision.state == RevisionState.SUBMITTED
    return RevisionPage(
        _steps(revision, history, publications, is_in_force=is_in_force),
        published,
        is_in_force,
        compare_page(against, revision) if against else None,
        user.pk in makers,
        approvers_of(revision) if is_waiting else [],
        publications,
        history,
    )


def preset_moment(revision: MappingRevision, page: RevisionPage) -> datetime | None:
    """From when a publication most likely should hold; None for now.

    That is the moment of the newest preview of what the revision says now, so that what was looked at is what happens;
    when an earlier revision is to come back, the moment from which the one in force holds, so that all of it goes.
    """
    if page.takes_back:
        return page.published.effective_from if page.published else None
    seen = revision.previews.filter(state=PreviewState.DONE, version=revision.version).order_by("-pk")
    return seen.values_list("effective_from", flat=True).first()


def approvers_of(revision: MappingRevision) -> list[User]:
    """A few people who may approve: mapping admins of the source who had no hand in the revision."""
    place = Q(source=revision.source_id) | Q(source__isnull=True, clinic__isnull=True)
    grants = Grant.objects.filter(place, user=OuterRef("pk"), role=Role.MAPPING)
    made = MappingHistory.objects.filter(revision=revision, actor=OuterRef("pk"), verb__in=MAKING)
    people = User.objects.filter(Exists(grants), ~Exists(made), is_active=True).exclude(pk=revision.author_id)
    return list(people.order_by("first_name", "last_name", "pk")[:MOST_NAMED])


def _steps(
    revision: MappingRevision,
    history: list[MappingHistory],
    publications: list[MappingPublication],
    *,
    is_in_force: bool,
) -> list[Step]:
    """Draft, waiting for approval, approved, in force."""
    state = RevisionState(revision.state)
    sent = next((step for step in history if step.verb == "submit"), None) if revision.submitted_at else None
    newest = publications[0] if publications else None
    approved = state is RevisionState.APPROVED
    return [
        Step("Draft", str(revision.author), revision.created_at, is_done=True, is_now=state is RevisionState.DRAFT),
        Step(
            "Waiting for approval", str(sent.actor) if sent else "", revision.submitted_at,
            revision.submitted_at is not None, state is RevisionState.SUBMITTED,
        ),
        Step(
            "Approved", str(revision.approved_by) if approved else "", revision.approved_at, approved,
            approved and not is_in_force,
        ),
        Step(
            "In force", str(newest.published_by) if newest else "", newest.published_at if newest else None,
            newest is not None, is_in_force,
        ),
    ]  # fmt: skip
