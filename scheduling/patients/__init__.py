"""Patients as a newest-statement-wins register per aspect (I3); pure."""
