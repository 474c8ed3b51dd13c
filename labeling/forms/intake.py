"""The form of an import."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from labeling.errors import DomainError
from labeling.forms.messages import sentence
from labeling.intake import reject_oversized


class ImportForm(forms.Form):
    """A CSV file of items."""

    file = forms.FileField(
        label="CSV file",
        max_length=200,
        help_text="UTF-8, with a column 'title' and, where you have them, 'body', 'external_id', "
        "'url', 'label' and 'split' (pool or holdout). Other columns are kept as metadata.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file above the limit."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            reject_oversized(file.size, settings.IMPORT_MAX_BYTES)
        except DomainError as refusal:
            raise ValidationError(sentence(refusal.message.removeprefix("file: "))) from refusal
        return file
