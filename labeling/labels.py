"""Finding a project's label by the name that somebody sent."""

from labeling.errors import Invalid
from labeling.models import Label, Project

SHOWN = 80


def label_named(project: Project, name: str) -> Label:
    """Return the label of this name.

    Raises:
        Invalid: the project has none; the message names those that it has.
    """
    labels = {label.name: label for label in project.labels.all()}
    if name not in labels:
        raise Invalid(f"label: '{name[:SHOWN]}' is not one of {', '.join(labels)}.")
    return labels[name]
