"""Mark notices in the desk as read, by the person they are for."""

from datetime import datetime

from accounts.models import User
from exceptions.models import Notice


def read_notice(notice: Notice, *, now: datetime) -> None:
    """Mark one notice as read; a second time changes nothing."""
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=now)


def read_all_notices(user: User, *, now: datetime) -> int:
    """Mark as read what came up to ``now``, not what comes while the person reads; return how many."""
    return Notice.objects.visible_to(user).unread().filter(created_at__lte=now).update(read_at=now)
