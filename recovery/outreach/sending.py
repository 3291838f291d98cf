"""Send what waits in the outbox: claim, commit, guard, send outside of any transaction, settle (I5, I9).

A sender that is killed leaves a claim that runs out; its message is then guarded and sent again under the same key. So
a message may be handed over twice, with the same key, and is never lost without showing.
"""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta

import structlog

from config.web.delivery import DeliveryError, PermanentDeliveryError, UnreachableError
from recovery.errors import GuardRefusedError
from recovery.outreach.claiming import MOST_TRIES, REST, UNREAD, claim, give_back, put_off, settle_sent
from recovery.outreach.gateways import GATEWAYS, chosen_gateways
from recovery.outreach.gateways.kinds import Message, Sender
from recovery.services.guard_send import PASSING, guard_send
from recovery.services.settle_outbound import end_overdue, fail_outbound, refuse_outbound
from recovery.vocabulary import OutreachChannel

BATCH = 20
# A job is no longer at it than this: other ticks want the worker too.
RUN_SECONDS = 10.0
# What is left of a claim after so long is given back rather than sent on the last second.
CLAIM_SECONDS = 15.0

log = structlog.get_logger(__name__)


def send_outreach(now: datetime, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due at ``now``, for so many seconds at most; return how many went out.

    Call it outside of a transaction: what was sent must be written whatever comes after.
    """
    ended = end_overdue(now)
    chosen = chosen_gateways()
    with ExitStack() as stack:
        open_ones = {name: stack.enter_context(closing(GATEWAYS[name].open())) for name in set(chosen.values())}
        run = Run(now, {channel: (name, open_ones[name]) for channel, name in chosen.items()})
        while run.elapsed() < seconds and run.batch():
            pass
    if run.tally or ended:
        log.info("outreach", ended=ended, **run.tally)
    return run.tally["sent"]


class Run:
    """One run of the outbox. Its clock starts at ``now`` and goes on with real time."""

    def __init__(self, now: datetime, senders: dict[OutreachChannel, tuple[str, Sender]]) -> None:
        self._now, self._senders = now, senders
        self._started = time.monotonic()
        # Gateways that could not be reached in this run: nothing else is tried there.
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
        messages = claim(self.at(), most=BATCH, channels=self._senders) if self._senders else []
        waiting = iter(messages)
        try:
            for message in waiting:
                if self.elapsed() - claimed_at > CLAIM_SECONDS:
                    self._give_back([message])
                else:
                    self._send(message)
        finally:
            # Whatever went wrong with one of them is no try of the others.
            self._give_back(waiting)
        return bool(messages)

    def _send(self, message: Message) -> None:
        name, sender = self._senders[message.channel]
        if name in self._resting:
            give_back(message, until=self.at() + REST)
            self.tally["resting"] += 1
        elif self._may_go(message):
            self._deliver(message, name, sender)

    def _may_go(self, message: Message) -> bool:
        """Guard a message at the last moment; whatever stops it is written."""
        try:
            guard_send(message, now=self.at())
        except GuardRefusedError as refusal:
            if refusal.code in PASSING:
                give_back(message, until=self.at() + UNREAD)
                self.tally["unread"] += 1
            else:
                refuse_outbound(message, refusal, now=self.at())
                log.info("message stopped", outbound=message.outbound_id, code=refusal.code)
                self.tally["stopped"] += 1
            return False
        return True

    def _deliver(self, message: Message, name: str, sender: Sender) -> None:
        try:
            receipt = sender.deliver(message)
        except DeliveryError as error:
            if isinstance(error, UnreachableError):
                self._resting.add(name)
            is_final = isinstance(error, PermanentDeliveryError)
            if is_final or message.tries >= MOST_TRIES:
                fail_outbound(message, str(error), may_have_left=not is_final, now=self.at())
            else:
                put_off(message, str(error), self.at())
            log.warning("message not sent", outbound=message.outbound_id, problem=str(error), tries=message.tries)
            self.tally["not_sent"] += 1
        else:
            settle_sent(message, receipt, self.at())
            self.tally["sent"] += 1

    def _give_back(self, messages: Iterable[Message]) -> None:
        for message in messages:
            give_back(message)
            self.tally["given_back"] += 1
