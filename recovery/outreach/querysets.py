"""Words of messages and replies. ``visible_to`` is the only door a view for people may use (I13)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import QuerySet

from accounts.scope import clinic_scope_q
from recovery.vocabulary import OutboundState

if TYPE_CHECKING:
    from recovery.models import Outbound, Reply  # noqa: F401 - named in the bases below

HANDED_OVER = (OutboundState.SENDING, OutboundState.SENT, OutboundState.DELIVERED, OutboundState.FAILED)


class OutboundQuerySet(QuerySet["Outbound"]):
    """Texts and e-mails."""

    def visible_to(self, user: Any) -> Self:
        """Messages about the person's clinics."""
        return self.filter(clinic_scope_q(user, "attempt__clinic", "attempt__clinic__source"))

    def handed_over(self) -> Self:
        """Those that a gateway may have: it can tell how they fared, and people can answer them."""
        return self.filter(state__in=HANDED_OVER)


class ReplyQuerySet(QuerySet["Reply"]):
    """What people wrote back."""

    def visible_to(self, user: Any) -> Self:
        """Replies to messages of the person's clinics; those to no message of ours follow their source."""
        return self.filter(clinic_scope_q(user, "outbound__attempt__clinic", "source"))

    def to_answer(self) -> Self:
        """Those that wait for somebody."""
        return self.filter(handled_at__isnull=True)

    def to_apply(self, before: datetime) -> Self:
        """Those of which the desk has not written yet what it did."""
        return self.to_answer().filter(effect="", received_at__lte=before)
