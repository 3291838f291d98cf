"""Token buckets on a clock of the test's own."""

from scheduling.transports.rates import KEYS, RateLimiter


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_burst_is_allowed_and_then_the_rate():
    clock = Clock()
    limiter = RateLimiter(per_second=2, burst=3, clock=clock)

    assert [limiter.seconds_to_wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 0.5
    assert [limiter.seconds_to_wait("a"), limiter.seconds_to_wait("a")] == [0, 0.5]


def test_keys_do_not_share_a_bucket():
    limiter = RateLimiter(per_second=1, burst=1, clock=Clock())

    assert [limiter.seconds_to_wait(key) for key in ("a", "b", "a")] == [0, 0, 1]


def test_bucket_never_holds_more_than_a_burst():
    clock = Clock()
    limiter = RateLimiter(per_second=1, burst=2, clock=clock)
    limiter.seconds_to_wait("a")
    clock.now += 1_000

    assert [limiter.seconds_to_wait("a") for _ in range(3)] == [0, 0, 1]


def test_number_of_kept_buckets_is_bounded():
    limiter = RateLimiter(per_second=1, burst=1, clock=Clock())

    for number in range(KEYS + 50):
        limiter.seconds_to_wait(str(number))

    assert len(limiter._buckets) == KEYS
