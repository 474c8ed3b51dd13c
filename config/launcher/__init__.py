"""Starts all of Tagloop's processes on one computer, keeps them running and stops them together."""
