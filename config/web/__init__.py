"""Helpers for pages; they know no app, so that every app may use them."""
