"""What this floor's pages print."""
