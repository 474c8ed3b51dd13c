"""Messages about what stands in a form."""

from django import forms


def error_of(form: forms.Form, name: str) -> str:
    """Return what is wrong with a field, in words."""
    return " ".join(str(error) for error in form.errors[name])


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
