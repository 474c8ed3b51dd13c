"""Watching for drift: what comes in, what is said of it, and what people make of it."""
