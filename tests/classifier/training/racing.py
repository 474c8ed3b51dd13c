"""What racing processes do with a project's training. Django's modules are imported late."""


def prepare(slug: str) -> None:
    """Make a project with thirty labeled items."""
    import random

    from accounts.models import User
    from labeling.intake import add_items
    from labeling.projects import NewLabel, create_project
    from labeling.readers import Row
    from tests.classifier.training.conftest import sentence

    user = User.objects.create(username=slug)
    labels = [NewLabel("alpha"), NewLabel("beta")]
    project = create_project(user=user, name=slug, slug=slug, labels=labels)
    rng = random.Random(slug)
    rows = [
        Row(number, f"Item {number}", sentence(label, rng), external_id=f"i{number}", label=label)
        for number, label in enumerate(["alpha", "beta"] * 15)
    ]
    add_items(project=project, user=user, rows=rows, source="race")


def press(slug: str) -> tuple[int, str]:
    """Press Retrain over REST; return the status and what was said."""
    from unittest.mock import patch

    from rest_framework.test import APIClient

    from accounts.models import User

    client = APIClient(SERVER_NAME="localhost")
    client.force_authenticate(User.objects.get(username=slug))
    with patch("classifier.retrain.nudge"):
        answer = client.post(f"/api/projects/{slug}/runs/")
    return answer.status_code, str(answer.json().get("detail", ""))


def runs_of(slug: str) -> int:
    """Return how many runs a project has."""
    from classifier.models import TrainingRun

    return TrainingRun.objects.filter(project__slug=slug).count()


def freeze(slug: str) -> int:
    """Take a snapshot; return 1 where that worked."""
    from classifier.snapshot import freeze_snapshot
    from labeling.errors import DomainError
    from labeling.models import Project

    try:
        freeze_snapshot(project=Project.objects.get(slug=slug), user=None)
    except DomainError:
        return 0
    return 1


def mark_gold(slug: str, part: int, parts: int) -> int:
    """Mark one item after the other gold, every so many of them; return how many let it be done."""
    from labeling.errors import Conflict
    from labeling.gold import mark_gold as mark
    from labeling.models import Project

    project, done = Project.objects.get(slug=slug), 0
    for pk in list(project.items.order_by("pk").values_list("pk", flat=True))[part::parts]:
        try:
            done += mark(project=project, actor=None, items=[pk])
        except Conflict:
            continue
    return done


def do(job: str, **arguments: object) -> int:
    """Do one of the jobs by its name."""
    return {"freeze": freeze, "mark_gold": mark_gold}[job](**arguments)  # type: ignore[operator,no-any-return]


def trained_and_gold(slug: str) -> tuple[set[str], set[str]]:
    """Return the ids of the items that were trained on, and of those in the holdout."""
    from classifier.models import SnapshotRow
    from labeling.models import Item

    trained = SnapshotRow.objects.filter(snapshot__project__slug=slug, split="pool")
    gold = Item.with_deleted.filter(project__slug=slug, split="holdout")
    return (
        set(trained.values_list("external_id", flat=True)),
        set(gold.values_list("external_id", flat=True)),
    )
