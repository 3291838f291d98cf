"""FHIR R4: one resource in, facts out."""
