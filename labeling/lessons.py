"""What an annotator is told after a gold item, where the project wants that."""

import re
from dataclasses import dataclass

from labeling.models import Adjudication, Annotation, Label, Project, TaskReason

SHOWN = 1000


@dataclass(frozen=True)
class Lesson:
    """How an answer compares with the gold label.

    Attributes:
        right: whether they are the same.
        expected: the gold label.
        about: what the label means: its description and its part of the guideline.
        note: what was said when the item was decided.
    """

    right: bool
    expected: Label
    about: str
    note: str

    @property
    def text(self) -> str:
        """The whole in sentences."""
        head = "Right" if self.right else "Not quite"
        told = [f"{head}: this was a gold item, and its label is {self.expected}."]
        return " ".join(filter(None, [*told, self.note, "" if self.right else self.about]))


def lesson_of(project: Project, answer: Annotation) -> Lesson | None:
    """Return what an answer teaches; None where the project does not tell, or it was no gold."""
    if not project.gold_show or not answer.checking:
        return None
    task = answer.assignment.task
    if task.reason != TaskReason.GOLD or task.expected is None:
        return None
    comments = Adjudication.objects.standing().filter(item=task.item_id).order_by("-id")
    newest = project.guidelines.first()
    part = part_about(newest.text if newest else "", task.expected.name)
    return Lesson(
        right=answer.label_id == task.expected_id,
        expected=task.expected,
        about=" ".join(filter(None, [task.expected.description, part]))[:SHOWN],
        note=(comments.values_list("comment", flat=True).first() or "")[:SHOWN],
    )


def part_about(guideline: str, name: str) -> str:
    """Return what stands below the first heading of a guideline that names a label."""
    named = rf"^#+[^\n]*(?<!\w){re.escape(name)}(?!\w)[^\n]*\n(.*?)(?=^#|\Z)"
    found = re.search(named, guideline, re.DOTALL | re.MULTILINE | re.IGNORECASE)
    return " ".join(found.group(1).split()) if found else ""
