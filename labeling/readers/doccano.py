"""The JSON lines that doccano exports from a classification project."""

from collections.abc import Iterator, Mapping
from typing import Any

from labeling.readers.label_studio import VOTES
from labeling.readers.rows import Problem, Record

PEOPLE = ("annotator", "username", "user", "annotation_approver")
LABELS = ("label", "labels")


def read_examples(
    records: Iterator[Record | Problem], *, annotator: str
) -> Iterator[Record | Problem]:
    """Turn examples into records with their label as a vote.

    doccano names who gave a label in few of its exports: where it does not, the vote is
    `annotator`'s. An example with several labels is a problem: an item carries exactly one.
    """
    for record in records:
        yield record if isinstance(record, Problem) else _example(*record, annotator)


def looks_like_examples(first: Mapping[str, object]) -> bool:
    """Tell whether an object is an example of doccano's classification export."""
    texts = isinstance(first.get("text", first.get("data")), str)
    return texts and any(isinstance(first.get(name), list) for name in LABELS)


def _example(number: int, example: Mapping[str, Any], annotator: str) -> Record | Problem:
    values = dict(example)
    if "text" not in values and "data" in values:
        values["text"] = values.pop("data")
    if not values.get("Comments"):
        values.pop("Comments", None)
    given: object = next((values.pop(name) for name in LABELS if name in values), [])
    labels = given if isinstance(given, list) else [given]
    if len(labels) > 1 or not all(isinstance(label, str) for label in labels):
        return Problem(
            number,
            "label",
            f"it has {len(labels)} labels, or marks parts of the text; an item carries one label.",
            "Leave one label, as text.",
        )
    person = next((str(values.pop(name)) for name in PEOPLE if values.get(name)), annotator)
    values[VOTES] = [{"annotator": person, "label": label} for label in labels]
    return number, values
