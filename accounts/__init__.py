"""The ground: who works here, where, and what they saw and did."""
