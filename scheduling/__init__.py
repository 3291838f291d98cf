"""FACTS: feeds, messages, mapping, mapped events, appointments, slots, patients, contact, freshness."""
