"""Whose record survives: chains, circles and merges taken back. Pure."""

from itertools import permutations

import pytest

from scheduling.digestion.aliases import resolve_roots


@pytest.mark.parametrize(
    ("edges", "roots"),
    [
        ([], {}),
        ([(1, 2, b"a")], {1: 2}),
        ([(1, 2, b"a"), (2, 3, b"b")], {1: 3, 2: 3}),
        ([(1, 2, b"b"), (2, 3, b"a")], {1: 3, 2: 3}),
        ([(1, 3, b"a"), (2, 3, b"b")], {1: 3, 2: 3}),
        ([(1, 2, b"a"), (2, 1, b"b")], {1: 1, 2: 1}),
        ([(1, 2, b"b"), (2, 1, b"a")], {1: 2, 2: 2}),
        ([(1, 2, b"a"), (2, 3, b"c"), (3, 1, b"b")], {1: 3, 2: 3, 3: 3}),
        ([(4, 1, b"d"), (1, 2, b"a"), (2, 1, b"b")], {4: 1, 1: 1, 2: 1}),
    ],
    ids=["nobody", "one", "chain", "chain, older first", "two into one", "taken back", "taken back, older first",
         "circle of three", "into a circle"],
)  # fmt: skip
def test_roots_are_the_same_in_any_order_of_edges(edges, roots):
    for order in permutations(edges):
        assert resolve_roots(order) == roots


def test_a_long_chain_is_resolved():
    edges = [(number, number + 1, b"a") for number in range(100)]

    assert set(resolve_roots(edges).values()) == {100}
