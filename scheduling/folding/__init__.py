"""The appointment fold: a pure function of the set of an appointment's mapped events (I3)."""
