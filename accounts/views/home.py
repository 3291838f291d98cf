"""Today: the frame of the home page; its blocks come from the apps."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.scope import has_any_role, has_role
from accounts.zones import zone_of
from config.web import home as blocks
from config.web import navigation, times


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the blocks of the person's roles, and as the page's verb the first place that offers one."""
    allowed = partial(has_any_role, request.user)
    groups = navigation.places_for(request, allowed)
    context = {
        "blocks": blocks.blocks_for(request, allowed),
        "navigation": groups,
        "verb": next((place for group in groups for place in group.places if place.home_verb), None),
        "has_any_grant": has_role(request.user),
        "long_now": times.long_now(timezone.now(), zone_of(request.user)),
    }
    return render(request, "accounts/home.html", context)
