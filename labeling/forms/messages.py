"""Where a message about a form stands: beside the field that it names."""

from django import forms

from labeling.errors import DomainError


def error_of(form: forms.Form, name: str) -> str:
    """Return what is wrong with a field, in words."""
    return " ".join(str(error) for error in form.errors[name])


def add_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Put a verb's refusal beside the field that it names, else above the form."""
    name, _, rest = refusal.message.partition(": ")
    if rest and name in form.fields:
        form.add_error(name, sentence(rest))
    else:
        form.add_error(None, refusal.message)


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
