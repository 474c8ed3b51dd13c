"""Who gave the votes and decisions that come along with items."""

import hashlib
from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from accounts.models import User
from labeling.models import Membership, Project


def people(project: Project, names: Iterable[str]) -> dict[str, int]:
    """Return the id of the account that stands for each name.

    A member of that username is that person. Any other name becomes an account that nobody can
    sign in with, so that no vote is ever given to somebody outside the project.
    """
    wanted = set(names)
    members = Membership.objects.filter(project=project, user__username__in=wanted)
    found = dict(members.values_list("user__username", "user_id"))
    placeholders = {placeholder_name(project, name): name for name in wanted - found.keys()}
    stored = User.objects.filter(username__in=placeholders)
    made = dict(stored.values_list("username", "pk"))
    for username, name in placeholders.items():
        if username not in made:
            made[username] = _create(username, name).pk
        found[name] = made[username]
    return found


def placeholder_name(project: Project, name: str) -> str:
    """Return the username of the account that stands for a name from elsewhere.

    It holds what can be read of the name, since tables and filters name people by it.
    """
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:16]
    readable = slugify(name, allow_unicode=True)[:40] or "unnamed"
    return f"imported.{project.pk}.{readable}.{digest}"


def _create(username: str, name: str) -> User:
    return User.objects.create(
        username=username, first_name=name[:150], is_active=False, password=make_password(None)
    )
