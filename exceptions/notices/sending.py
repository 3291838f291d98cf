"""Send what waits in the outbox: claim, commit, send outside of any transaction, settle (I9).

A sender that is killed leaves a claim that runs out; its notice is then sent again under the same key. So an e-mail or
webhook may come twice, with the same key, and is never lost without showing.
"""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta

import structlog

from config.web.delivery import DeliveryError, PermanentDeliveryError, UnreachableError
from exceptions.models import Notice
from exceptions.notices.arranging import arrange
from exceptions.notices.channels import CHANNELS, ready_channels
from exceptions.notices.channels.kinds import Sender
from exceptions.notices.claiming import REST, claim, give_back, settle_failed, settle_sent
from exceptions.notices.outgoing import Outgoing, outgoing
from exceptions.vocabulary import Channel

BATCH = 20
# A job is no longer at it than this: other ticks want the worker too.
RUN_SECONDS = 10.0
# What is left of a claim after so long is given back rather than sent on the last second.
CLAIM_SECONDS = 15.0
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
        run = Run(now, {channel: stack.enter_context(_Open(channel)) for channel in ready})
        while run.elapsed() < seconds and run.batch():
            pass
    if run.tally or any(arranged):
        log.info("notices", **arranged._asdict(), **run.tally)
    return run.tally["sent"]


class _Open:
    """A channel's sender for the length of a run."""

    def __init__(self, channel: Channel) -> None:
        self._sender = CHANNELS[channel].open()

    def __enter__(self) -> Sender:
        return self._sender

    def __exit__(self, *_: object) -> None:
        self._sender.close()


class Run:
    """One run of the outbox. Its clock starts at ``now`` and goes on with real time."""

    def __init__(self, now: datetime, senders: dict[Channel, Sender]) -> None:
        self._now, self._senders = now, senders
        self._started = time.monotonic()
        # Where nothing could be delivered in this run: nothing else is tried there.
        self._resting: set[str] = set()
        self.tally: Counter[str] = Counter()

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    def at(self) -> datetime:
        """The present moment of the run."""
        return self._now + timedelta(seconds=self.elapsed())

    def batch(self) -> bool:
        """Claim and send one batch; False when nothing was due."""
        claimed_at = self.elapsed()
        notices = outgoing(claim(self.at(), most=BATCH, ready=self._senders))
        waiting = iter(notices)
        try:
            for notice in waiting:
                if self.elapsed() - claimed_at > CLAIM_SECONDS:
                    self._give_back([notice])
                else:
                    self._send(notice)
        finally:
            # Whatever went wrong with one of them is no try of the others.
            self._give_back(waiting)
        return bool(notices)

    def _send(self, notice: Outgoing) -> None:
        if notice.target in self._resting:
            give_back(notice, until=self.at() + REST)
            self.tally["resting"] += 1
            return
        try:
            self._senders[notice.channel].deliver(notice)
        except DeliveryError as error:
            if isinstance(error, UnreachableError):
                self._resting.add(notice.target)
            is_final = isinstance(error, PermanentDeliveryError)
            settle_failed(notice, str(error), self.at(), is_final=is_final)
            log.warning("notice not sent", notice=notice.notice_id, problem=str(error), tries=notice.tries)
            self.tally["not_sent"] += 1
        else:
            settle_sent(notice, self.at())
            self.tally["sent"] += 1

    def _give_back(self, notices: Iterable[Outgoing]) -> None:
        for notice in notices:
            give_back(notice)
            self.tally["given_back"] += 1


def forget_notices(now: datetime) -> int:
    """Delete what was settled long ago, oldest first and so many at once; return how many."""
    ids = Notice.objects.filter(settled_at__lt=now - KEPT).order_by("settled_at", "id").values_list("pk", flat=True)
    deleted, _ = Notice.objects.filter(pk__in=list(ids[:MOST_FORGOTTEN])).delete()
    return deleted
