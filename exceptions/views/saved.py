"""A person's views of the list: saving the filter in force, and a page to rename, delete and choose."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from exceptions.forms.views import RenameForm, ViewForm, kept_filter
from exceptions.models import SavedView
from exceptions.selectors.saved_views import saved_views, usable_q, view_url
from exceptions.services.save_view import ViewNameError, begin_with, rename_view, save_view
from exceptions.views.requests import person_of


@login_required
@require_GET
def views(request: HttpRequest) -> HttpResponse:
    """List the person's views; the address may carry the filter that is to be saved."""
    return views_response(request, ViewForm(person_of(request)))


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter in the address under a name; 422 when the name is missing or the person has too many."""
    person, form = person_of(request), ViewForm(person_of(request), request.POST)
    if not form.is_valid():
        return views_response(request, form, status=422)
    asked = form.cleaned_data
    try:
        view = save_view(
            person,
            name=asked["name"],
            query=kept_filter(request.GET),
            team=asked["team"],
            begins=asked["begins"],
            now=timezone.now(),
        )
    except ViewNameError as error:
        form.add_error("name", str(error))
        return views_response(request, form, status=422)
    if request.GET.get("q"):
        messages.info(request, f"Saved as {view.name}, without the search words: they could name a patient.")
    else:
        messages.info(request, f"Saved as {view.name}.")
    return redirect(view_url(view.pk, view.query))


@login_required
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename one of the person's own views; 422 for no name or one that is taken."""
    view = get_object_or_404(SavedView, pk=pk, person=person_of(request))
    form = RenameForm(request.POST)
    if not form.is_valid():
        return views_response(request, ViewForm(person_of(request)), error="Give it a name.", status=422)
    try:
        rename_view(view, name=form.cleaned_data["name"])
    except ViewNameError as error:
        return views_response(request, ViewForm(person_of(request)), error=str(error), status=422)
    return redirect(reverse("exceptions:views"))


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one of the person's own views; whoever began with it begins with everything."""
    view = get_object_or_404(SavedView, pk=pk, person=person_of(request))
    view.delete()
    messages.info(request, f"{view.name} is deleted.")
    return redirect(reverse("exceptions:views"))


@login_required
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the person's list with a view of theirs or their teams; ``pk`` 0 is everything."""
    usable = SavedView.objects.filter(usable_q(person_of(request)))
    begin_with(person_of(request), get_object_or_404(usable, pk=pk) if pk else None)
    return redirect(reverse("exceptions:views"))


def views_response(request: HttpRequest, form: ViewForm, *, error: str = "", status: int = 200) -> HttpResponse:
    """Render the page of views; the filter in the address is what the form at its top saves."""
    views = saved_views(person_of(request))
    context = {
        "views": views,
        "form": form,
        "error": error,
        "query": kept_filter(request.GET),
        "begins_with_all": not any(view.is_default for view in views),
    }
    return render(request, "exceptions/views.html", context, status=status)
