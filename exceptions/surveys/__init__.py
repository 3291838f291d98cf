"""Checks that several rows or the clock decide: one module reads the facts of each survey, set by set and bounded."""
