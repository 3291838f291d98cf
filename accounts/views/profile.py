"""A person's own page: look, keys, password, sessions."""

from zoneinfo import available_timezones

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.forms import NewPasswordForm, SettingsForm, ThemeForm
from accounts.models import DeskSession, User
from accounts.services.appearance import change_appearance
from accounts.services.audit import audited_read
from accounts.services.sessions import end_other_sessions
from accounts.vocabulary import AuditAction
from config.web.links import safe_next


@login_required
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    return show(request)


def show(
    request: HttpRequest,
    *,
    settings_form: SettingsForm | None = None,
    password_form: NewPasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page with whichever form was refused."""
    user = person(request)
    context = {
        "settings_form": settings_form or SettingsForm(instance=user),
        "password_form": password_form or NewPasswordForm(user),
        "sessions": DeskSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at"),
        "grants": user.grants.select_related("source", "clinic__source").order_by("role", "source", "clinic"),
        "zones": sorted(available_timezones()),
    }
    return render(request, "accounts/profile.html", context, status=status)


def person(request: HttpRequest) -> User:
    """The signed-in person, as themselves and not the lazy object, so that forms may write to a copy."""
    return User.objects.get(username=request.user.get_username())


@login_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Change the theme from the rail and go back to where the person was."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Theme is auto, light or dark.", content_type="text/plain")
    change_appearance(person(request), form.cleaned_data)
    return HttpResponseRedirect(safe_next(request, "/"))


@login_required
@require_POST
def settings(request: HttpRequest) -> HttpResponse:
    """Change look and keys."""
    form = SettingsForm(request.POST, instance=person(request))
    if not form.is_valid():
        return show(request, settings_form=form, status=422)
    change_appearance(person(request), form.cleaned_data)
    messages.success(request, "Your settings are kept.")
    return redirect("profile")


@sensitive_post_parameters()
@login_required
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change the password and end every other session of this person (ASVS 7.4.3)."""
    form = NewPasswordForm(person(request), request.POST)
    if not form.is_valid():
        return show(request, password_form=form, status=422)
    user = form.save()
    update_session_auth_hash(request, user)
    ended = end_other_sessions(request)
    audited_read(
        request,
        subject_kind="accounts.user",
        subject=user.pk,
        action=AuditAction.CHANGED,
        detail={"fields": ["password"], "sessions ended": ended},
    )
    messages.success(request, "Your password is changed. Other browsers are signed out.")
    return redirect("profile")


@login_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    ended = end_other_sessions(request)
    messages.success(request, f"Signed out in {ended} other {'browser' if ended == 1 else 'browsers'}.")
    return redirect("profile")
