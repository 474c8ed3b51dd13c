"""The forms of an import."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from labeling.errors import DomainError
from labeling.forms.messages import sentence
from labeling.intake_check import reject_oversized
from labeling.models import ImportJob
from labeling.readers import FIELD_NAMES, FORMAT_NAMES, How
from labeling.readers.encoding import ENCODINGS

ACCEPTED = ".csv,.tsv,.tab,.txt,.json,.jsonl,.ndjson,.xlsx,.parquet"
FIND_OUT = ("", "find out")


class ImportForm(forms.Form):
    """A file of items."""

    file = forms.FileField(
        label="File",
        max_length=200,
        help_text="CSV, TSV, JSON lines, JSON, Excel, Parquet, or an export of Label Studio or "
        "doccano. Nothing is added before you have seen how it is read.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file above the limit."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            reject_oversized(file.size, settings.IMPORT_MAX_BYTES)
        except DomainError as refusal:
            raise ValidationError(sentence(refusal.message.removeprefix("file: "))) from refusal
        return file


class MappingForm(forms.Form):
    """How a stored file is read: format, encoding, and a field for each column."""

    format = forms.ChoiceField(required=False, choices=[FIND_OUT, *FORMAT_NAMES.items()])
    encoding = forms.ChoiceField(required=False, choices=[FIND_OUT, *ENCODINGS.items()])
    annotator = forms.CharField(
        required=False,
        max_length=150,
        label="Whose labels",
        help_text="For an export of doccano, which mostly does not say.",
    )
    add_labels = forms.BooleanField(
        required=False,
        label="Add missing labels",
        help_text="Otherwise a row with a label that the project lacks is refused.",
    )

    def __init__(self, *args: Any, job: ImportJob, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(job, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        self.columns = list(job.mapping)
        for place, column in enumerate(self.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                required=False,
                label=column,
                choices=[(str(field), name) for field, name in FIELD_NAMES.items()],
                initial=job.mapping[column],
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The choices of the columns."""
        return [self[f"column-{place}"] for place in range(len(self.columns))]

    @property
    def how(self) -> How:
        """How the person wants the file to be read."""
        found = self.cleaned_data
        return How(found["format"], found["encoding"], "", found["annotator"])

    @property
    def mapping(self) -> dict[str, str]:
        """The field of each column."""
        return {
            column: self.cleaned_data[f"column-{place}"] or "metadata"
            for place, column in enumerate(self.columns)
        }
