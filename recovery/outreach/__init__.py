"""Texts and e-mails on their way out, and what comes back: statuses and replies (DESIGN section 13)."""
