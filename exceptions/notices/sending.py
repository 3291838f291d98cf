"""Send what waits in the outbox: claim, commit, send outside of any transaction, settle (I9).

A sender that is killed leaves a claim that runs out; its notice is then sent again under the same key. So an e-mail or
webhook may come twice, with the same key, and is never lost without showing.
"""

from contextlib import ExitStack, closing
from datetime import datetime, timedelta

import structlog

from config.web.delivery import DeliveryError, PermanentDeliveryError, UnreachableError
from config.web.outbox_run import BATCH, RUN_SECONDS, OutboxRun
from exceptions.models import Notice
from exceptions.notices.arranging import arrange
from exceptions.notices.channels import CHANNELS, ready_channels
from exceptions.notices.channels.kinds import Sender
from exceptions.notices.claiming import REST, claim, give_back, settle_failed, settle_sent
from exceptions.notices.outgoing import Outgoing, outgoing
from exceptions.vocabulary import Channel

KEPT = timedelta(days=90)
MOST_FORGOTTEN = 1_000

log = structlog.get_logger(__name__)


def send_notices(now: datetime, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due at ``now``, for so many seconds at most; return how many went out.

    Call it outside of a transaction: what was sent must be written whatever comes after.
    """
    ready = ready_channels()
    arranged = arrange(now, ready=ready)
    with ExitStack() as stack:
        run = Run(now, {channel: stack.enter_context(closing(CHANNELS[channel].open())) for channel in ready})
        run.work(seconds)
    if run.tally or any(arranged):
        log.info("notices", **arranged._asdict(), **run.tally)
    return run.tally["sent"]


class Run(OutboxRun[Outgoing]):
    """One run of the outbox of notices."""

    def __init__(self, now: datetime, senders: dict[Channel, Sender]) -> None:
        super().__init__(now)
        self._senders = senders

    def claim(self) -> list[Outgoing]:
        """Claim what is due on channels that are set up."""
        return outgoing(claim(self.at(), most=BATCH, ready=self._senders))

    def let_go(self, notice: Outgoing) -> None:
        """Give one back that was not tried."""
        give_back(notice)

    def send(self, notice: Outgoing) -> None:
        """Hand one to its channel, unless its target rests."""
        if notice.target in self.resting:
            give_back(notice, until=self.at() + REST)
            self.tally["resting"] += 1
            return
        try:
            self._senders[notice.channel].deliver(notice)
        except DeliveryError as error:
            if isinstance(error, UnreachableError):
                self.resting.add(notice.target)
            is_final = isinstance(error, PermanentDeliveryError)
            settle_failed(notice, str(error), self.at(), is_final=is_final)
            log.warning("notice not sent", notice=notice.notice_id, problem=str(error), tries=notice.tries)
            self.tally["not_sent"] += 1
        else:
            settle_sent(notice, self.at())
            self.tally["sent"] += 1


def forget_notices(now: datetime) -> int:
    """Delete what was settled long ago, oldest first and so many at once; return how many."""
    ids = Notice.objects.filter(settled_at__lt=now - KEPT).order_by("settled_at", "id").values_list("pk", flat=True)
    deleted, _ = Notice.objects.filter(pk__in=list(ids[:MOST_FORGOTTEN])).delete()
    return deleted
