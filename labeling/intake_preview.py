"""How the beginning of a stored file would come in. Nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from labeling.errors import Invalid
from labeling.intake_check import check, check_vote
from labeling.intake_long import target_fault, targets_of
from labeling.intake_run import open_stored
from labeling.models import ImportContent, ImportJob
from labeling.readers import Problem, Row, maker_of

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
    rows: list[Row | Problem] = []
    try:
        content = open_stored(job)
        maker = maker_of(content.columns, job.mapping)
        found.titled = maker.titled
        records = islice(content.records, LOOKED_AT)
        # One by one, so that what was read before a failure is kept.
        rows.extend(one if isinstance(one, Problem) else maker(one) for one in records)
    except Invalid as error:
        found.failure = error.message
    found.read = len(rows)
    for row, problem in zip(rows, _problems(job, rows), strict=True):
        if problem is not None:
            found.problems.append(problem)
        elif isinstance(row, Row) and len(found.rows) < SHOWN:
            found.rows.append(row)
    return found


def _problems(job: ImportJob, rows: Sequence[Row | Problem]) -> Iterator[Problem | None]:
    """Yield what is wrong with each row, or None."""
    votes = job.content == ImportContent.VOTES
    fault = check_vote if votes else check
    labels = dict.fromkeys(job.project.labels.values_list("name", flat=True))
    sound = [row for row in rows if isinstance(row, Row)]
    targets = targets_of(job.project, sound) if votes else {}
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        problem = fault(row, labels, add_labels=job.add_labels)
        yield target_fault(row, targets) if problem is None and votes else problem
