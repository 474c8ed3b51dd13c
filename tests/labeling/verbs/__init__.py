"""The verbs of labeling, a module a file."""
