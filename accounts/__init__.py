"""People, sign-in and API keys."""
