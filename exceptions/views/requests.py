"""What every view here asks of a request."""

from typing import Any, cast

from django.http import HttpRequest

from accounts.models import User
from accounts.scope import has_role
from exceptions.models import IntegrationException
from exceptions.verbs import MOVERS, roles_for
from exceptions.vocabulary import Verb

# In the address for one page view only; a link to another row does not carry them on.
PASSING = ("verb", "since", "rows")


def kept_query(request: HttpRequest) -> str:
    """The list's own query string, with its question mark, or ""."""
    query = request.GET.copy()
    for name in PASSING:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def may_move(request: HttpRequest, exception: IntegrationException, verb: Verb | None = None) -> bool:
    """Whether the person's roles at the exception's place let them do more than look, or use one verb."""
    roles = MOVERS if verb is None else roles_for(verb)
    if exception.clinic is not None:
        return has_role(request.user, *roles, clinic=exception.clinic)
    return has_role(request.user, *roles, source=exception.source)


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view here asks for one."""
    return cast("User", request.user)


def is_swap(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.history_restore_request
