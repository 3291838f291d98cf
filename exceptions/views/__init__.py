"""Pages about exceptions."""
