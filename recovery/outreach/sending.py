"""Send what waits in the outbox: claim, commit, guard, send outside of any transaction, settle (I5, I9).

A sender that is killed leaves a claim that runs out; its message is then guarded and sent again under the same key. So
a message may be handed over twice, with the same key, and is never lost without showing.
"""

from contextlib import ExitStack, closing
from datetime import datetime

import structlog

from config.web.delivery import DeliveryError, PermanentDeliveryError, UnreachableError
from config.web.outbox_run import BATCH, RUN_SECONDS, OutboxRun
from recovery.errors import GuardRefusedError
from recovery.outreach.claiming import MOST_TRIES, REST, UNREAD, claim, give_back, put_off, settle_sent
from recovery.outreach.gateways import GATEWAYS, chosen_gateways
from recovery.outreach.gateways.kinds import Message, Sender
from recovery.services.guard_send import PASSING, guard_send
from recovery.services.settle_outbound import end_overdue, fail_outbound, refuse_outbound
from recovery.vocabulary import OutreachChannel

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
        run.work(seconds)
    if run.tally or ended:
        log.info("outreach", ended=ended, **run.tally)
    return run.tally["sent"]


class Run(OutboxRun[Message]):
    """One run of the outbox of texts and e-mails."""

    def __init__(self, now: datetime, senders: dict[OutreachChannel, tuple[str, Sender]]) -> None:
        super().__init__(now)
        self._senders = senders

    def claim(self) -> list[Message]:
        """Claim what is due on channels that have a gateway."""
        return claim(self.at(), most=BATCH, channels=self._senders) if self._senders else []

    def let_go(self, message: Message) -> None:
        """Give one back that was not tried."""
        give_back(message)

    def send(self, message: Message) -> None:
        """Guard one at the last moment and hand it to its gateway, unless that rests."""
        name, sender = self._senders[message.channel]
        if name in self.resting:
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
                self.resting.add(name)
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
