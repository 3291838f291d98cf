"""Read models of the recovery pages."""
