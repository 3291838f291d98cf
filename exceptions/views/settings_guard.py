"""Who may change who is told, and what the settings pages share.

Everybody with scope reads. What belongs to one source is changed by those who hold one of ``SETTERS`` there; what
holds everywhere (policies, endpoints, rules without a source) needs such a grant everywhere.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Source, Team, User
from accounts.scope import grants_of, has_role, source_scope_q
from accounts.services.audit import record_denied, request_id_of
from accounts.vocabulary import Role
from config.web.menus import Split
from exceptions.services.rule_changes import By
from exceptions.views.requests import person_of

Row = TypeVar("Row", bound=Model)

SETTERS = (Role.ADMIN, Role.INTEGRATION)
TABS = (
    ("Routing", "exceptions:routing"),
    ("Policies", "exceptions:policies"),
    ("Duties", "exceptions:duties"),
    ("Maintenance", "exceptions:maintenance"),
    ("Endpoints", "exceptions:endpoints"),
)


def may_set(user: Any, source: Source | None) -> bool:
    """Whether a person may change what belongs to a source; None is what holds everywhere."""
    if source is not None:
        return has_role(user, *SETTERS, source=source)
    return any(grant.is_everywhere and grant.role in SETTERS for grant in grants_of(user))


def may_plan(user: User, team: Team, members: Iterable[int]) -> bool:
    """Whether a person may change the duties of a team: everywhere, or as one of the team."""
    return may_set(user, None) or (user.pk in set(members) and has_role(user, *SETTERS))


def refuse_unless(allowed: bool, request: HttpRequest, subject_kind: str, subjects: Iterable[int], verb: str) -> None:  # noqa: FBT001 - the condition
    """403 with a denied audit row unless ``allowed``."""
    if not allowed:
        record_denied(request, subject_kind=subject_kind, subjects=subjects, detail={"verb": verb})
        raise PermissionDenied


def seen_or_404(request: HttpRequest, seen: QuerySet[Row], subject_kind: str, pk: int) -> Row:
    """The row of ``seen`` with an id, or 404 with a denied audit row where it is there for others."""
    found = seen.filter(pk=pk).first()
    if found is not None:
        return found
    if seen.model._default_manager.filter(pk=pk).exists():  # noqa: SLF001 - documented API
        record_denied(request, subject_kind=subject_kind, subjects=[pk])
    raise Http404


def sources_to_set(request: HttpRequest) -> list[Source]:
    """The sources whose settings the person may change, with their clinics and feeds; three queries."""
    found = Source.objects.filter(source_scope_q(request.user, "pk", roles=SETTERS))
    return [source for source in found.prefetch_related("clinics", "feeds") if may_set(request.user, source)]


def by_of(request: HttpRequest, reason: str = "") -> By:
    """Who changes a rule or a policy, now and why."""
    return By(person_of(request), timezone.now(), reason, request_id_of(request))


def settings_tabs(current: str) -> list[Split]:
    """The settings pages as splits; ``current`` is the address name of the one that is open."""
    return [Split(label, reverse(name), name == current) for label, name in TABS]
