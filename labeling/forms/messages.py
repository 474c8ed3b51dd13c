"""Where a message about a form stands: beside the field that it names."""

from dataclasses import dataclass
from types import TracebackType

from django import forms

from labeling.errors import DomainError


def error_of(form: forms.Form, name: str) -> str:
    """Return what is wrong with a field, in words."""
    return " ".join(str(error) for error in form.errors[name])


@dataclass(frozen=True)
class RefusalsIn:
    """Puts what a verb within refuses beside the field that it names, else above the form."""

    form: forms.Form

    def __enter__(self) -> None:
        """Let the verb be called."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> bool:
        """Take a refusal, and nothing else."""
        if not isinstance(error, DomainError):
            return False
        name, _, rest = error.message.partition(": ")
        if rest and name in self.form.fields:
            self.form.add_error(name, sentence(rest))
        else:
            self.form.add_error(None, error.message)
        return True


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
