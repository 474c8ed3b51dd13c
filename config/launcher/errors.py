"""What the launcher says when it cannot go on."""


class StartError(Exception):
    """Tagloop cannot start or run; the message is for the person who started it."""
