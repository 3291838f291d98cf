"""Which arm a visit falls into: random, and the same whenever it is drawn again."""

import hmac

from recovery.vocabulary import RiskArm

MOST_HOLDOUT = 20
SEED_BYTES = 32
_RANGE = 2**64


def arm_of(secret: bytes, visit: int, holdout: int) -> RiskArm:
    """The arm of a visit (its row id) under a clinic's secret; ``holdout`` per cent are left uncontacted.

    Whoever does not know the secret cannot tell beforehand. A visit held out at a small share is held out at every
    greater one too.
    """
    drawn = int.from_bytes(hmac.digest(secret, str(visit).encode(), "sha256")[:8])
    return RiskArm.HOLDOUT if drawn * 100 < holdout * _RANGE else RiskArm.CONTACT
