"""The refused rows of an import as a file."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from labeling.models import ImportJob

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problems_csv(job: ImportJob) -> StreamingHttpResponse:
    """Return the refused rows of an import as CSV; no cell is taken for a formula."""
    response = StreamingHttpResponse(_lines(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{job.pk}-refused.csv"'
    return response


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(job: ImportJob) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(["row", "field", "reason", "fix"])
    found = job.problems.values_list("row", "field", "reason", "fix")
    for number, *texts in found.iterator(chunk_size=2000):
        yield writer.writerow([number, *(_plain(text) for text in texts)])


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
