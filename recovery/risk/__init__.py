"""Predicted risk: reading scores, the plain baseline, the arms of a holdout, honest rates. Pure."""
