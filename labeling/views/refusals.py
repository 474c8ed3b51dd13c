"""Showing a person what a verb refused, and why, on the page that called it."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from labeling.errors import DomainError
from labeling.forms.messages import sentence


class _Shown(AbstractContextManager["_Shown"]):
    """A context that takes a verb's refusal, and nothing else."""

    @abstractmethod
    def show(self, message: str) -> None:
        """Put what was refused where it is read."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> bool:
        """Show a refusal."""
        if not isinstance(error, DomainError):
            return False
        self.show(error.message)
        return True


@dataclass(frozen=True)
class RefusalsIn(_Shown):
    """Puts what a verb within refuses beside the field that it names, else above the form."""

    form: forms.Form

    def show(self, message: str) -> None:
        """Put the message into the form."""
        name, _, rest = message.partition(": ")
        if rest and name in self.form.fields:
            self.form.add_error(name, sentence(rest))
        else:
            self.form.add_error(None, message)


@dataclass(frozen=True)
class RefusalsTold(_Shown):
    """Tells what a verb within refuses on the next page that the person sees."""

    request: HttpRequest

    def show(self, message: str) -> None:
        """Put the message above the next page."""
        messages.error(self.request, message)
