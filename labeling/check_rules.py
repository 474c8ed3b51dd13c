"""How a project checks its annotators."""

from django.core.exceptions import ValidationError
from django.db import transaction

from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Project

RULES = (
    *("gold_first", "gold_rate", "repeat_rate", "gold_show"),
    *("skill_warn", "skill_review", "skill_pause"),
)


@transaction.atomic
def set_checks(*, access: Access, **rules: float | bool) -> Project:
    """Change how many checks there are, whether they tell, and the limits of the share right.

    Args:
        access: a manager's.
        rules: any of RULES; what is left out stays. A limit or rate of 0 is none.

    Raises:
        Invalid: a rate or limit beyond its bounds.
    """
    project = access.project
    changes = [
        f"{name} {getattr(project, name)} to {rules[name]}"
        for name in RULES
        if name in rules and getattr(project, name) != rules[name]
    ]
    if not changes:
        return project
    for name in RULES:
        setattr(project, name, rules.get(name, getattr(project, name)))
    _check(project)
    project.save(update_fields=RULES)
    record(
        project=project,
        actor=access.user,
        verb="changed checks",
        subject=project,
        reason=", ".join(changes),
    )
    return project


def _check(project: Project) -> None:
    others = {field.name for field in Project._meta.fields} - set(RULES)
    try:
        project.clean_fields(exclude=others)
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Invalid(f"{field}: {' '.join(texts)}") from error
