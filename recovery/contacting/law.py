"""In which hours the law lets people be called or texted, by the area code of their number. Pure.

Sources: research/recovery.md section 2; 47 CFR 64.1200(c)(1); Tex. Bus. & Com. Code 301.051. No feed of ours says in
which state somebody lives, so their number decides: Florida presumes that whoever is called at one of its area codes
is there (Fla. Stat. 501.059(8)(d)). Whether these hours reach messages about care is argued, so the desk keeps them.
"""

import re
from datetime import time
from typing import NamedTuple

from recovery.contacting.facts import ContactHours


class Law(NamedTuple):
    """Whose law it is, at the end of "by the law of", and the hours that it leaves."""

    place: str
    hours: ContactHours


def _daily(begins: int, ends: int) -> ContactHours:
    return ContactHours((time(begins), time(ends)), (time(begins), time(ends)))


FEDERAL = Law("the United States", _daily(8, 21))
# Stricter states with their area codes; another one is a row.
_STATES: tuple[tuple[Law, str], ...] = (
    (
        Law("Florida", _daily(8, 20)),
        "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    ),
    (Law("Oklahoma", _daily(8, 20)), "405 539 572 580 918"),
    (Law("Maryland", _daily(8, 20)), "227 240 301 410 443 667"),
    (Law("Connecticut", _daily(9, 20)), "203 475 860 959"),
    (
        Law("Texas", ContactHours((time(9), time(21)), (time(12), time(21)))),
        (
            "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940"
            " 945 956 972 979"
        ),
    ),
)
_BY_CODE = {code: law for law, codes in _STATES for code in codes.split()}
_NATIONAL = 10
_NOT_DIGITS = re.compile(r"[^0-9]+")


def law_of(number: str) -> Law:
    """The law that holds for a number as a source wrote it; federal law where its area code is of no stricter state."""
    written = number.split(";ext=", 1)[0].strip()
    digits = _NOT_DIGITS.sub("", written)
    if written.startswith("+") or len(digits) > _NATIONAL:
        digits = digits.removeprefix("1")
    return _BY_CODE.get(digits[:3], FEDERAL) if len(digits) == _NATIONAL else FEDERAL
