"""PROOF: what looks across all floors before a clinic goes live."""
