"""What an evaluation holds: every figure can be computed again from the stored answers."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from classifier.models import Evaluation, ModelVersion, Slice
from classifier.slices import ensure_slices
from labeling.models import Project
from tests.classifier.training.conftest import LabelItems, Trained

LABELS = ["alpha", "beta", "gamma"]


@pytest.fixture
def evaluation(label_items: LabelItems, trained: Trained, project: Project) -> Evaluation:
    """The evaluation of a model that makes mistakes: a third of the labels are wrong."""
    label_items(60)
    labels = list(project.labels.all())
    for place, resolution in enumerate(project.resolutions.order_by("item_id")):
        if place % 3 == 0:
            project.resolutions.filter(pk=resolution.pk).update(label=labels[place % 7 % 3])
    return trained("keywords").model_versions.get().evaluation


def answers(evaluation: Evaluation) -> tuple[list[str], list[str]]:
    rows = evaluation.predictions.values_list("row__label", "predicted")
    truth, predicted = zip(*rows, strict=True)
    return list(truth), list(predicted)


def test_the_figures_are_those_of_the_stored_answers(evaluation: Evaluation) -> None:
    truth, predicted = answers(evaluation)

    overall = evaluation.overall
    weighted = f1_score(truth, predicted, average="weighted")
    assert overall["weighted_f1"]["value"] == pytest.approx(weighted)
    assert evaluation.weighted_f1 == overall["weighted_f1"]["value"]
    assert overall["accuracy"]["value"] == pytest.approx(accuracy_score(truth, predicted))
    assert overall["macro_f1"]["value"] == pytest.approx(
        f1_score(truth, predicted, average="macro")
    )
    assert 0 < overall["weighted_f1"]["low"] < weighted < overall["weighted_f1"]["high"] < 1
    assert evaluation.confusion == confusion_matrix(truth, predicted, labels=LABELS).tolist()


def test_each_class_has_its_scores(evaluation: Evaluation) -> None:
    truth, predicted = answers(evaluation)

    scores = f1_score(truth, predicted, average=None, labels=LABELS)
    assert [each["label"] for each in evaluation.per_class] == LABELS
    assert [each["f1"] for each in evaluation.per_class] == pytest.approx(scores)
    assert [each["support"] for each in evaluation.per_class] == [truth.count(x) for x in LABELS]
    assert [each["champion_f1"] for each in evaluation.per_class] == [None] * 3


def test_confidence_is_the_probability_of_the_answer(evaluation: Evaluation) -> None:
    for answer in evaluation.predictions.all():
        assert answer.confidence == max(answer.probabilities)
        assert answer.predicted == LABELS[int(np.argmax(answer.probabilities))]
        assert sum(answer.probabilities) == pytest.approx(1)


def test_calibration_is_told_before_and_after_the_temperature(evaluation: Evaluation) -> None:
    calibration = evaluation.calibration

    assert calibration["temperature"] == evaluation.model_version.manifest["temperature"]
    assert calibration["before"]["error"] != calibration["after"]["error"]
    assert sum(each["rows"] for each in calibration["after"]["bins"]) == evaluation.rows


def test_without_a_champion_the_frequent_label_is_the_baseline(evaluation: Evaluation) -> None:
    truth, _ = answers(evaluation)
    most = max(sorted(set(truth)), key=truth.count)

    comparison = evaluation.comparison
    assert (evaluation.champion, comparison["champion"]) == (None, None)
    assert comparison["baseline"] == pytest.approx(
        f1_score(truth, [most] * len(truth), average="weighted")
    )
    assert evaluation.checks[0]["name"] == "Better than the most frequent label"


def test_a_project_gets_two_slices(project: Project, evaluation: Evaluation) -> None:
    assert list(project.slices.values_list("name", "max_words", "terms")) == [
        ("mentions_model", None, ["model", "models"]),
        ("short_text", 20, []),
    ]
    assert [each["name"] for each in evaluation.slices] == ["mentions_model", "short_text"]


def test_a_slice_counts_its_rows(evaluation: Evaluation) -> None:
    mentions, short = evaluation.slices
    texts = evaluation.predictions.values_list("row__title", "row__body")

    inside = sum("model" in f"{title} {body}".split() for title, body in texts)
    assert mentions["rows"] == inside > 0
    assert short["rows"] == sum(len(f"{title} {body}".split()) <= 20 for title, body in texts)


def test_slices_of_its_own_are_kept(project: Project) -> None:
    own = Slice.objects.create(project=project, name="mine", terms=["x"])

    assert ensure_slices(project) == [own]


def test_the_champion_is_measured_on_the_same_rows(
    candidate: ModelVersion, label_items: LabelItems, trained: Trained
) -> None:
    ModelVersion.objects.update(stage="champion")
    label_items(60, seed=1)

    second = trained("linear").model_versions.get()

    comparison = second.evaluation.comparison
    assert (candidate.evaluation.rows, second.evaluation.rows) == (54, 90)
    assert (comparison["champion"], comparison["rows"]) == (1, 90)
    assert second.evaluation.champion == candidate
    assert all(each["champion_f1"] is not None for each in second.evaluation.per_class)
    assert second.evaluation.checks[0]["name"] == "As good as the champion"


def test_a_champion_that_knows_a_label_that_was_given_up(
    candidate: ModelVersion, project: Project, trained: Trained
) -> None:
    ModelVersion.objects.update(stage="champion")
    project.resolutions.filter(label__name="gamma").delete()
    project.labels.filter(name="gamma").update(name="delta")

    run = trained("keywords")

    assert run.state == "succeeded", run.failure
    assert run.model_versions.get().evaluation.comparison["champion"] == 1


def test_a_label_without_examples_is_no_obstacle(label_items: LabelItems, trained: Trained) -> None:
    label_items(20, labels="alpha beta")

    evaluation = trained("linear").model_versions.get().evaluation

    assert evaluation.confusion == [[4, 0, 0], [0, 4, 0], [0, 0, 0]]
    assert evaluation.per_class[2]["support"] == 0


def test_what_is_left_to_people_is_that_of_the_stored_answers(evaluation: Evaluation) -> None:
    rows = evaluation.predictions.values_list("confidence", "predicted", "row__label")
    found = sorted(((sure, said == true) for sure, said, true in rows), reverse=True)

    last = evaluation.risk_coverage["points"][-1]
    assert last["accuracy"] == pytest.approx(evaluation.overall["accuracy"]["value"])
    assert (last["coverage"], last["rows"]) == (1.0, evaluation.rows)
    assert [each["accuracy"] for each in evaluation.risk_coverage["targets"]] == [0.95, 0.98, 0.99]
    for target in evaluation.risk_coverage["targets"]:
        kept = [right for _, right in found[: target["rows"]]]
        assert target["to_people"] == pytest.approx(1 - len(kept) / evaluation.rows)
        assert sum(kept) >= target["accuracy"] * len(kept)


def test_every_class_and_mean_has_intervals(evaluation: Evaluation) -> None:
    for each in evaluation.per_class:
        low, high = each["intervals"]["f1"]
        assert low <= each["f1"] <= high
    overall = evaluation.overall
    assert overall["macro_intervals"]["f1"] == [
        overall["macro_f1"]["low"],
        overall["macro_f1"]["high"],
    ]
