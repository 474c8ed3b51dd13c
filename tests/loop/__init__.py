"""The whole loop, driven over HTTP against real processes."""
