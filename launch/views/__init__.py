"""Pages that look across all floors."""
