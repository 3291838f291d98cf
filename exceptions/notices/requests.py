"""What a service asks for when somebody should be told."""

from typing import NamedTuple

from exceptions.vocabulary import NoticeKind

# A key grows by channel and recipient, and the column takes 160.
LONGEST_KEY = 120


class NoticeRequest(NamedTuple):
    """Tell one person, or one endpoint, one thing. Exactly one of ``person_id`` and ``endpoint_id`` is given.

    ``sentence`` comes from ``exceptions.notices.sentences`` and holds no patient data (I12). ``key`` names the cause,
    like "step:17:2:0": the same key to the same recipient is written once, however often it is asked for, and has at
    most ``LONGEST_KEY`` characters. ``is_urgent`` goes out at once, in quiet hours too, and not in a digest.
    """

    kind: NoticeKind
    exception_id: int | None
    person_id: int | None
    endpoint_id: int | None
    sentence: str
    key: str
    step_run_id: int | None = None
    is_urgent: bool = False
