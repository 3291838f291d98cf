"""Numbers as gateways want them, and as they come back. Pure."""

import re

_NOT_DIGITS = re.compile(r"[^0-9]+")
_SHORTEST, _LONGEST = 8, 15  # ITU-T E.164


def international(value: str) -> str:
    """A number as E.164 ("+13125550142"), a national one taken as North American; "" where it cannot be one."""
    number = value.split(";ext=", 1)[0].strip()
    digits = _NOT_DIGITS.sub("", number)
    if number.startswith("+"):
        return f"+{digits}" if _SHORTEST <= len(digits) <= _LONGEST else ""
    if len(digits) == 10:
        return f"+1{digits}"
    return f"+{digits}" if len(digits) == 11 and digits.startswith("1") else ""


def is_address(value: str) -> bool:
    """Whether it is an e-mail address rather than a number."""
    return "@" in value
