"""Ids as they stand in an address or a form, where anything may stand."""

NONE = 0  # no row has it
_DIGITS = 18  # fewer than a bigint holds


def read_id(text: str) -> int:
    """The id that a text names; ``NONE`` where it is none."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else NONE
