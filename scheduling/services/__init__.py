"""Verbs of the facts floor."""
