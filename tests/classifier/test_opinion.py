"""What reviewers are told when they ask for a model's opinion."""

from collections.abc import Callable

from accounts.models import User
from classifier.models import Prediction
from labeling.models import Item, Project, Task, TaskReason
from labeling.opinion import ask_opinion
from labeling.queue import want_look
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction

MakeItem = Callable[..., Item]


def test_it_is_the_newest_prediction_of_the_item(
    project: Project, reviewer: User, make_item: MakeItem
) -> None:
    model, item = make_model(project), make_item(task=False)
    make_prediction(model, "alpha", 0.9, item=item)
    make_prediction(model, "beta", 0.6, item=item)
    make_prediction(model, "gamma", 0.7, item=make_item(task=False))
    case, _ = want_look(
        project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=0, review=True
    )
    told = ask_opinion(project=project, user=reviewer, task_id=case.pk)
    assert (told.label.name, told.confidence, told.source) == ("beta", 0.6, "model 1")
    assert Prediction.objects.count() == 3
    assert Task.objects.get(pk=case.pk).suggestion is None
