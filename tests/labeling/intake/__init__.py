"""Files of every format, good and bad, and imports as jobs."""
