"""What changes exceptions, one verb each."""
