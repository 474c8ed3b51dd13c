"""Where the recipes of a run keep what they need to go on after their worker was killed."""

import shutil
from pathlib import Path

from django.conf import settings

from classifier.models import TrainingRun
from labeling.models.job import ACTIVE


def folder_of(run: TrainingRun, recipe: str) -> Path:
    """Return the folder of a recipe of a run; every attempt on this machine gets the same one."""
    return _root() / str(run.pk) / recipe


def sweep() -> None:
    """Remove the folders of runs that have ended."""
    found = {path.name: path for path in _root().glob("*") if path.name.isdecimal()}
    active = TrainingRun.objects.filter(pk__in=list(found), state__in=ACTIVE)
    for pk in active.values_list("pk", flat=True):
        del found[str(pk)]
    for path in found.values():
        shutil.rmtree(path, ignore_errors=True)


def _root() -> Path:
    return Path(settings.TRAINING_DIR) / "checkpoints"
