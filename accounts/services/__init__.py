"""What changes people and the audit trail, one verb each."""
