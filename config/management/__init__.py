"""Commands above all floors."""
