"""Verbs of commands that look across all floors."""
