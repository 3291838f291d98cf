"""Keys of events: bytes compare as the tuples they were packed from."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.folding.order import control_id_and_digest, has_sequence, is_strictly_later, order_key, source_time

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
times = st.one_of(
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from([NINE, NINE + timedelta(microseconds=1), NINE - NINE.resolution]),
)
# Text is compared by code point, as UTF-8 bytes are; intake keeps NUL and lone surrogates out of control ids.
controls = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
places = st.tuples(
    times,
    st.one_of(st.none(), st.sampled_from([0, 1, 2, 0xFFFFFFFD]), st.integers(0, 0xFFFFFFFD)),
    controls,
    st.binary(min_size=16, max_size=16),
    st.integers(0, 255),
)


def as_tuple(place):
    at, sequence, control, digest, part = place
    return at, -1 if sequence is None else sequence, control, digest, part


@given(places, places)
def test_bytes_order_is_tuple_order(one, other):
    keys, tuples = (order_key(*one), order_key(*other)), (as_tuple(one), as_tuple(other))

    assert (keys[0] < keys[1], keys[0] == keys[1]) == (tuples[0] < tuples[1], tuples[0] == tuples[1])


@given(places)
def test_key_gives_back_time_and_number(place):
    key = order_key(*place)

    assert (source_time(key), has_sequence(key)) == (place[0], place[1] is not None)


@given(places)
def test_key_gives_back_the_message(place):
    assert control_id_and_digest(order_key(*place)) == (place[2], place[3])


@given(places, places)
def test_strictly_later_looks_at_source_time_alone(one, other):
    assert is_strictly_later(order_key(*one), order_key(*other)) == (one[0] > other[0])


@pytest.mark.parametrize(
    ("sequence", "same_as"), [(0xFFFFFFFE, 0), (-1, 0xFFFFFFFD), (10**30, 10**30 % 0xFFFFFFFE)], ids=str
)
def test_number_out_of_range_is_taken_modulo_the_range(sequence, same_as):
    assert order_key(NINE, sequence, "C", b"d" * 16) == order_key(NINE, same_as, "C", b"d" * 16)
