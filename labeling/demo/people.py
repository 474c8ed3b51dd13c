"""The people of the demo project and how they err."""

from dataclasses import dataclass

from accounts.models import User
from labeling.models import Membership, Project, Role

PASSWORD = "tagloop-demo"  # noqa: S105 - for a demo on the loopback address, and printed by it


@dataclass(frozen=True)
class Person:
    """A demo user; annotators slip at `slip`, and take the second reading of a hard item at
    `second_reading`."""

    username: str
    first_name: str
    role: Role
    slip: float = 0.0
    second_reading: float = 0.0
    seconds: float = 0.0


PEOPLE = (
    Person("maya", "Maya", Role.MANAGER),
    Person("ravi", "Ravi", Role.REVIEWER),
    Person("ana", "Ana", Role.ANNOTATOR, slip=0.02, second_reading=0.25, seconds=9),
    Person("ben", "Ben", Role.ANNOTATOR, slip=0.05, second_reading=0.40, seconds=6),
    Person("chidi", "Chidi", Role.ANNOTATOR, slip=0.08, second_reading=0.50, seconds=13),
)
ANNOTATORS = tuple(person for person in PEOPLE if person.role == Role.ANNOTATOR)


def create_manager() -> User:
    """Return the demo manager, who is also the operator of Django's admin."""
    user = _create(next(person for person in PEOPLE if person.role == Role.MANAGER))
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


def join_all(project: Project) -> None:
    """Give every demo person a role in the project."""
    for person in PEOPLE:
        Membership.objects.update_or_create(
            project=project, user=_create(person), defaults={"role": person.role}
        )


def _create(person: Person) -> User:
    user, created = User.objects.get_or_create(
        username=person.username, defaults={"first_name": person.first_name}
    )
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user
