"""A person's notices in the desk, and what else they want to be sent."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import get_visible_or_404
from accounts.scope import has_any_role, has_role
from accounts.services.audit import audited_read
from accounts.vocabulary import AuditAction, Role
from config.web.asking import MOST_OF_SPLIT, capped, how_many
from config.web.ids import read_id
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from exceptions.models import Notice, NoticeSettings
from exceptions.notices.channels import CHANNELS
from exceptions.notices.forms import NoticeSettingsForm
from exceptions.selectors.notice_rows import notice_rows, with_seen
from exceptions.services.read_notices import read_all_notices, read_notice
from exceptions.views.requests import person_of
from exceptions.vocabulary import Channel

ORDER = ("-created_at", "-id")


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """List the person's notices, newest first; two queries."""
    own = Notice.objects.visible_to(request.user)
    page = keyset_page(with_seen(own, request.user), order=ORDER, cursor=request.GET.get("after", ""))
    asked = {"unread": how_many(own.unread(), MOST_OF_SPLIT)}
    found = answers_with_rail(request, partial(has_any_role, request.user), asked)
    context = {
        "page": page,
        "rows": notice_rows(page.rows),
        "unread": capped(found["unread"], MOST_OF_SPLIT),
        "total": None,
        "may_see_outbox": has_role(request.user, Role.ADMIN),
    }
    return render(request, "exceptions/notices.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark notices as read: ``open`` one and go to what it is about, ``read`` one, or all."""
    now = timezone.now()
    asked = request.POST.get("open") or request.POST.get("read")
    if asked is None:
        number = read_all_notices(person_of(request), now=now)
        messages.success(request, f"{number:,} {'notice' if number == 1 else 'notices'} marked as read.")
        return redirect("notices:list")
    notices = with_seen(Notice.objects.all(), request.user)
    notice = get_visible_or_404(notices, request, pk=read_id(asked))
    read_notice(notice, now=now)
    (row,) = notice_rows([notice])
    return redirect(row.url if "open" in request.POST and row.url else "notices:list")


@login_required
@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """Show and change what the person is sent by e-mail."""
    user = person_of(request)
    kept = NoticeSettings.objects.filter(person=user.pk).first() or NoticeSettings(person_id=user.pk)
    form = NoticeSettingsForm(request.POST or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.save()
        audited_read(
            request,
            subject_kind="exceptions.noticesettings",
            subject=user.pk,
            action=AuditAction.CHANGED,
            detail={"fields": form.changed_data},
        )
        messages.success(request, "Your settings are kept.")
        return redirect("notices:settings")
    context = {"form": form, "has_mail": CHANNELS[Channel.EMAIL].is_set_up(), "address": user.email or user.username}
    return render(request, "exceptions/notice_settings.html", context, status=422 if form.errors else 200)
