"""Guessing is slowed down: five failures in five minutes per name, twenty per address."""

from datetime import timedelta

import pytest

from accounts.errors import SignInThrottledError
from accounts.models import SignInFailure
from accounts.services.throttling import WINDOW, count_attempt, forgive_attempt
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def fail(times, *, name="dana@northfield.example", address="10.0.0.1", start=NOW, step=timedelta(seconds=10)):
    for number in range(times):
        count_attempt(name, address, now=start + number * step)


def test_tries_left_count_down():
    left = [count_attempt("dana@northfield.example", "10.0.0.1", now=NOW).left for _ in range(5)]

    assert left == [4, 3, 2, 1, 0]


def test_the_sixth_try_of_a_name_is_refused_until_the_first_leaves_the_window():
    fail(5)

    with pytest.raises(SignInThrottledError) as refusal:
        count_attempt("dana@northfield.example", "10.0.0.2", now=NOW + timedelta(minutes=1))

    assert refusal.value.retry_at == NOW + WINDOW


@pytest.mark.parametrize(("after", "is_refused"), [(-1, True), (0, False), (1, False)], ids=["before", "at", "after"])
def test_the_wait_ends_exactly_with_the_window(after, is_refused):
    fail(5)
    now = NOW + WINDOW + timedelta(microseconds=after)

    try:
        count_attempt("dana@northfield.example", "10.0.0.1", now=now)
        was_refused = False
    except SignInThrottledError:
        was_refused = True

    assert was_refused is is_refused


def test_a_refused_try_does_not_prolong_the_wait():
    fail(5)
    for minute in (1, 2, 3, 4):
        with pytest.raises(SignInThrottledError):
            count_attempt("dana@northfield.example", "10.0.0.1", now=NOW + timedelta(minutes=minute))

    count_attempt("dana@northfield.example", "10.0.0.1", now=NOW + WINDOW)


def test_the_name_is_the_same_in_any_case():
    fail(5)

    with pytest.raises(SignInThrottledError):
        count_attempt("DANA@Northfield.Example", "10.0.0.9", now=NOW + timedelta(minutes=1))


def test_another_name_from_the_same_address_is_not_refused():
    fail(5)

    assert count_attempt("priya@northfield.example", "10.0.0.1", now=NOW + timedelta(minutes=1)).left == 4


def test_the_twenty_first_try_of_an_address_is_refused_whatever_the_name():
    for number in range(20):
        fail(1, name=f"person{number}@northfield.example", start=NOW + timedelta(seconds=number))

    with pytest.raises(SignInThrottledError) as refusal:
        count_attempt("person21@northfield.example", "10.0.0.1", now=NOW + timedelta(minutes=1))

    assert refusal.value.retry_at == NOW + WINDOW


def test_success_forgives_the_name_and_its_own_try_but_not_the_address():
    fail(3)
    attempt = count_attempt("dana@northfield.example", "10.0.0.1", now=NOW + timedelta(minutes=1))

    forgive_attempt(attempt, "Dana@northfield.example", now=NOW + timedelta(minutes=1))

    assert SignInFailure.objects.count() == 3
    assert count_attempt("dana@northfield.example", "10.0.0.1", now=NOW + timedelta(minutes=1)).left == 4


def test_success_drops_what_no_longer_counts():
    fail(2, name="old@northfield.example", address="10.0.0.5")
    later = NOW + timedelta(hours=1)

    forgive_attempt(
        count_attempt("dana@northfield.example", "10.0.0.1", now=later), "dana@northfield.example", now=later
    )

    assert SignInFailure.objects.count() == 0


def test_what_was_typed_is_not_kept():
    fail(1, name="my-secret-password")

    assert all(b"secret" not in bytes(row.key) for row in SignInFailure.objects.all())
