"""Scores in words: a band and what it was made by, never more than that."""

from recovery.ranking import RISK_BANDS
from recovery.risk.baseline import NAME
from recovery.risk.rates import LEAST_FOR_EFFECT, LEAST_FOR_PERCENT, Rate, effect


def band_words(score: float) -> str:
    """The band as rows print it: low, medium or high."""
    medium, high = RISK_BANDS
    return "Low" if score < medium else "Medium" if score < high else "High"


def score_words(model: str, score: float) -> str:
    """What a score says: a count for the desk's own baseline, a claim of its maker for any other model."""
    of_hundred = round(100 * score)
    if model == NAME:
        return f"About {of_hundred} of 100 visits like this one were missed (plain baseline)."
    return f"{model} expects {of_hundred} of 100 such visits to be missed."


def share_words(rate: Rate) -> str:
    """A share with its 95 % interval: "24 % (18 to 31)"; of few visits "3 of 5", of none "none yet"."""
    if rate.of < LEAST_FOR_PERCENT:
        return f"{rate.hits} of {rate.of}" if rate.of else "none yet"
    low, high = rate.interval
    return f"{_percent(rate.share)} % ({_percent(low)} to {_percent(high)})"


def effect_words(contact: Rate, holdout: Rate) -> str:
    """What may be said about the worth of contacting: missed visits of both arms, as they were drawn."""
    if not holdout.of:
        return "Cannot say what contacting is worth: no visit left uncontacted has ended."
    apart = effect(contact, holdout)
    if apart is None:
        known = f"{contact.of} and {holdout.of} are known"
        return f"Too early to say: each arm needs {LEAST_FOR_EFFECT} visits with a known end; {known}."
    fewest, most = (round(100 * end) for end in apart)
    if fewest > 0:
        return f"Of 100 visits {fewest} to {most} fewer were missed where people were to be contacted."
    if most < 0:
        return f"Of 100 visits {-most} to {-fewest} more were missed where people were to be contacted."
    return f"No difference can be told: of 100 visits between {-fewest} more and {most} fewer were missed."


def _percent(share: float) -> int:
    return round(100 * share)
