"""Who may open a page, and which rows: refusals leave an audit row (I11, I13)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.scope import has_role
from accounts.services.audit import record_denied

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ScopedQuerySet(Protocol):
    """A queryset that knows who may see its rows."""

    model: Any

    def visible_to(self, user: Any) -> Any:
        """Narrow to what a person may see."""

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        """Django's own."""


def get_visible_or_404(queryset: ScopedQuerySet, request: HttpRequest, **lookup: Any) -> Any:
    """Return the row a lookup names if the person may see it; else 404, with a denied audit row if it exists.

    Pass the queryset with its ``select_related`` and without ``visible_to``.
    """
    row = queryset.visible_to(request.user).filter(**lookup).first()
    if row is not None:
        return row
    hidden = queryset.filter(**lookup).values_list("pk", flat=True).first()
    if hidden is not None:
        record_denied(request, subject_kind=queryset.model._meta.label_lower, subjects=[hidden])  # noqa: SLF001 - documented API
    raise Http404


def needs_role(*roles: str) -> Callable[[View], View]:
    """Let signed-in people with one of the roles in, anywhere; 403 and a denied audit row for others.

    Rows inside the page still pass ``visible_to``.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_role(request.user, *roles):
                record_denied(request, subject_kind="page", detail={"needs": sorted(roles)})
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # same signature as the view

    return decorate
