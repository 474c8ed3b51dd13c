"""Where uploaded files lie until a view has taken them."""

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class NamelessFileUploadHandler(TemporaryFileUploadHandler):
    """Puts what comes in into files without a name, of which a killed process leaves nothing."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the file of a form field."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file: Any = UploadedFile(
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR),  # noqa: SIM115
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """Let go of what came in so far."""
        if hasattr(self, "file"):
            self.file.close()
