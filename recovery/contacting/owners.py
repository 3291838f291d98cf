"""Names of the rows that count contacts: a person, or a number whoever it belongs to. Pure."""

from hashlib import blake2b

from recovery.vocabulary import OwnerKind


def person_owner(root_id: int) -> int:
    """The row of a person: the record that survived all merges."""
    return _named(OwnerKind.PERSON, str(root_id))


def number_owner(value: str) -> int:
    """The row of a number or address."""
    return _named(OwnerKind.NUMBER, value.strip().lower())


def _named(kind: OwnerKind, key: str) -> int:
    """A signed 64-bit digest, so that nobody has to look it up."""
    return int.from_bytes(blake2b(f"{kind}\0{key}".encode(), digest_size=8).digest(), "big", signed=True)
