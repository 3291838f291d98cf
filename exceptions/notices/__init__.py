"""Notices: written with the change they tell of, sent afterwards (I9). docs/notices.md says what to expect."""
