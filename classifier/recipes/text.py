"""The one text that a recipe sees of an item."""


def join_text(title: str, body: str) -> str:
    """Return title and body as one text, the title on the first line."""
    return f"{title.strip()}\n{body.strip()}".strip()
