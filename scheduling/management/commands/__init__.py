"""Commands of the facts floor."""
