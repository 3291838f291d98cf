"""What this floor writes: one verb each."""
