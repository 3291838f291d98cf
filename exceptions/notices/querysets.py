"""Words of the outbox. ``visible_to`` is the only door a view for people may use (I13)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import QuerySet

from exceptions.vocabulary import Channel, NoticeState

if TYPE_CHECKING:
    from exceptions.models import Notice  # noqa: F401 - named in the base below

UNSETTLED = (NoticeState.WAITING, NoticeState.SENDING)
GIVEN_UP = (NoticeState.FAILED, NoticeState.EXPIRED)


class NoticeQuerySet(QuerySet["Notice"]):
    """Notices."""

    def visible_to(self, user: Any) -> Self:
        """The notices in the desk of one person: nobody reads another's."""
        return self.filter(channel=Channel.IN_APP, person=user.pk)

    def unread(self) -> Self:
        """Those in the desk that nobody has read."""
        return self.filter(channel=Channel.IN_APP, read_at__isnull=True)

    def unsettled(self) -> Self:
        """Those that are still to go out."""
        return self.filter(state__in=UNSETTLED)

    def due(self, now: datetime) -> Self:
        """Those that may go out now, whoever is at it."""
        return self.unsettled().filter(send_after__lte=now)

    def given_up(self) -> Self:
        """Those that did not go out, and will not by themselves."""
        return self.filter(state__in=GIVEN_UP)
