"""Groups of what the desk finds wrong with itself, ready to be written as those of a batch are. Pure."""

from collections.abc import Iterable

from exceptions.checks.own import Own
from exceptions.gathering import Group, group_of


def group_own(found: Iterable[Own]) -> dict[bytes, Group]:
    """Group and count findings, in order of their fingerprints; they have no feed, clinic or message."""
    groups: dict[bytes, Group] = {}
    for own in found:
        group_of(groups, own.check, own.source, None, None, own.raw).tally.add(own.at, None, own.at)
    return dict(sorted(groups.items()))
