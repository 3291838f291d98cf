"""The action floor: verdicts, the queue, claims, outreach, waitlist, metrics."""
