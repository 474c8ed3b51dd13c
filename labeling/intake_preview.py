"""How the beginning of a stored file would come in. Nothing is written."""

from dataclasses import dataclass, field
from itertools import islice

from labeling.errors import Invalid
from labeling.intake_check import check
from labeling.intake_run import open_stored
from labeling.models import ImportJob
from labeling.readers import Problem, Row, RowMaker

LOOKED_AT, SHOWN = 1000, 20


@dataclass
class Preview:
    """The first rows as they would come in, and what of the first 1,000 would be refused."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    titled: bool = True
    failure: str = ""


def preview_of(job: ImportJob) -> Preview:
    """Read the beginning of a draft's file as it is described."""
    found = Preview()
    labels = dict.fromkeys(job.project.labels.values_list("name", flat=True))
    try:
        content = open_stored(job)
        maker = RowMaker(content.columns, job.mapping)
        found.titled = maker.titled
        for record in islice(content.records, LOOKED_AT):
            found.read += 1
            row = record if isinstance(record, Problem) else maker(record)
            problem = (
                row if isinstance(row, Problem) else check(row, labels, add_labels=job.add_labels)
            )
            if problem is not None:
                found.problems.append(problem)
            elif isinstance(row, Row) and len(found.rows) < SHOWN:
                found.rows.append(row)
    except Invalid as error:
        found.failure = error.message
    return found
