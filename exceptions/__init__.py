"""Judgement: what is wrong, who owns it, and which decisions it stands in the way of."""
