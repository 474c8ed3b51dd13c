"""SQLite as a database engine for many threads."""
