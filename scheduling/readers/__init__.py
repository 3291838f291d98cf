"""Readers: bytes of one message in, source-neutral facts out; no database, no settings, no clock."""
