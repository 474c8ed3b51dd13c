"""Label Studio's JSON: tasks with their data and annotations."""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context
from labeling.export.rows import ExportRow


class LabelStudio:
    """A JSON array of tasks; each vote is an annotation, a decision one that is ground truth."""

    title: ClassVar[str] = "Label Studio (JSON)"
    extension: ClassVar[str] = "json"
    content_type: ClassVar[str] = "application/json"
    evidence: ClassVar[bool] = True

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield the array in one piece a chunk."""
        number = 0
        for chunk in chunks:
            tasks = [_task(number + place, row) for place, row in enumerate(chunk, start=1)]
            yield b"".join(
                (b",\n" if task["id"] > 1 else b"[\n") + orjson.dumps(task) for task in tasks
            )
            number += len(chunk)
        yield b"\n]\n" if number else b"[]\n"


def _task(number: int, row: ExportRow) -> dict[str, Any]:
    given = [_annotation(vote, vote["annotator"]) for vote in row.votes]
    decided = [
        _annotation(decision, decision["decided_by"]) | {"ground_truth": True}
        for decision in row.decisions
        if decision["label"] is not None
    ]
    if not given and not decided and row.label is not None:
        decided = [_annotation({"label": row.label}, None) | {"ground_truth": True}]
    annotations = [{"id": place, **one} for place, one in enumerate([*given, *decided], start=1)]
    return {
        "id": number,
        "data": _data(row),
        "annotations": annotations,
        "predictions": [],
        "created_at": row.created_at,
    }


def _data(row: ExportRow) -> dict[str, Any]:
    data = {"external_id": row.external_id, "title": row.title, "text": row.body, "url": row.url}
    return dict(row.metadata) | {name: value for name, value in data.items() if value}


def _annotation(answer: dict[str, Any], person: str | None) -> dict[str, Any]:
    choice = {
        "from_name": "label",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [answer["label"]]},
    }
    return {
        "completed_by": {"username": person} if person is not None else None,
        "result": [choice],
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": answer.get("seconds"),
        "created_at": answer.get("created_at"),
    }
