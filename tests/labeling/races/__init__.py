"""Verbs called by several processes at once, on each engine."""
