"""A project to try Tagloop with: its items, its people and their past work."""
