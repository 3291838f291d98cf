"""A bound on how often something may happen, per process: token buckets, of which only so many are kept."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

KEYS = 10_000


class RateLimiter:
    """One bucket per key; a key that is pushed out by others begins anew with a full bucket."""

    def __init__(self, *, per_second: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self.per_second, self.burst = per_second, burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when it was
        self._lock = Lock()

    def seconds_to_wait(self, key: str) -> float:
        """0 and one token taken, or how long until there is one."""
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(key, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.per_second)
            is_allowed = left >= 1
            self._buckets[key] = (left - 1 if is_allowed else left, now)
            if len(self._buckets) > KEYS:
                self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) / self.per_second
