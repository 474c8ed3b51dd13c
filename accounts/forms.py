"""The fields of the pages of a person: who they are, and their API keys."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Scope, User

SCOPES = (
    (Scope.READ, "read: items, labels, models, predictions"),
    (Scope.WRITE, "write: add items, report tags, and what else your roles allow"),
    (Scope.TAG, "tag: ask the model for tags"),
)
NEVER = "never"
LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (NEVER, "never"))


class ProfileForm(forms.ModelForm[User]):
    """How others see a person, and where notices go."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels: ClassVar = {"email": "E-mail"}
        help_texts: ClassVar = {
            "email": "Alerts of the projects that you manage go there. Only operators see it."
        }


class NewPasswordForm(PasswordChangeForm):
    """The present password, and another one twice."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Leave the place of the cursor to the page: it has another form, too."""
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["old_password"].label = "Present password"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        """Try the present password as a sign-in does, so that wrong ones are counted with those."""
        tried: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=tried) is None:
            wrong = self.error_messages["password_incorrect"]
            raise forms.ValidationError(wrong, code="password_incorrect")
        return tried


class KeyForm(forms.Form):
    """A new key: what it is for, what it may do and for how long."""

    name = forms.CharField(max_length=100, help_text="What will use it, so that you know it again.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    days = forms.ChoiceField(label="Expires after", choices=LIVES, initial="90")

    def expires_at(self) -> datetime | None:
        """Return when the key is to end, None for never."""
        days = self.cleaned_data["days"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))
