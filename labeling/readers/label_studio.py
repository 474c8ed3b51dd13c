"""The JSON export of Label Studio: tasks with their annotations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labeling.readers.rows import Problem, Record

VOTES = "votes"


def read_tasks(records: Iterator[Record | Problem]) -> Iterator[Record | Problem]:
    """Turn tasks into records: their data as columns, their annotations as votes.

    Annotations that were cancelled, and those without a choice, are no votes; predictions are
    left out. Of several by one person the newest counts. A task with more than one choice in an
    annotation is a problem: an item carries exactly one label.
    """
    for record in records:
        yield record if isinstance(record, Problem) else _task(*record)


def looks_like_tasks(first: Mapping[str, object]) -> bool:
    """Tell whether an object is a task of Label Studio."""
    return isinstance(first.get("data"), dict) and isinstance(first.get("annotations"), list)


def _task(number: int, task: Mapping[str, Any]) -> Record | Problem:
    data, annotations = task.get("data"), task.get("annotations", [])
    if not isinstance(data, dict) or not isinstance(annotations, list):
        return Problem(
            number,
            "row",
            "it is not a task of Label Studio: 'data' or 'annotations' is missing.",
            "Export as JSON, not as JSON-MIN.",
        )
    votes: dict[str, dict[str, object]] = {}
    for annotation in annotations:
        vote = _vote(annotation)
        if isinstance(vote, str):
            return Problem(number, VOTES, vote, "Leave one choice in each annotation.")
        if vote is not None:
            votes[str(vote["annotator"])] = vote
    identity = {} if task.get("id") is None else {"id": str(task["id"])}
    meta = task.get("meta")
    extra = {"metadata": meta} if meta and isinstance(meta, dict) else {}
    return number, {**identity, **extra, **data, VOTES: list(votes.values())}


def _vote(annotation: object) -> dict[str, object] | str | None:
    """Return an annotation as a vote, None where it is none, or what is wrong with it."""
    if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
        return None
    result = annotation.get("result")
    choices = _choices(result if isinstance(result, list) else [])
    if len(choices) > 1:
        shown = ", ".join(choices)[:200]
        return f"an annotation has {len(choices)} choices ({shown}); an item carries one label."
    if not choices:
        return None
    return {
        "annotator": _person(annotation.get("completed_by")),
        "label": choices[0],
        "seconds": annotation.get("lead_time"),
        "created_at": annotation.get("created_at"),
    }


def _choices(result: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for region in result:
        value = region.get("value") if isinstance(region, dict) else None
        choices = value.get("choices") if isinstance(value, dict) else None
        found += [str(choice) for choice in choices or [] if isinstance(choices, list)]
    return found


def _person(completed_by: object) -> str:
    if isinstance(completed_by, dict):
        for name in ("username", "email"):
            if completed_by.get(name):
                return str(completed_by[name])
        completed_by = completed_by.get("id")
    return "Label Studio" if completed_by is None else f"Label Studio user {completed_by}"
