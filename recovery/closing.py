"""Closing a chance by hand: which reasons fit what is to be recovered. Pure."""

from collections.abc import Mapping

from recovery.vocabulary import Family, HandReason

_OF_PEOPLE = (
    HandReason.NOT_WANTED,
    HandReason.ELSEWHERE,
    HandReason.LETTER_SENT,
    HandReason.CLINICIAN,
    HandReason.DOUBLE,
    HandReason.OTHER,
)
REASONS_OF: Mapping[Family, tuple[HandReason, ...]] = {
    Family.REFILL: (HandReason.CLINIC_KEEPS, HandReason.NOBODY, HandReason.DOUBLE, HandReason.OTHER),
    Family.REBOOK_MISSED: _OF_PEOPLE,
    Family.REBOOK_BUMPED: _OF_PEOPLE,
    Family.CONFIRM: tuple(reason for reason in _OF_PEOPLE if reason != HandReason.LETTER_SENT),
}
# Whoever reads it later cannot guess what these were about.
NEEDS_WORDS = frozenset({HandReason.OTHER})
LONGEST_WORDS = 200
