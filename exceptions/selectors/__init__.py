"""What pages and other floors read about exceptions."""

from exceptions.selectors.blocks import Block, blocking_for
from exceptions.selectors.impact import Impact, impact

__all__ = ["Block", "Impact", "blocking_for", "impact"]
