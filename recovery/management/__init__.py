"""Commands of the recovery floor."""
