"""Groups of what the desk finds wrong with itself, ready to be written as those of a batch are. Pure."""

from collections.abc import Iterable

from exceptions.catalogue import check_of
from exceptions.checks.own import Own
from exceptions.gathering import Group
from exceptions.judging import MAX_RAW, fingerprint


def group_own(found: Iterable[Own]) -> dict[bytes, Group]:
    """Group and count findings, in order of their fingerprints; they have no feed, clinic or message."""
    groups: dict[bytes, Group] = {}
    for own in found:
        raw = own.raw[:MAX_RAW]
        key = fingerprint(own.check, own.source, None, raw)
        group = groups.setdefault(key, Group(key, check_of(own.check), own.source, None, None, raw))
        group.tally.add(own.at, None, own.at)
    return dict(sorted(groups.items()))
