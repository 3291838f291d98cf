"""What the list prints, whatever stands in the pane beside it, and what of it is swapped with a pane."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.scope import has_any_role
from config.web.asking import answers
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from exceptions.filters import filtered, is_filtered, menu_questions, menus_for, ordered
from exceptions.models import IntegrationException
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.selectors.acts import last_act, last_act_questions
from exceptions.selectors.rows import exception_rows, noon_words, row_questions
from exceptions.selectors.saved_views import default_view_url, view_questions, views_menu
from exceptions.services.act_on_many import MOST_AT_ONCE
from exceptions.splits import split_counts, split_q, split_questions, splits_for
from exceptions.verbs import MOVERS, bulk_buttons, page_keys
from exceptions.views.requests import kept_query, person_of
from exceptions.words import lede


def kept_rows(request: HttpRequest, now: datetime) -> IntegrationExceptionQuerySet:
    """All rows in scope that the address asks for: its split and its filters."""
    kept = filtered(request, IntegrationException.objects.visible_to(request.user))
    return kept.filter(split_q(request.GET.get("split", ""), request.user, now))


def list_context(
    request: HttpRequest, current: IntegrationException | None = None, ticked: Collection[int] = ()
) -> dict[str, Any]:
    """Everything the list prints: two queries whatever the number of rows."""
    now = timezone.now()
    listed, order = ordered(kept_rows(request, now).listed(), request.GET.get("sort", ""))
    page = keyset_page(listed, order=order, cursor=request.GET.get("after", ""))
    user, split, query = person_of(request), request.GET.get("split", ""), kept_query(request)
    asked = {
        **split_questions(request, now),
        **row_questions(page.rows, now),
        **menu_questions(request),
        **view_questions(user),
        **last_act_questions(user),
    }
    found = answers_with_rail(request, partial(has_any_role, request.user), asked)
    counts = split_counts(found)
    return {
        "page": page,
        "rows": exception_rows(
            page.rows, found, user=user, now=now, current=current.pk if current else None, query=query, ticked=ticked
        ),
        "noon": noon_words(page.rows, now),
        "counts": counts,
        "lede": lede(counts),
        "total": counts.get(split),
        "splits": splits_for(request, counts),
        "menus": menus_for(request, found),
        "views": views_menu(request, found),
        "begins": default_view_url(found),
        "last_act": last_act(found, now),
        "is_filtered": is_filtered(request),
        "list_url": reverse("exceptions:list"),
        "query": query,
        "live_url": live_url(page.rows, query, now),
        "page_keys": page_keys(),
        **bulk_context(request, page.rows),
    }


def bulk_context(request: HttpRequest, rows: Sequence[IntegrationException]) -> dict[str, Any]:
    """What the bar for many needs; a person who only looks has none."""
    if not has_any_role(request.user, MOVERS):
        return {"bulk_verbs": []}
    return {
        "bulk_verbs": bulk_buttons(),
        "shown": ",".join(str(row.pk) for row in rows),
        "most_at_once": MOST_AT_ONCE,
    }


def live_url(rows: Sequence[IntegrationException], query: str, now: datetime) -> str:
    """Where the page asks for what is new: since when, and for the owners of the rows it shows."""
    shown = ",".join(str(row.pk) for row in rows)
    return f"{reverse('exceptions:live')}{query or '?'}&since={now.timestamp():.6f}&rows={shown}"


def swap_context(
    request: HttpRequest,
    exceptions: Sequence[IntegrationException],
    *,
    current: int | None,
    ticked: Collection[int] = (),
) -> dict[str, Any]:
    """What changes around a pane when only it is swapped: rows, the counts, the way back."""
    now, user = timezone.now(), person_of(request)
    asked = {**split_questions(request, now), **row_questions(exceptions, now), **last_act_questions(user)}
    found = answers(asked)
    counts, query = split_counts(found), kept_query(request)
    rows = exception_rows(exceptions, found, user=user, now=now, current=current, query=query, ticked=ticked)
    return {
        "rows": rows,
        "splits": splits_for(request, counts),
        "lede": lede(counts),
        "last_act": last_act(found, now),
        "total": counts.get(request.GET.get("split", "")),
        "query": query,
        **bulk_context(request, ()),
    }
