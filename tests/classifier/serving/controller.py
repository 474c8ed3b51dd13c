"""A project in a database of its own, made and changed on request: one line in, one line out.

The tests' own database is no use to a process that the tests start: `Controlled` runs this module
beside them, as `python -m tests.classifier.serving.controller`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.loop.stack import ROOT


class Controlled:
    """The other end: calls what is below in the process that has the database."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    @contextmanager
    def start(cls, env: dict[str, str]) -> Iterator["Controlled"]:
        """Make the database's tables and the project; end with the block."""
        command = [sys.executable, "-m", __name__]
        with subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            yield cls(process)
            assert process.stdin
            process.stdin.close()

    def __call__(self, name: str, *arguments: object) -> Any:
        """Return what a function of `DOES` returns."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main() -> None:
    """Do what the lines of the standard input say."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    _build()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(DOES[name](*arguments)) + "\n")
        sys.stdout.flush()


def _build() -> None:
    from accounts.models import User
    from classifier.models import Evaluation, Stage
    from labeling.projects import NewLabel, create_project
    from tests.classifier.champions import WORDS, make_model

    user = User.objects.create(username="manager")
    labels = [NewLabel(name) for name in WORDS]
    project = create_project(user=user, name="Test", slug="test", labels=labels)
    champion = make_model(project)
    candidate = make_model(project, stage=Stage.CANDIDATE, turned=True)
    Evaluation.objects.filter(model_version=candidate).update(champion=champion)


def _access() -> Any:
    from labeling.access import Access
    from labeling.models import Project, Role

    project = Project.objects.get()
    return Access(project, project.memberships.get().user, Role.MANAGER)


def new_key() -> str:
    """Return an API key that may tag."""
    from accounts.keys import create_key

    return create_key(user=_access().user, name="tags", scopes=["tag"])[1]


def revoke_keys() -> None:
    """Make every key useless."""
    from accounts.keys import revoke_key
    from accounts.models import ApiKey

    for key in ApiKey.objects.all():
        revoke_key(key=key)


def put_in_service(number: int) -> None:
    """Approve a candidate, or go back to a retired model."""
    from classifier.approve import approve, rollback
    from classifier.models import Stage

    access = _access()
    if access.project.model_versions.get(number=number).stage == Stage.RETIRED:
        rollback(access=access, number=number, reason="a test")
    else:
        approve(access=access, number=number, comment="a test")


def stored() -> list[list[str | None]]:
    """Return the idempotency key and the id of every prediction."""
    from classifier.models import Prediction

    rows = Prediction.objects.order_by().values_list("idempotency_key", "id")
    return [[key, str(pk)] for key, pk in rows]


DOES: dict[str, Any] = {
    "new_key": new_key,
    "revoke_keys": revoke_keys,
    "put_in_service": put_in_service,
    "stored": stored,
}

if __name__ == "__main__":
    main()
