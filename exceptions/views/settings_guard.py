"""Who may change who is told, and what the settings pages share.

Everybody with scope reads. What belongs to one source is changed by those who hold one of ``SETTERS`` there; what
holds everywhere (policies, endpoints, rules without a source) needs such a grant everywhere.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Source, Team, User
from accounts.scope import grants_of, has_role
from accounts.services.audit import record_denied
from accounts.vocabulary import Role
from config.web.menus import Split

SETTERS = (Role.ADMIN, Role.INTEGRATION)
TABS = (
    ("Routing", "exceptions:routing"),
    ("Policies", "exceptions:policies"),
    ("Duties", "exceptions:duties"),
    ("Maintenance", "exceptions:maintenance"),
    ("Endpoints", "exceptions:endpoints"),
)


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view here asks for one."""
    return cast("User", request.user)


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


def settings_tabs(current: str) -> list[Split]:
    """The settings pages as splits; ``current`` is the address name of the one that is open."""
    return [Split(label, reverse(name), name == current) for label, name in TABS]
