"""The page of whoever saves a setting second: theirs and mine, and nothing typed is lost."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from exceptions.models import PlanChange
from exceptions.settings_form import Plain, SettingsForm, lines_of, merged, reason_sent, sign_base


@dataclass(frozen=True, slots=True)
class Conflict:
    """What was to be changed: its name, which tab it is on, where "keep theirs" leads, and who was faster."""

    title: str
    tab: str
    back: str
    by: str = ""


def changed_by(changes: QuerySet[PlanChange]) -> str:
    """The name of whoever made the newest of some changes; "" where that was nobody."""
    last = changes.select_related("actor").first()
    return str(last.actor) if last and last.actor else ""


def conflict_response(request: HttpRequest, form: SettingsForm, about: Conflict, *, theirs: Plain) -> HttpResponse:
    """Answer 409 to a valid ``form`` whose row has moved on; a reason that was typed is sent again with it."""
    base, mine = form.cleaned_data["base"], form.plain
    again = [*reason_sent(form), ("base", sign_base(theirs))]
    both = merged(base=base, theirs=theirs, mine=mine)
    context = {
        "about": about,
        "action": request.get_full_path(),
        "lines": lines_of(form, base=base, theirs=theirs, mine=mine),
        "mine": form.sent(mine) + again,
        "both": form.sent(both) + again if both is not None and both != mine else None,
    }
    return render(request, "exceptions/settings_conflict.html", context, status=409)
