"""The way in and out."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import SignInRefusedError, SignInThrottledError
from accounts.forms import SignInForm
from accounts.middleware import expires_at
from accounts.services import sessions
from config.web import times
from config.web.links import safe_next

ENDED = {
    "idle": "You were signed out because nothing happened for a while.",
    "absolute": "You were signed out because the working day of this session is over.",
    "out": "You are signed out.",
}


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or try it: 422 no match, 429 too many tries."""
    back = safe_next(request, settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return HttpResponseRedirect(back)
    if request.method == "GET":
        return show(request, SignInForm(), back)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return show(request, form, back, status=422)
    now = timezone.now()
    try:
        sessions.sign_in(request, name=form.cleaned_data["name"], password=form.cleaned_data["password"], now=now)
    except SignInThrottledError as error:
        at = times.rounded_up(error.retry_at)
        form.add_error("password", f"{error} You can try again {times.relative(at, now)} ({at:%H:%M} UTC).")
        response = show(request, form, back, status=429)
        response["Retry-After"] = str(max(1, int((at - now).total_seconds())))
        return response
    except SignInRefusedError as error:
        form.add_error("password", f"{error} {tries(error.left)}")
        return show(request, form, back, status=422)
    return HttpResponseRedirect(back)


def tries(left: int) -> str:
    """Say how many tries are left before a wait."""
    if left <= 0:
        return "That was the last try for 5 min."
    return f"{left} {'try' if left == 1 else 'tries'} left, then wait 5 min."


def show(request: HttpRequest, form: SignInForm, back: str, *, status: int = 200) -> HttpResponse:
    """Render the sign-in page."""
    context = {"form": form, "next": back, "ended": ENDED.get(request.GET.get("ended", ""), "")}
    return render(request, "registration/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; a second press does no harm."""
    if request.user.is_authenticated:
        sessions.sign_out(request, now=timezone.now())
    return redirect(f"{settings.LOGIN_URL}?ended=out")


@login_required
@require_GET
def session_state(request: HttpRequest) -> HttpResponse:
    """Tell session.js when the session ends; lies below /live/, so asking does not prolong it."""
    return JsonResponse({"ends_at": expires_at(request).timestamp(), "token": get_token(request)})


@login_required
@require_POST
def session_stay(request: HttpRequest) -> HttpResponse:
    """Prolong the session because a person said so."""
    request.session["seen_at"] = timezone.now().timestamp()
    return JsonResponse({"ends_at": expires_at(request).timestamp(), "token": get_token(request)})
