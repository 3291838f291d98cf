"""Dry runs of a mapping: the facts floor of a batch, read from a snapshot, folded in memory and written nowhere."""
