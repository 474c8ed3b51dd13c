"""From events to what receivers are told: ids, names and times, never a text."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from classifier.models import Evaluation, ModelVersion, Prediction, Stage, TrainingRun, Trial
from feedback.models import Kind, Report, Routing
from labeling.models import Event, Item, ItemStatus, Resolution, ResolutionMethod, Task

# Whatever raises an alarm records its event with this verb.
ALARM = "raised an alarm"
PREDICTIONS_TOLD = 20
Data = dict[str, Any]

_BY_VERB: dict[tuple[str, str], tuple[Kind, ...]] = {
    ("task", "moved"): (Kind.ITEM_RESOLVED, Kind.PREDICTION_REVIEWED),
    ("item", "settled anew"): (Kind.ITEM_RESOLVED, Kind.PREDICTION_REVIEWED),
    ("trainingrun", "finished"): (Kind.RUN_FINISHED,),
    ("trainingrun", "cancelled"): (Kind.RUN_FINISHED,),
    ("modelversion", "trained"): (Kind.GATE_RESULT,),
    ("modelversion", "approved"): (Kind.MODEL_PROMOTED,),
    ("modelversion", "rolled back to"): (Kind.MODEL_PROMOTED,),
    ("trial", "ended"): (Kind.ALERT,),
}
# Where the state that was left for another matters: the only one that counts.
_AFTER = {("task", "moved"): "closed", ("trial", "ended"): "stopped"}


@dataclass(frozen=True)
class News:
    """One event as one kind of news."""

    event: Event
    kind: Kind
    data: Data


def telling(kinds: Iterable[str]) -> Q:
    """Return the condition of the events that news of these kinds can come from."""
    wanted = set(kinds)
    found = Q(pk__in=[])
    for (subject, verb), told in _BY_VERB.items():
        if wanted & set(told):
            after = _AFTER.get((subject, verb))
            found |= Q(subject_type=subject, verb=verb, **({"after": after} if after else {}))
    return found | Q(verb=ALARM) if Kind.ALERT in wanted else found


def news_of(events: Sequence[Event], kinds: Iterable[str]) -> list[News]:
    """Return the news of these kinds in some events, in their order.

    It tells how things are now: an item that has no label any more is not told of.
    """
    wanted, facts = set(kinds), _facts(events)
    return [
        News(event, kind, data)
        for event in events
        for kind in _kinds_of(event)
        if kind in wanted and (data := facts.get((event.pk, kind))) is not None
    ]


def payload_of(news: News, key: str) -> Data:
    """Return what is sent; `key` is the id of the delivery."""
    event = news.event
    return {
        "id": key,
        "type": news.kind.value,
        "created_at": event.created_at.isoformat(),
        "project": {"slug": event.project.slug, "name": event.project.name},
        "event": event.pk,
        "request_id": event.request_id,
        "actor": event.actor.username if event.actor else None,
        "data": news.data,
    }


def _kinds_of(event: Event) -> tuple[Kind, ...]:
    if event.verb == ALARM:
        return (Kind.ALERT,)
    return _BY_VERB.get((event.subject_type, event.verb), ())


def _facts(events: Sequence[Event]) -> dict[tuple[int, Kind], Data]:
    found: dict[tuple[int, Kind], Data] = {}
    _add_items(events, found)
    _add_runs(events, found)
    _add_models(events, found)
    _add_alerts(events, found)
    return found


def _ids(events: Sequence[Event], subject: str) -> dict[int, int]:
    """Return the subjects of this type by event; an id that is no number is another type's."""
    return {event.pk: int(event.subject_id) for event in events if event.subject_type == subject}


def _add_items(events: Sequence[Event], found: dict[tuple[int, Kind], Data]) -> None:
    by_task, by_item = _ids(events, "task"), _ids(events, "item")
    times = {event.pk: event.created_at for event in events}
    tasks = Task.objects.filter(pk__in=by_task.values()).in_bulk()
    of_event = by_item | {pk: tasks[task].item_id for pk, task in by_task.items() if task in tasks}
    settled = Q(resolution__isnull=False) | Q(status=ItemStatus.OUT_OF_SCOPE)
    items = Item.objects.filter(settled, pk__in=of_event.values())
    known = items.select_related("resolution__label").in_bulk()
    predictions = _predictions(known, tasks)
    for event, item_id in of_event.items():
        item = known.get(item_id)
        if item is None:
            continue
        told = _item(item, times[event])
        task = tasks.get(by_task.get(event, 0))
        if task is not None:
            told["task"] = {"id": task.pk, "reason": task.reason}
        if told["label"] is not None:
            found[event, Kind.ITEM_RESOLVED] = told
        if predictions[item_id] and told["method"] != ResolutionMethod.IMPORTED:
            said = [_prediction(one, told["label"]) for one in predictions[item_id].values()]
            outcome = ItemStatus.OUT_OF_SCOPE if told["label"] is None else ItemStatus.LABELED
            more = {"outcome": outcome.value, "predictions": said[:PREDICTIONS_TOLD]}
            found[event, Kind.PREDICTION_REVIEWED] = told | more


def _item(item: Item, happened: datetime) -> Data:
    """Return what people made of an item; one out of scope has no label, since it happened."""
    resolution: Resolution | None = getattr(item, "resolution", None)
    return {
        "item": {"id": item.pk, "external_id": item.external_id},
        "label": resolution.label.name if resolution else None,
        "method": resolution.method if resolution else ItemStatus.OUT_OF_SCOPE.value,
        "resolved_at": (resolution.resolved_at if resolution else happened).isoformat(),
    }


def _prediction(prediction: Prediction, label: str | None) -> Data:
    return {
        "id": str(prediction.pk),
        "external_id": prediction.external_id,
        "model": prediction.model_version.number,
        "label": prediction.label.name,
        "confidence": prediction.confidence,
        "route": prediction.route,
        "request_id": prediction.request_id,
        "right": None if label is None else prediction.label.name == label,
    }


def _predictions(
    items: Mapping[int, Item], tasks: Mapping[int, Task]
) -> defaultdict[int, dict[str, Prediction]]:
    """Return the predictions of items by their id, the newest first: their own and their tasks'."""
    found: defaultdict[int, dict[str, Prediction]] = defaultdict(dict)
    rows = Prediction.objects.select_related("label", "model_version")
    rows = rows.defer("model_version__manifest", "title", "body")
    for one in rows.filter(item__in=items):
        found[one.item_id or 0][str(one.pk)] = one
    tasked: dict[str, int] = {}
    for kind in (Routing, Report):
        pairs = kind._default_manager.filter(task__in=tasks).order_by()
        for prediction_id, task_id in pairs.values_list("prediction_id", "task_id"):
            tasked[str(prediction_id)] = tasks[task_id].item_id
    for one in rows.filter(pk__in=tasked):
        found[tasked[str(one.pk)]][str(one.pk)] = one
    return found


def _add_runs(events: Sequence[Event], found: dict[tuple[int, Kind], Data]) -> None:
    of_event = _ids(events, "trainingrun")
    runs = TrainingRun.objects.in_bulk(list(of_event.values()))
    models: defaultdict[int, list[Data]] = defaultdict(list)
    for one in ModelVersion.objects.filter(run__in=runs).defer("manifest").order_by("number"):
        models[one.run_id].append({"number": one.number, "recipe": one.recipe, "stage": one.stage})
    for event in events:
        run = runs.get(of_event.get(event.pk, 0))
        if run is not None:
            found[event.pk, Kind.RUN_FINISHED] = {
                "run": run.number,
                "state": event.after,
                "failure": event.reason,
                "models": models[run.pk],
            }


def _add_models(events: Sequence[Event], found: dict[tuple[int, Kind], Data]) -> None:
    of_event = _ids(events, "modelversion")
    models = ModelVersion.objects.defer("manifest").in_bulk(list(of_event.values()))
    evaluations = {
        one.model_version_id: one
        for one in Evaluation.objects.filter(model_version__in=models).defer(
            "confusion", "per_class", "slices"
        )
    }
    for event in events:
        model = models.get(of_event.get(event.pk, 0))
        if model is None:
            continue
        told = {"model": {"number": model.number, "recipe": model.recipe}}
        if event.after == Stage.CHAMPION:
            promoted = {"how": event.verb, "overrode_gate": model.overrode_gate}
            found[event.pk, Kind.MODEL_PROMOTED] = told | promoted
        elif model.pk in evaluations:
            found[event.pk, Kind.GATE_RESULT] = told | _gate(evaluations[model.pk])


def _gate(evaluation: Evaluation) -> Data:
    checks = [{"name": one["name"], "state": one["state"]} for one in evaluation.checks]
    return {
        "passed": evaluation.passed,
        "weighted_f1": evaluation.weighted_f1,
        "checks": checks,
    }


def _add_alerts(events: Sequence[Event], found: dict[tuple[int, Kind], Data]) -> None:
    of_event = _ids([event for event in events if event.verb == "ended"], "trial")
    trials = Trial.objects.select_related("challenger").in_bulk(list(of_event.values()))
    for event in events:
        trial = trials.get(of_event.get(event.pk, 0))
        if trial is not None:
            said = {"alert": "canary stopped", "model": trial.challenger.number}
        elif event.verb == ALARM:
            said = {"alert": event.after}
        else:
            continue
        subject = {"type": event.subject_type, "id": event.subject_id}
        found[event.pk, Kind.ALERT] = said | {"reason": event.reason, "subject": subject}
