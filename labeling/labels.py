"""A project's labels: finding one by name, changing, moving and removing one."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef

from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.highlight import WORD
from labeling.models import Label, Project
from labeling.models.project import lines_of

SHOWN = 80
LEAST_LABELS = 2
EXAMPLES, EXAMPLE_LENGTH = 20, 300
KEYWORDS, KEYWORD_LENGTH = 200, 60


@dataclass(frozen=True)
class LabelChange:
    """What a label is to say from now on; the lists have one entry a line."""

    name: str
    key: str = ""
    description: str = ""
    examples: str = ""
    counterexamples: str = ""
    keywords: str = ""


def label_named(project: Project, name: str) -> Label:
    """Return the label of this name.

    Raises:
        Invalid: the project has none; the message names those that it has.
    """
    labels = {label.name: label for label in project.labels.all()}
    if name not in labels:
        raise Invalid(f"label: '{name[:SHOWN]}' is not one of {', '.join(labels)}.")
    return labels[name]


def is_used(label: Label) -> bool:
    """Tell whether anything in the database refers to a label: answers, decisions, predictions."""
    # Hidden relations too: those of the apps above have no name to reach them from here.
    rows = [field for field in Label._meta.get_fields(include_hidden=True) if field.one_to_many]
    used = [
        Exists(relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))
        for relation in rows
        if isinstance(relation, ManyToOneRel)
    ]
    return Label.objects.filter(reduce(or_, used), pk=label.pk).exists()


@transaction.atomic
def edit_label(*, access: Access, label_id: int, change: LabelChange) -> Label:
    """Change what a label says. Its name can change until something refers to it.

    Raises:
        Invalid: a taken name or key, too many or too long lines, a keyword without a letter.
        Conflict: the label is gone, or its name is in use.
    """
    label = _locked(access.project, label_id)
    if change.name != label.name and is_used(label):
        raise Conflict(
            f"name: '{label.name}' is in use, and models and exports know it by this name. "
            "Add another label instead."
        )
    before = label.name
    _check_lines("examples", change.examples, EXAMPLES, EXAMPLE_LENGTH)
    _check_lines("counterexamples", change.counterexamples, EXAMPLES, EXAMPLE_LENGTH)
    _check_lines("keywords", change.keywords, KEYWORDS, KEYWORD_LENGTH)
    _check_keywords(change.keywords)
    label.name, label.key, label.description = change.name, change.key, change.description
    for name in ("examples", "counterexamples", "keywords"):
        setattr(label, name, "\n".join(lines_of(getattr(change, name))))
    _save(label)
    _record(access, "changed", label, before=before, after=label.name)
    return label


@transaction.atomic
def move_label(*, access: Access, label_id: int, step: int) -> None:
    """Move a label up (-1) or down (1) in the order of the project; beyond an end it stays.

    Raises:
        Conflict: the label is gone.
    """
    label = _locked(access.project, label_id)
    order = list(access.project.labels.all())
    place = order.index(label)
    goal = min(max(place + (1 if step > 0 else -1), 0), len(order) - 1)
    order.insert(goal, order.pop(place))
    _number(order)
    _record(access, "moved", label, before=str(place + 1), after=str(goal + 1))


@transaction.atomic
def remove_label(*, access: Access, label_id: int) -> str:
    """Remove a label that nothing refers to, and return its name.

    Raises:
        Conflict: the label is gone or in use, or the project would have fewer than two.
    """
    label = _locked(access.project, label_id)
    if access.project.labels.count() <= LEAST_LABELS:
        raise Conflict("A project needs at least two labels.")
    if is_used(label):
        raise Conflict(f"{label.name} is in use: answers or predictions refer to it.")
    _record(access, "removed", label, before=label.name)
    label.delete()
    _number(list(access.project.labels.all()))
    return label.name


def _locked(project: Project, label_id: int) -> Label:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    label = project.labels.filter(pk=label_id).first()
    if label is None:
        raise Conflict("This label is no longer there.")
    return label


def _number(order: list[Label]) -> None:
    for position, label in enumerate(order):
        label.position = position
    Label.objects.bulk_update(order, ["position"])


def _check_lines(field: str, text: str, most: int, longest: int) -> None:
    lines = lines_of(text)
    if len(lines) > most:
        raise Invalid(f"{field}: {len(lines)} lines; the limit is {most}. Leave some out.")
    for number, line in enumerate(lines, 1):
        if len(line) > longest:
            raise Invalid(
                f"{field}: line {number} has {len(line)} characters; the limit is {longest}."
            )


def _check_keywords(text: str) -> None:
    wrong = next((line for line in lines_of(text) if not WORD.search(line)), None)
    if wrong is not None:
        raise Invalid(f"keywords: '{wrong}' has no letter or digit.")


def _save(label: Label) -> None:
    try:
        label.full_clean()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        name = "name" if field == "__all__" else field
        raise Invalid(f"{name}: {' '.join(texts)}") from error
    label.save()


def _record(access: Access, verb: str, label: Label, **change: Any) -> None:
    record(project=access.project, actor=access.user, verb=verb, subject=label, **change)
