"""Tags of the exceptions pages."""
