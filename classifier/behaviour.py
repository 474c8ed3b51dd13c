"""The behavioural tests of a project: adding, importing and removing their cases."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, fields, replace
from typing import Any

from django.core.validators import validate_slug
from django.db import transaction
from django.forms import ValidationError
from django.http import Http404

from accounts.models import User
from classifier.metrics.behaviour import Case, Direction, Kind
from classifier.models import BehaviourCase
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Project
from labeling.spreadsheet_text import neutralise, restore

COLUMNS = tuple(each.name for each in fields(Case))
MOST_CASES = 2000
LONGEST_TEXT = 10_000
LONGEST_NAME = 60
WANTED = {
    Kind.MINIMUM: {"label"},
    Kind.INVARIANCE: {"changed"},
    Kind.DIRECTIONAL: {"changed", "label", "direction"},
}


def cases_of(project: Project) -> list[Case]:
    """Return a project's cases by test, in the order they were added."""
    rows = BehaviourCase.objects.filter(project=project).values_list(*COLUMNS)
    return [Case(*row) for row in rows]


@transaction.atomic
def add_cases(
    *, project: Project, user: User | None, cases: Sequence[Case], instead: bool = False
) -> int:
    """Add cases to a project's tests, and return how many are new; known ones change nothing.

    Args:
        instead: drop what there was.

    Raises:
        Invalid: a case that is not whole, of an unknown label, or too many; the message names the
            first such row, and nothing is added.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    before = cases_of(project)
    known = [] if instead else before
    merged = list(dict.fromkeys([*known, *cases]))
    _check(project, cases, known)
    if len(merged) > MOST_CASES:
        raise Invalid(
            f"cases: a project has {MOST_CASES:,} at most; these would be {len(merged):,}."
        )
    if instead:
        project.behaviour_cases.all().delete()
    BehaviourCase.objects.bulk_create(
        (BehaviourCase(project=project, **asdict(case)) for case in merged[len(known) :]),
        batch_size=500,
    )
    record(
        project=project,
        actor=user,
        verb="changed the behavioural tests of",
        subject=project,
        before=f"{len(before)} cases",
        after=f"{len(merged)} cases",
    )
    return len(merged) - len(known)


@transaction.atomic
def remove_test(*, access: Access, test: str, case_id: int | None = None) -> int:
    """Remove a test, or one case of it; return how many cases that were.

    Raises:
        Http404: there is no such test or case in the project.
    """
    cases = access.project.behaviour_cases.filter(test=test)
    if case_id is not None:
        cases = cases.filter(pk=case_id)
    count, _ = cases.delete()
    if not count:
        raise Http404("There is no such case in this project.")
    record(
        project=access.project,
        actor=access.user,
        verb="removed from the behavioural tests of",
        subject=access.project,
        before=f"{test}: {count} cases",
    )
    return count


def read_cases(content: bytes, *, name: str) -> list[Case]:
    """Return the cases of a CSV or JSON file; its name says which of them it is.

    JSON is a list of objects. Both have the keys test, kind, text, changed, label, direction.

    Raises:
        Invalid: the file cannot be read; the message says why.
    """
    try:
        text = content.decode("utf-8-sig")
        if name.lower().endswith(".json"):
            return cases_from(json.loads(text))
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise Invalid("file: it is not UTF-8 text.") from error
    except (csv.Error, ValueError, RecursionError) as error:
        raise Invalid(f"file: it cannot be read: {error}.") from error
    return cases_from(
        [{key: restore(value or "") for key, value in row.items() if key} for row in rows]
    )


def cases_from(rows: object) -> list[Case]:
    """Return the cases of a list of objects.

    Raises:
        Invalid: it is none, or one of them has an unknown key, or a value that is no text.
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Invalid("file: a list of objects is needed.")
    return [_case(number, row) for number, row in enumerate(rows, start=1)]


def write_csv(cases: Iterable[Case]) -> str:
    """Return cases as CSV that an import takes back as it is."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([neutralise(value) for value in astuple(case)] for case in cases)
    return out.getvalue()


def write_json(cases: Iterable[Case]) -> str:
    """Return cases as JSON that an import takes back as it is."""
    return json.dumps([asdict(case) for case in cases], ensure_ascii=False, indent=1)


def _case(number: int, row: Mapping[str, Any]) -> Case:
    unknown = sorted(row.keys() - set(COLUMNS))
    if unknown:
        raise Invalid(
            f"row {number}: unknown {', '.join(map(str, unknown))}; known: {', '.join(COLUMNS)}."
        )
    values = {key: row.get(key) or "" for key in COLUMNS}
    for key, value in values.items():
        if not isinstance(value, str):
            raise Invalid(f"row {number}: {key} must be text.")
    made = Case(**values)
    return replace(made, test=made.test.strip(), kind=made.kind.strip(), label=made.label.strip())


def _check(project: Project, cases: Sequence[Case], known: Sequence[Case]) -> None:
    labels = set(project.labels.values_list("name", flat=True))
    kinds = {case.test: case.kind for case in known}
    for number, case in enumerate(cases, start=1):
        problem = _problem(case, labels, kinds.setdefault(case.test, case.kind))
        if problem:
            raise Invalid(f"row {number}: {problem}")


def _problem(case: Case, labels: set[str], kind: str) -> str:
    """Return what is wrong with a case, '' if nothing is."""
    if case.kind not in list(Kind):
        return f"kind must be one of {', '.join(Kind)}."
    if not _is_slug(case.test):
        return "test must be a name of letters, digits, hyphens and underscores."
    if case.kind != kind:
        return f"kind: the test {case.test} is of the kind {kind}; give this case another test."
    return _problem_of_text(case) or _problem_of_kind(case, labels)


def _problem_of_text(case: Case) -> str:
    if not case.text.strip():
        return "text: it is empty."
    if any("\x00" in value for value in astuple(case)):
        return "text: it holds a NUL character; remove it."
    if max(len(case.text), len(case.changed)) > LONGEST_TEXT:
        return f"text: it has more than {LONGEST_TEXT:,} characters."
    return ""


def _problem_of_kind(case: Case, labels: set[str]) -> str:
    wanted = WANTED[Kind(case.kind)]
    for name in ("changed", "label", "direction"):
        given = bool(getattr(case, name).strip())
        if given != (name in wanted):
            rule = "is needed" if name in wanted else "must be empty"
            return f"{name} {rule} for {case.kind}."
    if "direction" in wanted and case.direction not in list(Direction):
        return f"direction must be one of {', '.join(Direction)}."
    if "label" in wanted and case.label not in labels:
        return f"label: the project has no label “{case.label}”."
    return ""


def _is_slug(name: str) -> bool:
    try:
        validate_slug(name)
    except ValidationError:
        return False
    return len(name) <= LONGEST_NAME
