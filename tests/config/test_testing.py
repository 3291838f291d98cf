"""Tests use servers of their own."""

import pytest

from config.launcher.options import CHECKOUT
from config.testing import is_external, options_for_tests, redis_database


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("unix://:pw@/run/redis.sock?db=0", "unix://:pw@/run/redis.sock?db=3"),
        ("redis://:pw@localhost:6379/0", "redis://:pw@localhost:6379/3"),
        ("redis://localhost", "redis://localhost/3"),
    ],
)
def test_parallel_tests_use_another_database_of_the_same_redis(url, other):
    assert redis_database(url, 3) == other


def test_the_running_desks_redis_and_folder_are_never_taken():
    options = options_for_tests({"DATA_DIR": "/srv/desk", "REDIS_URL": "redis://live", "DATABASE_URL": "postgres://ci"})

    assert (options.data_dir, options.redis_url, options.database_url) == (
        CHECKOUT / ".data-test",
        None,
        "postgres://ci",
    )
    assert not is_external(options)
