"""Group commit: many senders, one transaction. Whatever waited during the last commit is stored by the next.

There is no gathering window: senders that wait for their acknowledgement would only wait longer (measured in
docs/feeds.md). A member never fails because of another one: a group that cannot be stored is stored one by one.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread

import structlog
from django.db import InterfaceError, OperationalError, connection
from psycopg import InterfaceError as DriverInterfaceError
from psycopg import OperationalError as DriverOperationalError

from scheduling.services.intake import Arrival, store
from scheduling.transports.errors import IntakeBusyError, IntakeClosedError
from scheduling.transports.waker import Waker

log = structlog.get_logger(__name__)

GROUP_MEMBERS = 1000
GROUP_BYTES = 32 * 1024 * 1024
WAITING_MEMBERS = 5000
WAITING_BYTES = 64 * 1024 * 1024
_OUT_OF_REACH = (OperationalError, InterfaceError, DriverOperationalError, DriverInterfaceError)


@dataclass(slots=True)
class _Member:
    arrival: Arrival
    size: int
    stored: Future[Arrival] = field(default_factory=Future)


class GroupCommitter:
    """Stores arrivals of many threads or coroutines on a thread and a database connection of its own.

    The thread begins with the first arrival, so that a process may fork before, and ends with ``stop``.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[_Member] = deque()
        self._members = self._bytes = 0  # waiting and being stored
        self._thread: Thread | None = None
        self._is_stopping = False

    def submit(self, arrival: Arrival, *, wait: float = 0) -> Future[Arrival]:
        """A future that is done when the arrival is committed, or failed with what the database raised.

        Waits up to ``wait`` seconds for room. Raises IntakeBusyError if there is none, IntakeClosedError after
        ``stop``.
        """
        member = _Member(arrival, sum(map(len, arrival.envelope.messages)))
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_stopping or self._has_room(member), wait):
                raise IntakeBusyError("Too much waits to be stored. Send it again in a moment.")
            if self._is_stopping:
                raise IntakeClosedError("The intake is stopping. Send it again in a moment.")
            self._waiting.append(member)
            self._members, self._bytes = self._members + 1, self._bytes + member.size
            if self._thread is None:
                self._thread = Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return member.stored

    def stop(self) -> None:
        """Store what waits, then end the thread and close its connection; a later ``submit`` is refused."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _has_room(self, member: _Member) -> bool:
        """One member always fits, however large: intake has bounded it before."""
        fits = self._members < WAITING_MEMBERS and self._bytes + member.size <= WAITING_BYTES
        return fits or self._members == 0

    def _run(self) -> None:
        waker = Waker()
        try:
            while group := self._next_group():
                self._store(group, waker)
        finally:
            connection.close()
            waker.stop()

    def _next_group(self) -> list[_Member]:
        """Everything that waits, up to the bounds of one transaction; empty when it is time to stop."""
        group: list[_Member] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            while self._waiting and len(group) < GROUP_MEMBERS and (not group or size < GROUP_BYTES):
                group.append(self._waiting.popleft())
                size += group[-1].size
        return group

    def _store(self, group: list[_Member], waker: Waker) -> None:
        errors = commit_group([member.arrival for member in group])
        with self._changed:
            self._members -= len(group)
            self._bytes -= sum(member.size for member in group)
            self._changed.notify_all()
        for member, error in zip(group, errors, strict=True):
            if not member.stored.set_running_or_notify_cancel():
                continue  # the sender went away; what it sent is stored all the same
            if error is None:
                member.stored.set_result(member.arrival)
            else:
                member.stored.set_exception(error)
        if None in errors:
            waker.wake()


def commit_group(arrivals: Sequence[Arrival]) -> list[Exception | None]:
    """Store ``arrivals`` together, or one by one where that fails; each one's error, None for what is committed.

    A commit whose answer was lost may be repeated here: the repetition is a duplicate by digest, and counted as such.
    """
    error = _store_together(arrivals)
    if error is None:
        return [None] * len(arrivals)
    log.warning("group commit failed, storing one by one", members=len(arrivals), exc_info=error)
    errors: list[Exception | None] = []
    for arrival in arrivals:
        error = _store_together([arrival])
        errors.append(error)
        if error is not None and is_out_of_reach(error):
            log.error("the database is out of reach; senders get no answer", exc_info=error)
            return errors + [error] * (len(arrivals) - len(errors))
    return errors


def is_out_of_reach(error: Exception) -> bool:
    """Whether an error says that the database cannot be talked to, rather than that it refused something."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, _OUT_OF_REACH) and (not state or state.startswith(("08", "57P")))


def _store_together(arrivals: Sequence[Arrival]) -> Exception | None:
    try:
        store(arrivals)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the senders and not to this thread
        for arrival in arrivals:
            arrival.message_ids.clear()
            arrival.extract_id = None
        connection.close()  # it may be broken; the next try opens another
        return error
    return None
