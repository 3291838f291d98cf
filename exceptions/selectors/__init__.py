"""What pages and other floors read about exceptions."""

from exceptions.selectors.blocks import Block, blocking_for
from exceptions.selectors.impact import Impact, impact, slots_at_risk

__all__ = ["Block", "Impact", "blocking_for", "impact", "slots_at_risk"]
