"""Creating a project and changing its labels, guideline and people."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Guideline, Label, Membership, Project, Role

# These do something else on the label or the review page, or in every list.
RESERVED_KEYS = frozenset("zsngfhbocjkxe?/[]")
KEYS = "1234567890adilmpqrtuvwy"
LEAST_LABELS, MOST_LABELS = 2, 77


@dataclass(frozen=True)
class NewLabel:
    """A label to be made; without a key it takes the next free one, if one is left."""

    name: str
    key: str = ""
    description: str = ""


@transaction.atomic
def create_project(
    *,
    user: User,
    name: str,
    slug: str,
    labels: Sequence[NewLabel],
    description: str = "",
    guideline: str = "",
    overlap: int = 2,
    overlap_share: float = 1.0,
    max_looks: int | None = None,
) -> Project:
    """Make a project with its labels and first guideline; `user` becomes its manager.

    Raises:
        Invalid: fewer than two labels, a repeated name or key, a taken or malformed slug.
    """
    if Project.objects.filter(slug=slug).exists():
        raise Invalid(f"slug: '{slug}' is taken by another project.")
    project = Project(
        name=name,
        slug=slug,
        description=description,
        overlap=overlap,
        overlap_share=overlap_share,
        max_looks=max_looks or overlap,
    )
    _save(project)
    _create_labels(project, labels)
    # Before its first member, who therefore knows it.
    Guideline.objects.create(project=project, version=1, text=guideline, created_by=user)
    Membership.objects.create(project=project, user=user, role=Role.MANAGER)
    record(project=project, actor=user, verb="created", subject=project, after=name)
    return project


@transaction.atomic
def update_settings(
    *,
    access: Access,
    name: str,
    description: str,
    overlap: int,
    overlap_share: float,
    max_looks: int,
    lease_minutes: int,
) -> Project:
    """Change what a manager may change of a project; tasks that exist keep their looks."""
    project = access.project
    project.name, project.description = name, description
    project.overlap, project.max_looks = overlap, max_looks
    project.overlap_share, project.lease_minutes = overlap_share, lease_minutes
    if max_looks < overlap:
        raise Invalid("max_looks: it must be at least the overlap.")
    _save(project)
    record(project=project, actor=access.user, verb="changed settings", subject=project)
    return project


@transaction.atomic
def add_label(*, access: Access, label: NewLabel) -> Label:
    """Add one more answer to a project."""
    existing = list(access.project.labels.all())
    made = _build_labels(access.project, existing, [label])[0]
    _save(made)
    record(project=access.project, actor=access.user, verb="added", subject=made, after=made.name)
    return made


@transaction.atomic
def set_member(*, access: Access, username: str, role: Role) -> Membership:
    """Give a person a role in the project, or another role than before.

    Raises:
        Invalid: no such user.
        Conflict: the project would be left without a manager.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid(f"username: there is no user '{username}'. An operator can add one.")
    if role != Role.MANAGER:
        _keep_a_manager(access.project, user)
    membership, created = Membership.objects.update_or_create(
        project=access.project, user=user, defaults={"role": role}
    )
    record(
        project=access.project,
        actor=access.user,
        verb="added" if created else "changed role",
        subject=membership,
        after=f"{username}: {role}",
    )
    return membership


@transaction.atomic
def remove_member(*, access: Access, membership_id: int) -> None:
    """Take a person out of the project; what the person did stays."""
    membership = access.project.memberships.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise Conflict("This person is no longer a member.")
    _keep_a_manager(access.project, membership.user)
    record(
        project=access.project,
        actor=access.user,
        verb="removed",
        subject=membership,
        before=membership.user.username,
    )
    membership.delete()


def _keep_a_manager(project: Project, leaving: User) -> None:
    managers = project.memberships.select_for_update().filter(role=Role.MANAGER)
    if not [m for m in managers if m.user_id != leaving.pk]:
        raise Conflict("A project needs a manager: give somebody else that role first.")


def _create_labels(project: Project, labels: Sequence[NewLabel]) -> None:
    if len(labels) < LEAST_LABELS:
        raise Invalid("labels: a project needs at least two.")
    for label in _build_labels(project, [], labels):
        _save(label)


def _build_labels(
    project: Project, existing: Sequence[Label], wanted: Sequence[NewLabel]
) -> list[Label]:
    made = list(existing)
    if len(existing) + len(wanted) > MOST_LABELS:
        raise Invalid(f"labels: a project has {MOST_LABELS} at most; merge or leave out some.")
    for new in wanted:
        if new.key and new.key.lower() in RESERVED_KEYS:
            raise Invalid(f"key: '{new.key}' does something else on the label or review page.")
        taken = {label.key for label in made} | {label.key for label in wanted if label.key}
        free = next((key for key in KEYS if key not in taken), "")
        made.append(
            Label(
                project=project,
                name=new.name.strip(),
                key=new.key or free,
                description=new.description,
                position=len(made),
            )
        )
    return made[len(existing) :]


def _save(row: Project | Label) -> None:
    _validate(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Somebody took its name at this very moment: by now the validation can say so.
        _validate(row)
        raise


def _validate(row: Project | Label) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    parts = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
    return " ".join(parts).replace("__all__: ", "")
