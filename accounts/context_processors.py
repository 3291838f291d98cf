"""What the frame of every page needs; nothing is asked of the database until a template uses it."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.middleware import expires_at
from accounts.scope import grants_of, has_any_role
from accounts.vocabulary import Role, Theme
from accounts.zones import zone_of
from config.web import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``now``, ``zone``, ``navigation``, ``theme_choices``, ``scope_words`` and ``session_ends_at``."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {"now": timezone.now(), "zone": zone_of(user)}
    if user is None or not user.is_authenticated:
        return context
    return context | {
        "navigation": SimpleLazyObject(
            partial(navigation.places_for, request, partial(has_any_role, user)),
        ),
        "theme_choices": Theme.choices,
        "scope_words": SimpleLazyObject(partial(scope_words, user)),
        "session_ends_at": SimpleLazyObject(partial(expires_at, request)),
    }


def scope_words(user: Any) -> str:
    """Say in a few words who someone is here: "Access staff, 4 clinics"."""
    grants = grants_of(user)
    if not grants:
        return "No role yet"
    order = list(Role)
    roles = sorted({Role(grant.role) for grant in grants}, key=order.index)
    first = roles[0].label if len(roles) == 1 else f"{roles[0].label} and {len(roles) - 1} more"
    return f"{first}, {place_words(grants)}"


def place_words(grants: Any) -> str:
    """Say where grants hold: "everywhere", "2 sources", "4 clinics"."""
    if any(grant.is_everywhere for grant in grants):
        return "everywhere"
    sources = len({grant.source_id for grant in grants if grant.source_id})
    clinics = len({grant.clinic_id for grant in grants if grant.clinic_id})
    words = [
        f"{number} {noun if number == 1 else noun + 's'}"
        for number, noun in ((sources, "source"), (clinics, "clinic"))
        if number
    ]
    return ", ".join(words)
