"""The page of whoever saves a setting second: theirs and mine, and nothing typed is lost."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from exceptions.settings_form import Fields, Plain, SettingsForm, lines_of, merged, sign_base


@dataclass(frozen=True, slots=True)
class Conflict:
    """What was to be changed: its name, which tab it is on, where "keep theirs" leads, and who was faster."""

    title: str
    tab: str
    back: str
    by: str = ""


def conflict_response(
    request: HttpRequest, form: SettingsForm, about: Conflict, *, theirs: Plain, extra: Fields | None = None
) -> HttpResponse:
    """Answer 409 to a valid ``form`` whose row has moved on; ``extra`` are further fields to be sent again."""
    base, mine = form.cleaned_data["base"], form.plain
    again = [*(extra or []), ("base", sign_base(theirs))]
    both = merged(base=base, theirs=theirs, mine=mine)
    context = {
        "about": about,
        "action": request.get_full_path(),
        "lines": lines_of(form, base=base, theirs=theirs, mine=mine),
        "mine": form.sent(mine) + again,
        "both": form.sent(both) + again if both is not None and both != mine else None,
    }
    return render(request, "exceptions/settings_conflict.html", context, status=409)
